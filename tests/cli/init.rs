//! `init`: a start that works, or nothing.

use crate::ground::Ground;

#[test]
fn a_new_project_is_clean_and_named_after_its_folder() {
    let ground = Ground::empty();
    let made = ground.run(&["init", "team", "My Models"]).expect_code(0);
    assert_eq!(made.stdout, "", "what it says is for people");
    assert!(ground.read("My Models/freehold.yaml").contains("team: my-models\n"));
    ground.unchanged(|ground| ground.run(&["check", "My Models"])).expect_code(0);
}

#[test]
fn a_new_central_repository_compiles_in_place() {
    let ground = Ground::empty();
    ground.run(&["init", "central", "dags"]).expect_code(0);
    ground.run(&["check", "dags"]).expect_code(0);
    ground.run(&["compile", "dags"]).expect_code(0);
}

#[test]
fn an_existing_file_stops_it_before_anything_is_written() {
    for taken in ["freehold.yaml", "workflows/hello.yaml"] {
        let ground = Ground::empty();
        ground.write(&format!("my-models/{taken}"), "mine");
        ground.unchanged(|ground| ground.run(&["init", "team", "my-models"])).expect_failure(taken);
    }
    let ground = Ground::empty();
    ground.write("dags/platform.yaml", "mine");
    ground.unchanged(|ground| ground.run(&["init", "central", "dags"])).expect_failure("platform.yaml");
}

#[test]
fn a_file_where_a_folder_has_to_be_stops_it_before_anything_is_written() {
    let ground = Ground::empty();
    ground.write("my-models/workflows", "a file");
    ground.unchanged(|ground| ground.run(&["init", "team", "my-models"])).expect_failure("workflows");
}

#[test]
fn a_folder_whose_name_is_no_name_asks_for_one() {
    let ground = Ground::empty();
    let ran = ground.unchanged(|ground| ground.run(&["init", "team", "123"])).expect_failure("no team name");
    assert!(ran.stderr.contains("help: add `--team my-team`"), "{}", ran.stderr);
}
