//! Workflows that go, come back and change hands, as people do it.

use crate::ground::{Ground, Ran};

const WORKFLOW: &str = "defaults: { image: registry.example.com/x:1 }\ntasks: { hello: { args: [hello] } }\n";

/// `my-models` with workflows `hello` and `weekly`, `ads` with `hello`, both published to `dags.git`.
fn two_teams() -> Ground {
    let ground = Ground::with_project();
    ground.run(&["init", "team", "ads"]).expect_code(0);
    ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n");
    for (team, id) in [("my-models", 7), ("ads", 8)] {
        let repository = format!("{{ id: {id}, name: acme/{team}, source: {team} }}");
        ground.write(&format!("seed/teams/{team}.yaml"), format!("team: {team}\nrepositories: [{repository}]\n"));
    }
    ground.commit("seed", "Grant two teams their places");
    ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
    ground.write("my-models/workflows/weekly.yaml", format!("workflow: weekly\n{WORKFLOW}"));
    publish(&ground, "my-models").expect_code(0);
    publish(&ground, "ads").expect_code(0);
    ground
}

fn publish(ground: &Ground, team: &str) -> Ran {
    let id = if team == "ads" { "8" } else { "7" };
    let name = format!("acme/{team}");
    ground.run(&["publish", team, "--central", "dags.git", "--repository-id", id, "--repository", &name, "--ref", "refs/heads/main"])
}

fn live(ground: &Ground) -> Vec<String> {
    ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "dags"]).lines().map(str::to_owned).collect()
}

#[test]
fn a_retired_workflow_goes_and_comes_back_with_every_byte() {
    let ground = two_teams();
    let before = ground.read("my-models/workflows/weekly.yaml");
    fs_err::remove_file(ground.path("my-models/workflows/weekly.yaml")).expect("removed");
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}retire: [weekly]\n"));
    publish(&ground, "my-models").expect_code(0);
    assert_eq!(live(&ground), ["dags/ads/hello.py", "dags/my-models/hello.py"]);

    let central = ["--dir", "my-models", "--central", "dags.git"];
    assert_eq!(ground.run(&[&["restore"], &central[..]].concat()).expect_code(0).stdout, "weekly\n");
    let ran = ground.run(&[&["restore", "weekly"], &central[..]].concat()).expect_code(0);
    assert!(ran.stderr.contains("take `weekly` out of `retire`"), "{}", ran.stderr);
    assert_eq!(ground.read("my-models/workflows/weekly.yaml"), before);
    let again = |ground: &Ground| ground.run(&[&["restore", "weekly"], &central[..]].concat());
    let ran = ground.unchanged(again).expect_code(0);
    assert!(ran.stderr.contains("left workflows/weekly.yaml as it is: it is the same"), "{}", ran.stderr);
    ground.write("my-models/workflows/weekly.yaml", format!("{before}\n"));
    ground.unchanged(again).expect_failure("is there already and differs");
    ground.write("my-models/workflows/weekly.yaml", &before);
    ground.unchanged(|ground| publish(ground, "my-models")).expect_refusal("FH0330");
    ground.write("my-models/freehold.yaml", project);
    publish(&ground, "my-models").expect_code(0);
    assert_eq!(live(&ground).len(), 3);
    ground.run(&[&["restore", "nothing"], &central[..]].concat()).expect_failure("no deleted workflow `nothing`");
}

#[test]
fn a_workflow_changes_hands_with_three_commands() {
    let ground = two_teams();
    let central = ["--dir", "ads", "--central", "dags.git"];
    let ran = ground.run(&[&["transfer", "my-models/weekly"], &central[..]].concat()).expect_code(0);
    assert!(ran.stderr.contains("give: [{ workflows: [weekly], to: ads/ads }]"), "{}", ran.stderr);
    assert!(ground.read("ads/workflows/weekly.yaml").starts_with("workflow: weekly\ntaken_from: my-models/weekly\n"));
    ground.unchanged(|ground| publish(ground, "ads")).expect_refusal("FH0723");
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}give: [{{ workflows: [weekly], to: ads/ads }}]\n"));
    publish(&ground, "my-models").expect_code(0);
    let diff = ["preview", "ads", "--what", "diff", "--central", "dags.git"];
    let ran = ground.run(&diff).expect_code(0);
    assert!(ran.stdout.contains("> ads/weekly moved, was my-models/weekly of source my-models\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 moved\n"), "{}", ran.stdout);
    let ran = publish(&ground, "ads").expect_code(0);
    assert!(ran.stdout.contains("> transfer  my-models/weekly"), "{}", ran.stdout);
    assert_eq!(ground.run(&diff).expect_code(0).stdout, "no workflow changes\n");
    assert_eq!(live(&ground), ["dags/ads/hello.py", "dags/ads/weekly.py", "dags/my-models/hello.py"]);
    ground.unchanged(|ground| publish(ground, "my-models")).expect_refusal("would run twice");
    fs_err::remove_file(ground.path("my-models/workflows/weekly.yaml")).expect("removed");
    publish(&ground, "my-models").expect_code(0);
    ground.run(&["audit", "--repo", "dags.git", "--rev", "main"]).expect_code(0);
}

#[test]
fn a_team_takes_all_that_another_has() {
    let ground = two_teams();
    fs_err::remove_file(ground.path("ads/workflows/hello.yaml")).expect("removed");
    let ran = ground.run(&["transfer", "my-models/*", "--dir", "ads", "--central", "dags.git"]).expect_code(0);
    assert_eq!(ran.stderr.matches("wrote ").count(), 2, "{}", ran.stderr);
    ground
        .run(&["transfer", "nobody/x", "--dir", "ads", "--central", "dags.git"])
        .expect_failure("no other source has published `nobody/x`");
    ground.run(&["transfer", "weekly", "--dir", "ads", "--central", "dags.git"]).expect_failure("`weekly` names no workflow");
}

#[test]
fn t53_what_is_protected_goes_with_a_record_that_two_people_approved_and_only_once() {
    let ground = two_teams();
    ground.edit("my-models/workflows/weekly.yaml", "workflow: weekly\n", "workflow: weekly\nprotect: true\n");
    publish(&ground, "my-models").expect_code(0);
    fs_err::remove_file(ground.path("my-models/workflows/weekly.yaml")).expect("removed");
    ground.unchanged(|ground| publish(ground, "my-models")).expect_refusal("FH0719");

    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    let record =
        ["override", "--repo", "clone", "--source", "my-models/my-models", "--rule", "guard", "--path", "dags/my-models/weekly.py"];
    let why = ["--reason", "the pool is gone", "--approved-by", "ada"];
    ground.run(&[&record[..], &why[..]].concat()).expect_failure("two people have to agree");
    ground.run(&[&record[..], &why[..], &["--approved-by", "bob"]].concat()).expect_code(0);
    ground.commit("clone", "Let weekly go");
    let verify = ["verify", "--repo", "clone", "--base", "refs/remotes/origin/main", "--head", "HEAD", "--platform"];
    ground.run(&verify).expect_code(0);
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    publish(&ground, "my-models").expect_code(0);
    assert_eq!(live(&ground).len(), 2);
    assert_eq!(ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "overrides"]), "", "it was used");
    assert!(ground.git("dags.git", &["log", "-1", "--format=%B", "main"]).contains("Freehold-Override: overrides/my-models/"));
}

#[test]
fn what_waits_is_integrated_by_somebody_else() {
    let ground = two_teams();
    ground.write("my-models/workflows/more.yaml", format!("workflow: more\n{WORKFLOW}"));
    let who = ["--repository-id", "7", "--repository", "acme/my-models", "--ref", "refs/heads/main", "--format", "json"];
    let ran = ground.run(&[&["publish", "my-models", "--central", "dags.git", "--via", "branch"], &who[..]].concat()).expect_code(0).json();
    assert_eq!((ran["published"].as_bool(), ran["waiting"]["branch"].as_str()), (Some(false), Some("publish/my-models/my-models")));
    assert_eq!(live(&ground).len(), 3);
    let done = ground.run(&["integrate", "--central", "dags.git", "--format", "json"]).expect_code(0).json();
    assert_eq!(done["landed"][0]["changes"][0]["path"], "dags/my-models/more.py");
    assert_eq!(live(&ground).len(), 4);
    assert!(ground.run(&["integrate", "--central", "dags.git"]).expect_code(0).stderr.contains("nothing waits"));
}
