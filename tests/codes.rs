//! Every code has a page, and the page's examples do what it says: the bad one is refused for that code alone, the good one is clean.
//!
//! A block ```` ```yaml file=PATH ```` is a file of a project of team `churn`; `platform.yaml` and `teams/churn.yaml` are the central
//! repository's. `bytes=PATH` reads `\xNN` as a byte, `link=PATH` makes a symbolic link, `absent=PATH` leaves a default file out.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod support;

use std::collections::BTreeMap;

use freehold::diag::{Diagnostic, Severity, codes};

enum File {
    Bytes(Vec<u8>),
    Link(String),
    Absent,
}

/// Codes whose examples are changes of a central repository, or what is around one: `tests/central/codes.rs` and
/// `tests/doctor/codes.rs` perform them.
fn is_about_central(id: &str) -> bool {
    ["FH07", "FH08", "FH09"].iter().any(|kind| id.starts_with(kind))
}

fn blocks(section: &str) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    let mut rest = section;
    while let Some(start) = rest.find("```") {
        let (info, body) = rest[start + 3..].split_once('\n').expect("a fence is a line");
        let end = body.find("```").expect("a fence is closed");
        let text = &body[..end];
        let option = info.split(' ').find(|word| word.contains('=')).expect("a block names its file");
        let (kind, path) = option.split_once('=').expect("it has one");
        let file = match kind {
            "file" => File::Bytes(text.as_bytes().to_vec()),
            "bytes" => File::Bytes(unescape(text)),
            "link" => File::Link(text.trim().to_owned()),
            "absent" => File::Absent,
            other => panic!("{other} is no kind of block"),
        };
        files.insert(path.to_owned(), file);
        rest = &body[end + 3..];
    }
    files
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        bytes.push(u8::from_str_radix(&rest[at + 2..at + 4], 16).expect("two digits"));
        rest = &rest[at + 4..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn compile(files: &BTreeMap<String, File>) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let defaults = support::DEFAULTS
        .iter()
        .filter(|(path, _)| !files.contains_key(*path))
        .map(|(path, text)| ((*path).to_owned(), File::Bytes(text.as_bytes().to_vec())));
    let given: BTreeMap<String, File> = defaults.collect();
    for (path, file) in given.iter().chain(files) {
        let full = folder.path().join(path);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        match file {
            File::Bytes(bytes) => fs_err::write(full, bytes).expect("written"),
            File::Link(target) => std::os::unix::fs::symlink(target, full).expect("linked"),
            File::Absent => {}
        }
    }
    let found = support::compile(folder.path()).diagnostics;
    found.into_iter().filter(|found| found.severity != Severity::Allowed).collect()
}

fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page.find(heading).unwrap_or_else(|| panic!("{heading} is missing:\n{page}"));
    let rest = &page[start + heading.len()..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn the_bad_example_of_every_page_is_refused_for_that_code_alone_and_the_good_one_is_clean() {
    for code in codes().iter().filter(|code| !is_about_central(code.id)) {
        assert!(code.page.starts_with(&format!("# {}: ", code.id)), "{}: the page starts with its code", code.id);
        let bad = compile(&blocks(section(code.page, "## Bad")));
        assert!(!bad.is_empty(), "{}: the bad example is taken", code.id);
        for error in &bad {
            assert_eq!(error.code.id, code.id, "{}: {}", code.id, error.title);
            assert!(error.help.is_some(), "{}: it says what to type", code.id);
            assert!(!error.labels.is_empty(), "{}: it says where", code.id);
        }
        let good = compile(&blocks(section(code.page, "## Good")));
        assert!(good.is_empty(), "{}: the good example is refused: {good:#?}", code.id);
    }
}

#[test]
fn codes_are_sorted_and_unique_and_so_are_their_names() {
    let ids: Vec<&str> = codes().iter().map(|code| code.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    let names: std::collections::BTreeSet<&str> = codes().iter().map(|code| code.name).collect();
    assert_eq!(names.len(), ids.len());
}

#[test]
fn every_page_belongs_to_a_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes");
    for entry in fs_err::read_dir(folder).expect("the folder is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let id = name.trim_end_matches(".md");
        assert!(codes().iter().any(|code| code.id == id), "{name} explains no code");
    }
}
