//! With each rule of the planner broken in turn, and with what it makes tampered with, the verifier refuses.

#![cfg(test)]
#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests run git and write files, and fail by panicking")]
#![allow(unreachable_pub, dead_code, reason = "the ground is that of another test")]

#[path = "../../tests/central/compiler.rs"]
mod compiler;
#[path = "../../tests/central/ground.rs"]
mod ground;
#[path = "../../tests/central/mint.rs"]
mod mint;
mod tampered;

use self::ground::{Asked, Company, TODAY, errors};
use super::authorise::Purpose;
use super::prepare::{Prepared, Preparing};
use super::publish::{judge_step, tip};
use crate::diag::{Diagnostic, broken};
use crate::io::git::{Edit, NewCommit, Scratch};
use crate::source::Sources;

/// A rule's code, what is published that it should refuse, and the verifier's code that refuses it instead.
type Mutant = (&'static str, fn(&Company) -> Asked, &'static str);

const MUTANTS: [Mutant; 23] = [
    ("FH0701", |company| company.churn().repository(666, "acme/other").with("workflows/new.yaml", "x\n"), "FH0807"),
    ("FH0702", |company| at("refs/heads/feature", company.churn().with("workflows/new.yaml", "x\n")), "FH0807"),
    ("FH0707", |company| company.churn().without("freehold.yaml"), "FH0808"),
    ("FH0707", |company| only_project(company.churn()), "FH0808"),
    (
        "FH0708",
        |company| company.churn().without("workflows/daily.yaml").without("workflows/hourly.yaml").without("workflows/weekly.yaml"),
        "FH0809",
    ),
    ("FH0708", most_of_few, "FH0809"),
    ("FH0709", unmanaged, "FH0802"),
    ("FH0709", index_by_hand, "FH0802"),
    ("FH0710", edited, "FH0802"),
    ("FH0710", index_edited, "FH0802"),
    ("FH0711", |company| company.churn().with("workflows/report.yaml", "astray\n"), "FH0802"),
    ("FH0711", |company| beside_a_broken_source(company).with("workflows/plots.yaml", "x\n"), "FH0802"),
    ("FH0716", without_token, "FH0821"),
    ("FH0718", |company| company.churn().with("workflows/new.yaml", "wait_for: { workflow: ads/nothing }\n"), "FH0819"),
    ("FH0719", protected, "FH0809"),
    ("FH0719", renamed, "FH0809"),
    ("FH0720", waited_for, "FH0809"),
    ("FH0720", waited_for_and_renamed, "FH0809"),
    ("FH0723", given_away, "FH0818"),
    ("FH0725", granted, "FH0822"),
    ("FH0725", by_hand, "FH0822"),
    ("FH0726", changed_since, "FH0823"),
    ("FH0726", beside, "FH0823"),
];

fn at(reference: &str, mut asked: Asked) -> Asked {
    asked.origin.reference = Some(reference.to_owned());
    asked
}

fn only_project(mut asked: Asked) -> Asked {
    asked.files.retain(|path, _| path == "freehold.yaml");
    asked
}

fn unmanaged(company: &Company) -> Asked {
    company.write("dags/churn/new.py", "print('whose?')\n");
    company.land("by hand");
    company.churn().with("workflows/new.yaml", "x\n")
}

fn edited(company: &Company) -> Asked {
    company.write("dags/churn/daily.py", "print('by hand')\n");
    company.land("by hand");
    company.churn().with("workflows/new.yaml", "x\n")
}

/// Two of three workflows go, fewer than may go of many.
fn most_of_few(company: &Company) -> Asked {
    let few = company.ads().with("workflows/clicks.yaml", "x\n");
    company.publish(&few).expect("git works").commit.expect("published");
    company.ads().without("workflows/report.yaml")
}

/// Somebody has written down who waits for a workflow before it waits.
fn index_by_hand(company: &Company) -> Asked {
    company.write("references/ads/report/churn/new.yaml", "whose?\n");
    company.land("by hand");
    company.churn().with("workflows/new.yaml", "wait_for: { workflow: ads/report }\n")
}

/// And has changed it since.
fn index_edited(company: &Company) -> Asked {
    let asked = company.churn().with("workflows/new.yaml", "wait_for: { workflow: ads/report }\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    company.pull();
    company.write("references/ads/report/churn/new.yaml", "by hand\n");
    company.land("by hand");
    asked.with("workflows/more.yaml", "x\n")
}

fn without_token(company: &Company) -> Asked {
    company.write("platform.yaml", &mint::platform(""));
    company.land("trust two issuers");
    company.churn().with("workflows/new.yaml", "x\n")
}

fn waited_for_and_renamed(company: &Company) -> Asked {
    waited_for(company).with("workflows/nightly.yaml", "renamed_from: daily\n")
}

fn protected(company: &Company) -> Asked {
    let asked = company.churn().with("workflows/daily.yaml", "protect: true\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    company.churn().without("workflows/daily.yaml")
}

fn renamed(company: &Company) -> Asked {
    protected(company).with("workflows/nightly.yaml", "renamed_from: daily\n")
}

fn granted(company: &Company) -> Asked {
    let grant = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\ndag_ids: { new: ads__report }\n";
    company.write("teams/churn.yaml", grant);
    company.land("a grant");
    company.churn().with("workflows/new.yaml", "x\n")
}

/// A hand-written file has the id that the workflow's path makes.
fn by_hand(company: &Company) -> Asked {
    let unmanaged = "unmanaged: [{ paths: [\"dags/legacy/**\"], dag_ids: [churn__new] }]\n";
    company.write("platform.yaml", &format!("{}{unmanaged}", ground::PLATFORM));
    company.land("a file that is changed by hand");
    company.churn().with("workflows/new.yaml", "x\n")
}

/// The team's source `churn-extra`, with a workflow `plots`, does not compile any more.
fn beside_a_broken_source(company: &Company) -> Asked {
    let extra = Company::asked("churn", "churn-extra", (1002, "acme/churn-extra"));
    let extra = extra.with("freehold.yaml", "team: churn\nsource: churn-extra\n").with("workflows/plots.yaml", "image: legacy/plots:1\n");
    company.publish(&extra).expect("git works").commit.expect("published");
    company.pull();
    company.write("platform.yaml", &format!("{}images: [\"registry.acme.example/*\"]\n", ground::PLATFORM));
    company.land("no legacy images");
    company.churn()
}

/// A company that may adopt `dags/old/train.py` with the bytes `x`, and has it with others.
fn adoptable(company: &Company, live: &str) {
    company.write("dags/old/train.py", live);
    let sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let pin = format!("{{ file: dags/old/train.py, sha256: {sha256}, dag_ids: [legacy] }}");
    let grant = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\n";
    company.write("teams/churn.yaml", &format!("{grant}adopt: {{ train: {pin} }}\n"));
    company.land("a file and a grant");
}

fn changed_since(company: &Company) -> Asked {
    adoptable(company, "y");
    company.churn().with("workflows/train.yaml", "adopted: train.py.txt\n").with("workflows/train.py.txt", "x")
}

fn beside(company: &Company) -> Asked {
    adoptable(company, "x");
    company.churn().with("workflows/train.yaml", "tags: [yaml]\n")
}

fn given_away(company: &Company) -> Asked {
    let given =
        company.churn().with("freehold.yaml", "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n");
    company.publish(&given).expect("git works").commit.expect("published");
    let taken = company.ads().with("workflows/daily-report.yaml", "taken_from: churn/daily\n");
    company.publish(&taken).expect("git works").commit.expect("published");
    given
}

fn waited_for(company: &Company) -> Asked {
    company.write("references/churn/daily/ads/report.yaml", "waits\n");
    company.land("a reference");
    company.churn().without("workflows/daily.yaml")
}

#[test]
fn with_each_rule_of_the_planner_broken_the_verifier_refuses_what_it_then_makes() {
    for (rule, ask, refusal) in MUTANTS {
        let company = Company::new();
        let asked = ask(&company);
        assert_eq!(company.refusal(&asked), [rule], "it does not hold in the first place");
        let tip = company.tip();
        let outcome = broken::during(rule, || company.publish(&asked)).expect("git works");
        let found = errors(&outcome.plan.diagnostics);
        assert_eq!((outcome.commit, company.tip()), (None, tip), "{rule} survived");
        assert!(found.contains(&refusal), "{rule}: {found:?}");
    }
}

/// What these rules know is in no object of the central repository: the event that started a run, and the team repository's history.
#[test]
fn what_only_the_teams_own_repository_knows_the_verifier_cannot_know() {
    for rule in ["FH0703", "FH0705"] {
        let company = Company::new();
        company.publish(&company.churn().commit("c3").with("workflows/new.yaml", "x\n")).expect("git works");
        let mut asked = company.churn().commit(if rule == "FH0705" { "c1" } else { "c4" });
        asked.origin.event = (rule == "FH0703").then(|| "pull_request_target".to_owned());
        assert_eq!(company.refusal(&asked), [rule]);
        assert!(broken::during(rule, || company.publish(&asked)).expect("git works").commit.is_some());
    }
}

/// A publish, as the planner makes it.
fn prepared<T>(company: &Company, asked: &Asked, then: impl FnOnce(&Preparing<'_>, Prepared) -> T) -> T {
    let (scratch, sources, request) = (Scratch::of(&company.branch().central).expect("a repository"), Sources::new(), asked.request());
    let preparing =
        Preparing { scratch: &scratch, request: &request, compiler: &company.compiler, sources: &sources, purpose: Purpose::Publish };
    let base = tip(&scratch, &company.branch()).expect("a tip");
    then(&preparing, preparing.against(&base).expect("git works"))
}

/// What the verifier finds in a commit of these edits.
fn judged(preparing: &Preparing<'_>, prepared: &Prepared, edits: &[Edit]) -> Vec<Diagnostic> {
    let base = &prepared.plan.base;
    let commit = preparing.scratch.write(&NewCommit { parent: Some(base), edits, message: "tampered\n" }).expect("written");
    judge_step(preparing, None, (base, &commit)).expect("git works")
}

#[test]
fn a_publish_that_does_anything_more_is_refused() {
    let company = Company::new();
    beside_a_broken_source(&company);
    let more = [
        "dags/ads/report.py",
        "dags/ads/new.py",
        "dags/churn/extra.py",
        "dags/churn/plots.py",
        "sources/churn/churn-extra/more.yaml",
        "sources/churn/churn-extra/freehold.lock",
        "dags/churn/__init__.py",
        "dags/new.py",
        "sources/ads/reports/freehold.yaml",
        "sources/churn/churn-model/.hidden",
        "sources/churn/churn-model/more.yaml",
        "sources/churn/other/freehold.yaml",
        "teams/churn.yaml",
        "platform.yaml",
        "overrides/churn/mine.yaml",
        "references/ads/report/churn/daily.yaml",
        "dag-ids/legacy/churn/daily.yaml",
        "uses/train/1/churn/daily.yaml",
        "uses/train/1/ads/report.yaml",
        "dag-ids/legacy/ads/report.yaml",
        ".gitattributes",
        "README.md",
    ];
    prepared(&company, &tampered::plain(&company), |preparing, prepared| {
        for path in more {
            let mut edits = prepared.edits.clone();
            edits.push(Edit::Write { path: path.to_owned(), bytes: b"more\n".to_vec() });
            assert!(!errors(&judged(preparing, &prepared, &edits)).is_empty(), "{path} written too");
        }
        for path in [
            "dags/ads/report.py",
            "dags/churn/plots.py",
            "sources/churn/churn-extra/workflows/plots.yaml",
            "dags/churn/hourly.py",
            "sources/churn/churn-model/freehold.yaml",
            "platform.yaml",
            "README.md",
        ] {
            let mut edits: Vec<Edit> =
                prepared.edits.iter().filter(|edit| !matches!(edit, Edit::Write { path: one, .. } if one == path)).cloned().collect();
            edits.push(Edit::Delete { path: path.to_owned() });
            assert!(!errors(&judged(preparing, &prepared, &edits)).is_empty(), "{path} deleted too");
        }
    });
}

#[test]
fn a_record_that_has_expired_or_is_not_taken_away_lets_nothing() {
    let record = |expires: &str, approved: &str| {
        format!(
            "source: churn-model\nrule: guard\npaths: [dags/churn/daily.py]\nreason: x\napproved_by: [{approved}]\nexpires: {expires}\n"
        )
    };
    for (text, is_enough) in
        [(record("2026-12-01", "ada, bob"), true), (record("2026-11-01", "ada, bob"), false), (record("2026-12-01", "ada, ada"), false)]
    {
        let company = Company::new();
        let asked = protected(&company);
        company.pull();
        company.write("overrides/churn/daily.yaml", &text);
        company.land("a record");
        let outcome = company.publish(&asked).expect("git works");
        assert_eq!(outcome.commit.is_some(), is_enough, "{:#?}", outcome.plan.diagnostics);
        assert_eq!(company.central_file("overrides/churn/daily.yaml").is_none(), is_enough);
    }
    assert_eq!(TODAY.to_string(), "2026-11-23");
}
