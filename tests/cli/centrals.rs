//! Central repositories that are not there, not ready, or that say no.

use std::os::unix::fs::PermissionsExt as _;

use crate::ground::Ground;

/// Both commands that ask a central repository.
const ASKING: [&str; 2] = ["plan", "publish"];

#[test]
fn a_central_repository_that_cannot_be_used_is_a_failure_that_names_it() {
    let ground = Ground::with_project();
    fs_err::create_dir(ground.path("folder")).expect("made");
    ground.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "empty.git"]);
    let cases = [
        ("folder", "no git repository"),
        ("nowhere", "no git repository"),
        ("empty.git", "main"),
        ("https://127.0.0.1:1/x.git", "127.0.0.1"),
        ("file:///nonexistent.git", "nonexistent.git"),
        ("ext::sh -c id", "`::` names a program"),
        ("--upload-pack=id", "--"),
    ];
    for (central, words) in cases {
        for command in ASKING {
            let ran = ground.unchanged(|ground| ground.run(&[command, "my-models", &format!("--central={central}")])).expect_failure(words);
            assert_eq!(ran.stdout, "", "{central}");
        }
        let option = format!("--central={central}");
        ground.unchanged(|ground| ground.run(&["check", "my-models", &option])).expect_failure(words);
    }
}

#[test]
fn an_address_that_is_none_is_told_with_the_file_that_has_it() {
    let ground = Ground::with_project();
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}central: htp://dags.example/x.git\n"));
    for command in ["check", "plan"] {
        ground.run(&[command, "my-models"]).expect_failure("`central:` in `freehold.yaml`: `htp://dags.example/x.git` is no address");
    }
}

/// What the platform's files may be, and what is said of it.
#[test]
fn a_central_repository_without_sound_policy_refuses_everybody() {
    let platform = "platform: acme\ntarget: { airflow: \"3.1\" }\n";
    let cases = [
        ("no platform file", None, Some("team: my-models\n")),
        ("a broken platform file", Some("platform: [\n"), Some("team: my-models\n")),
        ("a platform file with a typo", Some("platform: acme\ntarjet: {}\n"), Some("team: my-models\n")),
        ("no grant", Some(platform), None),
        ("a broken grant", Some(platform), Some("team: [\n")),
        ("a grant of another", Some(platform), Some("team: ads\n")),
        ("a grant that names no repository", Some(platform), Some("team: my-models\n")),
    ];
    for (name, platform, grant) in cases {
        let ground = Ground::with_project();
        ground.write("seed/README.md", "the central repository");
        platform.inspect(|text| ground.write("seed/platform.yaml", text));
        grant.inspect(|text| ground.write("seed/teams/my-models.yaml", text));
        ground.commit("seed", "Start");
        ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
        for command in ASKING {
            let ran = ground.unchanged(|ground| ground.ask(&[command])).expect_refusal("FH");
            assert!(!ran.stderr.contains("error: "), "{name}: {}", ran.stderr);
        }
    }
}

#[test]
fn who_asks_is_checked_against_the_grant() {
    let ground = Ground::with_central();
    let central = ["my-models", "--central", "dags.git"];
    let cases: [&[&str]; 3] = [
        &[],
        &["--repository-id", "8", "--repository", "acme/my-models", "--ref", "refs/heads/main"],
        &["--repository-id", "7", "--repository", "acme/my-models", "--ref", "refs/heads/feature"],
    ];
    for who in cases {
        ground.unchanged(|ground| ground.run(&[&["publish"], &central[..], who].concat())).expect_refusal("FH");
    }
}

#[test]
fn a_push_that_a_hook_of_the_server_refuses_is_a_failure_that_repeats_what_the_hook_said() {
    let ground = Ground::with_central();
    ground.write("dags.git/hooks/pre-receive", "#!/bin/sh\necho 'the platform is closed today' >&2\nexit 1\n");
    fs_err::set_permissions(ground.path("dags.git/hooks/pre-receive"), std::fs::Permissions::from_mode(0o755)).expect("executable");
    let refs = || ground.git("dags.git", &["for-each-ref"]);
    let before = refs();
    ground.ask(&["publish"]).expect_failure("refused the push to `main`:\n  | the platform is closed today\n");
    assert_eq!(refs(), before);
    ground.git("dags.git", &["fsck", "--strict"]);
}

#[test]
fn a_central_work_tree_with_changes_of_its_own_is_left_alone() {
    let ground = Ground::with_central();
    ground.write("seed/platform.yaml", "platform: half-written\n");
    ground.unchanged(|ground| ground.ask_of("seed", &["publish"])).expect_failure("not committed");
    ground.git("seed", &["checkout", "--quiet", "platform.yaml"]);
    ground.ask_of("seed", &["publish"]).expect_code(0);
    assert!(ground.path("seed/dags/my-models/hello.py").is_file(), "the work tree moves with its branch");
    assert_eq!(ground.git("seed", &["status", "--porcelain"]), "");
}

#[test]
fn a_file_that_somebody_edited_in_the_central_repository_is_put_back_only_on_demand() {
    let ground = Ground::with_central();
    ground.ask(&["publish"]).expect_code(0);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write("clone/dags/my-models/hello.py", "print('mine')\n");
    ground.commit("clone", "Edit by hand");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    for command in ASKING {
        ground.unchanged(|ground| ground.ask(&[command])).expect_refusal("dags/my-models/hello.py");
    }
    ground.ask(&["publish", "--repair"]).expect_code(0);
    assert!(ground.git("dags.git", &["show", "main:dags/my-models/hello.py"]).contains("my-models__hello"));
}
