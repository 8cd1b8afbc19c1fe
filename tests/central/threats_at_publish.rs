//! Accidents and attacks on the way of `publish`, each performed against a real repository.

use freehold::central::Action;
use freehold::diag::Severity;
use freehold::io::git::{Address, Edit, NewCommit, Scratch};

use crate::ground::{Company, errors};

#[test]
fn t12_what_somebody_edited_by_hand_is_never_silently_overwritten_or_deleted() {
    let company = Company::new();
    company.write("dags/churn/daily.py", "print('by hand')\n");
    company.land("edit");
    assert_eq!(company.refusal(&company.churn().with("workflows/daily.yaml", "tags: [x]\n")), ["FH0710"]);
    assert_eq!(company.refusal(&company.churn().without("workflows/daily.yaml")), ["FH0710"]);
    assert_eq!(company.central_file("dags/churn/daily.py").as_deref(), Some("print('by hand')\n"));
}

#[test]
fn t12_what_no_publish_made_is_never_overwritten() {
    let company = Company::new();
    company.write("dags/churn/legacy.py", "print('legacy')\n");
    company.land("legacy");
    assert_eq!(company.refusal(&company.churn().with("workflows/legacy.yaml", "x\n")), ["FH0709"]);
    let outcome = company.publish(&company.churn().with("workflows/new.yaml", "x\n")).expect("git works");
    assert!(outcome.commit.is_some(), "it does not stop what does not touch it");
}

#[test]
fn t14_a_stale_publisher_plans_anew_and_forces_nothing() {
    let company = Company::new();
    let scratch = Scratch::of(&Address::Folder(company.central())).expect("a repository");
    let base = scratch.fetch("main").expect("git works").expect("it has a tip");
    company.publish(&company.ads().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("published");
    let tip = company.tip();
    let edits = [Edit::Write { path: "sources/churn/churn-model/x.csv".to_owned(), bytes: b"x".to_vec() }];
    let stale = scratch.write(&NewCommit { parent: Some(&base), edits: &edits, message: "stale\n" }).expect("written");
    assert!(matches!(scratch.push(Some(&base), &stale, "main", None).expect("git works"), freehold::io::git::Pushed::Refused(_)));
    assert_eq!(company.tip(), tip);
}

#[test]
fn t15_a_late_run_of_an_older_commit_is_refused_unless_it_says_rollback() {
    let company = Company::new();
    company
        .publish(&company.churn().commit("c3").with("workflows/daily.yaml", "tags: [new]\n"))
        .expect("git works")
        .commit
        .expect("published");
    let mut older = company.churn().commit("c2");
    assert_eq!(company.refusal(&older), ["FH0705"]);
    older.consent.rollback = true;
    let outcome = company.publish(&older).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("sources/churn/churn-model/freehold.lock").expect("there").contains("\"serial\": 3"));
}

#[test]
fn t15_a_commit_that_was_taken_back_does_not_return() {
    let company = Company::new();
    let mut reverted = company.churn().commit("c3");
    assert!(company.publish(&reverted).expect("git works").commit.is_none(), "nothing has changed since");
    reverted.was_taken_back = true;
    let outcome = company.publish(&reverted).expect("git works");
    assert!(outcome.commit.is_some() && outcome.plan.changes.is_empty(), "only the lock knows better now");
    let late = company.churn().commit("c2").with("workflows/daily.yaml", "tags: [bad]\n");
    assert_eq!(company.refusal(&late), ["FH0705"]);
}

#[test]
fn t15_a_history_that_does_not_reach_far_enough_is_refused() {
    let company = Company::new();
    assert_eq!(company.refusal(&company.churn().commit("shallow")), ["FH0706"]);
    let mut uncommitted = company.churn();
    uncommitted.origin.commit = None;
    assert_eq!(company.refusal(&uncommitted), ["FH0706"]);
}

#[test]
fn t16_publishing_from_a_fork_a_branch_or_an_unbound_repository_is_refused() {
    let company = Company::new();
    let asked = company.churn().with("workflows/new.yaml", "x\n");
    assert_eq!(company.refusal(&asked.clone().repository(666, "eve/churn-model")), ["FH0701"]);
    assert_eq!(company.refusal(&asked.clone().repository(2001, "acme/ads")), ["FH0701"], "bound, but to another team");
    assert_eq!(company.refusal(&asked.clone().repository(1002, "acme/churn-extra")), ["FH0701"], "bound, but to another source");
    for reference in ["refs/heads/feature", "refs/pull/7/merge", "refs/tags/main", "main"] {
        let mut asked = asked.clone();
        asked.origin.reference = Some(reference.to_owned());
        assert_eq!(company.refusal(&asked), ["FH0702"], "{reference}");
    }
    for event in ["pull_request", "pull_request_target", "issue_comment", "workflow_run", "anything"] {
        let mut asked = asked.clone();
        asked.origin.event = Some(event.to_owned());
        assert_eq!(company.refusal(&asked), ["FH0703"], "{event}");
    }
    let mut nameless = asked;
    nameless.origin.repository = None;
    assert_eq!(company.refusal(&nameless), ["FH0701"]);
}

#[test]
fn t16_a_plan_on_a_pull_request_is_told_and_not_refused() {
    let company = Company::new();
    let mut asked = company.churn().with("workflows/new.yaml", "x\n");
    (asked.origin.event, asked.origin.reference) = (Some("pull_request".to_owned()), Some("refs/pull/7/merge".to_owned()));
    let plan = company.plan(&asked);
    assert!(!plan.is_refused(), "{:#?}", plan.diagnostics);
    assert_eq!(plan.count(Action::Create), 1);
    assert_eq!(plan.diagnostics.len(), 2);
}

#[test]
fn t17_a_copied_directory_cannot_carry_away_newer_files() {
    let company = Company::new();
    company.publish(&company.churn().commit("c3").with("workflows/newer.yaml", "x\n")).expect("git works").commit.expect("published");
    // The copy brings a lock of its own; what was there last is told by the central repository's.
    let copied = company.churn().commit("c1").with("freehold.lock", "{}");
    let codes = company.refusal(&copied);
    assert!(codes.contains(&"FH0705"), "{codes:?}");
    assert!(company.central_file("dags/churn/newer.py").is_some());
}

#[test]
fn t18_a_wrong_folder_a_sparse_checkout_and_a_fault_delete_nothing() {
    let company = Company::new();
    let mut wrong = company.churn();
    wrong.files.clear();
    assert_eq!(company.refusal(&wrong), ["FH0707"]);
    let mut sparse = company.churn();
    sparse.files.retain(|path, _| path == "freehold.yaml");
    assert_eq!(company.refusal(&sparse), ["FH0707"]);
    assert_eq!(company.refusal(&company.churn().with("workflows/weekly.yaml", "fault")), ["FH0105"]);
}

#[test]
fn t19_most_of_the_config_lost_is_refused_unless_the_source_retires_it_by_name() {
    let company = Company::new();
    let mut asked = company.churn();
    for name in ["daily", "hourly", "weekly"] {
        asked = asked.without(&format!("workflows/{name}.yaml"));
    }
    assert_eq!(company.refusal(&asked), ["FH0708"]);
    let project = "team: churn\nsource: churn-model\nretire: [daily, hourly, weekly]\n";
    let outcome = company.publish(&asked.with("freehold.yaml", project)).expect("git works");
    assert_eq!(outcome.plan.count(Action::Delete), 3, "{:#?}", outcome.plan.diagnostics);
}

#[test]
fn t20_what_is_protected_goes_only_after_a_publish_that_lets_it_go() {
    let company = Company::new();
    let protected = company.churn().with("workflows/daily.yaml", "protect: true\n");
    company.publish(&protected).expect("git works").commit.expect("published");
    let retired = "team: churn\nsource: churn-model\nretire: [daily]\n";
    let gone = company.churn().without("workflows/daily.yaml").with("freehold.yaml", retired);
    assert_eq!(company.refusal(&gone), ["FH0719"], "the protection goes together with what it protects");
    let renamed = company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n");
    assert_eq!(company.refusal(&renamed), ["FH0719"]);
    company.publish(&company.churn()).expect("git works").commit.expect("the protection alone goes");
    company.publish(&gone).expect("git works").commit.expect("and then the workflow");
}

#[test]
fn t43_killed_between_objects_and_ref_leaves_nothing_and_running_again_repairs() {
    let company = Company::new();
    let (tip, before) = (company.tip(), company.central_git(&["count-objects"]));
    let scratch = Scratch::of(&Address::Folder(company.central())).expect("a repository");
    let base = scratch.fetch("main").expect("git works").expect("it has a tip");
    let edits = [Edit::Write { path: "dags/churn/daily.py".to_owned(), bytes: b"half".to_vec() }];
    scratch.write(&NewCommit { parent: Some(&base), edits: &edits, message: "never pushed\n" }).expect("written");
    drop(scratch);
    assert_eq!((company.tip(), company.central_git(&["count-objects"])), (tip, before));
    let outcome = company.publish(&company.churn().with("workflows/new.yaml", "x\n")).expect("git works");
    assert!(outcome.commit.is_some());
    company.central_git(&["fsck", "--strict"]);
}

#[test]
fn t44_publishing_again_is_a_no_op_that_says_so() {
    let company = Company::new();
    let tip = company.tip();
    let outcome = company.publish(&company.churn().commit("c3")).expect("git works");
    assert_eq!((outcome.commit, outcome.plan.changes.len(), outcome.tries), (None, 0, 1));
    assert!(outcome.plan.diagnostics.is_empty());
    assert_eq!(company.tip(), tip);
}

#[test]
fn t45_a_renamed_repository_is_told_and_publishes() {
    let company = Company::new();
    let outcome =
        company.publish(&company.churn().repository(1001, "acme/churn-two").with("workflows/new.yaml", "x\n")).expect("git works");
    assert!(outcome.commit.is_some());
    assert_eq!(outcome.plan.diagnostics.len(), 1);
    assert_eq!((outcome.plan.diagnostics[0].code.id, outcome.plan.diagnostics[0].severity), ("FH0704", Severity::Warning));
}

#[test]
fn t46_a_name_that_somebody_registered_again_is_refused_and_the_refusal_says_so() {
    let company = Company::new();
    let asked = company.churn().repository(9999, "acme/churn-model");
    assert_eq!(company.refusal(&asked), ["FH0701"]);
    let label = company.publish(&asked).expect("git works").plan.diagnostics[0].labels[0].text.clone();
    assert!(label.contains("is granted as number 1001"), "{label}");
}

#[test]
fn t50_publishing_without_policy_is_refused() {
    for path in ["platform.yaml", "teams/churn.yaml"] {
        let company = Company::new();
        company.git(&["rm", "--quiet", path]);
        company.land("gone");
        assert_eq!(company.refusal(&company.churn()), ["FH0714"], "{path}");
    }
    let company = Company::new();
    company.write("teams/churn.yaml", "team: churn\nrepositories: everything\n");
    company.land("broken");
    assert!(company.refusal(&company.churn()).contains(&"FH0714"));
}

#[test]
fn t54_a_refusal_that_reads_like_contention_is_no_contention() {
    use std::os::unix::fs::PermissionsExt as _;
    let company = Company::new();
    let hook = company.central().join("hooks/update");
    fs_err::create_dir_all(hook.parent().expect("it has one")).expect("made");
    fs_err::write(&hook, "#!/bin/sh\necho 'non-fast-forward: fetch first' >&2\nexit 1\n").expect("written");
    fs_err::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("set");
    let error = company.publish(&company.churn().with("workflows/new.yaml", "x\n")).expect_err("refused");
    assert!(matches!(error, freehold::central::Error::Rejected { .. }), "{error}");
}

#[test]
fn t64_a_publish_that_a_publish_started_ends_the_chain() {
    let company = Company::new();
    for _ in 0..3 {
        assert_eq!(company.publish(&company.churn()).expect("git works").commit, None);
    }
}

#[test]
fn t03_a_workflow_that_would_land_in_anothers_folder_is_refused() {
    let company = Company::new();
    assert_eq!(company.refusal(&company.churn().with("workflows/report.yaml", "astray\n")), ["FH0711"]);
}

#[test]
fn t47_a_workflow_changes_hands_in_one_commit_when_both_sides_say_so() {
    let company = Company::new();
    let taken = company.ads().with("workflows/daily-report.yaml", "taken_from: churn/daily\n");
    assert_eq!(company.refusal(&taken), ["FH0723"], "nobody gives it");
    let giving = |to: &str| format!("team: churn\nsource: churn-model\ngive: [{{ workflows: [daily], to: {to} }}]\n");
    company.publish(&company.churn().with("freehold.yaml", &giving("ads/other"))).expect("git works").commit.expect("published");
    assert_eq!(company.refusal(&taken), ["FH0723"], "it is given to somebody else");
    let given = company.churn().with("freehold.yaml", &giving("ads/reports"));
    company.publish(&given).expect("git works").commit.expect("published");
    let outcome = company.publish(&taken).expect("git works");
    let commit = outcome.commit.unwrap_or_else(|| panic!("{:#?}", outcome.plan.diagnostics));
    assert_eq!(outcome.plan.count(Action::Transfer), 1);
    assert_eq!(company.tip(), commit.to_string());
    assert!(company.central_file("dags/ads/daily-report.py").is_some());
    assert_eq!(company.central_file("dags/churn/daily.py"), None);
    assert_eq!(company.central_file("sources/churn/churn-model/workflows/daily.yaml"), None);
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("there");
    assert!(lock.contains("\"successor\": \"ads/daily-report\""), "{lock}");
    assert_eq!(company.publish(&taken).expect("git works").commit, None, "what has been taken is no matter any more");
    let back = company.publish(&given).expect("git works").plan.diagnostics;
    assert_eq!(errors(&back), ["FH0723"], "the giver's repository still has it: {back:#?}");
    company.publish(&given.without("workflows/daily.yaml")).expect("git works");
    let taken_again = company.publish(&taken.with("workflows/spend.yaml", "x\n")).expect("git works");
    assert!(taken_again.commit.is_some(), "{:#?}", taken_again.plan.diagnostics);
}

#[test]
fn t47_a_team_takes_all_that_another_has_in_one_publish() {
    let company = Company::new();
    let project = "team: churn\nsource: churn-model\ngive: [{ to: ads/reports }]\n";
    company.publish(&company.churn().with("freehold.yaml", project)).expect("git works").commit.expect("published");
    let mut taken = company.ads();
    for name in ["daily", "hourly", "weekly", "monthly"] {
        taken = taken.with(&format!("workflows/{name}.yaml"), &format!("taken_from: churn/{name}\n"));
    }
    let outcome = company.publish(&taken).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(outcome.plan.count(Action::Transfer), 4);
    assert_eq!(company.central_git(&["ls-tree", "--name-only", "main", "dags/churn/"]), "");
    company
        .publish(
            &company
                .churn()
                .with("freehold.yaml", project)
                .without("workflows/daily.yaml")
                .without("workflows/hourly.yaml")
                .without("workflows/weekly.yaml")
                .without("workflows/monthly.yaml"),
        )
        .expect("git works");
}

#[test]
fn t47_a_workflow_moves_between_two_sources_of_one_team() {
    let company = Company::new();
    let project = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: churn/churn-extra }]\n";
    company.publish(&company.churn().with("freehold.yaml", project)).expect("git works").commit.expect("published");
    let mut extra = company.churn().repository(1002, "acme/churn-extra").with("freehold.yaml", "team: churn\nsource: churn-extra\n");
    extra.source = "churn-extra";
    extra.files.retain(|path, _| path == "freehold.yaml");
    let outcome = company.publish(&extra.with("workflows/daily.yaml", "taken_from: churn/daily\n")).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("taken_from"));
    assert!(!company.central_file("sources/churn/churn-model/freehold.lock").expect("there").contains("\"dags/churn/daily.py\""));
}

#[test]
fn t59_what_another_team_waits_for_is_not_deleted_and_the_refusal_names_who_waits() {
    let company = Company::new();
    let waits = "workflow: spend\ntasks: { wait: { wait_for: { workflow: churn/daily } } }\n";
    company.publish(&company.ads().with("workflows/spend.yaml", waits)).expect("git works").commit.expect("published");
    let project = "team: churn\nsource: churn-model\nretire: [daily]\n";
    let gone = company.churn().without("workflows/daily.yaml").with("freehold.yaml", project);
    assert_eq!(company.refusal(&gone), ["FH0720"]);
    let said = company.publish(&gone).expect("git works").plan.diagnostics;
    assert!(said.iter().any(|found| found.title.contains("`ads/spend` would wait for it for ever")), "{said:#?}");
    let renamed = company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n");
    assert_eq!(company.refusal(&renamed), ["FH0720"], "to who waits a new name is the same");
    company.publish(&company.ads()).expect("git works").commit.expect("nobody waits any more");
    company.publish(&gone).expect("git works").commit.expect("now it may go");
}
