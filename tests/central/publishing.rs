//! What a publish leaves in the central repository.

use freehold::central::{Action, Branch, Change, Consent, Lock, embedded};
use freehold::io::git::{Address, GitError};

use crate::ground::{Company, run};

#[test]
fn a_first_publish_creates_files_lock_and_one_commit() {
    let company = Company::bare();
    let outcome = company.publish(&company.churn()).expect("git works");
    assert!(outcome.plan.diagnostics.is_empty(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(outcome.plan.count(Action::Create), 4);
    assert_eq!(outcome.commit.map(|commit| commit.to_string()), Some(company.tip()));
    assert!(company.central_file("dags/churn/daily.py").is_some());
    assert_eq!(company.central_file("sources/churn/churn-model/workflows/daily.yaml").as_deref(), Some("workflow: daily\n"));
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("it is there");
    let lock = Lock::parse(lock.as_bytes()).expect("a lock");
    assert_eq!(lock.published.as_ref().map(|published| published.serial), Some(1));
    assert_eq!(lock.compiled["dags/churn/daily.py"], company.central_git(&["rev-parse", "main:dags/churn/daily.py"]));
}

#[test]
fn the_commit_says_what_changed_and_where_it_came_from() {
    let company = Company::new();
    let asked = company.churn().with("workflows/daily.yaml", "workflow: daily\ntags: [x]\n").with("workflows/new.yaml", "workflow: new\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    let message = company.central_git(&["log", "-1", "--format=%B", "main"]);
    let expected = "churn/churn-model: create 1, update 1\n\nupdate daily\ncreate new\n\n\
                    Freehold-Repository: acme/churn-model (1001)\nFreehold-Ref: refs/heads/main\nFreehold-Commit: c2";
    assert_eq!(message, expected);
    let trailers = company.central_git(&["log", "-1", "--format=%(trailers:key=Freehold-Commit,valueonly)", "main"]);
    assert_eq!(trailers.trim(), "c2");
}

#[test]
fn a_workflow_that_is_gone_from_the_source_is_deleted() {
    let company = Company::new();
    let outcome = company.publish(&company.churn().without("workflows/weekly.yaml")).expect("git works");
    assert_eq!(outcome.plan.count(Action::Delete), 1);
    assert_eq!(company.central_file("dags/churn/weekly.py"), None);
    assert_eq!(company.central_file("sources/churn/churn-model/workflows/weekly.yaml"), None);
}

#[test]
fn a_deleted_compiled_file_comes_back() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "dags/churn/daily.py"]);
    company.land("oops");
    let outcome = company.publish(&company.churn()).expect("git works");
    assert_eq!(outcome.plan.count(Action::Recreate), 1, "{:#?}", outcome.plan);
    assert!(company.central_file("dags/churn/daily.py").is_some());
}

#[test]
fn what_was_edited_by_hand_is_put_right_when_one_says_so() {
    let company = Company::new();
    let before = company.central_file("dags/churn/daily.py");
    company.write("dags/churn/daily.py", "print('by hand')\n");
    company.land("edit");
    let mut asked = company.churn();
    assert_eq!(company.refusal(&asked), ["FH0710"]);
    asked.consent = Consent { repair: true, ..Consent::default() };
    let outcome = company.publish(&asked).expect("git works");
    assert_eq!(outcome.plan.count(Action::Repair), 1);
    assert_eq!(company.central_file("dags/churn/daily.py"), before);
}

#[test]
fn two_plans_of_the_same_input_are_equal_and_say_what_the_interface_promises() {
    let company = Company::new();
    let asked = company.churn().with("workflows/daily.yaml", "workflow: daily\ntags: [x]\n");
    let json = |plan| serde_json::to_value(plan).expect("JSON");
    let (first, second) = (json(company.plan(&asked)), json(company.plan(&asked)));
    assert_eq!(first, second);
    assert_eq!(first["schema_version"], 1);
    assert_eq!(first["base"], company.tip());
    assert_eq!(first["changes"][0]["action"], "update");
    assert_eq!(first["changes"][0]["path"], "dags/churn/daily.py");
    assert_eq!(first["changes"][0]["workflow"], "daily");
}

#[test]
fn a_fault_in_the_source_stops_the_publish() {
    let company = Company::new();
    assert_eq!(company.refusal(&company.churn().with("workflows/daily.yaml", "fault\n")), ["FH0105"]);
}

#[test]
fn another_source_of_the_team_lives_beside() {
    let company = Company::new();
    let mut asked = company.churn().repository(1002, "acme/churn-extra");
    asked.source = "churn-extra";
    asked.files = company.churn().files.into_iter().filter(|(path, _)| path == "freehold.yaml").collect();
    let asked = asked.with("workflows/extra.yaml", "workflow: extra\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    assert!(company.central_file("dags/churn/extra.py").is_some());
    assert!(company.central_file("dags/churn/daily.py").is_some());
}

#[test]
fn a_clean_checkout_of_the_central_branch_follows_and_a_changed_one_is_left_alone() {
    let company = Company::new();
    let clone = company.clone_folder();
    let address = clone.to_str().expect("text");
    let asked = company.churn().with("workflows/new.yaml", "workflow: new\n");
    company.publish_to(address, &asked).expect("git works").commit.expect("published");
    assert!(clone.join("dags/churn/new.py").is_file());
    assert_eq!(company.git(&["status", "--porcelain"]), "");
    company.write("README.md", "changed\n");
    let error = company.publish_to(address, &asked.with("workflows/newer.yaml", "workflow: newer\n")).expect_err("it is dirty");
    assert!(matches!(error, freehold::central::Error::Git(GitError::Dirty(_))), "{error}");
    assert!(!clone.join("dags/churn/newer.py").exists());
}

#[test]
fn what_is_no_repository_is_told() {
    let company = Company::bare();
    let plain = company.folder().join("plain");
    fs_err::create_dir_all(&plain).expect("made");
    // A folder inside a repository is none itself.
    let inside = company.clone_folder().join("teams");
    for folder in [plain, inside, company.folder().join("missing")] {
        let error = company.publish_to(folder.to_str().expect("text"), &company.churn()).expect_err("no repository");
        assert!(matches!(error, freehold::central::Error::Git(GitError::NotARepository(_))), "{error}");
    }
}

#[test]
fn an_empty_central_repository_is_told() {
    let company = Company::bare();
    run(company.folder(), &["init", "--quiet", "--bare", "empty.git"]);
    let address = company.folder().join("empty.git");
    let error = company.publish_to(address.to_str().expect("text"), &company.churn()).expect_err("it is empty");
    assert!(error.to_string().ends_with("has no branch `main`"), "{error}");
}

#[test]
fn a_hook_that_refuses_is_quoted() {
    use std::os::unix::fs::PermissionsExt as _;
    let company = Company::new();
    let hook = company.central().join("hooks/pre-receive");
    fs_err::create_dir_all(hook.parent().expect("it has one")).expect("made");
    fs_err::write(&hook, "#!/bin/sh\necho 'closed for the holidays' >&2\nexit 1\n").expect("written");
    fs_err::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("set");
    let error = company.publish(&company.churn().with("workflows/new.yaml", "workflow: new\n")).expect_err("refused");
    assert!(error.to_string().contains("closed for the holidays"), "{error}");
}

#[test]
fn a_central_repository_of_ones_own_is_made_once() {
    let company = Company::bare();
    let folder = company.folder().join("mine/.freehold/central.git");
    let grant = "team: churn\nrepositories: [{ id: 1001, name: local, source: churn-model }]\n";
    let files: [(&str, &[u8]); 2] = [("platform.yaml", crate::ground::PLATFORM.as_bytes()), ("teams/churn.yaml", grant.as_bytes())];
    let made = embedded(&folder, "main", &files).expect("made");
    let Branch { central: Address::Folder(path), .. } = &made else { panic!("a folder") };
    let first = run(path, &["rev-parse", "main"]);
    embedded(&folder, "main", &files).expect("it is there");
    assert_eq!(run(path, &["rev-parse", "main"]), first);
    let asked = company.churn().repository(1001, "local");
    company.publish_to(folder.to_str().expect("text"), &asked).expect("git works").commit.expect("published");
}

#[test]
fn a_rename_can_be_undone() {
    let company = Company::new();
    let renamed = company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n");
    company.publish(&renamed).expect("git works").commit.expect("published");
    let outcome = company.publish(&company.churn()).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

/// A publish of `churn/churn-model` whose workflow `daily` waits for `ads/report`.
fn waiting(company: &Company) -> crate::ground::Asked {
    company.churn().with("workflows/daily.yaml", "workflow: daily\ntasks: { wait: { wait_for: { workflow: ads/report } } }\n")
}

const REFERENCE: &str = "references/ads/report/churn/daily.yaml";

#[test]
fn a_reference_comes_and_goes_with_the_wait() {
    let company = Company::new();
    company.publish(&waiting(&company)).expect("git works").commit.expect("published");
    assert_eq!(company.central_file(REFERENCE).as_deref(), Some("waits_for: ads/report\n"));
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("it is there");
    let lock = Lock::parse(lock.as_bytes()).expect("a lock");
    assert_eq!(lock.workflows["daily"].compiled, ["dags/churn/daily.py", REFERENCE]);
    assert_eq!(company.publish(&waiting(&company).commit("c3")).expect("git works").commit, None, "nothing is to be done");
    company.publish(&company.churn().commit("c3")).expect("git works").commit.expect("published");
    assert_eq!(company.central_file(REFERENCE), None);
}

#[test]
fn a_reference_that_no_publish_made_is_left_alone() {
    let company = Company::new();
    company.write(REFERENCE, "mine\n");
    company.land("by hand");
    assert_eq!(company.refusal(&waiting(&company)), ["FH0709"]);
}

#[test]
fn a_reference_that_was_edited_or_deleted_by_hand_is_seen() {
    let company = Company::new();
    company.publish(&waiting(&company)).expect("git works").commit.expect("published");
    company.git(&["pull", "--quiet"]);
    company.write(REFERENCE, "waits_for: nobody\n");
    company.land("edit");
    assert_eq!(company.refusal(&waiting(&company)), ["FH0710"]);
    company.git(&["rm", "--quiet", REFERENCE]);
    company.land("delete");
    let outcome = company.publish(&waiting(&company)).expect("git works");
    let is_back = |change: &Change| (change.action, change.path.as_str()) == (Action::Recreate, REFERENCE);
    assert!(outcome.plan.changes.iter().any(is_back), "{:#?}", outcome.plan);
}

#[test]
fn what_is_waited_for_in_vain_is_told_with_what_there_is() {
    let company = Company::new();
    for (awaited, help) in [
        ("ads/reports", "write `workflow: ads/report`"),
        ("ads/invoices", "write one of `report`, `spend`"),
        ("adds/report", "write `workflow: ads/report`"),
        ("finance/report", "ask team `finance` to publish it first"),
    ] {
        let text = format!("workflow: daily\ntasks: {{ wait: {{ wait_for: {{ workflow: {awaited} }} }} }}\n");
        let plan = company.plan(&company.churn().with("workflows/daily.yaml", &text));
        let found: Vec<(&str, Option<&str>)> = plan.diagnostics.iter().map(|found| (found.code.id, found.help.as_deref())).collect();
        assert_eq!(found, [("FH0718", Some(help))], "{awaited}");
    }
}

#[test]
fn a_lost_lock_is_made_anew_when_one_says_so() {
    let company = Company::new();
    company.git(&["rm", "--quiet", "sources/churn/churn-model/freehold.lock"]);
    company.write("dags/churn/daily.py", "print('by hand')\n");
    company.land("a lock is lost");
    let mut asked = company.churn();
    assert_eq!(company.refusal(&asked), ["FH0709"]);
    asked.consent.repair = true;
    let outcome = company.publish(&asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("sources/churn/churn-model/freehold.lock").is_some());
}
