//! The way from an empty folder to the central repository.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::ground::{Ground, run};

const WORKFLOW: &str = "my-models/workflows/hello.yaml";
const SECOND: &str =
    "workflow: second\nschedule: none\nstart_date: 2026-01-01\ntasks:\n  one: { image: \"docker.io/library/busybox:1.37.0\" }\n";

#[test]
fn compile_check_says_whether_what_is_there_is_current() {
    let ground = Ground::with_project();
    let compile = ["compile", "my-models", "-o", "out"];
    let check = ["compile", "my-models", "-o", "out", "--check"];
    ground.unchanged(|ground| ground.run(&check)).expect_code(1);
    ground.run(&compile).expect_code(0);
    ground.unchanged(|ground| ground.run(&check)).expect_code(0);
    ground.edit(WORKFLOW, "retries: 2", "retries: 3");
    let stale = ground.unchanged(|ground| ground.run(&check)).expect_code(1);
    assert!(stale.stderr.contains("not current: dags/my-models/hello.py"), "{}", stale.stderr);
}

#[test]
fn a_manifest_goes_with_its_workflow_and_files_of_others_stay() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/second.yaml", SECOND);
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    ground.write("out/dags/my-models/notes.txt", "mine");
    assert!(ground.path("out/dags/my-models/second.py").is_file());
    fs_err::remove_file(ground.path("my-models/workflows/second.yaml")).expect("deleted");
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    assert!(!ground.path("out/dags/my-models/second.py").exists());
    assert!(ground.path("out/dags/my-models/hello.py").is_file());
    assert_eq!(ground.read("out/dags/my-models/notes.txt"), "mine");
}

#[test]
fn a_refused_project_leaves_what_was_compiled_as_it_was() {
    let ground = Ground::with_project();
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    ground.edit(WORKFLOW, "tasks:", "taks:");
    ground.unchanged(|ground| ground.run(&["compile", "my-models", "-o", "out"])).expect_code(1);
}

#[test]
fn every_preview_is_shown_on_standard_output() {
    let ground = Ground::with_project();
    let cases: [(&[&str], &str); 6] = [
        (&["--what", "manifest"], "my-models__hello"),
        (&["--what", "pods"], "busybox:1.37.0"),
        (&["--what", "graph"], "my-models/hello · 2 tasks in 2 layers\n"),
        (&["--what", "graph", "--graph-format", "mermaid"], "flowchart LR"),
        (&["--what", "graph", "--graph-format", "dot"], "digraph"),
        (&["--what", "runs", "--from", "2026-03-27", "--count", "2"], "Fri 2026-03-27 06:00 UTC\n  Mon 2026-03-30 06:00 UTC\n"),
    ];
    for (options, text) in cases {
        let arguments: Vec<&str> = ["preview", "my-models"].iter().chain(options).copied().collect();
        let ran = ground.unchanged(|ground| ground.run(&arguments)).expect_code(0);
        assert!(ran.stdout.contains(text), "{options:?}: {text:?} is not in\n{}", ran.stdout);
        assert_eq!(ran.stderr, "", "{options:?}");
    }
}

#[test]
fn a_workflow_that_does_not_exist_is_not_previewed() {
    let ground = Ground::with_project();
    let ran = ground.run(&["preview", "my-models", "helo"]).expect_failure("there is no workflow `helo`");
    assert!(ran.stderr.contains("did you mean `hello`?"), "{}", ran.stderr);
    ground.run(&["preview", "my-models", "--what", "runs", "--from", "yesterday"]).expect_failure("`yesterday` is no moment");
    ground.run(&["preview", "my-models", "--what", "runs", "--from", "2026-03-27T06:00"]).expect_failure("is no moment");
}

#[test]
fn the_embedded_central_repository_takes_a_project_from_its_first_publish_to_its_last_deletion() {
    let ground = Ground::with_project();
    ground.run(&["publish", "my-models"]).expect_code(0);
    let central = "my-models/.freehold/central.git";
    let first = ground.git(central, &["rev-parse", "main"]);

    ground.unchanged(|ground| ground.run(&["plan", "my-models", "--exit-code"])).expect_code(0);
    let again = ground.unchanged(|ground| ground.run(&["publish", "my-models", "--format", "json"])).expect_code(0).json();
    assert_eq!((&again["published"], &again["commit"]), (&false.into(), &serde_json::Value::Null));

    ground.edit(WORKFLOW, "retries: 2", "retries: 3");
    let plan = ground.unchanged(|ground| ground.run(&["plan", "my-models", "--exit-code"])).expect_code(3);
    assert!(plan.stdout.contains("~ update    hello"), "{}", plan.stdout);
    ground.unchanged(|ground| ground.run(&["plan", "my-models"])).expect_code(0);
    ground.unchanged(|ground| ground.run(&["publish", "my-models", "--dry-run"])).expect_code(0);
    ground.run(&["publish", "my-models"]).expect_code(0);
    ground.git(central, &["merge-base", "--is-ancestor", &first, "main"]);
    assert!(ground.git(central, &["show", "main:dags/my-models/hello.py"]).contains("3"));

    ground.write("my-models/workflows/second.yaml", SECOND);
    ground.run(&["publish", "my-models"]).expect_code(0);
    fs_err::remove_file(ground.path("my-models/workflows/second.yaml")).expect("deleted");
    let plan = ground.run(&["plan", "my-models", "--format", "json"]).expect_code(0).json();
    assert_eq!((&plan["changes"][0]["action"], &plan["changes"][0]["workflow"]), (&"delete".into(), &"second".into()));
    ground.run(&["publish", "my-models"]).expect_code(0);
    assert_eq!(ground.git(central, &["ls-tree", "--name-only", "main", "dags/my-models/"]), "dags/my-models/hello.py");
}

#[test]
fn what_is_tried_in_the_embedded_central_repository_need_not_be_committed_nor_come_after_what_was() {
    let ground = Ground::with_project();
    ground.commit("my-models", "Start");
    ground.run(&["publish", "my-models"]).expect_code(0);
    ground.edit(WORKFLOW, "retries: 2", "retries: 3");
    ground.run(&["plan", "my-models"]).expect_code(0);
    ground.run(&["publish", "my-models"]).expect_code(0);
    ground.git("my-models", &["commit", "--quiet", "--all", "--amend", "--message", "Start otherwise"]);
    ground.edit(WORKFLOW, "retries: 3", "retries: 4");
    ground.run(&["publish", "my-models"]).expect_code(0);
}

#[test]
fn a_published_change_may_land_for_its_team_and_for_no_other() {
    let ground = Ground::with_central();
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    ground.ask(&["publish"]).expect_code(0);
    let verify = |team: &str| {
        ground.unchanged(|ground| ground.run(&["verify", "--repo", "dags.git", "--base", &base, "--head", "main", "--team", team]))
    };
    verify("my-models").expect_code(0);
    verify("ads").expect_code(1);
}

#[test]
fn what_is_not_committed_is_not_published_under_a_commit() {
    let ground = Ground::with_central();
    ground.commit("my-models", "Start");
    ground.ask(&["publish"]).expect_code(0);
    ground.edit("my-models/workflows/hello.yaml", "Say hello", "Shout hello");
    ground.unchanged(|ground| ground.ask(&["publish"])).expect_failure("`workflows/hello.yaml` is not committed");
    ground.git("my-models", &["checkout", "--quiet", "."]);
    ground.write("my-models/workflows/new.yaml", "workflow: new\ntasks: { a: { image: \"registry.example.com/a:1\" } }\n");
    ground.unchanged(|ground| ground.ask(&["publish"])).expect_failure("`workflows/new.yaml` is not committed");
    ground.commit("my-models", "Add one");
    ground.ask(&["publish"]).expect_code(0);
}

#[test]
fn nothing_is_written_or_deleted_through_a_link() {
    let ground = Ground::with_project();
    ground.write("victim/keep.txt", "precious");
    fs_err::create_dir_all(ground.path("my-models/.freehold/out")).expect("made");
    std::os::unix::fs::symlink(ground.path("victim"), ground.path("my-models/.freehold/out/dags")).expect("linked");
    ground.write("my-models/.freehold/out/.freehold-out", "dags/keep.txt\n");
    let ran = ground.run(&["compile", "my-models"]).expect_code(2);
    assert!(ran.stderr.contains("is a link"), "{}", ran.stderr);
    assert_eq!(ground.read("victim/keep.txt"), "precious");
}

#[test]
fn an_embedded_central_repository_that_came_with_the_project_is_not_used() {
    let ground = Ground::with_project();
    ground.run(&["publish", "my-models"]).expect_code(0);
    ground.git("my-models", &["init", "--quiet"]);
    ground.git("my-models", &["add", "--force", ".freehold/central.git/config"]);
    ground.run(&["check", "my-models"]).expect_failure("is committed in this project");
}

/// A repository below `repository`, whose hook writes `hooked` where it runs, committed with all else there.
fn with_a_committed_central(ground: &Ground, place: &str) {
    ground.run(&["publish", "my-models"]).expect_code(0);
    let evil = ground.path(&format!("repository/{place}"));
    fs_err::create_dir_all(evil.parent().expect("a parent")).expect("made");
    fs_err::rename(ground.path("my-models/.freehold/central.git"), &evil).expect("moved");
    fs_err::remove_dir_all(ground.path("my-models/.freehold")).expect("removed");
    fs_err::rename(ground.path("my-models"), ground.path("repository/my-models")).expect("moved");
    let hook = format!("repository/{place}/hooks/pre-receive");
    ground.write(&hook, format!("#!/bin/sh\ntouch {}\n", ground.path("hooked").display()));
    fs_err::set_permissions(ground.path(&hook), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("made one to run");
    std::os::unix::fs::symlink("sub", ground.path("repository/link")).expect("linked");
    ground.git("repository", &["init", "--quiet"]);
    ground.git("repository", &["add", "--force", "."]);
    ground.commit("repository", "All of it");
}

/// Every way of writing it: past a link, from a project below the repository's top, and as a URL.
#[test]
fn a_central_repository_that_came_with_the_repository_around_is_not_used() {
    let ground = Ground::with_project();
    with_a_committed_central(&ground, "sub/evil.git");
    let project = ground.read("repository/my-models/freehold.yaml");
    let absolute = ground.path("repository/sub/evil.git");
    let ways = [
        ("../sub/evil.git".to_owned(), "is committed in this project"),
        ("../link/evil.git".to_owned(), "is committed in this project"),
        (absolute.display().to_string(), "is committed in this project"),
        (format!("file://{}", absolute.display()), "is a folder of this machine"),
    ];
    for (central, words) in ways {
        ground.write("repository/my-models/freehold.yaml", format!("{project}central: {central}\n"));
        ground.commit("repository", &central);
        for command in ["check", "plan", "publish"] {
            ground.run(&[command, "repository/my-models"]).expect_failure(words);
        }
    }
    assert!(!ground.path("hooked").exists(), "a hook of the project ran");
}

#[test]
fn an_embedded_central_repository_that_came_with_the_repository_around_is_not_used() {
    let ground = Ground::with_project();
    with_a_committed_central(&ground, ".freehold/central.git");
    for command in ["check", "plan", "publish"] {
        ground.run(&[command, "repository/my-models"]).expect_failure("is committed in this project");
    }
    assert!(!ground.path("hooked").exists(), "a hook of the project ran");
}

#[test]
fn a_central_repository_that_came_with_a_submodule_is_not_used() {
    let ground = Ground::with_project();
    ground.git("my-models", &["init", "--quiet"]);
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}central: sub/evil.git\n"));
    ground.git(".", &["init", "--quiet", "sub"]);
    ground.git("sub", &["init", "--quiet", "--bare", "evil.git"]);
    ground.git("sub", &["add", "."]);
    ground.commit("sub", "A repository in it");
    ground.git("my-models", &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../sub", "sub"]);
    ground.run(&["check", "my-models"]).expect_failure("is committed in this project");
    ground.write("my-models/sub/.git", "gitdir: /nowhere\n");
    ground.run(&["check", "my-models"]).expect_failure("git does not say whether");
}

#[test]
fn a_late_run_of_a_commit_that_was_reverted_does_not_bring_it_back() {
    let ground = Ground::with_central();
    ground.commit("my-models", "Start");
    ground.ask(&["publish"]).expect_code(0);
    ground.edit("my-models/workflows/hello.yaml", "Say hello", "Break it");
    ground.commit("my-models", "A mistake");
    let mistake = ground.git("my-models", &["rev-parse", "HEAD"]);
    ground.git("my-models", &["revert", "--no-edit", "HEAD"]);
    ground.ask(&["publish"]).expect_code(0);
    ground.git("my-models", &["checkout", "--quiet", &mistake]);
    ground.unchanged(|ground| ground.ask(&["publish"])).expect_refusal("FH0705");
}

const WAITING: &str = "workflow: waiting\nschedule: none\ntasks:\n  wait: { wait_for: { workflow: crm/export, within: 6h, offset: 2h } }\n";
const REFERENCE: &str = "references/crm/export/my-models/waiting.yaml";

#[test]
fn a_wait_is_a_reference_beside_its_manifest() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/waiting.yaml", WAITING);
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    assert!(ground.read(&format!("out/{REFERENCE}")).contains("waits_for: crm/export"));
    let manifest = ground.run(&["preview", "my-models", "waiting"]).expect_code(0).stdout;
    assert!(manifest.starts_with("# Generated by Freehold") && !manifest.contains("waits_for"), "{manifest}");
    let graph = ground.run(&["preview", "my-models", "waiting", "--what", "graph"]).expect_code(0).stdout;
    assert_eq!(graph, "my-models/waiting · 1 task in 1 layer\n1  wait waits for crm/export, 2h earlier\n");
    assert_eq!(ground.run(&["preview", "my-models", "waiting", "--what", "pods"]).expect_code(0).stdout, "");
    fs_err::remove_file(ground.path("my-models/workflows/waiting.yaml")).expect("deleted");
    ground.run(&["compile", "my-models", "-o", "out"]).expect_code(0);
    assert!(!ground.path(&format!("out/{REFERENCE}")).exists());
}

#[test]
fn references_of_a_central_work_tree_are_made_in_place() {
    let ground = Ground::with_project();
    ground.write("dags/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n");
    ground.write("dags/teams/my-models.yaml", "team: my-models\n");
    ground.write("dags/sources/my-models/my-models/freehold.yaml", ground.read("my-models/freehold.yaml"));
    ground.write("dags/sources/my-models/my-models/workflows/hello.yaml", ground.read(WORKFLOW));
    ground.write("dags/sources/my-models/my-models/workflows/waiting.yaml", WAITING);
    ground.commit("dags", "Sources");
    ground.run(&["compile", "dags"]).expect_code(0);
    assert!(ground.path(&format!("dags/{REFERENCE}")).is_file());
    ground.write(&format!("dags/{REFERENCE}"), "mine");
    ground.run(&["compile", "dags", "--check"]).expect_code(1);
    fs_err::remove_file(ground.path("dags/sources/my-models/my-models/workflows/waiting.yaml")).expect("deleted");
    ground.run(&["compile", "dags"]).expect_code(0);
    assert!(!ground.path(&format!("dags/{REFERENCE}")).exists());
}

#[test]
fn a_wait_for_a_workflow_of_another_source_of_the_team_is_judged_where_that_is_at_hand() {
    let ground = Ground::with_central();
    ground.write("my-models/workflows/waiting.yaml", WAITING.replace("crm/export", "helo"));
    ground.commit("my-models", "Wait");
    let alone = ground.run(&["check", "my-models"]).expect_code(0);
    assert!(alone.stderr.contains("write `hello`, unless another source of the team has a `helo`"), "{}", alone.stderr);
    let informed = ground.run(&["check", "my-models", "--central", "dags.git"]).expect_refusal("FH0325");
    assert!(informed.stderr.contains("team `my-models` has no workflow `helo`"), "{}", informed.stderr);
    ground.ask(&["plan"]).expect_refusal("FH0325");
}

#[test]
fn the_example_company_passes_its_own_hook_from_the_first_push_on() {
    let (ground, acme) = (Ground::empty(), Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme"));
    ground.copy(&acme.join("central"), "seed");
    ground.commit("seed", "Grant three teams their places");
    ground.git(".", &["init", "--quiet", "--bare", "--initial-branch=main", "dags.git"]);
    let hook = format!("#!/bin/sh\nexec '{}' hook pre-receive\n", assert_cmd::cargo::cargo_bin!("freehold").display());
    ground.write("dags.git/hooks/pre-receive", hook);
    fs_err::set_permissions(ground.path("dags.git/hooks/pre-receive"), std::fs::Permissions::from_mode(0o755)).expect("set");
    let push = |actor: &str| {
        let mut git = std::process::Command::new("git");
        git.current_dir(ground.path("seed")).args(["push", "--quiet", "../dags.git", "main"]);
        run(git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("FREEHOLD_ACTOR", actor))
    };
    assert!(push("edith").expect_code(1).stderr.contains("FH0801"), "a team's member is no administrator");
    push("olga").expect_code(0);

    ground.copy(&acme.join("repositories/price-exports"), "price-exports");
    let mut publish = ground.binary();
    publish.args(["publish", "price-exports", "--central", "dags.git", "--repository-id", "2002", "--repository", "acme/price-exports"]);
    let ran = run(publish.args(["--ref", "refs/heads/main", "--event", "push"]).env("FREEHOLD_ACTOR", "mary"));
    ran.expect_code(0);
    assert_eq!(ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "--", "dags/legacy"]), "", "it is the team's now");
    let told = ground.run(&["audit", "--repo", "dags.git"]).expect_code(0);
    assert!(told.stderr.contains("FH0827"), "the platform's line about it can go: {}", told.stderr);
}
