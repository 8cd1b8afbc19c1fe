//! Each kind of publish, with one thing of what the planner makes of it left out, altered, or said otherwise in a lock.
//!
//! Whatever rule of the planner breaks, what it makes then differs from this in one of these ways.

use super::ground::{Asked, Company, PLATFORM, TODAY, errors};
use super::{Prepared, adoptable, beside_a_broken_source, judged, prepared, protected};
use crate::central::lock::{Lock, LockedUsage};
use crate::central::prepare::Preparing;
use crate::io::git::Edit;

/// What is wrong with a lock, and how it comes to be.
type Tampered = (&'static str, fn(&mut Lock));

/// Two sources of one team may publish in one change, and then this is what the other one's lock says.
const TOO_FAR: &str = "a publish too far";

/// Tampers with a lock; what does not change one is none.
const TAMPERS: [Tampered; 22] = [
    ("a file less", |lock| drop(lock.files.pop_first())),
    ("a file more", |lock| drop(lock.files.insert("more.yaml".to_owned(), "0".repeat(40)))),
    ("a compiled file less", |lock| drop(lock.compiled.pop_first())),
    ("the last compiled file less", |lock| drop(lock.compiled.pop_last())),
    ("another's file", |lock| drop(lock.compiled.insert("dags/pricing/report.py".to_owned(), "0".repeat(40)))),
    ("a workflow less", |lock| drop(lock.workflows.pop_first())),
    ("the last workflow less", |lock| drop(lock.workflows.pop_last())),
    ("no tombstones", |lock| lock.tombstones.clear()),
    ("a tombstone more", |lock| {
        let files = lock.files.iter().map(|(path, id)| (path.clone(), id.clone())).take(1).collect();
        lock.tombstones.insert("never-there".to_owned(), crate::central::Tombstone { files, successor: None });
    }),
    ("a tombstone without its files", |lock| lock.tombstones.values_mut().for_each(|tombstone| tombstone.files.clear())),
    ("a successor", |lock| lock.tombstones.values_mut().for_each(|tombstone| tombstone.successor = Some("pricing/weekly".to_owned()))),
    ("no successor", |lock| lock.tombstones.values_mut().for_each(|tombstone| tombstone.successor = None)),
    ("protection dropped", |lock| lock.workflows.values_mut().for_each(|workflow| workflow.protect = false)),
    ("protection gained", |lock| lock.workflows.values_mut().for_each(|workflow| workflow.protect = true)),
    ("what it takes forgotten", |lock| lock.workflows.values_mut().for_each(|workflow| workflow.usage = None)),
    ("less taken", |lock| {
        let less = |usage: LockedUsage| LockedUsage { pods: "0".to_owned(), ..usage };
        lock.workflows.values_mut().for_each(|workflow| workflow.usage = workflow.usage.take().map(less));
    }),
    ("another format", |lock| lock.format += 1),
    ("another source", |lock| lock.source = "other".to_owned()),
    ("nothing about where it comes from", |lock| lock.published = None),
    ("the same publish again", |lock| lock.published.iter_mut().for_each(|published| published.serial -= 1)),
    (TOO_FAR, |lock| lock.published.iter_mut().for_each(|published| published.serial += 1)),
    ("another repository", |lock| lock.published.iter_mut().for_each(|published| published.repository.id = 666)),
];

/// Creates, updates and deletes.
pub(super) fn plain(company: &Company) -> Asked {
    let project = "team: churn\nsource: churn-model\nretire: [weekly]\n";
    let asked = company.churn().with("freehold.yaml", project).without("workflows/weekly.yaml");
    asked.with("workflows/new.yaml", "protect: true\n").with("workflows/daily.yaml", "tags: [x]\n")
}

fn beside_another(company: &Company) -> Asked {
    beside_a_broken_source(company);
    plain(company)
}

fn renaming(company: &Company) -> Asked {
    company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n")
}

fn coming_back(company: &Company) -> Asked {
    company.publish(&plain(company)).expect("git works").commit.expect("published");
    company.churn().with("workflows/new.yaml", "protect: true\n")
}

/// `churn` gives `daily` to `ads`, which takes it over.
fn taking_over(company: &Company) -> Asked {
    let give = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n";
    company.publish(&company.churn().with("freehold.yaml", give)).expect("git works").commit.expect("published");
    company.ads().with("workflows/daily-report.yaml", "taken_from: churn/daily\n")
}

/// The same between two sources of one team.
fn taking_over_at_home(company: &Company) -> Asked {
    let give = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: churn/churn-extra }]\n";
    company.publish(&company.churn().with("freehold.yaml", give)).expect("git works").commit.expect("published");
    let extra = Company::asked("churn", "churn-extra", (1002, "acme/churn-extra"));
    extra.with("freehold.yaml", "team: churn\nsource: churn-extra\n").with("workflows/daily.yaml", "taken_from: churn/daily\n")
}

fn adopting(company: &Company) -> Asked {
    adoptable(company, "x");
    company.churn().with("workflows/train.yaml", "adopted: train.py.txt\n").with("workflows/train.py.txt", "x")
}

/// A protected workflow goes, because a record lets it.
fn lifting(company: &Company) -> Asked {
    let asked = protected(company);
    company.pull();
    let record =
        "source: churn-model\nrule: guard\npaths: [dags/churn/daily.py]\nreason: x\napproved_by: [ada, bob]\nexpires: 2026-12-01\n";
    company.write("overrides/churn/daily.yaml", record);
    company.land("a record");
    asked
}

/// One workflow waits for another team's and has an id by grant; another one waits no longer.
fn indexed(company: &Company) -> Asked {
    let grant = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\ndag_ids: { new: legacy.new }\n";
    company.write("teams/churn.yaml", grant);
    company.land("a grant");
    let waits = "wait_for: { workflow: ads/report }\n";
    company.publish(&company.churn().with("workflows/daily.yaml", waits)).expect("git works").commit.expect("published");
    company.churn().with("workflows/new.yaml", waits)
}

/// The team has a quota, and its workflows say what they take of it.
fn limited(company: &Company) -> Asked {
    let grant = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\nlimits: { pods: 5 }\n";
    company.write("teams/churn.yaml", grant);
    company.write("platform.yaml", PLATFORM);
    company.land("a quota");
    company.churn().with("workflows/new.yaml", "pods: 3\n")
}

/// Does all of that to one publish; gives how many mutants there were.
#[allow(clippy::print_stderr, reason = "how many mutants there were is a figure to report")]
fn tamper(name: &str, ask: fn(&Company) -> Asked) {
    let company = Company::new();
    let asked = ask(&company);
    let count = prepared(&company, &asked, |preparing, prepared| {
        let found = judged(preparing, &prepared, &prepared.edits);
        assert!(errors(&found).is_empty() && !prepared.edits.is_empty(), "{name}: {found:#?}");
        edits(name, preparing, &prepared) + locks(name, preparing, &prepared)
    });
    eprintln!("{name}: {count} mutants, each refused");
}

fn refused(what: &str, preparing: &Preparing<'_>, prepared: &Prepared, edits: &[Edit]) -> usize {
    assert!(!errors(&judged(preparing, prepared, edits)).is_empty(), "survived: {what}");
    1
}

/// Each edit left out, and each file with other bytes, also one that goes.
fn edits(name: &str, preparing: &Preparing<'_>, prepared: &Prepared) -> usize {
    let mut count = 0;
    for (at, edit) in prepared.edits.iter().enumerate() {
        let mut without = prepared.edits.clone();
        without.remove(at);
        // What moves within a team goes and comes at one path: there the file counts.
        let is_written =
            |path: &String| prepared.edits.iter().any(|edit| matches!(edit, Edit::Write { path: written, .. } if written == path));
        if !matches!(edit, Edit::Delete { path } if is_written(path)) {
            count += refused(&format!("{name} without {edit:?}"), preparing, prepared, &without);
        }
        let (path, bytes) = match edit {
            Edit::Write { path, bytes } => (path, [bytes.as_slice(), b" "].concat()),
            Edit::Delete { path } => (path, b"kept\n".to_vec()),
        };
        let mut altered = prepared.edits.clone();
        altered[at] = Edit::Write { path: path.clone(), bytes };
        count += refused(&format!("{name}, {path} altered"), preparing, prepared, &altered);
    }
    count
}

/// Each lock of the publish, also that of a source that gives something, says something else.
fn locks(name: &str, preparing: &Preparing<'_>, prepared: &Prepared) -> usize {
    let (mut count, request) = (0, preparing.request);
    let (team, own) = (format!("sources/{}/", request.team), format!("sources/{}/{}/", request.team, request.source));
    for (at, edit) in prepared.edits.iter().enumerate() {
        let Edit::Write { path, bytes } = edit else { continue };
        if !path.ends_with("freehold.lock") {
            continue;
        }
        let is_at_home = path.starts_with(&team) && !path.starts_with(&own);
        for (what, tamper) in TAMPERS.into_iter().filter(|(what, _)| *what != TOO_FAR || !is_at_home) {
            let mut lock = Lock::parse(bytes).expect("a lock");
            tamper(&mut lock);
            if lock.to_bytes() == *bytes {
                continue;
            }
            let mut altered = prepared.edits.clone();
            altered[at] = Edit::Write { path: path.clone(), bytes: lock.to_bytes() };
            count += refused(&format!("{name}, {path}: {what}"), preparing, prepared, &altered);
        }
    }
    count
}

#[test]
fn of_a_publish_that_creates_updates_and_deletes_nothing_can_be_otherwise() {
    tamper("plain", plain);
    tamper("beside a broken source", beside_another);
}

#[test]
fn of_a_rename_and_of_a_return_nothing_can_be_otherwise() {
    tamper("rename", renaming);
    tamper("return", coming_back);
}

#[test]
fn of_a_transfer_nothing_can_be_otherwise_on_either_side() {
    tamper("transfer", taking_over);
    tamper("transfer within a team", taking_over_at_home);
}

#[test]
fn of_an_adoption_and_of_a_record_that_is_used_nothing_can_be_otherwise() {
    tamper("adoption", adopting);
    tamper("record", lifting);
}

#[test]
fn of_what_stands_in_an_index_or_counts_for_a_quota_nothing_can_be_otherwise() {
    tamper("index", indexed);
    tamper("quota", limited);
    assert_eq!(TODAY.to_string(), "2026-11-23", "the record holds until December");
}
