//! DAG ids that the platform grants: a workflow keeps its runs, and no two ever have one id.

use freehold::central::{Action, Asker};

use crate::ground::{Company, errors, teams};

const ADS: &str = "team: ads\nrepositories: [{ id: 2001, name: acme/ads, source: reports }]\nmembers: [bob]\n";
const GIVING: &str = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n";

/// The company, whose platform grants DAG ids to team `ads`.
fn granting(dag_ids: &str) -> Company {
    let company = Company::new();
    company.write("teams/ads.yaml", &format!("{ADS}dag_ids: {{ {dag_ids} }}\n"));
    company.land("granted");
    company
}

#[test]
fn t47_the_dag_id_stays_with_a_workflow_that_changes_hands_when_the_grant_says_so() {
    let company = granting("daily: churn__daily");
    let taken = company.ads().with("workflows/daily.yaml", "taken_from: churn/daily\n");
    company.publish(&company.churn().with("freehold.yaml", GIVING)).expect("git works").commit.expect("published");
    let outcome = company.publish(&taken).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(outcome.plan.count(Action::Transfer), 1);
    assert_eq!(company.central_file("dag-ids/churn__daily/ads/daily.yaml").as_deref(), Some("dag_id: churn__daily\n"));
    let again = company.publish(&company.churn().with("workflows/daily.yaml", "x\n")).expect("git works").plan.diagnostics;
    assert!(errors(&again).contains(&"FH0725"), "the giver cannot have the id again: {again:#?}");
    let idle = company.publish(&taken).expect("git works");
    assert_eq!((idle.commit, errors(&idle.plan.diagnostics)), (None, Vec::new()));
}

#[test]
fn t47_an_id_goes_back_to_its_old_owner_with_the_workflow() {
    let company = granting("daily: churn__daily");
    company.publish(&company.churn().with("freehold.yaml", GIVING)).expect("git works").commit.expect("published");
    let taken = company.ads().with("workflows/daily.yaml", "taken_from: churn/daily\n");
    company.publish(&taken).expect("git works").commit.expect("published");
    let giving = "team: ads\nsource: reports\ngive: [{ workflows: [daily], to: churn/churn-model }]\n";
    company.publish(&company.ads().with("freehold.yaml", giving).with("workflows/daily.yaml", "x\n")).expect("git works");
    let back = company.churn().with("workflows/daily.yaml", "taken_from: ads/daily\n");
    let outcome = company.publish(&back).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(company.central_file("dag-ids/churn__daily/ads/daily.yaml"), None);
}

#[test]
fn t03_an_id_is_not_had_twice_whoever_asks_for_it() {
    let company = granting("daily: churn__daily, new: churn__new");
    assert_eq!(company.refusal(&company.ads().with("workflows/daily.yaml", "x\n")), ["FH0725"], "churn has the workflow");
    company.publish(&company.ads().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("nobody has it");
    assert_eq!(company.refusal(&company.churn().with("workflows/new.yaml", "x\n")), ["FH0725"], "its path would make the id");
}

#[test]
fn t03_a_pull_request_that_gives_an_id_a_second_workflow_is_refused() {
    let company = granting("new: churn__new");
    company.publish(&company.ads().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("published");
    company.pull();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/new.yaml", "workflow: new\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0822"]);
}

#[test]
fn t03_an_id_that_nobody_granted_cannot_be_claimed_by_hand() {
    for (path, code) in [
        ("dag-ids/legacy/ads/report.yaml", "FH0802"),
        ("dag-ids/churn__daily/ads/report.yaml", "FH0802"),
        ("dag-ids/legacy/churn/daily.yaml", "FH0801"),
        ("dag-ids/Legacy/ads/report.yaml", "FH0806"),
        ("dag-ids/legacy/ads/report.py", "FH0806"),
        ("dag-ids/legacy.yaml", "FH0806"),
    ] {
        let company = Company::new();
        company.write(path, "dag_id: legacy\n");
        let found = company.refused(&teams(&["ads"]));
        assert!(found.contains(&code), "{path}: {found:?}");
    }
}

#[test]
fn t03_a_claim_cannot_be_taken_out_of_the_way() {
    let company = granting("new: churn__new");
    company.publish(&company.ads().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("published");
    company.pull();
    company.git(&["rm", "--quiet", "dag-ids/churn__new/ads/new.yaml"]);
    assert!(company.refused(&teams(&["churn"])).contains(&"FH0801"), "by another team");
    assert_eq!(company.refused(&teams(&["ads"])), ["FH0802"], "by its own");
}

#[test]
fn t03_the_platform_cannot_grant_what_another_workflow_has() {
    let company = Company::new();
    company.write("teams/ads.yaml", &format!("{ADS}dag_ids: {{ report: churn__daily }}\n"));
    assert_eq!(company.refused(&Asker::Platform), ["FH0822"]);
}

#[test]
fn t23_ids_that_differ_by_case_only_are_one() {
    let company = granting("report: Legacy_ETL");
    company.publish(&company.ads().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("published");
    assert!(company.central_file("dag-ids/legacy_etl/ads/report.yaml").is_some());
    company.pull();
    let churn = fs_err::read_to_string(company.clone_folder().join("teams/churn.yaml")).expect("there");
    company.write("teams/churn.yaml", &format!("{churn}dag_ids: {{ daily: legacy_etl }}\n"));
    assert!(company.refused(&Asker::Platform).contains(&"FH0511"));
}

#[test]
fn t41_two_changes_that_meet_in_one_id_are_found_by_audit() {
    let company = granting("new: churn__new");
    company.publish(&company.churn().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("published");
    company.pull();
    company.write("sources/ads/sketches/freehold.yaml", "team: ads\nsource: sketches\n");
    company.write("sources/ads/sketches/workflows/new.yaml", "workflow: new\n");
    company.regenerate("ads");
    company.land("nobody asked the verifier");
    let found = company.audited();
    assert!(errors(&found).contains(&"FH0822"), "{found:#?}");
}

#[test]
fn t58_a_renamed_workflow_that_is_granted_its_old_id_loses_no_runs() {
    let company = granting("spend-report: ads__spend");
    let renamed = company.ads().without("workflows/spend.yaml").with("workflows/spend-report.yaml", "renamed_from: spend\n");
    let outcome = company.publish(&renamed).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(outcome.plan.diagnostics.is_empty(), "{:#?}", outcome.plan.diagnostics);
}
