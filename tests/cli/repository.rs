//! A project in a folder of a bigger repository: a Git host is told where a file lies in it, whatever the folder is that one stands in.

use crate::ground::{Ground, Ran, run};

/// A repository with a project in `ml/churn`, whose workflow has a misspelt key.
fn monorepo() -> Ground {
    let ground = Ground::empty();
    ground.run(&["init", "team", "ml/churn"]).expect_code(0);
    ground.edit("ml/churn/workflows/hello.yaml", "tasks:", "shedule: none\ntasks:");
    ground.commit(".", "Add a project");
    ground
}

fn check(ground: &Ground, folder: &str, project: &str, format: &str) -> Ran {
    let mut command = ground.binary();
    run(command.current_dir(ground.path(folder)).args(["check", project, "--format", format])).expect_code(1)
}

/// Folders to stand in, what to call the project there, and what its workflow is called in messages for people.
const PLACES: [(&str, &str, &str); 4] = [
    (".", "ml/churn", "ml/churn/workflows/hello.yaml"),
    ("ml", "churn", "churn/workflows/hello.yaml"),
    ("ml/churn", ".", "workflows/hello.yaml"),
    ("ml/churn/workflows", "..", "workflows/hello.yaml"),
];

#[test]
fn a_git_host_finds_the_file_from_wherever_it_was_checked() {
    let ground = monorepo();
    let mut prints = Vec::new();
    for (folder, project, shown) in PLACES {
        let sarif = check(&ground, folder, project, "sarif").json();
        let result = &sarif["runs"][0]["results"][0];
        let artifact = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(*artifact, serde_json::json!({ "uri": "ml/churn/workflows/hello.yaml", "uriBaseId": "%SRCROOT%" }), "in {folder}");
        prints.push(result["partialFingerprints"].clone());
        let github = check(&ground, folder, project, "github").stdout;
        assert!(github.starts_with("::error file=ml/churn/workflows/hello.yaml,line="), "in {folder}: {github}");
        let human = check(&ground, folder, project, "human").stderr;
        assert!(human.contains(&format!("╭─[{shown}:")), "in {folder}: {human}");
    }
    assert!(prints.iter().all(|print| *print == prints[0]), "a fault keeps its name: {prints:?}");
}

#[test]
fn outside_of_a_repository_a_file_is_told_as_people_are_told_it() {
    let ground = Ground::empty();
    ground.run(&["init", "team", "churn"]).expect_code(0);
    ground.edit("churn/workflows/hello.yaml", "tasks:", "shedule: none\ntasks:");
    let sarif = check(&ground, ".", "churn", "sarif").json();
    let artifact = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(*artifact, serde_json::json!({ "uri": "churn/workflows/hello.yaml" }));
}
