//! Projects with one fault each: the report is at the line that the fixture names, and reads as its golden text.
//!
//! `EXPECT` says in words what a person expects; `expected.txt` is what is printed (`UPDATE_EXPECTED=1 cargo test` writes it anew).

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod messages;
mod support;

use std::path::{Path, PathBuf};

use freehold::diag::{Diagnostic, Place, Severity, codes};
use freehold::report::{Format, Style, Summary, render};
use freehold::source::Sources;

fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/faults");
    let mut found: Vec<PathBuf> =
        fs_err::read_dir(folder).expect("the fixtures are there").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

/// The fixture with what it leaves out added.
fn complete(fixture: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in support::DEFAULTS {
        support::write(folder.path(), path, text.as_bytes());
    }
    support::copy(fixture, folder.path());
    folder
}

/// Lines of a file that a diagnostic points at; 0 for the file as a whole.
fn lines(diagnostic: &Diagnostic, sources: &Sources, file: &str) -> Vec<usize> {
    let line = |place: &Place| match place {
        Place::File(path) => (path == file).then_some(0),
        Place::Span(span) => {
            let source = sources.file(span.source);
            (source.path == file).then(|| source.positions(*span).0.line)
        }
    };
    diagnostic.labels.iter().filter_map(|label| line(&label.place)).collect()
}

fn field<'a>(expect: &'a str, name: &str) -> Option<&'a str> {
    expect.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn every_fault_is_told_at_its_line_as_the_golden_text_says() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let name = fixture.file_name().expect("a name").to_string_lossy().into_owned();
        let expect = fs_err::read_to_string(fixture.join("EXPECT")).expect("every fixture has an EXPECT");
        let folder = complete(&fixture);
        let outcome = support::compile(folder.path());
        let told: Vec<&Diagnostic> = outcome.diagnostics.iter().filter(|found| found.severity != Severity::Allowed).collect();
        let style = Style { colour: false, width: 110 };
        let text = render(Format::parse("human").expect("known"), &outcome.diagnostics, &outcome.sources, &Summary::default(), style);
        let golden = fixture.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs_err::write(&golden, &text).expect("written");
        }
        if fs_err::read_to_string(&golden).unwrap_or_default() != text {
            wrong.push(format!("{name}: reads otherwise than its golden text:\n{text}"));
        }
        if expect.starts_with("CLEAN") {
            if !told.is_empty() || outcome.compiled.artifacts.is_empty() {
                wrong.push(format!("{name}: is to be clean:\n{text}"));
            }
            continue;
        }
        let file = field(&expect, "file").expect("EXPECT names the file");
        let line: usize = field(&expect, "line").and_then(|line| line.parse().ok()).expect("EXPECT names the line");
        let is_there =
            |diagnostic: &&Diagnostic| lines(diagnostic, &outcome.sources, file).iter().any(|found| *found == line || *found == 0);
        if told.len() != 1 || !told.iter().any(is_there) {
            wrong.push(format!("{name}: one fault at {file}:{line} is expected\n{expect}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{} of the fixtures:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// Codes that no folder of regular files can show: a link, and a project file that is not there. Their pages do (`tests/codes.rs`).
const ELSEWHERE: [&str; 2] = ["FH0101", "FH0317"];

#[test]
fn every_code_about_a_teams_files_has_a_fixture() {
    let golden = |fixture: PathBuf| fs_err::read_to_string(fixture.join("expected.txt")).expect("every fixture has a golden text");
    let texts: Vec<String> = fixtures().into_iter().map(golden).collect();
    let is_ours = |id: &str| ("FH01".."FH07").contains(&&id[..4]) && !ELSEWHERE.contains(&id);
    let is_shown = |id: &str| texts.iter().any(|text| text.lines().any(|line| line.starts_with(id)));
    let missing: Vec<&str> = codes().iter().map(|code| code.id).filter(|id| is_ours(id) && !is_shown(id)).collect();
    assert!(missing.is_empty(), "without a fixture: {missing:?}");
}
