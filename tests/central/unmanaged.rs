//! Hand-written files that no team has adopted yet: they go on being changed by hand where the platform says so, by whom it says, and
//! nothing of a team's can be reached that way.

use freehold::diag::Severity;
use freehold::policy::sha256;

use crate::ground::{Company, PLATFORM, account, errors, teams};

const TRAIN: &str = "dags/legacy/train.py";
const TEXT: &str = "from airflow.sdk import DAG\n\nwith DAG(\"legacy_train\"):\n    pass\n";
const CHURN: &str = "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\nmembers: [ada, grace]\n";

fn platform(unmanaged: &str) -> String {
    format!("{PLATFORM}administrators: [olga]\nunmanaged: [{unmanaged}]\n")
}

/// The company, whose platform leaves these to be changed by hand, with a few hand-written files.
fn leaving(unmanaged: &str) -> Company {
    let company = Company::new();
    for path in [TRAIN, "dags/legacy/sql/old query.sql", "dags/etl.py", "dags/closed/x.py"] {
        company.write(path, TEXT);
    }
    company.write("platform.yaml", &platform(unmanaged));
    company.land("as it has always been");
    company
}

fn legacy() -> Company {
    leaving("{ paths: [\"dags/legacy/**\", dags/etl.py], dag_ids: [legacy_train, churn__reserved] }")
}

#[test]
fn what_the_platform_leaves_is_changed_added_and_deleted_by_any_account() {
    let company = legacy();
    company.write(TRAIN, "# better\n");
    company.write("dags/legacy/deep/new.py", "# new\n");
    company.write("dags/legacy/__init__.py", "");
    company.write("dags/etl.py", "# better\n");
    company.git(&["rm", "--quiet", "dags/legacy/sql/old query.sql"]);
    assert_eq!(company.tried(&account("zoe")), Vec::<&str>::new());
    company.write(TRAIN, "# better\n");
    company.git(&["update-index", "--chmod=+x", "dags/etl.py"]);
    assert_eq!(company.tried(&account("olga")), Vec::<&str>::new(), "the platform may too");
}

#[test]
fn what_it_does_not_name_stays_as_it_is() {
    let company = legacy();
    for (path, code) in [("dags/closed/x.py", "FH0811"), ("dags/closed/deep/x.py", "FH0806"), ("dags/new.py", "FH0806")] {
        company.write(path, "# changed\n");
        assert!(company.tried(&account("zoe")).contains(&code), "{path}");
    }
    assert_eq!(errors(&company.audited()), ["FH0811"], "only `dags/closed` is told");
}

#[test]
fn only_its_editors_and_the_platform_change_what_has_editors() {
    let company = leaving("{ paths: [\"dags/legacy/**\"], editors: [zoe] }, { paths: [dags/etl.py] }");
    for (asker, expected) in [("zoe", Vec::new()), ("olga", Vec::new()), ("ada", vec!["FH0801"]), ("bob", vec!["FH0801"])] {
        company.write(TRAIN, "# better\n");
        assert_eq!(company.tried(&account(asker)), expected, "{asker}");
    }
    company.write("dags/etl.py", "# better\n");
    assert_eq!(company.tried(&account("ada")), Vec::<&str>::new());
}

#[test]
fn no_team_may_change_it_by_a_publish_of_any_kind() {
    let company = legacy();
    for asker in [teams(&["churn"]), teams(&["churn", "ads"])] {
        company.write(TRAIN, "# better\n");
        assert_eq!(company.tried(&asker), ["FH0801"], "{asker}");
    }
    let asked = company.churn().with("workflows/new.yaml", "x\n").via_branch();
    company.publish(&asked).expect("git works").commit.expect("it waits");
    company.tamper("publish/churn/churn-model", |company| company.write(TRAIN, "# better\n"));
    company.git(&["fetch", "--quiet", "origin", "publish/churn/churn-model"]);
    company.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    assert!(company.tried(&account("ada")).contains(&"FH0810"));
    let done = company.integrate();
    assert_eq!(done.landed.len(), 1, "what waits is published anew, and nothing else of it is looked at");
    assert_eq!(company.central_file(TRAIN).as_deref(), Some(TEXT));
}

#[test]
fn it_is_not_changed_beside_a_teams_files_or_beside_the_policy() {
    let company = legacy();
    company.write(TRAIN, "# better\n");
    company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\nchanged: true\n");
    company.regenerate("churn");
    assert_eq!(company.tried(&account("ada")), ["FH0810"]);
    company.write(TRAIN, "# better\n");
    company.write("teams/churn.yaml", CHURN);
    assert_eq!(company.tried(&account("olga")), ["FH0810"]);
}

#[test]
fn t08_nobody_opens_a_path_by_the_change_that_uses_it() {
    let company = legacy();
    company.write("platform.yaml", &platform("{ paths: [\"dags/closed/**\"] }"));
    company.write("dags/closed/x.py", "# changed\n");
    assert!(company.tried(&account("zoe")).contains(&"FH0801"), "zoe may not change the policy");
    company.write("platform.yaml", &platform("{ paths: [\"dags/closed/**\"] }"));
    company.write("dags/closed/x.py", "# changed\n");
    let found = company.tried(&account("olga"));
    assert!(found.contains(&"FH0811") && found.contains(&"FH0810"), "the branch's policy counts: {found:?}");
}

#[test]
fn t01_a_teams_folder_is_never_left_to_others_whatever_the_policy_says() {
    for pattern in ["dags/churn/**", "dags/churn/daily.py", "dags/Churn/*"] {
        let company = legacy();
        company.write("platform.yaml", &platform(&format!("{{ paths: [\"{pattern}\"] }}")));
        assert_eq!(company.tried(&account("olga")), ["FH0516"], "{pattern}");
        // It has landed all the same, past the verifier.
        company.write("platform.yaml", &platform(&format!("{{ paths: [\"{pattern}\"] }}")));
        company.land("by force");
        company.write("dags/churn/daily.py", "# mine now\n");
        assert!(company.tried(&account("zoe")).contains(&"FH0801"), "{pattern}");
        company.write("dags/Churn/new.py", "# beside it\n");
        assert!(company.tried(&account("zoe")).contains(&"FH0806"), "{pattern}");
        company.git(&["rm", "--quiet", "dags/churn/daily.py"]);
        assert!(company.tried(&account("zoe")).contains(&"FH0801"), "{pattern}");
    }
}

#[test]
fn t49_a_grant_does_not_overlap_what_is_left_to_others() {
    let company = legacy();
    company.write("teams/legacy.yaml", "team: legacy\n");
    assert_eq!(company.tried(&account("olga")), ["FH0516"]);
    // A team that lost its grant keeps its files.
    company.git(&["rm", "--quiet", "teams/ads.yaml"]);
    company.write("platform.yaml", &platform("{ paths: [\"dags/ads/**\"] }"));
    company.land("by force");
    company.write("dags/ads/report.py", "# mine now\n");
    assert!(company.tried(&account("zoe")).contains(&"FH0801"));
}

#[test]
fn t02_nothing_of_a_team_goes_there_or_comes_from_there_by_a_rename() {
    let company = legacy();
    company.git(&["mv", "dags/churn/daily.py", "dags/legacy/daily.py"]);
    assert!(company.tried(&account("zoe")).contains(&"FH0801"));
    company.git(&["mv", TRAIN, "dags/churn/train.py"]);
    let found = company.tried(&account("zoe"));
    assert!(found.contains(&"FH0801") && found.contains(&"FH0810"), "{found:?}");
    company.git(&["mv", "dags/churn", "dags/legacy/churn"]);
    assert!(company.tried(&account("ada")).contains(&"FH0810"), "not even by the team's own people");
}

#[test]
fn t21_links_and_submodules_are_refused_there_too() {
    let company = legacy();
    std::os::unix::fs::symlink("../churn/daily.py", company.clone_folder().join("dags/legacy/link.py")).expect("linked");
    assert_eq!(company.tried(&account("zoe")), ["FH0805"]);
    let tip = company.tip();
    company.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},dags/legacy/module")]);
    company.git(&["commit", "--quiet", "--message", "a submodule"]);
    assert_eq!(errors(&company.judge(&account("zoe")).diagnostics), ["FH0805"]);
    company.pull_hard();
    company.git(&["rm", "--quiet", "-r", "dags/legacy"]);
    std::os::unix::fs::symlink("churn", company.clone_folder().join("dags/legacy")).expect("linked");
    let found = company.tried(&account("zoe"));
    assert!(found.contains(&"FH0805") && found.contains(&"FH0806"), "the folder itself is nobody's: {found:?}");
}

#[test]
fn t23_names_that_differ_by_case_are_refused_there_too() {
    let company = legacy();
    company.write("dags/legacy/Train.py", "# twice\n");
    assert_eq!(company.tried(&account("zoe")), ["FH0804"]);
    company.write("dags/Legacy/new.py", "# twice\n");
    assert!(company.tried(&account("zoe")).contains(&"FH0806"));
}

#[test]
fn t31_what_changes_everybodys_dags_is_left_to_nobody() {
    let company = leaving("{ paths: [\"dags/*\", \"dags/legacy/**\"] }");
    for path in ["dags/.airflowignore", "dags/airflow_local_settings.py", "dags/conftest.py", "dags/sitecustomize.py"] {
        company.write(path, "churn/\n");
        assert!(company.tried(&account("zoe")).contains(&"FH0806"), "{path}");
        company.write(path, "churn/\n");
        company.land("by force");
        company.git(&["rm", "--quiet", path]);
        assert_eq!(company.tried(&account("zoe")), ["FH0801"], "nor does {path} go");
    }
    company.write("platform.yaml", &platform("{ paths: [dags/.airflowignore] }"));
    company.land("the platform knows of it");
    for (asker, expected) in [("olga", Vec::new()), ("zoe", vec!["FH0801"])] {
        company.write("dags/.airflowignore", "draft_.*\n");
        assert_eq!(company.tried(&account(asker)), expected, "what it names in full is the platform's");
    }
    company.write("platform.yaml", &platform("{ paths: [\"dags/*\", \"dags/legacy/**\"] }"));
    company.land("back");
    for path in ["dags/new.py", "dags/legacy/.airflowignore", "dags/legacy/conftest.py"] {
        company.write(path, "# by hand\n");
        assert_eq!(company.tried(&account("zoe")), Vec::<&str>::new(), "{path}");
    }
    company.write("dags/marketing", "no file of a name that a team may get\n");
    assert!(company.tried(&account("zoe")).contains(&"FH0806"));
}

#[test]
fn t03_an_id_of_a_hand_written_file_is_no_workflows() {
    let company = legacy();
    assert_eq!(company.refusal(&company.churn().with("workflows/reserved.yaml", "x\n")), ["FH0725"], "its path would make the id");
    company.write("teams/churn.yaml", &format!("{CHURN}dag_ids: {{ daily: Legacy_Train }}\n"));
    assert_eq!(company.tried(&account("olga")), ["FH0517"]);
    company.write("sources/churn/churn-model/workflows/reserved.yaml", "workflow: reserved\n");
    company.regenerate("churn");
    assert!(company.tried(&account("ada")).contains(&"FH0822"));
    company.write("platform.yaml", &platform("{ paths: [dags/etl.py], dag_ids: [Churn__Daily] }"));
    assert_eq!(company.tried(&account("olga")), ["FH0822"], "a workflow has it already");
}

#[test]
fn a_file_that_is_adopted_leaves_and_takes_its_id_along() {
    let company = legacy();
    let adopt = format!("adopt: {{ train: {{ file: {TRAIN}, sha256: {}, dag_ids: [legacy_train] }} }}\n", sha256(TEXT.as_bytes()));
    company.write("teams/churn.yaml", &format!("{CHURN}{adopt}"));
    assert_eq!(company.tried(&account("olga")), Vec::<&str>::new());
    company.write("teams/churn.yaml", &format!("{CHURN}{adopt}"));
    company.land("granted");
    let adopted = "workflow: train\nadopted: train.py.txt\n";
    let asked = company.churn().with("workflows/train.yaml", adopted).with("workflows/train.py.txt", TEXT);
    let outcome = company.publish(&asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert_eq!((company.central_file(TRAIN), company.central_file("dags/churn/train.py").as_deref()), (None, Some(TEXT)));
    assert_eq!(errors(&company.audited()), ["FH0811"], "only `dags/closed` is told");
    company.pull_hard();
    company.write("dags/churn/train.py", "# by hand\n");
    assert!(company.tried(&account("zoe")).contains(&"FH0801"), "it is the team's now");
}

#[test]
fn what_nothing_is_at_any_more_is_told() {
    let company = legacy();
    company.git(&["rm", "--quiet", "dags/etl.py"]);
    company.land("gone");
    let found = company.audited();
    assert!(found.iter().any(|found| (found.severity, found.code.id) == (Severity::Warning, "FH0827")), "{found:#?}");
}
