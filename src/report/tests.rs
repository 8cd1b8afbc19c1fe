//! What people and programs get to see.

use super::{Format, Style, Summary, render};
use crate::diag::{Allowed, Diagnostic, Severity, codes as code};
use crate::source::{Sources, Span};

/// A file below a line of characters of two, three and four bytes, and the span of a piece of it.
fn file(sources: &Sources, path: &str, text: &str, piece: &str) -> Span {
    let text = format!("# žluťoučký 猫 🦀\n{text}");
    let at = text.find(piece).expect("it is there");
    Span::new(sources.add(path, text), at, at + piece.len())
}

fn typo(sources: &Sources) -> Diagnostic {
    let span = file(sources, "workflows/a.yaml", "tasks:\n  pul: { retrys: 2 }\n", "retrys");
    Diagnostic::error(&code::UNKNOWN_FIELD, "there is no key `retrys` in `pul`").at(span, "").help("did you mean `retries`?")
}

fn clash(sources: &Sources) -> Diagnostic {
    let first = file(sources, "workflows/a.yaml", "workflow: a\n", "a\n");
    let second = file(sources, "workflows/b.yaml", "workflow: a # ů\n", "a #");
    let fault =
        Diagnostic::warning(&code::DUPLICATE_WORKFLOW, "two workflows are called `a`").at(second, "the second").at(first, "the first");
    fault.at_file("teams/churn.yaml", "its team").help("rename one")
}

fn allowed(sources: &Sources) -> Diagnostic {
    let span = file(sources, "workflows/c.yaml", "a: 1  # freehold: allow FH0325 because it is new\n", "FH0325");
    let mut fault = Diagnostic::warning(&code::UNKNOWN_AWAITED, "there is no `b`").at(span, "");
    fault.severity = Severity::Allowed;
    fault.allowed = Some(Box::new(Allowed { reason: "it is new".to_owned(), span }));
    fault
}

fn written(format: &str, sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let summary = Summary { files: 4, workflows: 3, tasks: 1 };
    render(Format::parse(format).expect("a format"), diagnostics, sources, &summary, Style { colour: false, width: 90 })
}

#[test]
fn a_typo_is_underlined_below_non_ascii_text() {
    let sources = Sources::new();
    let typo = typo(&sources);
    insta::assert_snapshot!(written("human", &sources, &[typo]), @r#"
    FH0201 unknown-field

      × there is no key `retrys` in `pul`
       ╭─[workflows/a.yaml:3:10]
     2 │ tasks:
     3 │   pul: { retrys: 2 }
       ·          ──────
       ╰────
      help: did you mean `retries`?

    1 error in 1 file, 3 workflows checked
    "#);
}

#[test]
fn a_clash_of_two_files_shows_both() {
    let sources = Sources::new();
    let clash = clash(&sources);
    insta::assert_snapshot!(written("human", &sources, &[clash]), @r#"
    FH0315 duplicate-workflow

      ⚠ two workflows are called `a`
      │ teams/churn.yaml: its team
       ╭─[workflows/b.yaml:2:11]
     1 │ # žluťoučký 猫 🦀
     2 │ workflow: a # ů
       ·           ─┬─
       ·            ╰── the second
       ╰────
      help: rename one

      ☞ the first
       ╭─[workflows/a.yaml:2:11]
     1 │ # žluťoučký 猫 🦀
     2 │ workflow: a
       ·           ──
       ╰────

    1 warning in 1 file, 3 workflows checked
    "#);
}

#[test]
fn windows_line_ends_tabs_and_control_characters_do_not_shift_the_line() {
    let sources = Sources::new();
    let span = file(&sources, "a\u{1b}[2J.yaml", "a: 1\r\nb:\t\u{1b}[31m\"x\u{202e}\"\tc: bad\r\nd: 1\r\n", "bad");
    let fault = Diagnostic::error(&code::BAD_VALUE, "`\u{1b}]0;x` is\nbad").at(span, "why\u{1b}[1A").help("write\u{9b} good");
    let text = written("human", &sources, &[fault]);
    assert!(!text.contains(['\u{1b}', '\u{9b}', '\r', '\u{202e}']), "{text:?}");
    insta::assert_snapshot!(text, @r#"
    FH0204 bad-value

      × `?]0;x` is bad
       ╭─[a?[2J.yaml:3:17]
     2 │ a: 1 
     3 │ b:  ?[31m"x�"   c: bad 
       ·                    ─┬─
       ·                     ╰── why?[1A
     4 │ d: 1 
       ╰────
      help: write?? good

    1 error in 1 file, 3 workflows checked
    "#);
}

#[test]
fn of_a_line_too_long_to_show_the_place_is_told() {
    let sources = Sources::new();
    let span = file(&sources, "a.yaml", &format!("a: [{}, bad]\n", "x, ".repeat(1_000)), "bad");
    let fault = Diagnostic::error(&code::BAD_VALUE, "`bad` is bad").at(span, "this item").help("write `x`");
    insta::assert_snapshot!(written("human", &sources, &[fault]), @r#"
    FH0204 bad-value

      × `bad` is bad
      │ a.yaml:2:3007: this item
      help: write `x`

    1 error in 1 file, 3 workflows checked
    "#);
}

/// A line that is broken has its marks below something else.
#[test]
fn a_line_wider_than_the_terminal_is_cut_around_what_is_marked() {
    let sources = Sources::new();
    let text = format!("a: [{}ě bad, {}]\nb: [{}]\n", "x, ".repeat(50), "y, ".repeat(50), "z, ".repeat(60));
    let span = file(&sources, "a.yaml", &text, "bad");
    let fault = Diagnostic::error(&code::BAD_VALUE, "`bad` is bad").at(span, "this item").help("write `x`");
    let shown = written("human", &sources, &[fault]);
    assert!(shown.lines().all(|line| line.chars().count() <= 90), "{shown}");
    insta::assert_snapshot!(shown, @r#"
    FH0204 bad-value

      × `bad` is bad
       ╭─[a.yaml:2:157]
     1 │ # žluťoučký 猫 🦀
     2 │ … x, x, x, x, x, x, x, x, x, x, x, x, ě bad, y, y, y, y, y, y, y, y, y, y, y, y, y,…
       ·                                         ─┬─
       ·                                          ╰── this item
     3 │ b: [z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z…
       ╰────
      help: write `x`

    1 error in 1 file, 3 workflows checked
    "#);
}

#[test]
fn of_marks_far_apart_the_main_one_is_shown_and_an_end_is_shown_as_it_is() {
    let sources = Sources::new();
    let text = format!("# ž\na: [first, {}last]\n", "x, ".repeat(60));
    let first = file(&sources, "a.yaml", &text, "first");
    let between = u32::try_from(text.find("last").expect("there") - text.find("first").expect("there")).expect("short");
    let last = Span { start: first.start + between, end: first.start + between + 4, ..first };
    let fault = Diagnostic::error(&code::BAD_VALUE, "two").at(last, "the main one").at(first, "the other");
    insta::assert_snapshot!(written("human", &sources, &[fault]), @r#"
    FH0204 bad-value

      × two
       ╭─[a.yaml:3:192]
     2 │ # ž
     3 │ …x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, last]
       · ▲                                                                              ──┬─
       · │                                                                                ╰── the main one
       · ╰── the other
       ╰────

    1 error in 1 file, 3 workflows checked
    "#);
}

#[test]
fn at_most_a_hundred_are_shown_and_the_rest_is_counted() {
    let sources = Sources::new();
    let typo = typo(&sources);
    let many = vec![typo; 103];
    for format in ["human", "markdown"] {
        let text = written(format, &sources, &many);
        assert_eq!(text.matches("FH0201").count(), 100, "{format}");
        assert!(text.contains("… and 3 more"), "{format}");
    }
    for format in ["json", "github", "sarif"] {
        assert!(written(format, &sources, &many).matches("FH0201").count() >= 103, "{format} leaves nothing out");
    }
}

#[test]
fn the_json_is_what_its_published_schema_says() {
    let sources = Sources::new();
    let text = written("json", &sources, &[typo(&sources), clash(&sources)]);
    let document: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let schema = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/diagnostics.v1.json"));
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).expect("it is JSON")).expect("it is a schema");
    assert!(validator.is_valid(&document), "{text}");
    assert_eq!(
        document["diagnostics"][0]["labels"][0],
        serde_json::json!({ "path": "workflows/a.yaml", "line": 3, "column": 10, "end_line": 3, "end_column": 16, "text": "" })
    );
    assert_eq!(document["diagnostics"][1]["labels"][2], serde_json::json!({ "path": "teams/churn.yaml", "text": "its team" }));
    assert_eq!(document["summary"], serde_json::json!({ "errors": 1, "warnings": 1, "files": 4, "workflows": 3, "tasks": 1 }));
}

#[test]
fn sarif_names_rules_places_and_related_places() {
    let sources = Sources::new();
    let document: serde_json::Value =
        serde_json::from_str(&written("sarif", &sources, &[typo(&sources), clash(&sources)])).expect("it is JSON");
    let run = &document["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "FH0315");
    let result = &run["results"][1];
    assert_eq!((&result["ruleId"], &result["ruleIndex"], &result["level"]), (&"FH0315".into(), &1.into(), &"warning".into()));
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        serde_json::json!({
            "artifactLocation": { "uri": "workflows/b.yaml" },
            "region": { "startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 14 },
        })
    );
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_git_host_is_told_where_a_file_lies_in_its_repository_and_people_where_it_lies_from_here() {
    let sources = Sources::new();
    let summary = Summary { files: 2, workflows: 1, tasks: 0 };
    let locate = |path: &str| path.starts_with("workflows/").then(|| format!("ml/churn/{path}"));
    let style = Style { colour: false, width: 110 };
    let write = |name| super::render_located(Format::parse(name).expect("known"), &[clash(&sources)], &sources, &summary, style, &locate);
    let document: serde_json::Value = serde_json::from_str(&write("sarif")).expect("it is JSON");
    let result = &document["runs"][0]["results"][0];
    let artifact = |location: &serde_json::Value| location["physicalLocation"]["artifactLocation"].clone();
    assert_eq!(artifact(&result["locations"][0]), serde_json::json!({ "uri": "ml/churn/workflows/b.yaml", "uriBaseId": "%SRCROOT%" }));
    assert_eq!(artifact(&result["relatedLocations"][1]), serde_json::json!({ "uri": "teams/churn.yaml" }), "a file of another repository");
    assert!(document["runs"][0]["originalUriBaseIds"]["%SRCROOT%"].is_object());
    assert!(write("github").starts_with("::warning file=ml/churn/workflows/b.yaml,line=2,"), "{}", write("github"));
    assert!(write("human").contains("╭─[workflows/b.yaml:2:11]"), "{}", write("human"));
}

#[test]
fn the_sarif_is_what_the_standards_schema_says() {
    let sources = Sources::new();
    let hidden = Diagnostic::error(&code::UNREADABLE_FILE, "`a\u{1b}b` is a folder").at_file("a b/ů.yaml", "").help("rename it");
    let diagnostics = [typo(&sources), clash(&sources), allowed(&sources), hidden, Diagnostic::error(&code::NO_OWNERS, "nobody")];
    let schema = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sarif/sarif-schema-2.1.0.json"));
    // The standard's own text has a stray bracket in its pattern of languages, which no strict reader takes.
    let mended = schema.replace("^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}-[a-zA-Z]{2}$");
    let validator = jsonschema::validator_for(&serde_json::from_str(&mended).expect("it is JSON")).expect("it is a schema");
    for diagnostics in [&[][..], &diagnostics] {
        let document: serde_json::Value = serde_json::from_str(&written("sarif", &sources, diagnostics)).expect("it is JSON");
        let faults: Vec<String> = validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn a_fingerprint_stays_when_lines_move_and_tells_two_alike_apart() {
    let prints = |texts: [&str; 2]| {
        let sources = Sources::new();
        let faults = texts.map(|text| {
            let span = file(&sources, "a.yaml", text, "retrys");
            Diagnostic::error(&code::UNKNOWN_FIELD, "there is no key `retrys`").at(span, "")
        });
        let document: serde_json::Value = serde_json::from_str(&written("sarif", &sources, &faults)).expect("it is JSON");
        [0, 1].map(|at| document["runs"][0]["results"][at]["partialFingerprints"]["freehold/v1"].clone())
    };
    let [first, second] = prints(["retrys: 1\n", "a:\n  retrys: 1\n"]);
    assert_ne!(first, second);
    assert_eq!([first, second], prints(["# one\nretrys: 1\n", "b:\n\n  retrys: 1\n"]));
}

#[test]
fn annotations_that_github_does_not_show_are_counted() {
    let sources = Sources::new();
    let text = written("github", &sources, &vec![typo(&sources); 12]);
    assert!(text.ends_with(
        "::notice title=Freehold::2 more stand in the log of this step only%0AGitHub shows 10 errors and 10 warnings of a step\n"
    ));
    assert!(!written("github", &sources, &vec![typo(&sources); 10]).contains("::notice"));
}

#[test]
fn what_a_comment_allows_is_told_to_programs_with_its_reason_and_to_people_as_a_number() {
    let sources = Sources::new();
    let diagnostics = [allowed(&sources)];
    let json: serde_json::Value = serde_json::from_str(&written("json", &sources, &diagnostics)).expect("it is JSON");
    let schema = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/diagnostics.v1.json"));
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).expect("it is JSON")).expect("it is a schema");
    assert!(validator.is_valid(&json), "{json}");
    assert_eq!(json["diagnostics"][0]["allowed"], serde_json::json!({ "reason": "it is new", "path": "workflows/c.yaml", "line": 2 }));
    assert_eq!((&json["diagnostics"][0]["severity"], &json["summary"]["warnings"]), (&"allowed".into(), &0.into()));
    let sarif: serde_json::Value = serde_json::from_str(&written("sarif", &sources, &diagnostics)).expect("it is JSON");
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["justification"]), (&"inSource".into(), &"it is new".into()));
    assert_eq!(suppression["location"]["physicalLocation"]["region"]["startLine"], 2);
    assert_eq!(written("github", &sources, &diagnostics), "");
    assert_eq!(written("human", &sources, &diagnostics), "all good: 3 workflows, 1 task, and 1 allowed by a comment\n");
    assert_eq!(written("markdown", &sources, &diagnostics), "**All good**: 3 workflows, 1 task\n");
}

#[test]
fn annotations_and_summaries_are_one_line_each() {
    let sources = Sources::new();
    let diagnostics = [typo(&sources), clash(&sources)];
    insta::assert_snapshot!(written("github", &sources, &diagnostics), @r#"
    ::error file=workflows/a.yaml,line=3,endLine=3,col=10,endColumn=16,title=FH0201 unknown-field::there is no key `retrys` in `pul`%0Adid you mean `retries`?
    ::warning file=workflows/b.yaml,line=2,endLine=2,col=11,endColumn=14,title=FH0315 duplicate-workflow::two workflows are called `a`%0Athe second%0Arename one
    "#);
    insta::assert_snapshot!(written("markdown", &sources, &diagnostics), @r#"
    **1 error, 1 warning** (3 workflows, 1 task)

    | | where | what is wrong | what to type |
    |---|---|---|---|
    | ❌ FH0201 | <code>workflows/a.yaml:3:10</code> | there is no key <code>retrys</code> in <code>pul</code> | did you mean <code>retries</code>? |
    | ⚠️ FH0315 | <code>workflows/b.yaml:2:11</code><br><code>workflows/a.yaml:2:11</code><br><code>teams/churn.yaml</code> | two workflows are called <code>a</code> | rename one |
    "#);
    assert_eq!(written("markdown", &sources, &[]), "**All good**: 3 workflows, 1 task\n");
}

#[test]
fn gitlab_shows_a_finding_at_its_line_and_always_has_one() {
    let sources = Sources::new();
    let found = [typo(&sources), Diagnostic::warning(&code::DUPLICATE_WORKFLOW, "two").at_file("teams/churn.yaml", "")];
    let report: serde_json::Value = serde_json::from_str(&written("gitlab", &sources, &found)).expect("JSON");
    let places: Vec<(&str, u64)> = report
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| Some((finding["location"]["path"].as_str()?, finding["location"]["lines"]["begin"].as_u64()?)))
        .collect();
    assert_eq!(places, [("workflows/a.yaml", 3), ("teams/churn.yaml", 1)]);
    assert_eq!((&report[0]["severity"], &report[1]["severity"]), (&"major".into(), &"minor".into()));
    assert_ne!(report[0]["fingerprint"], report[1]["fingerprint"]);
}
