//! What goes where: the product to standard output, words to standard error, and one JSON document when that is asked for.

use clap::CommandFactory as _;
use freehold::cli::Cli;

use crate::ground::{Ground, run};

const BREAK: (&str, &str, &str) = ("my-models/workflows/hello.yaml", "tasks:", "taks:");

#[test]
fn check_plan_publish_and_verify_write_exactly_one_json_document() {
    let ground = Ground::with_central();
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    let verify = ["verify", "--repo", "dags.git", "--base", &base, "--head", "main", "--format", "json", "--team"];
    ground.run(&["check", "my-models", "--format", "json"]).expect_code(0).json();
    ground.ask(&["plan", "--format", "json"]).expect_code(0).json();
    assert_eq!(ground.ask(&["publish", "--format", "json"]).expect_code(0).json()["published"], true);
    ground.run(&[&verify[..], &["my-models"]].concat()).expect_code(0).json();

    assert_ne!(ground.run(&[&verify[..], &["ads"]].concat()).expect_code(1).json()["summary"]["errors"], 0);
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    for ran in [
        ground.run(&["check", "my-models", "--format", "json"]),
        ground.ask(&["plan", "--format", "json"]),
        ground.ask(&["publish", "--format", "json"]),
    ] {
        let ran = ran.expect_code(1);
        assert_ne!(ran.json()["diagnostics"].as_array().map(Vec::len), Some(0), "{}", ran.stdout);
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn several_projects_are_checked_into_one_json_document() {
    let ground = Ground::with_project();
    ground.run(&["init", "team", "others"]).expect_code(0);
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    let document = ground.run(&["check", "my-models", "others", "--format", "json"]).expect_code(1).json();
    assert_eq!(document["summary"]["workflows"], 2);
    assert_ne!(document["summary"]["errors"], 0);
}

#[test]
fn diagnostics_are_words_on_standard_error_and_documents_on_standard_output() {
    let ground = Ground::with_project();
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    let human = ground.run(&["check", "my-models"]).expect_refusal("FH0201");
    assert_eq!(human.stdout, "");
    for (format, text) in [("json", "\"FH0201\""), ("sarif", "\"FH0201\""), ("github", "::error"), ("markdown", "FH0201")] {
        let ran = ground.run(&["check", "my-models", "--format", format]).expect_code(1);
        assert!(ran.stdout.contains(text), "{format}:\n{}", ran.stdout);
        assert_eq!(ran.stderr, "", "{format}");
    }
}

#[test]
fn escape_codes_are_written_only_when_they_are_asked_for() {
    let ground = Ground::with_project();
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    let check = ["check", "my-models"];
    assert!(!ground.run(&check).stderr.contains('\u{1b}'), "a pipe is no terminal");
    assert!(!run(ground.binary().args(check).env("NO_COLOR", "1")).stderr.contains('\u{1b}'));
    assert!(!run(ground.binary().args(check).args(["--color", "never"])).stderr.contains('\u{1b}'));
    assert!(run(ground.binary().args(check).args(["--color", "always"])).stderr.contains('\u{1b}'));
    for command in ["init", "check", "plan", "publish", "verify"] {
        assert!(!ground.run(&[command, "--help"]).expect_code(0).stdout.contains('\u{1b}'), "{command}");
    }
}

#[test]
fn quiet_says_only_what_is_wrong() {
    let ground = Ground::with_project();
    assert_eq!(ground.run(&["check", "my-models", "--quiet"]).expect_code(0).stderr, "");
    assert_eq!(ground.run(&["compile", "my-models", "--quiet"]).expect_code(0).stderr, "");
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    ground.run(&["check", "my-models", "--quiet"]).expect_refusal("FH0201");
}

#[test]
fn wrong_usage_is_exit_code_2_with_nothing_on_standard_output() {
    let ground = Ground::with_project();
    let cases: [&[&str]; 11] = [
        &["no-such-command"],
        &["check", "--no-such-option"],
        &["check", "my-models", "--format", "xml"],
        &["check", "no-such-folder"],
        &["check", "."],
        &["verify", "--base", "a", "--head", "b"],
        &["verify", "--repo", "my-models", "--base", "a", "--head", "b", "--platform"],
        &["explain", "FH9999"],
        &["schema", "no-such-schema"],
        &["man", "no-such-command"],
        &["man", "publish", "churn"],
    ];
    for arguments in cases {
        let ran = ground.unchanged(|ground| ground.run(arguments)).expect_code(2);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(ran.stderr.starts_with("error: "), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_command_of_other_tools_is_answered_with_what_does_that_here() {
    let ground = Ground::empty();
    for (word, tip) in [
        ("lint", "tip: `freehold check`"),
        ("list", "tip: `freehold preview`"),
        ("render", "`freehold compile` writes it"),
        ("test", "tip: Airflow runs workflows"),
        ("chek", "similar subcommand exists: 'check'"),
    ] {
        let ran = ground.run(&[word]).expect_failure(&format!("unrecognized subcommand '{word}'"));
        assert!(ran.stderr.contains(tip) && ran.stderr.matches("tip:").count() == 1, "{}", ran.stderr);
    }
    assert!(!ground.run(&["fmt"]).expect_code(2).stderr.contains("tip:"));
}

#[test]
fn what_is_only_printed_goes_to_standard_output() {
    let ground = Ground::empty();
    let cases: [(&[&str], &str); 12] = [
        (&["explain"], "FH0201  unknown-field "),
        (&["explain", "fh0201"], "# FH0201"),
        (&["explain", "unknown-field"], "# FH0201"),
        (&["explain", "201"], "# FH0201"),
        (&["schema"], "workflow\n"),
        (&["schema", "workflow"], "\"$schema\""),
        (&["completions", "bash"], "_freehold"),
        (&["man"], "freehold\\-publish(1)"),
        (&["man", "publish"], ".TH freehold-publish 1"),
        (&["man", "hook", "pre-receive"], ".SH SYNOPSIS"),
        (&["--help"], "Exit codes: 0"),
        (&["--version"], "freehold "),
    ];
    for (arguments, text) in cases {
        let ran = ground.run(arguments).expect_code(0);
        assert!(ran.stdout.contains(text), "{arguments:?}:\n{}", ran.stdout);
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
}

#[test]
fn every_command_has_a_manual_page_that_no_variable_changes() {
    let ground = Ground::empty();
    let written = |folder: &str, ran: &mut std::process::Command| {
        run(ran.args(["man", "-o", folder])).expect_code(0);
        let pages = fs_err::read_dir(ground.path(folder)).expect("made").map(|page| page.expect("an entry").file_name());
        let mut names: Vec<String> = pages.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names.into_iter().map(|name| (ground.read(&format!("{folder}/{name}")), name)).collect::<Vec<_>>()
    };
    let pages = written("share/man1", &mut ground.binary());
    for command in Cli::command().get_subcommands() {
        let name = format!("freehold-{}.1", command.get_name());
        assert!(pages.iter().any(|(_, page)| *page == name), "{name} is missing");
    }
    assert!(pages.iter().any(|(_, page)| page == "freehold-hook-pre-receive.1"));
    for (text, name) in &pages {
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{name}:\n{text}");
    }
    let secret = written("again", ground.binary().env("FREEHOLD_IDENTITY_TOKEN", "a-secret").env("GITHUB_REF", "refs/heads/odd"));
    assert!(secret == pages, "a variable's value is in a page");
}

#[test]
fn a_file_is_named_as_the_way_to_it_from_where_the_user_stands() {
    let ground = Ground::with_central();
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    let is_named = |text: &str, path: &str| assert!(text.contains(&format!("::error file={path},line=16,")), "{path} is not in:\n{text}");
    is_named(&ground.run(&["check", "my-models", "--format", "github"]).stdout, "my-models/workflows/hello.yaml");
    for inside in ["my-models", "my-models/workflows"] {
        let ran = run(ground.binary().current_dir(ground.path(inside)).args(["check", "--format", "github"]));
        is_named(&ran.stdout, "workflows/hello.yaml");
    }
    for command in ["plan", "publish"] {
        let plan = ground.ask(&[command, "--format", "json"]).expect_code(1).json();
        assert_eq!(plan["diagnostics"][0]["labels"][0]["path"], "my-models/workflows/hello.yaml");
    }
}

#[test]
fn a_folder_beside_a_project_does_not_belong_to_it() {
    let ground = Ground::with_project();
    fs_err::create_dir(ground.path("beside")).expect("made");
    for path in ["..", "../beside"] {
        for command in ["check", "compile", "plan"] {
            let ran = ground.unchanged(|ground| run(ground.binary().current_dir(ground.path("my-models")).args([command, path])));
            ran.expect_failure("belongs to no project");
        }
    }
}

#[test]
fn a_plan_in_a_format_of_diagnostics_holds_diagnostics_and_its_words_go_beside_it() {
    let ground = Ground::with_central();
    for command in [&["plan"][..], &["publish", "--dry-run"]] {
        let sarif = ground.unchanged(|ground| ground.ask(&[command, &["--format", "sarif"]].concat())).expect_code(0);
        assert_eq!(sarif.json()["version"], "2.1.0", "{command:?}");
        assert!(sarif.stderr.contains("+ create    hello"), "{command:?}: {}", sarif.stderr);
    }
    ground.edit(BREAK.0, BREAK.1, BREAK.2);
    for command in ["plan", "publish"] {
        let github = ground.unchanged(|ground| ground.ask(&[command, "--format", "github"])).expect_code(1);
        assert!(github.stdout.starts_with("::error file="), "{}", github.stdout);
        assert_ne!(ground.ask(&[command, "--format", "sarif"]).expect_code(1).json()["runs"][0]["results"], serde_json::json!([]));
    }
}
