//! What becomes of workflows that change hands or cannot be resolved.

use jiff::Timestamp;

use super::{Kind, Subject, Version, delta};
use crate::name::{SourceName, WorkflowAddress};

fn subject(address: &str, before: Version, after: Version, successor: Option<&str>) -> Subject {
    let parse = |address: &str| WorkflowAddress::parse(address).expect("valid");
    let source = SourceName::parse("model").expect("valid");
    Subject {
        address: parse(address),
        source,
        before,
        after,
        uses: Default::default(),
        is_compiled_anew: true,
        successor: successor.map(parse),
        waiting: vec![parse("ads/spend")],
    }
}

fn kinds(subjects: Vec<Subject>) -> Vec<(Kind, String, Option<String>)> {
    let told = delta(subjects, Timestamp::UNIX_EPOCH).workflows.into_iter();
    told.map(|change| (change.kind, change.address(), change.from.map(|from| format!("{}/{}", from.team, from.workflow)))).collect()
}

#[test]
fn what_goes_and_lives_on_is_told_once() {
    use Version::{Absent, Unresolved};
    let subjects = vec![
        subject("churn/old", Unresolved, Absent, Some("ads/new")),
        subject("ads/new", Absent, Unresolved, None),
        subject("churn/gone", Unresolved, Absent, None),
        subject("churn/lost", Unresolved, Absent, Some("ads/elsewhere")),
        subject("churn/other", Unresolved, Unresolved, None),
    ];
    let found = kinds(subjects);
    let expected = [
        (Kind::Removed, "churn/gone", None),
        (Kind::Removed, "churn/lost", None),
        (Kind::Moved, "ads/new", Some("churn/old")),
        (Kind::Changed, "churn/other", None),
    ];
    assert_eq!(found, expected.map(|(kind, address, from)| (kind, address.to_owned(), from.map(str::to_owned))));
}

#[test]
fn who_waits_for_what_moved_is_not_forgotten() {
    use Version::{Absent, Unresolved};
    let subjects = vec![subject("churn/a", Unresolved, Absent, Some("churn/b")), subject("churn/b", Absent, Unresolved, None)];
    let told = delta(subjects, Timestamp::UNIX_EPOCH);
    assert_eq!(told.workflows[0].waiting, ["ads/spend"]);
    assert_eq!(told.counts.get(&Kind::Moved), Some(&1));
}

#[test]
fn an_address_that_another_source_takes_over_is_one_workflow() {
    use Version::{Absent, Unresolved};
    let mut taken = subject("churn/a", Absent, Unresolved, None);
    taken.source = SourceName::parse("reports").expect("valid");
    let found = kinds(vec![subject("churn/a", Unresolved, Absent, Some("churn/a")), taken]);
    assert_eq!(found, [(Kind::Moved, "churn/a".to_owned(), Some("churn/a".to_owned()))]);
}
