//! Hand-written files that a team takes in: they move byte for byte, once, where the platform has said so, and nothing else moves with them.

use freehold::central::{Action, Asker, Lock};
use freehold::policy::sha256;

use crate::ground::{Asked, Company, account, errors, teams};

const FILE: &str = "dags/old/train.py";
const TEXT: &str = "from airflow.sdk import DAG\n\nwith DAG(\"legacy_train\") as dag:\n    pass\n";
const CHURN: &str = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }, { id: 1002, name: acme/churn-extra, source: churn-extra }]\nmembers: [ada, grace]\n";
const ADS: &str = "team: ads\nrepositories: [{ id: 2001, name: acme/ads, source: reports }]\nmembers: [bob]\n";

/// What a grant says of one file.
fn pin(workflow: &str, file: &str, text: &str, ids: &str) -> String {
    format!("  {workflow}: {{ file: {file}, sha256: {}, dag_ids: [{ids}] }}\n", sha256(text.as_bytes()))
}

/// The company with a hand-written file at a path, and what `adopt` in the grant of `churn` says.
fn company_with(path: &str, adopt: &str) -> Company {
    let company = Company::new();
    company.write(path, TEXT);
    company.land("as it has always been");
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{adopt}"));
    company.land("granted");
    company
}

/// The company whose platform lets `churn` take in `dags/old/train.py` as `train`.
fn granting() -> Company {
    company_with(FILE, &pin("train", FILE, TEXT, "legacy_train"))
}

/// A publish of `churn` that has a hand-written file as `train`.
fn adopting(company: &Company) -> Asked {
    company.churn().with("workflows/train.yaml", "workflow: train\nadopted: train.py.txt\n").with("workflows/train.py.txt", TEXT)
}

/// The clone's work tree as a publish of the file would make it, made by hand.
fn land_by_hand(company: &Company) {
    company.write("sources/churn/churn-model/workflows/train.yaml", "workflow: train\nadopted: train.py.txt\n");
    company.write("sources/churn/churn-model/workflows/train.py.txt", TEXT);
    company.regenerate("churn");
}

#[test]
fn a_hand_written_file_moves_in_one_commit_and_keeps_every_byte_and_its_id() {
    let company = granting();
    let outcome = company.publish(&adopting(&company)).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(outcome.plan.count(Action::Adopt), 1);
    let moved = outcome.plan.changes.iter().find(|change| change.action == Action::Adopt).expect("it is there");
    assert_eq!((moved.from.as_deref(), moved.path.as_str()), (Some(FILE), "dags/churn/train.py"));
    assert_eq!(company.central_file(FILE), None);
    assert_eq!(company.central_file("dags/churn/train.py").as_deref(), Some(TEXT));
    assert_eq!(company.central_file("sources/churn/churn-model/workflows/train.py.txt").as_deref(), Some(TEXT));
    assert_eq!(company.central_file("dag-ids/legacy_train/churn/train.yaml").as_deref(), Some("dag_id: legacy_train\n"));
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("there");
    assert_eq!(Lock::parse(lock.as_bytes()).expect("a lock").workflows["train"].data, ["workflows/train.py.txt"]);
    assert!(company.central_git(&["log", "-1", "--format=%B", "main"]).contains("churn/churn-model: adopt 1\n\nadopt train\n"));
    assert_eq!(errors(&company.audited()), Vec::<&str>::new());
    let idle = company.publish(&adopting(&company)).expect("git works");
    assert_eq!((idle.commit, errors(&idle.plan.diagnostics)), (None, Vec::new()));
}

#[test]
fn the_verifier_takes_what_a_publish_makes_from_the_team_alone() {
    let company = granting();
    let base = company.tip();
    company.publish(&adopting(&company).via_branch()).expect("git works").commit.expect("it waits");
    company.git(&["fetch", "--quiet", "origin", "publish/churn/churn-model"]);
    company.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    assert_eq!(errors(&company.judge(&teams(&["churn"])).diagnostics), Vec::<&str>::new());
    assert!(errors(&company.judge(&teams(&["ads"])).diagnostics).contains(&"FH0801"));
    assert_eq!(company.tip(), base);
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (1, 0), "{:#?}", done.refused);
    assert_eq!((company.central_file(FILE), company.central_file("dags/churn/train.py").as_deref()), (None, Some(TEXT)));
}

#[test]
fn an_executable_file_is_taken_in_as_one_that_nobody_can_run() {
    let company = granting();
    company.git(&["update-index", "--chmod=+x", FILE]);
    company.git(&["commit", "--quiet", "--message", "executable"]);
    company.git(&["push", "--quiet", "origin", "HEAD:main"]);
    company.publish(&adopting(&company)).expect("git works").commit.expect("published");
    assert!(company.central_git(&["ls-tree", "main", "dags/churn/train.py"]).starts_with("100644 "));
}

#[test]
fn a_file_in_the_teams_own_folder_is_taken_in_where_it_is() {
    let own = "dags/churn/train.py";
    let company = company_with(own, &pin("train", own, TEXT, "legacy_train"));
    let outcome = company.publish(&adopting(&company)).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(outcome.plan.count(Action::Adopt), 1);
    assert_eq!(company.central_file(own).as_deref(), Some(TEXT));
    assert_eq!(errors(&company.audited()), Vec::<&str>::new());
}

#[test]
fn a_file_of_another_name_in_the_teams_own_folder_moves() {
    for file in ["dags/churn/train_v2_FINAL.py", "dags/churn/deep/train.py", "dags/train.py"] {
        let company = company_with(file, &pin("train", file, TEXT, "legacy_train"));
        let outcome = company.publish(&adopting(&company)).expect("git works");
        assert!(outcome.commit.is_some(), "{file}: {:#?}", outcome.plan.diagnostics);
        assert_eq!((company.central_file(file), errors(&company.audited())), (None, Vec::new()));
    }
}

#[test]
fn many_files_are_taken_in_at_once() {
    let files: Vec<String> = (0..30).map(|number| format!("dags/old/job_{number}.py")).collect();
    let company = Company::new();
    let (mut adopt, mut asked) = (String::new(), company.churn());
    for (number, file) in files.iter().enumerate() {
        let text = format!("# {number}\n{TEXT}");
        company.write(file, &text);
        adopt += &pin(&format!("job-{number}"), file, &text, &format!("job_{number}"));
        asked = asked.with(&format!("workflows/job-{number}.yaml"), &format!("adopted: job-{number}.py.txt\n"));
        asked = asked.with(&format!("workflows/job-{number}.py.txt"), &text);
    }
    company.land("as it has always been");
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{adopt}"));
    company.land("granted");
    let outcome = company.publish(&asked).expect("git works");
    assert_eq!(outcome.plan.count(Action::Adopt), 30, "{:#?}", outcome.plan.diagnostics);
    assert!(outcome.commit.is_some() && files.iter().all(|file| company.central_file(file).is_none()));
}

#[test]
fn other_bytes_than_those_that_are_granted_are_refused() {
    let company = granting();
    let other = format!("{TEXT}# and more\n");
    assert_eq!(company.refusal(&adopting(&company).with("workflows/train.py.txt", &other)), ["FH0513"], "the team's");
    company.write(FILE, &other);
    company.land("somebody works on it");
    assert_eq!(company.refusal(&adopting(&company)), ["FH0726"], "those that are live");
    company.publish(&company.churn().with("workflows/new.yaml", "x\n")).expect("git works").commit.expect("other work goes on");
}

#[test]
fn once_it_is_adopted_its_bytes_stay_until_the_platform_grants_others() {
    let company = granting();
    company.publish(&adopting(&company)).expect("git works").commit.expect("published");
    let newer = format!("{TEXT}# newer\n");
    let asked = adopting(&company).with("workflows/train.py.txt", &newer);
    assert_eq!(company.refusal(&asked), ["FH0513"]);
    company.pull();
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{}", pin("train", FILE, &newer, "legacy_train")));
    company.commit("granted anew");
    assert_eq!(errors(&company.judge(&Asker::Platform).diagnostics), Vec::<&str>::new());
    company.git(&["push", "--quiet", "origin", "HEAD:main"]);
    let outcome = company.publish(&asked).expect("git works");
    assert_eq!((outcome.plan.count(Action::Update), outcome.commit.is_some()), (1, true), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(company.central_file("dags/churn/train.py").as_deref(), Some(newer.as_str()));
}

#[test]
fn a_file_may_not_go_without_coming() {
    let company = granting();
    company.git(&["rm", "--quiet", FILE]);
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0801", "FH0811"], "nothing of the team's is touched");
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/explore.yaml", "workflow: explore\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0823"], "something else is");
}

#[test]
fn a_file_may_not_come_without_going() {
    let company = granting();
    land_by_hand(&company);
    company.write(FILE, TEXT);
    assert!(company.refused(&teams(&["churn"])).contains(&"FH0823"));
}

#[test]
fn compiling_central_in_place_moves_the_file_that_is_granted_and_no_other() {
    let company = granting();
    land_by_hand(&company);
    assert!(!company.clone_folder().join(FILE).exists(), "it has moved");
    company.write(FILE, &format!("{TEXT}# edited\n"));
    company.regenerate("churn");
    assert!(company.clone_folder().join(FILE).exists(), "it is not what is granted");
}

#[test]
fn a_file_does_not_go_a_second_time() {
    let company = granting();
    company.publish(&adopting(&company)).expect("git works").commit.expect("published");
    company.pull();
    company.write(FILE, TEXT);
    company.land("somebody put it back");
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/explore.yaml", "workflow: explore\n");
    company.regenerate("churn");
    company.git(&["rm", "--quiet", FILE]);
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0823"]);
    let idle = company.publish(&adopting(&company).with("workflows/new.yaml", "x\n")).expect("git works");
    assert!(idle.commit.is_some() && company.central_file(FILE).is_some(), "publishing leaves it alone");
    assert!(errors(&company.audited()).contains(&"FH0823"), "and the audit tells");
}

#[test]
fn what_another_team_is_granted_is_not_ours_to_take() {
    let company = granting();
    company.write("sources/ads/sketches/freehold.yaml", "team: ads\nsource: sketches\n");
    company.write("sources/ads/sketches/workflows/new.yaml", "workflow: new\n");
    company.regenerate("ads");
    company.git(&["rm", "--quiet", FILE]);
    assert!(company.refused(&teams(&["ads"])).contains(&"FH0801"));
    assert_eq!(
        company.refusal(&company.ads().with("workflows/train.yaml", "adopted: train.py.txt\n").with("workflows/train.py.txt", TEXT)),
        ["FH0513"]
    );
}

#[test]
fn a_grant_that_comes_with_the_change_grants_nothing() {
    let company = Company::new();
    company.write(FILE, TEXT);
    company.land("as it has always been");
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{}", pin("train", FILE, TEXT, "legacy_train")));
    land_by_hand(&company);
    company.git(&["rm", "--quiet", FILE]);
    for asker in [teams(&["churn"]), Asker::Platform, account("ada")] {
        let found = company.refused(&asker);
        assert!(found.contains(&"FH0810") && found.contains(&"FH0801"), "{found:?}");
    }
}

#[test]
fn what_is_no_file_is_not_taken_in() {
    let company = granting();
    fs_err::remove_file(company.clone_folder().join(FILE)).expect("removed");
    std::os::unix::fs::symlink("../../platform.yaml", company.clone_folder().join(FILE)).expect("linked");
    company.land("a link");
    assert_eq!(company.refusal(&adopting(&company)), ["FH0726"]);
    land_by_hand(&company);
    company.git(&["rm", "--quiet", FILE]);
    assert!(company.refused(&teams(&["churn"])).contains(&"FH0823"));
}

/// The company with a grant that nobody would have let land, as after an administrator's push past every door.
fn with_grant(files: &[&str], adopt: &str) -> Company {
    let company = Company::new();
    for file in files {
        company.write(file, TEXT);
    }
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{adopt}"));
    company.land("granted past every door");
    company
}

#[test]
fn a_file_in_another_teams_folder_stays_whatever_a_grant_says() {
    for file in ["dags/ads/legacy.py", "dags/ads/deep/legacy.py", "dags/Ads/legacy.py"] {
        let company = with_grant(&[file], &pin("train", file, TEXT, "legacy_train"));
        assert_eq!(company.refusal(&adopting(&company)), ["FH0823"], "{file}");
        company.write("README.md", "a word\n");
        company.write("teams/churn.yaml", &format!("{CHURN}# again\nadopt:\n{}", pin("train", file, TEXT, "legacy_train")));
        assert!(company.refused(&Asker::Platform).contains(&"FH0512"), "{file}: it cannot be granted either");
    }
}

#[test]
fn a_compiled_file_is_not_hand_written_whatever_a_grant_says() {
    let company = Company::new();
    let text = company.central_file("dags/ads/report.py").expect("there");
    company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{}", pin("train", "dags/ads/report.py", &text, "legacy_train")));
    company.land("granted past every door");
    let asked = company.churn().with("workflows/train.yaml", "adopted: train.py.txt\n").with("workflows/train.py.txt", &text);
    assert_eq!(company.refusal(&asked), ["FH0823"]);
}

#[test]
fn a_file_outside_of_the_dags_cannot_be_granted() {
    for file in ["platform.yaml", "README.md", "plugins/x.py", "dags/../platform.py", "/dags/x.py", "dags/old/x.yaml"] {
        let company = Company::new();
        company.write("teams/churn.yaml", &format!("{CHURN}adopt:\n{}", pin("train", file, TEXT, "legacy_train")));
        assert!(company.refused(&Asker::Platform).contains(&"FH0811"), "{file}");
    }
}

#[test]
fn two_teams_cannot_be_granted_one_file_nor_one_id() {
    for (file, id, code) in
        [(FILE, "other", "FH0512"), ("dags/OLD/Train.py", "other", "FH0512"), ("dags/old/x.py", "Legacy_Train", "FH0511")]
    {
        let company = granting();
        company.write("teams/ads.yaml", &format!("{ADS}adopt:\n{}", pin("train", file, TEXT, id)));
        assert_eq!(company.refused(&Asker::Platform), [code], "{file} {id}");
    }
}

#[test]
fn an_id_that_another_workflow_has_is_refused() {
    let company = company_with(FILE, &pin("train", FILE, TEXT, "legacy_train, ads__report"));
    assert_eq!(company.refusal(&adopting(&company)), ["FH0725"]);
    land_by_hand(&company);
    company.git(&["rm", "--quiet", FILE]);
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0807", "FH0822"], "an edit of a granted source is one more thing");
}

#[test]
fn a_file_that_differs_by_case_only_is_another_file() {
    let company = with_grant(&["dags/old/Train.py"], &pin("train", FILE, TEXT, "legacy_train"));
    let outcome = company.publish(&adopting(&company)).expect("git works");
    assert_eq!(outcome.plan.count(Action::Adopt), 0, "nothing is where the grant says");
    assert!(company.central_file("dags/old/Train.py").is_some());
}

#[test]
fn it_is_retired_and_comes_back_and_is_written_in_yaml_under_its_own_id() {
    let company = granting();
    company.publish(&adopting(&company)).expect("git works").commit.expect("published");
    company.publish(&company.churn()).expect("git works").commit.expect("it goes");
    assert_eq!((company.central_file("dags/churn/train.py"), company.central_file(FILE)), (None, None));
    assert_eq!(company.central_file("dag-ids/legacy_train/churn/train.yaml"), None);
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("there");
    assert_eq!(Lock::parse(lock.as_bytes()).expect("a lock").tombstones["train"].files.len(), 2, "both files are remembered");
    company.publish(&adopting(&company)).expect("git works").commit.expect("it comes back");
    assert_eq!(company.central_file("dags/churn/train.py").as_deref(), Some(TEXT));
    let rewritten = company.churn().with("workflows/train.yaml", "tags: [yaml]\n");
    let outcome = company.publish(&rewritten).expect("git works");
    assert_eq!((outcome.plan.count(Action::Update), outcome.commit.is_some()), (1, true), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("dag-ids/legacy_train/churn/train.yaml").is_some(), "the id stays, and so do the runs");
    assert_eq!(errors(&company.audited()), Vec::<&str>::new());
}

#[test]
fn what_is_granted_is_not_written_in_yaml_while_the_file_is_there() {
    let company = granting();
    assert_eq!(company.refusal(&company.churn().with("workflows/train.yaml", "tags: [yaml]\n")), ["FH0726"]);
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/train.yaml", "tags: [yaml]\n");
    company.regenerate("churn");
    assert_eq!(company.refused(&teams(&["churn"])), ["FH0823"]);
}

#[test]
fn an_adopted_workflow_changes_hands_with_its_grant() {
    let company = granting();
    let giving = "team: churn\nsource: churn-model\ngive: [{ workflows: [train], to: ads/reports }]\n";
    company.publish(&adopting(&company).with("freehold.yaml", giving)).expect("git works").commit.expect("published");
    company.pull();
    company.write("teams/churn.yaml", CHURN);
    let sha = sha256(TEXT.as_bytes());
    company.write("teams/ads.yaml", &format!("{ADS}adopt: {{ train: {{ sha256: {sha}, dag_ids: [legacy_train] }} }}\n"));
    company.commit("moved from one grant to the other");
    assert_eq!(errors(&company.judge(&Asker::Platform).diagnostics), Vec::<&str>::new());
    company.git(&["push", "--quiet", "origin", "HEAD:main"]);
    let taken = company.ads().with("workflows/train.yaml", "adopted: train.py.txt\ntaken_from: churn/train\n");
    let outcome = company.publish(&taken.with("workflows/train.py.txt", TEXT)).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!(company.central_file("dags/ads/train.py").as_deref(), Some(TEXT));
    assert_eq!(company.central_file("dags/churn/train.py"), None);
    assert_eq!(errors(&company.audited()), Vec::<&str>::new());
}

#[test]
fn a_protected_one_stays() {
    let company = granting();
    let asked = adopting(&company).with("workflows/train.yaml", "adopted: train.py.txt\nprotect: true\n");
    company.publish(&asked).expect("git works").commit.expect("published");
    assert_eq!(company.refusal(&company.churn()), ["FH0719"]);
}
