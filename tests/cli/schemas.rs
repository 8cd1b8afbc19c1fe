//! What the binary prints as JSON is what the published schemas say.

use std::path::Path;

use jsonschema::{Registry, Resource, Validator};
use serde_json::Value;

use crate::ground::{Ground, Ran, run};

const BASE: &str = "https://freehold.example/";

/// The published schema of a name, with the others within its reach.
fn schema(name: &str) -> Validator {
    let ground = Ground::empty();
    let names = ground.run(&["schema"]).expect_code(0).stdout;
    let mut registry = Registry::new();
    for name in names.lines() {
        let document = Resource::from_contents(document(&ground, name));
        registry = registry.add(format!("{BASE}{name}.v1.json"), document).expect("a sound address");
    }
    let registry = registry.prepare().expect("schemas refer to each other only");
    let options = jsonschema::options().with_base_uri(format!("{BASE}{name}.v1.json")).with_registry(&registry);
    options.build(&document(&ground, name)).expect("a sound schema")
}

fn document(ground: &Ground, name: &str) -> Value {
    ground.run(&["schema", name]).expect_code(0).json()
}

#[track_caller]
fn expect_valid(schema: &Validator, ran: &Ran) {
    let document = ran.json();
    let wrong: Vec<String> = schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
}

/// A workflow that the grant allows to exist, and one that nothing allows.
const BROKEN: &str = "workflow: broken\ntaks: {}\n";

#[test]
fn plans_and_publishes_are_what_their_schemas_say() {
    let ground = Ground::with_central();
    let (plan, publish, diagnostics) = (schema("plan"), schema("publish"), schema("diagnostics"));
    let json = |command: &[&str]| ground.ask(&[command, &["--format", "json"]].concat());

    expect_valid(&plan, &json(&["plan"]).expect_code(0));
    expect_valid(&publish, &json(&["publish", "--dry-run"]).expect_code(0));
    expect_valid(&publish, &json(&["publish"]).expect_code(0));
    expect_valid(&plan, &json(&["plan"]).expect_code(0));
    expect_valid(&publish, &json(&["publish"]).expect_code(0));

    ground.write("my-models/workflows/broken.yaml", BROKEN);
    expect_valid(&plan, &json(&["plan"]).expect_code(1));
    expect_valid(&publish, &json(&["publish"]).expect_code(1));

    ground.write("my-models/freehold.yaml", "team: [\n");
    expect_valid(&diagnostics, &json(&["plan"]).expect_code(1));
    expect_valid(&diagnostics, &json(&["publish"]).expect_code(1));
}

#[test]
fn a_plan_of_every_action_is_what_its_schema_says() {
    let ground = Ground::with_central();
    let second = ground.read("my-models/workflows/hello.yaml").replace("workflow: hello", "workflow: second");
    ground.write("my-models/workflows/second.yaml", &second);
    ground.write("my-models/workflows/third.yaml", second.replace("workflow: second", "workflow: third"));
    ground.ask(&["publish"]).expect_code(0);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write("clone/dags/my-models/hello.py", "print('mine')\n");
    fs_err::remove_file(ground.path("clone/dags/my-models/third.py")).expect("deleted");
    ground.commit("clone", "Edit by hand");
    ground.git("clone", &["push", "--quiet", "origin", "main"]);
    fs_err::rename(ground.path("my-models/workflows/second.yaml"), ground.path("my-models/workflows/fourth.yaml")).expect("moved");
    ground.edit("my-models/workflows/fourth.yaml", "workflow: second", "workflow: fourth");
    ground.edit("my-models/freehold.yaml", "# What", "# Which workflows");

    let ran = ground.ask(&["plan", "--repair", "--format", "json"]).expect_code(0);
    expect_valid(&schema("plan"), &ran);
    let plan = ran.json();
    let changes = plan["changes"].as_array().expect("a list");
    for action in ["create", "update", "delete", "repair", "recreate"] {
        assert!(changes.iter().any(|change| change["action"] == action), "{action} is not in {plan:#}");
    }
}

#[test]
fn check_and_verify_print_what_the_schema_of_diagnostics_says() {
    let ground = Ground::with_central();
    let diagnostics = schema("diagnostics");
    expect_valid(&diagnostics, &ground.run(&["check", "my-models", "--format", "json"]).expect_code(0));
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    ground.ask(&["publish"]).expect_code(0);
    for (team, code) in [("my-models", 0), ("ads", 1)] {
        let verify = ["verify", "--repo", "dags.git", "--base", &base, "--head", "main", "--team", team, "--format", "json"];
        expect_valid(&diagnostics, &ground.run(&verify).expect_code(code));
    }
    ground.write("my-models/workflows/broken.yaml", BROKEN);
    expect_valid(&diagnostics, &ground.run(&["check", "my-models", "--format", "json"]).expect_code(1));
}

#[test]
fn final_pods_are_what_their_schema_and_kubernetes_say() {
    let ground = Ground::with_project();
    let pods = schema("pods");
    expect_valid(&pods, &ground.run(&["preview", "my-models", "--what", "pods", "--format", "json"]).expect_code(0));
    let repositories = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acme/repositories");
    for project in ["churn-model", "ads-bidding"] {
        let mut command = ground.binary();
        command.args(["preview", "--what", "pods", "--format", "json"]).arg(repositories.join(project));
        expect_valid(&pods, &run(&mut command).expect_code(0));
    }
}

#[test]
fn what_layers_and_rules_see_is_what_their_schemas_say() {
    let ground = Ground::with_central();
    let preview = |what: &str| ground.run(&["preview", "my-models", "--what", what, "--format", "json"]).expect_code(0);
    expect_valid(&schema("layers"), &preview("layers"));
    let ran = preview("policy");
    expect_valid(&schema("rule-input"), &ran);
    assert!(ran.json()["inputs"].as_array().is_some_and(|inputs| inputs.len() > 1), "the workflow and its tasks");
}

#[test]
fn adoptions_are_what_their_schema_says() {
    let ground = Ground::with_project();
    let adopt = schema("adopt");
    ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n");
    let repository = "repositories: [{ id: 7, name: acme/my-models, source: my-models }]\n";
    ground.write("seed/teams/my-models.yaml", format!("team: my-models\n{repository}"));
    ground.write("seed/dags/old/train.py", "DAG('train')\n");
    ground.write("seed/dags/old/odd.py", "DAG(NAME)\n");
    ground.commit("seed", "As it has always been");
    let ran = ground.run(&["adopt", "--dir", "seed", "--format", "json"]).expect_code(0);
    expect_valid(&schema("hand-written"), &ran);
    assert_eq!(ran.json()["hand_written"][0]["file"], "dags/old/odd.py");
    let grant = ["adopt", "--dir", "seed", "--team", "my-models", "--format", "json"];
    expect_valid(&adopt, &ground.run(&[&grant[..], &["dags/old/odd.py"]].concat()).expect_code(1));
    expect_valid(&adopt, &ground.run(&[&grant[..], &["dags/old/train.py", "--dry-run"]].concat()).expect_code(0));
    expect_valid(&adopt, &ground.run(&[&grant[..], &["dags/old/train.py"]].concat()).expect_code(0));
    ground.commit("seed", "Grant it");
    let bring = ["adopt", "--dir", "my-models", "--central", "seed", "--format", "json"];
    let ran = ground.run(&bring).expect_code(0);
    expect_valid(&adopt, &ran);
    assert_eq!(ran.json()["written"], serde_json::json!(["workflows/train.py.txt", "workflows/train.yaml"]));
}
