//! Hand-written DAGs taken in, as people do it: granted in the central repository, brought over and published by the team.

use crate::ground::{Ground, Ran};

const TRAIN: &str = "from airflow.sdk import DAG\n\nwith DAG(\"legacy_train\", schedule=None):\n    pass\n";
const GRANT: &str = "# Ours.\nteam: my-models\nrepositories:\n  - { id: 7, name: acme/my-models, source: my-models }   # the only one\n";

/// `dags.git` with two hand-written files and a helper, `clone` as its work tree, and a published project `my-models`.
fn company() -> Ground {
    let ground = Ground::with_project();
    ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\nadministrators: [root]\n");
    ground.write("seed/teams/my-models.yaml", GRANT);
    ground.write("seed/dags/old/train.py", TRAIN);
    ground.write("seed/dags/old/Score Daily.v2.py", "DAG(f'score_{x}')\n");
    ground.write("seed/dags/old/score.py", "from old.common import NAME\nDAG(f'score_{NAME}')\n");
    ground.write("seed/dags/old/common.py", "NAME = 'x'\n");
    fs_err::remove_file(ground.path("seed/dags/old/Score Daily.v2.py")).expect("removed");
    ground.commit("seed", "As it has always been");
    ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
    ground.ask(&["publish"]).expect_code(0);
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground
}

fn grant(ground: &Ground, arguments: &[&str]) -> Ran {
    ground.run(&[&["adopt", "--dir", "clone", "--team", "my-models"], arguments].concat())
}

fn bring(ground: &Ground, arguments: &[&str]) -> Ran {
    ground.run(&[&["adopt", "--dir", "my-models", "--central", "dags.git"], arguments].concat())
}

fn land(ground: &Ground) {
    ground.commit("clone", "Grant it");
    ground.git("clone", &["push", "--quiet", "origin", "HEAD:main"]);
}

fn live(ground: &Ground) -> Vec<String> {
    ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "dags"]).lines().map(str::to_owned).collect()
}

#[test]
fn a_hand_written_file_becomes_the_teams_with_four_commands() {
    let ground = company();
    let ran = grant(&ground, &["clone/dags/old/train.py"]).expect_code(0);
    assert_eq!(ran.stdout, "granted to team my-models, byte for byte:\n  train  dags/old/train.py  (DAG legacy_train)\n");
    assert!(ran.stderr.contains("next: land this in a change of its own"), "{}", ran.stderr);
    let written = ground.read("clone/teams/my-models.yaml");
    assert!(written.starts_with(&format!("{GRANT}adopt:\n  train:\n    file: dags/old/train.py\n    sha256: ")), "{written}");
    land(&ground);
    ground.run(&["verify", "--repo", "clone", "--base", "HEAD~1", "--head", "HEAD", "--actor", "root"]).expect_code(0);

    let ran = bring(&ground, &[]).expect_code(0);
    assert_eq!(ran.stdout, "brought over, byte for byte:\n  train  dags/old/train.py  (DAG legacy_train)\n");
    assert_eq!(ground.read("my-models/workflows/train.yaml"), "workflow: train\nadopted: train.py.txt\n");
    assert_eq!(ground.read("my-models/workflows/train.py.txt"), TRAIN);
    ground.run(&["check", "my-models"]).expect_code(0);
    ground.run(&["preview", "my-models", "train"]).expect_failure("`train` is a hand-written file");
    let ran = ground.ask(&["plan"]).expect_code(0);
    assert!(
        ran.stdout.contains("  < adopt     train (adopts dags/old/train.py, byte for byte)\n      dags/my-models/train.py\n"),
        "{}",
        ran.stdout
    );
    let report = ground.ask(&["plan", "--format", "markdown"]).expect_code(0).stdout;
    assert!(report.contains("| <code>my-models/train</code> | 🟢 added | ? | ? |"), "{report}");
    assert!(report.contains("- It is a hand-written file, taken in byte for byte: what that asks for is not known\n"), "{report}");
    ground.ask(&["publish"]).expect_code(0);
    assert_eq!(live(&ground), ["dags/my-models/hello.py", "dags/my-models/train.py", "dags/old/common.py", "dags/old/score.py"]);
    assert_eq!(ground.git("dags.git", &["show", "main:dags/my-models/train.py"]), TRAIN.trim_end());
    assert!(ground.ask(&["plan"]).expect_code(0).stdout.contains("nothing to do"));
    let ran = bring(&ground, &[]).expect_code(0);
    assert!(ran.stderr.contains("train is left alone: workflows/train.yaml is there already"), "{}", ran.stderr);
}

#[test]
fn a_folder_is_granted_at_once_and_what_the_text_does_not_show_is_asked_for() {
    let ground = company();
    let ran = ground.unchanged(|ground| grant(ground, &["dags/old"])).expect_code(1);
    assert!(ran.stderr.contains("the text of `dags/old/score.py` does not show the ids of its DAGs"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("common.py"), "a file without DAGs stays where it is: {}", ran.stderr);
    grant(&ground, &["dags/old/score.py", "--dag-id", "score_x", "--dag-id", "score_y", "--workflow", "scores"]).expect_code(0);
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    let written = ground.read("clone/teams/my-models.yaml");
    assert!(
        written.contains("  scores:\n    file: dags/old/score.py\n") && written.contains("dag_ids: [score_x, score_y]\n  train:\n"),
        "{written}"
    );
    land(&ground);
    let ran = bring(&ground, &["scores"]).expect_code(0);
    assert_eq!(ran.stdout.lines().count(), 2, "{}", ran.stdout);
    bring(&ground, &["scoers"]).expect_failure("no hand-written file is granted as workflow `scoers`");
    ground.ask(&["publish"]).expect_code(0);
    let claims = ground.git("dags.git", &["ls-tree", "-r", "--name-only", "main", "dag-ids"]);
    assert_eq!(claims, "dag-ids/score_x/my-models/scores.yaml\ndag-ids/score_y/my-models/scores.yaml");
}

#[test]
fn a_dry_run_writes_nothing() {
    let ground = company();
    let ran = ground.unchanged(|ground| grant(ground, &["dags/old/train.py", "--dry-run"])).expect_code(0);
    assert!(ran.stderr.contains("a dry run: teams/my-models.yaml was not written"), "{}", ran.stderr);
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    land(&ground);
    let ran = ground.unchanged(|ground| bring(ground, &["--dry-run"])).expect_code(0);
    assert!(ran.stdout.contains("dags/old/train.py") && ran.stderr.contains("a dry run"), "{ran:?}");
}

#[test]
fn a_grant_in_braces_is_not_edited_and_what_to_write_is_shown() {
    let ground = company();
    ground.write("clone/teams/my-models.yaml", "{ team: my-models, repositories: [{ id: 7, name: acme/my-models, source: my-models }] }\n");
    let ran = ground.unchanged(|ground| grant(ground, &["dags/old/train.py"])).expect_code(0);
    assert!(ran.stdout.starts_with("adopt:\n  train:\n    file: dags/old/train.py\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("write this into it"), "{}", ran.stderr);
}

#[test]
fn what_is_still_hand_written_is_listed_with_what_becomes_of_it() {
    let ground = company();
    let unmanaged = "unmanaged: [{ paths: [dags/old/common.py, dags/old/train.py] }]\n";
    ground.write("clone/platform.yaml", format!("platform: acme\ntarget: {{ airflow: \"3.1\" }}\nadministrators: [root]\n{unmanaged}"));
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    land(&ground);
    let ran = ground.unchanged(|ground| ground.run(&["adopt", "--dir", "clone"])).expect_code(0);
    let expected = "  dags/old/common.py  no DAG in its text                     changed by hand\n  dags/old/score.py   DAGs whose ids its text does not show  nobody may change it\n  dags/old/train.py   legacy_train                           granted as my-models/train\n";
    assert_eq!(ran.stdout, expected);
    assert!(ran.stderr.contains("next: `freehold adopt --team NAME FILE`"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_granted_is_told_in_words() {
    let ground = company();
    grant(&ground, &[]).expect_failure("no file is named");
    grant(&ground, &["platform.yaml"]).expect_failure("is not below `dags/`");
    grant(&ground, &["dags/my-models/hello.py"]).expect_failure("is compiled, and not hand-written");
    grant(&ground, &["dags/old/nothing.py"]).expect_failure("is no file of the commit that is checked out");
    grant(&ground, &["dags/old", "--workflow", "x"]).expect_failure("are about one file, and 3 are named");
    ground.run(&["adopt", "--dir", "clone", "dags/old/train.py"]).expect_failure("is not said");
    ground.run(&["adopt", "--dir", "clone", "--team", "ads", "dags/old/train.py"]).expect_failure("there is no `teams/ads.yaml`");
    ground.run(&["adopt", "--dir", "my-models", "--team", "my-models", "x"]).expect_failure("files are granted in the central repository");
    let ran = grant(&ground, &["dags/old/common.py"]).expect_code(1);
    assert!(ran.stderr.contains("FH0728"), "{}", ran.stderr);
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    let again = ground.unchanged(|ground| grant(ground, &["dags/old/train.py", "--workflow", "other"])).expect_code(1);
    assert!(again.stderr.contains("FH0511") || again.stderr.contains("FH0512"), "{}", again.stderr);
    let same = ground.unchanged(|ground| grant(ground, &["dags/old/train.py"]));
    assert!(same.stderr.contains("is granted already"), "{same:?}");
}

#[test]
fn a_file_that_was_changed_after_it_was_granted_is_not_brought_over() {
    let ground = company();
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    ground.write("clone/dags/old/train.py", format!("{TRAIN}# more\n"));
    land(&ground);
    let ran = ground.unchanged(|ground| bring(ground, &[])).expect_code(1);
    assert!(ran.stderr.contains("FH0726"), "{}", ran.stderr);
    let before = ground.read("clone/teams/my-models.yaml");
    grant(&ground, &["dags/old/train.py"]).expect_code(0);
    let after = ground.read("clone/teams/my-models.yaml");
    assert!(before != after && before.lines().count() == after.lines().count(), "its SHA-256 is another: {after}");
    land(&ground);
    bring(&ground, &[]).expect_code(0);
    ground.ask(&["publish"]).expect_code(0);
}

#[test]
fn what_a_move_may_break_is_told_on_both_sides() {
    let ground = company();
    ground.write("clone/dags/old/report.py", "import os\nHERE = os.path.dirname(__file__)\nDAG('report', sql='report.sql')\n");
    ground.write("clone/dags/old/report.sql", "select 1\n");
    land(&ground);
    let ran = grant(&ground, &["dags/old/report.py"]).expect_code(0);
    assert!(ran.stderr.contains("FH0727") && ran.stderr.contains("`__file__`, `dags/old/report.sql`, by its place"), "{}", ran.stderr);
    land(&ground);
    bring(&ground, &[]).expect_code(0);
    let ran = ground.ask(&["plan"]).expect_code(0);
    assert!(ran.stderr.contains("FH0727"), "{}", ran.stderr);
}
