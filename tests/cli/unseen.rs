//! What is said where no policy is looked at.

use crate::ground::{Ground, run};

const NOTE: &str = "note: profiles, pools and images were not checked against a policy: ";

#[test]
fn that_no_policy_was_looked_at_is_told_unless_quiet_is_asked_for() {
    let ground = Ground::with_project();
    for arguments in [&["check", "my-models"][..], &["check", "my-models", "--format", "json", "--verbose"]] {
        let ran = ground.run(arguments).expect_code(0);
        assert!(ran.stderr.contains(&format!("{NOTE}no central repository is set")), "{}", ran.stderr);
    }
    for silent in [&["--quiet"][..], &["--format", "json"]] {
        assert_eq!(ground.run(&[&["check", "my-models"], silent].concat()).expect_code(0).stderr, "");
    }
    ground.run(&["plan", "my-models"]).expect_code(0);
    assert!(!ground.run(&["check", "my-models"]).expect_code(0).stderr.contains("note:"), "the embedded one is looked at");
}

#[test]
fn a_url_is_not_asked_and_that_is_told() {
    let ground = Ground::with_project();
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}central: https://git.example.com/acme/dags.git\n"));
    let ran = ground.run(&["check", "my-models"]).expect_code(0);
    assert!(ran.stderr.contains("as `--central https://git.example.com/acme/dags.git` does here"), "{}", ran.stderr);
}

/// The first minutes of a platform: files, then a repository, then a commit.
#[test]
fn a_central_repository_that_is_not_started_yet_is_told_with_what_to_type() {
    let ground = Ground::empty();
    let made = ground.run(&["init", "central", "dags", "--team", "churn"]).expect_code(0);
    assert!(made.stderr.contains("`git -C dags init --initial-branch=main`, `git -C dags add --all`"), "{}", made.stderr);
    ground.run(&["init", "team", "churn", "--central", "../dags"]).expect_code(0);
    let steps = [("is no git repository yet", "dags init --initial-branch=main`"), ("dags has no branch `main`", "dags commit --message")];
    for (what, help) in steps {
        for command in ["check", "preview"] {
            let ran = ground.run(&[command, "churn"]).expect_code(0);
            assert!(ran.stderr.contains(NOTE) && ran.stderr.contains(what) && ran.stderr.contains(help), "{}", ran.stderr);
        }
        for command in ["plan", "compile"] {
            ground.run(&[command, "churn"]).expect_failure(what);
        }
        ground.run(&["check", "churn", "--central", "dags"]).expect_failure(what);
        ground.git("dags", &["init", "--quiet", "--initial-branch=main"]);
    }
    let ran = ground.run(&["init", "central", "dags", "--team", "churn"]).expect_code(0);
    assert!(!ran.stderr.contains("init --initial-branch"), "{}", ran.stderr);
    ground.commit("dags", "Start");
    let ran = run(ground.binary().current_dir(ground.path("churn")).args(["check"])).expect_code(0);
    assert!(!ran.stderr.contains("note:"), "{}", ran.stderr);
}

#[test]
fn a_profile_is_asked_for_where_the_platform_defines_none() {
    let ground = Ground::with_project();
    ground.run(&["plan", "my-models"]).expect_code(0);
    ground.edit("my-models/workflows/hello.yaml", "defaults:", "defaults:\n  profile: big");
    let ran = ground.run(&["check", "my-models"]).expect_refusal("FH0501");
    assert!(ran.stderr.contains("add it below `profiles` in `platform.yaml`"), "{}", ran.stderr);
}
