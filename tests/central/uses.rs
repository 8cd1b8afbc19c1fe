//! Who uses the platform's blueprints stands in the central repository, and the verifier holds it.

use freehold::central::{Asker, uses};
use freehold::io::git::Repository;

use crate::ground::{Asked, Company, errors, teams};

const TRAINS: &str = "uses: platform/train@1\n";
const USE: &str = "uses/train/1/churn/daily.yaml";

/// The company, and a publish by which `churn/daily` is made from a blueprint.
fn using() -> (Company, Asked) {
    let company = Company::new();
    let asked = company.churn().with("workflows/daily.yaml", TRAINS);
    company.publish(&asked).expect("git works").commit.expect("published");
    company.pull();
    (company, asked)
}

fn listed(company: &Company) -> Vec<(String, Vec<String>)> {
    let repository = Repository::open(&company.central()).expect("it is there");
    let tree = repository.tree_of(&repository.commit("main").expect("a commit")).expect("a tree");
    let found = uses(&repository, &tree).expect("git works").into_iter();
    found.map(|(reference, workflows)| (reference.to_string(), workflows.iter().map(ToString::to_string).collect())).collect()
}

#[test]
fn a_publish_writes_down_what_a_workflow_is_made_from_and_takes_it_away_again() {
    let (company, asked) = using();
    assert_eq!(company.central_file(USE).as_deref(), Some("blueprint: platform/train@1\n"));
    assert_eq!(listed(&company), [("platform/train@1".to_owned(), vec!["churn/daily".to_owned()])]);
    let moved = asked.with("workflows/daily.yaml", "uses: platform/train@2\n");
    company.publish(&moved).expect("git works").commit.expect("published");
    assert_eq!(company.central_file(USE), None);
    assert_eq!(listed(&company), [("platform/train@2".to_owned(), vec!["churn/daily".to_owned()])]);
    let idle = company.publish(&moved).expect("git works");
    assert_eq!((idle.commit, errors(&idle.plan.diagnostics)), (None, Vec::new()));
}

#[test]
fn a_use_that_is_missing_wrong_or_too_much_does_not_land() {
    for (what, change, by_owner, by_another) in [
        ("missing", None, "FH0802", "FH0801"),
        ("wrong", Some((USE, "blueprint: platform/train@2\n")), "FH0802", "FH0801"),
        ("too much", Some(("uses/train/2/churn/daily.yaml", "blueprint: platform/train@2\n")), "FH0802", "FH0801"),
        ("of another workflow", Some(("uses/train/1/churn/weekly.yaml", "blueprint: platform/train@1\n")), "FH0802", "FH0801"),
        ("nobody's", Some(("uses/train/01/churn/daily.yaml", "blueprint: platform/train@1\n")), "FH0806", "FH0806"),
        ("a program", Some(("uses/train/1/churn/daily.py", "print()\n")), "FH0806", "FH0806"),
    ] {
        for (asker, code) in [(&teams(&["churn"]), by_owner), (&teams(&["ads"]), by_another), (&Asker::Platform, by_owner)] {
            let (company, _) = using();
            match change {
                Some((path, text)) => company.write(path, text),
                None => drop(company.git(&["rm", "--quiet", USE])),
            }
            let found = company.refused(asker);
            assert!(found.contains(&code), "{what} by {asker:?}: {found:?}");
        }
    }
}

#[test]
fn a_publish_mends_a_use_that_somebody_took_away_and_an_audit_finds_it() {
    let (company, asked) = using();
    company.git(&["rm", "--quiet", USE]);
    company.land("past the verifier");
    let found = company.audited();
    assert!(errors(&found).contains(&"FH0802"), "{found:#?}");
    company.publish(&asked).expect("git works").commit.expect("put back");
    assert!(company.central_file(USE).is_some());
}

#[test]
fn a_use_goes_with_its_workflow() {
    let (company, asked) = using();
    let retired = asked.without("workflows/daily.yaml").with("freehold.yaml", "team: churn\nsource: churn-model\nretire: [daily]\n");
    let outcome = company.publish(&retired).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!((company.central_file(USE), listed(&company)), (None, Vec::new()));
}
