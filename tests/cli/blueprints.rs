//! Blueprints of the platform, from the central repository to a team's compiled file, and at every door.

use crate::ground::Ground;

const TRAIN: &str = "blueprint: train\nparameters: { memory: { type: string, default: 2Gi } }\n\
                     task: { image: 'registry.example.com/train:1.0.0', args: [train, '--memory=${{ with.memory }}'] }\n";
const USER: &str = "workflow: hello\ntasks:\n  train: { uses: platform/train@1, with: { memory: 4Gi } }\n";
const VERIFY: [&str; 7] = ["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD"];

/// A central repository with a blueprint, a project that uses it, and a clone of the former to change.
fn with_blueprint() -> Ground {
    let ground = Ground::with_central();
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write("clone/blueprints/train/1.yaml", TRAIN);
    ground.commit("clone", "A blueprint");
    ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    ground.write("my-models/workflows/hello.yaml", USER);
    ground
}

fn published(ground: &Ground) -> String {
    ground.git(".", &["--git-dir", "dags.git", "show", "main:dags/my-models/hello.py"])
}

#[test]
fn what_is_published_was_made_from_the_branchs_blueprint_and_every_door_agrees() {
    let ground = with_blueprint();
    ground.run(&["check", "my-models", "--central", "dags.git"]).expect_code(0);
    let preview = ground.run(&["preview", "my-models", "hello", "--central", "dags.git"]).expect_code(0).stdout;
    ground.ask(&["plan"]).expect_code(0);
    ground.ask(&["publish"]).expect_code(0);
    assert!(preview.contains("--memory=4Gi") && published(&ground) == preview.trim_end(), "{preview}");
    ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    ground.run(&["compile", "clone", "--check"]).expect_code(0);
}

#[test]
fn a_central_repository_that_is_not_at_hand_is_told() {
    let ground = with_blueprint();
    ground.edit("my-models/freehold.yaml", "team: my-models\n", "team: my-models\ncentral: https://git.example.invalid/dags.git\n");
    let ran = ground.run(&["check", "my-models"]).expect_refusal("FH0350");
    assert!(ran.stderr.contains("not at hand") && ran.stderr.contains("--central"), "{}", ran.stderr);
}

#[test]
fn a_url_is_read_for_the_blueprints_that_are_named() {
    let ground = with_blueprint();
    ground.git("dags.git", &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", ground.path("dags.git").display());
    ground.run(&["check", "my-models", "--central", &url]).expect_code(0);
    ground.ask_of(&url, &["publish"]).expect_code(0);
    assert!(published(&ground).contains("--memory=4Gi"));
}

#[test]
fn a_team_may_not_change_a_blueprint_and_nobody_may_with_what_is_made_of_it() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    ground.edit("clone/blueprints/train/1.yaml", "2Gi", "1Gi");
    ground.commit("clone", "A smaller one");
    ground.run(&[&VERIFY[..], &["--team", "my-models"]].concat()).expect_refusal("FH0801");
    ground.edit("clone/blueprints/train/1.yaml", "[train,", "[retrain,");
    ground.run(&["compile", "clone"]).expect_code(0);
    ground.commit("clone", "And what is made of it");
    ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_refusal("FH0810");
}

#[test]
fn verify_compiles_with_the_branchs_blueprint_and_not_with_the_changes_own() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    ground.edit("clone/blueprints/train/1.yaml", "[train,", "[retrain,");
    ground.run(&["compile", "clone"]).expect_code(0);
    // The compiled file alone, as if it had been made from the branch's blueprint.
    ground.git("clone", &["checkout", "--quiet", "--", "blueprints"]);
    ground.commit("clone", "Made of another blueprint");
    ground.run(&[&VERIFY[..], &["--team", "my-models"]].concat()).expect_refusal("FH08");
}

#[test]
fn a_changed_blueprint_tells_whom_it_concerns_and_a_new_version_concerns_nobody() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    ground.write("clone/blueprints/train/2.yaml", TRAIN);
    ground.commit("clone", "A new version");
    let ran = ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    assert!(!ran.stderr.contains("FH0816"), "{}", ran.stderr);
    ground.edit("clone/blueprints/train/1.yaml", "[train,", "[retrain,");
    ground.commit("clone", "Another program");
    let ran = ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("dags/my-models/hello.py") && ran.stderr.contains("FH0816"), "{}", ran.stderr);
    // Once it has landed, what is there is old, and making it anew is the platform's right.
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    let ran = ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0);
    assert!(ran.stderr.contains("FH0816"), "{}", ran.stderr);
    ground.run(&["compile", "clone"]).expect_code(0);
    ground.commit("clone", "Make everything anew");
    ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    assert!(published(&ground).contains("retrain"));
}

#[test]
fn a_blueprint_that_is_taken_away_tells_who_does_not_compile_any_more() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    fs_err::remove_file(ground.path("clone/blueprints/train/1.yaml")).expect("removed");
    ground.commit("clone", "Nobody needs it");
    let ran = ground.run(&[&VERIFY[..], &["--platform", "--affected"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("does not compile any more") && ran.stderr.contains("`train`"), "{}", ran.stderr);
}

#[test]
fn a_blueprint_with_a_fault_or_in_another_place_does_not_land() {
    for (path, text, code) in [
        ("blueprints/train/2.yaml", "blueprint: other\ntask: { args: [x] }\n", "FH0811"),
        ("blueprints/train/2.yaml", "blueprint: train\ntasks: {}\n", "FH0811"),
        ("blueprints/train/02.yaml", TRAIN, "FH0806"),
        ("blueprints/train.yaml", TRAIN, "FH0806"),
        ("blueprints/train/2/x.yaml", TRAIN, "FH0806"),
        ("blueprints/train/run.py", "import os\n", "FH0806"),
    ] {
        let ground = with_blueprint();
        ground.write(&format!("clone/{path}"), text);
        ground.commit("clone", "A blueprint");
        ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_refusal(code);
    }
}

#[test]
fn a_projects_own_blueprint_is_published_with_it() {
    let ground = Ground::with_central();
    ground.write("my-models/blueprints/train.yaml", TRAIN);
    ground.write("my-models/workflows/hello.yaml", "workflow: hello\ntasks: { train: { uses: train } }\n");
    ground.ask(&["publish"]).expect_code(0);
    assert!(published(&ground).contains("--memory=2Gi"));
    let there = ground.git(".", &["--git-dir", "dags.git", "show", "main:sources/my-models/my-models/blueprints/train.yaml"]);
    assert_eq!(there, TRAIN.trim_end());
    ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0);
}

#[test]
fn a_branch_of_another_environment_compiles_its_own_values() {
    let ground = Ground::with_central();
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write(
        "clone/platform.yaml",
        "platform: acme\nenvironment: staging\nenvironments: [staging, production]\nvars: { bucket: try-out }\ntarget: { airflow: \"3.1\" }\n",
    );
    ground.commit("clone", "This is staging");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    ground.write(
        "my-models/workflows/hello.yaml",
        "workflow: hello\ndefaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: ['${{ vars.bucket }}', '${{ vars.level }}'] } }\n\
         vars: { level: info }\nenvironments: { staging: { vars: { level: debug } } }\n",
    );
    ground.ask(&["publish"]).expect_code(0);
    assert!(published(&ground).contains("arguments=[\"try-out\", \"debug\"]"), "{}", published(&ground));
    ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0);
}

#[test]
fn another_environment_can_be_looked_at() {
    let ground = Ground::with_project();
    ground.write("central/platform.yaml", "platform: acme\nenvironments: [staging, production]\ntarget: { airflow: \"3.1\" }\n");
    ground.write("central/teams/my-models.yaml", "team: my-models\n");
    ground.commit("central", "A platform");
    ground.write(
        "my-models/workflows/hello.yaml",
        "workflow: hello\ndefaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: ['${{ environment }}', '${{ vars.level }}'] } }\n\
         vars: { level: info }\nenvironments: { staging: { vars: { level: debug } } }\n",
    );
    let preview = ["preview", "my-models", "hello", "--central", "central"];
    let shown = |more: &[&str]| ground.run(&[&preview[..], more].concat()).expect_code(0).stdout;
    assert!(shown(&[]).contains("[\"production\", \"info\"]"));
    assert!(shown(&["--environment", "staging"]).contains("[\"staging\", \"debug\"]"));
    ground.run(&[&preview[..], &["--environment", "stagging"]].concat()).expect_failure("no environment `stagging`");
}

#[test]
fn who_uses_a_blueprint_is_told_without_compiling_anything() {
    let ground = with_blueprint();
    let list = |arguments: &[&str]| ground.run(&[&["blueprints", "--repo", "dags.git", "--rev", "main"], arguments].concat());
    assert!(list(&[]).expect_code(0).stdout.contains("platform/train@1  used by nobody"));
    ground.ask(&["publish"]).expect_code(0);
    assert!(list(&[]).expect_code(0).stdout.contains("platform/train@1  1 workflow of 1 team"));
    assert_eq!(list(&["platform/train@1"]).expect_code(0).stdout, "my-models/hello\n");
    let found: serde_json::Value = serde_json::from_str(&list(&["--format", "json"]).expect_code(0).stdout).expect("JSON");
    assert_eq!(found["blueprints"], serde_json::json!([{ "blueprint": "platform/train@1", "workflows": ["my-models/hello"] }]));
    let ran = list(&["platform/trian@1"]).expect_code(2);
    assert!(ran.stderr.contains("did you mean `platform/train@1`?"), "{}", ran.stderr);
}

#[test]
fn a_branch_from_before_the_uses_were_written_down_is_looked_at_as_a_whole_and_compiling_writes_them() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    // As an older freehold left it.
    ground.git("clone", &["rm", "--quiet", "-r", "uses"]);
    ground.edit(
        "clone/sources/my-models/my-models/freehold.lock",
        &format!("\"format\": {}", freehold::pipeline::FORMAT_VERSION),
        "\"format\": 3",
    );
    // What is no folder of sources holds none, and stands in nobody's way.
    fs_err::write(ground.path("clone/sources/stray"), "x\n").expect("written");
    ground.commit("clone", "Before");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    ground.edit("clone/blueprints/train/1.yaml", "[train,", "[retrain,");
    ground.commit("clone", "Another program");
    let ran = ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("whom the new `blueprints/train/1.yaml` concerns was not looked at"), "{}", ran.stderr);
    let ran = ground.run(&[&VERIFY[..], &["--platform", "--affected"]].concat()).expect_code(0);
    assert!(ran.stderr.contains("dags/my-models/hello.py") && ran.stderr.contains("FH0816"), "{}", ran.stderr);
    ground.git("clone", &["rm", "--quiet", "sources/stray"]);
    ground.commit("clone", "It goes");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    ground.run(&["compile", "clone"]).expect_code(0);
    ground.commit("clone", "Make everything anew");
    ground.run(&[&VERIFY[..], &["--platform"]].concat()).expect_code(0);
    assert!(ground.path("clone/uses/train/1/my-models/hello.yaml").is_file());
}

#[test]
fn another_version_is_named_first_in_the_report_with_what_it_changes() {
    let ground = with_blueprint();
    ground.ask(&["publish"]).expect_code(0);
    ground.git("clone", &["pull", "--quiet"]);
    ground.write("clone/blueprints/train/2.yaml", TRAIN.replace("train:1.0.0", "train:2.0.0"));
    ground.commit("clone", "A new version");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    ground.edit("my-models/workflows/hello.yaml", "train@1", "train@2");
    let report = ground.ask(&["plan", "--format", "markdown"]).expect_code(0).stdout;
    let rows: Vec<&str> =
        report.lines().filter(|line| line.starts_with("| <code>train</code>") || line.starts_with("| workflow |")).collect();
    let named = "| workflow | <code>uses</code> | <code>&#91;platform/train&#64;<wbr>1&#93;</code> | <code>&#91;platform/train&#64;<wbr>2&#93;</code> |";
    assert!(rows.get(1) == Some(&named) && rows.get(2).is_some_and(|row| row.contains("train:2.0.0")), "{report}");
}
