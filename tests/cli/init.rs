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
fn what_is_there_is_left_and_told() {
    let ground = Ground::empty();
    ground.write("my-models/freehold.yaml", "team: churn\nsource: churn-model\n");
    ground.write("my-models/workflows/mine.yaml", "workflow: mine\ntasks: { a: { image: \"registry.example.com/a:1\" } }\n");
    ground.write("my-models/.pre-commit-config.yaml", "repos: []\n");
    let made = ground.run(&["init", "team", "my-models"]).expect_code(0);
    for left in ["freehold.yaml", ".pre-commit-config.yaml"] {
        assert!(made.stderr.contains(&format!("left my-models/{left} as it is")), "{}", made.stderr);
    }
    assert_eq!(ground.read("my-models/.pre-commit-config.yaml"), "repos: []\n");
    assert!(!ground.path("my-models/workflows/hello.yaml").exists(), "there are workflows to copy from");
    ground.run(&["check", "my-models"]).expect_code(0);
    ground.unchanged(|ground| ground.run(&["init", "team", "my-models"])).expect_code(0);
    ground.write("dags/platform.yaml", "platform: mine\ntarget: { airflow: \"3.1\" }\n");
    ground.run(&["init", "central", "dags", "--team", "ads"]).expect_code(0);
    assert!(ground.read("dags/platform.yaml").contains("mine") && ground.path("dags/teams/ads.yaml").is_file());
}

#[test]
fn options_that_come_to_nothing_are_told() {
    let ground = Ground::with_project();
    let options = ["init", "team", "my-models", "--team", "other", "--central", "https://git.example.com/acme/dags.git"];
    let ran = ground.unchanged(|ground| ground.run(&options)).expect_code(0);
    let told = "write `team: other`, `central: https://git.example.com/acme/dags.git` in my-models/freehold.yaml yourself";
    assert!(ran.stderr.contains(told) && ran.stderr.contains("--team and --central were not applied"), "{}", ran.stderr);
}

#[test]
fn what_a_terminal_would_be_asked_has_a_default_where_there_is_none() {
    let ground = Ground::empty();
    ground.git(".", &["init", "--quiet", "--initial-branch=trunk", "work"]);
    ground.git("work", &["remote", "add", "origin", "git@git.example.com:acme/churn-model.git"]);
    ground.run(&["init", "team", "work", "--team", "churn"]).expect_code(0);
    assert!(ground.read("work/freehold.yaml").contains("source: churn-model\n"), "the repository's name");
    assert!(!ground.path("work/.github").exists(), "nobody asked for it");
}

const ACTION: &str = "acme/freehold@0123456789abcdef0123456789abcdef01234567";

#[test]
fn what_github_runs_is_written_at_the_repositorys_top_for_the_folder_below() {
    let ground = Ground::empty();
    ground.git(".", &["init", "--quiet", "--initial-branch=trunk", "mono"]);
    let command = ["init", "team", "mono/models/churn", "--team", "churn", "--central", "git@git.example.com:acme/dags.git", "--github"];
    ground.run(&[&command[..], &["--action", ACTION]].concat()).expect_code(0);
    let workflow = ground.read("mono/.github/workflows/freehold.yml");
    let lines = ["branches: [trunk]", "working-directory: models/churn", "central: https://git.example.com/acme/dags.git"];
    for line in [&lines[..], &[&format!("uses: {ACTION} # v")]].concat() {
        assert!(workflow.contains(line), "{line} is not in\n{workflow}");
    }
    assert!(!workflow.contains("@central@") && ground.path("mono/.github/workflows/freehold-comment.yml").is_file());
    assert!(
        ground.read("mono/models/churn/workflows/hello.yaml").starts_with("# yaml-language-server: $schema=../.schemas/workflow.v1.json\n")
    );
    assert!(ground.path("mono/models/churn/.schemas/workflow.v1.json").is_file() && ground.path("mono/.pre-commit-config.yaml").is_file());
    ground.run(&["check", "mono/models/churn"]).expect_code(0);
}

#[test]
fn an_action_by_a_tag_and_a_central_repository_on_this_disk_are_no_good_for_a_host() {
    let ground = Ground::empty();
    let start = ["init", "team", "churn", "--github", "--central"];
    let tagged = [&start[..], &["https://git.example.com/acme/dags.git", "--action", "acme/freehold@v1"]].concat();
    ground.unchanged(|ground| ground.run(&tagged)).expect_failure("what a tag or a branch means can change overnight");
    let folder = [&start[..], &["../dags", "--action", ACTION]].concat();
    ground.unchanged(|ground| ground.run(&folder)).expect_failure("the address of the central repository");
    let line = [&start[..], &["https://git.example.com/a\n  evil: 1", "--action", ACTION]].concat();
    ground.unchanged(|ground| ground.run(&line)).expect_failure("more than one line");
}

/// Puts a repository in the place of the example, as the help says.
fn grant_a_repository(ground: &Ground) {
    ground.edit("dags/teams/my-team.yaml", "id: 1, name: my-company/my-model", "id: 1001, name: acme/my-model");
    ground.commit("dags", "Grant a repository its place");
}

#[test]
fn what_is_written_for_a_central_repository_passes_our_own_doctor() {
    let ground = Ground::empty();
    let command = ["init", "central", "dags", "--platform", "acme", "--owner", "@acme/platform", "--github", "--action", ACTION];
    ground.unchanged(|ground| ground.run(&command)).expect_failure("somebody has to administer");
    ground.run(&[&command[..], &["--administrator", "olga"]].concat()).expect_code(0);
    ground.commit("dags", "Start");
    assert!(ground.run(&["doctor", "--repo", "dags"]).expect_code(0).stderr.contains("FH0901"), "the first grant is to be edited");
    grant_a_repository(&ground);
    let told = ground.run(&["doctor", "--repo", "dags", "--format", "json"]).expect_code(0).json();
    assert_eq!(told["diagnostics"], serde_json::json!([]));
    ground.run(&["audit", "--repo", "dags"]).expect_code(0);

    let ground = Ground::empty();
    ground.run(&["init", "central", "dags", "--gitlab", "--administrator", "olga"]).expect_code(0);
    grant_a_repository(&ground);
    let told = ground.run(&["doctor", "--repo", "dags", "--format", "json"]).expect_code(0).json();
    let codes: Vec<&str> = told["diagnostics"].as_array().into_iter().flatten().filter_map(|told| told["code"].as_str()).collect();
    assert_eq!(codes, ["FH0914"], "only the move out of the repository, which the file's head tells, is left to do");
}

#[test]
fn nothing_is_written_through_a_link() {
    let ground = Ground::empty();
    ground.write("elsewhere/keep.txt", "precious");
    fs_err::create_dir_all(ground.path("my-models")).expect("made");
    std::os::unix::fs::symlink(ground.path("elsewhere"), ground.path("my-models/workflows")).expect("linked");
    ground.unchanged(|ground| ground.run(&["init", "team", "my-models"])).expect_failure("workflows");
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

#[test]
fn hand_written_dags_have_owners_and_editors_and_doctor_has_nothing_to_say_of_them() {
    for (editors, lines, owner) in
        [(&[][..], "", "@acme/platform"), (&["--editor", "frida,otto"], "    editors: [frida, otto]\n", "@frida @otto")]
    {
        let ground = Ground::empty();
        for path in ["dags/etl.py", "dags/old jobs/train.py", "dags/.airflowignore"] {
            ground.write(&format!("central/{path}"), "DAG('x')\n");
        }
        ground.commit("central", "As it has always been");
        let made = ["init", "central", "central", "--team", "churn", "--administrator", "olga", "--owner", "@acme/platform", "--github"];
        ground.run(&[&made[..], &["--action", ACTION], editors].concat()).expect_code(0);
        assert!(ground.read("central/platform.yaml").contains(&format!("      - x\n{lines}")), "{}", ground.read("central/platform.yaml"));
        let owners = ground.read("central/.github/CODEOWNERS");
        let by_hand = format!("/dags/*.py {owner}\n/dags/.airflowignore @acme/platform\n/dags/old\\ jobs/ {owner}\n");
        assert!(owners.ends_with(&format!("# Hand-written DAGs, as `unmanaged` in platform.yaml has them.\n{by_hand}")), "{owners}");
        ground.commit("central", "Freehold");
        let doctor = ground.run(&["doctor", "--repo", "central"]);
        assert!(!doctor.stderr.contains("FH0920") && !doctor.stderr.contains("FH0918"), "{}", doctor.stderr);
    }
    let ground = Ground::empty();
    ground
        .unchanged(|ground| ground.run(&["init", "central", "central", "--editor", "fri;da"]))
        .expect_failure("`fri;da` is no account's name");
}

#[test]
fn what_comes_next_begins_in_the_folder_that_was_made() {
    let ground = Ground::empty();
    let made = ground.run(&["init", "team", "my-models"]).expect_code(0);
    assert!(made.stderr.contains("next: `cd my-models`, then `freehold check`, then `freehold preview`"), "{}", made.stderr);
    let made = ground.run(&["init", "central", "nobodys"]).expect_code(0);
    assert!(made.stderr.contains("next: name `administrators` in `platform.yaml`: until then no check"), "{}", made.stderr);
    let action =
        ground.unchanged(|ground| ground.run(&["init", "central", "dags", "--github"])).expect_failure("which action the jobs use");
    assert!(action.stderr.contains("help: add `--action OWNER/freehold@COMMIT`"), "{}", action.stderr);
}

#[test]
fn hand_written_dags_are_left_to_pull_requests_and_their_ids_kept() {
    let ground = Ground::empty();
    for (path, text) in [
        ("dags/etl.py", "DAG('etl')\n"),
        ("dags/.airflowignore", "draft_.*\n"),
        ("dags/old jobs/train.py", "DAG(f'train_{x}')\nDAG('train')\n"),
        ("dags/old jobs/sql/x.sql", "select 1\n"),
        ("dags/churn/report.py", "DAG('report')\n"),
    ] {
        ground.write(&format!("central/{path}"), text);
    }
    ground.commit("central", "As it has always been");
    let made = ground.run(&["init", "central", "central", "--team", "churn", "--administrator", "olga"]).expect_code(0);
    assert!(made.stderr.contains("next: look over `unmanaged` in `platform.yaml`: 2 hand-written files"), "{}", made.stderr);
    assert!(made.stderr.contains("name team `churn` otherwise, or have it adopt what is there: 1 hand-written file"), "{}", made.stderr);
    let platform = ground.read("central/platform.yaml");
    let (_, rest) = platform.split_once("unmanaged:\n").expect("it is there");
    let lines = "  - paths:\n      - dags/*.py\n      - dags/.airflowignore\n      - dags/old jobs/**\n    dag_ids:\n      - etl\n      - train\n    # Add the";
    assert!(rest.starts_with(lines), "{platform}");
    ground.commit("central", "Freehold");
    ground.write("central/dags/old jobs/train.py", "DAG('train')\n");
    ground.write("central/dags/new.py", "DAG('new')\n");
    ground.commit("central", "By hand");
    let judge = ["verify", "--repo", "central", "--base", "HEAD~1", "--head", "HEAD", "--actor"];
    ground.run(&[&judge[..], &["zoe"]].concat()).expect_code(0);
    ground.write("central/dags/.airflowignore", "old jobs\n");
    ground.commit("central", "Everybody's");
    ground.run(&[&judge[..], &["zoe"]].concat()).expect_code(1);
    ground.run(&[&judge[..], &["olga"]].concat()).expect_code(0);
}
