//! A publisher that is killed while it holds the branch.

use std::os::unix::fs::PermissionsExt as _;

use crate::company::Company;
use crate::publisher::{Fate, finish, start};

/// Git runs it when a branch is locked and about to be moved; it kills the publisher and all that the publisher started.
const HOOK: &str = "#!/bin/sh\n[ \"$1\" = prepared ] || exit 0\nrm \"$0\"\nkill -KILL 0\n";

#[test]
fn t43_a_publisher_killed_while_it_holds_the_branch_leaves_a_lock_and_the_next_one_says_what_to_delete() {
    let company = Company::new(1, 1);
    let source = &company.sources[0];
    let hook = company.central().join("hooks/reference-transaction");
    fs_err::create_dir_all(hook.parent().expect("it has one")).expect("made");
    fs_err::write(&hook, HOOK).expect("written");
    fs_err::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("set");
    let tip = company.tip();

    assert!(finish(start(&company, source, Fate::Left), Fate::Left).is_killed());
    assert_eq!(company.tip(), tip, "the branch moves in one step or not at all");
    let mut locks = company.locks();
    locks.sort();
    assert_eq!(locks, ["HEAD.lock", "refs/heads/main.lock"].map(|lock| company.central().join(lock)));

    let ended = finish(start(&company, source, Fate::Left), Fate::Left);
    let said = String::from_utf8_lossy(&ended.output.stderr).into_owned();
    assert_eq!(ended.output.status.code(), Some(2), "{ended}");
    let (_, named) = said.trim_end().split_once("rm -f ").expect("it says what to type");

    // What it says is what helps.
    named.split(' ').for_each(|lock| fs_err::remove_file(lock).expect("removed"));
    let ended = finish(start(&company, source, Fate::Left), Fate::Left);
    assert!(ended.commit().is_some(), "{ended}");
    company.git(&["fsck", "--strict", "--no-dangling"]);
}
