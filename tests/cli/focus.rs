//! `check FILE…` tells what those files are to blame for, as a hook needs it, and counts the rest.

use crate::ground::{Ground, run};

fn workflow(name: &str, more: &str) -> String {
    let head = format!("workflow: {name}\nschedule: none\nstart_date: 2026-01-01\n");
    format!("{head}defaults: {{ image: \"docker.io/library/busybox:1.37.0\" }}\n{more}")
}

/// A project with a blueprint and a data file, what uses each, and a workflow that is broken by itself.
fn ground() -> Ground {
    let ground = Ground::with_project();
    let blueprint = "blueprint: load\nparameters: { table: { type: string } }\ntask: { args: [load, \"${{ with.table }}\"] }\n";
    ground.write("my-models/blueprints/load.yaml", blueprint);
    ground.write("my-models/workflows/user.yaml", workflow("user", "tasks: { one: { uses: load, with: { table: logins } } }\n"));
    ground.write("my-models/workflows/customers.csv", "id\nacme\n");
    let fan_out = "tasks:\n  one: { args: [\"${{ each.customer.id }}\"], for_each: { customer: { file: customers.csv, key: id } } }\n";
    ground.write("my-models/workflows/fan-out.yaml", workflow("fan-out", fan_out));
    ground.write("my-models/workflows/waiting.yaml", workflow("waiting", "tasks: { one: { wait_for: { workflow: hello } } }\n"));
    ground.run(&["check", "my-models"]).expect_code(0);
    ground.write("my-models/workflows/broken.yaml", workflow("broken", "tasks: { one: { args: [x], needs: [tow] } }\n"));
    ground
}

#[test]
fn what_is_wrong_elsewhere_is_counted_and_refuses_nothing() {
    let ground = ground();
    let ran = ground.run(&["check", "my-models/workflows/user.yaml", "my-models/workflows/customers.csv"]).expect_code(0);
    assert!(ran.stderr.contains("nothing is wrong with the named files; 1 error and 1 warning elsewhere"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("FH0304"), "{}", ran.stderr);
    ground.run(&["check", "my-models/workflows/broken.yaml"]).expect_refusal("FH0304");
    for everything in [&["check", "my-models"][..], &["check", "my-models/freehold.yaml"], &["check", "my-models/workflows"]] {
        ground.run(everything).expect_refusal("FH0304");
    }
}

/// As a hook names files: from the root of the repository.
#[test]
fn a_file_of_the_current_folder_is_named_without_a_folder() {
    let ground = ground();
    let inside = |name: &str| run(ground.binary().current_dir(ground.path("my-models")).args(["check", "--skip-foreign", name]));
    inside("freehold.yaml").expect_refusal("FH0304");
    let ran = inside(".pre-commit-config.yaml").expect_code(0);
    assert!(ran.stderr.contains("nothing is wrong with the named files"), "{}", ran.stderr);
}

#[test]
fn a_file_that_others_use_is_to_blame_for_them() {
    let ground = ground();
    ground.edit("my-models/blueprints/load.yaml", "with.table", "with.tabel");
    ground.run(&["check", "my-models/workflows/hello.yaml"]).expect_code(0);
    ground.run(&["check", "my-models/blueprints/load.yaml"]).expect_code(1);

    let ground = self::ground();
    ground.write("my-models/workflows/customers.csv", "name\nacme\n");
    ground.run(&["check", "my-models/workflows/hello.yaml"]).expect_code(0);
    ground.run(&["check", "my-models/workflows/customers.csv"]).expect_code(1);

    // One waits for the other, which has no schedule.
    let ran = ground.run(&["check", "my-models/workflows/hello.yaml"]).expect_code(0);
    assert!(ran.stderr.contains("FH0327"), "{}", ran.stderr);
    let ran = ground.run(&["check", "my-models/workflows/user.yaml"]).expect_code(0);
    assert!(!ran.stderr.contains("FH0327"), "{}", ran.stderr);
}

#[test]
fn files_of_no_project_are_passed_over_when_asked() {
    let ground = ground();
    ground.write(".github/workflows/ci.yaml", "on: push\n");
    let ran = ground.run(&["check", ".github/workflows/ci.yaml", "my-models/workflows/hello.yaml"]).expect_code(2);
    assert!(ran.stderr.contains("belongs to no project"), "{}", ran.stderr);
    ground.run(&["check", "--skip-foreign", ".github/workflows/ci.yaml", "my-models/workflows/hello.yaml"]).expect_code(0);
    ground.run(&["check", "--skip-foreign", ".github/workflows/ci.yaml"]).expect_code(0);
}

#[test]
fn a_path_that_is_none_is_answered_with_the_one_beside_it() {
    let ground = ground();
    for (asked, help) in [
        ("my-models/workflows/usr.yaml", "did you mean `my-models/workflows/user.yaml`?"),
        ("my-modles", "did you mean `my-models`?"),
        ("my-models/workflows/nothing-like-it.yaml", "check the path"),
        ("nightly", "check the path"),
    ] {
        let ran = ground.run(&["check", asked]).expect_code(2);
        assert!(ran.stderr.contains(help), "{}", ran.stderr);
    }
}

#[test]
fn a_workflow_where_a_path_is_wanted_is_answered_with_its_file() {
    let ground = ground();
    let inside = |arguments: &[&str]| run(ground.binary().current_dir(ground.path("my-models")).args(arguments));
    inside(&["check", "user"]).expect_failure("write its file: `workflows/user.yaml`");
}

#[test]
fn a_file_is_no_project_to_plan_or_to_publish() {
    let ground = Ground::with_project();
    let inside = |arguments: &[&str]| run(ground.binary().current_dir(ground.path("my-models")).args(arguments));
    for command in ["plan", "publish"] {
        let ran = ground.unchanged(|ground| ground.run(&[command, "my-models/workflows/hello.yaml"]));
        let ran = ran.expect_failure("is a part of a project, which is planned and published as a whole");
        assert!(ran.stderr.contains("name the project's folder, `my-models`; to see what this file alone becomes"), "{}", ran.stderr);
        assert!(ran.stderr.contains("`freehold preview my-models/workflows/hello.yaml`"), "{}", ran.stderr);
        for one in ["workflows/hello.yaml", "hello"] {
            let ran = ground.unchanged(|_| inside(&[command, one])).expect_failure("as a whole");
            assert!(ran.stderr.contains("leave it out; to see what this file alone becomes: `freehold preview workflows/hello.yaml`"));
        }
    }
}
