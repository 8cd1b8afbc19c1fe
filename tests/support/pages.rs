//! Pages whose examples are compiled.
//!
//! A block ```` ```yaml file=PATH ```` is a file of a project of team `churn`; `platform.yaml` and `teams/churn.yaml` are the central
//! repository's. `bytes=PATH` reads `\xNN` as a byte, `link=PATH` makes a symbolic link, `absent=PATH` leaves a default file out.

use std::collections::BTreeMap;

use freehold::diag::{Diagnostic, Severity};

use super::DEFAULTS;

/// A file as a page gives it.
pub(crate) enum File {
    Bytes(Vec<u8>),
    Link(String),
    Absent,
}

/// The files of a section; a block that names none is for reading.
pub(crate) fn blocks(section: &str) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    let mut rest = section;
    while let Some(start) = rest.find("```") {
        let (info, body) = rest[start + 3..].split_once('\n').expect("a fence is a line");
        let end = body.find("```").expect("a fence is closed");
        let text = &body[..end];
        rest = &body[end + 3..];
        let Some((kind, path)) = info.split(' ').find_map(|word| word.split_once('=')) else { continue };
        let file = match kind {
            "file" => File::Bytes(text.as_bytes().to_vec()),
            "bytes" => File::Bytes(unescape(text)),
            "link" => File::Link(text.trim().to_owned()),
            "absent" => File::Absent,
            other => panic!("{other} is no kind of block"),
        };
        files.insert(path.to_owned(), file);
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

/// What compiling them tells, without what the files themselves allow.
pub(crate) fn compile(files: &BTreeMap<String, File>) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let defaults = DEFAULTS
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
    let found = super::compile(folder.path()).diagnostics;
    found.into_iter().filter(|found| found.severity != Severity::Allowed).collect()
}

/// What stands below a heading, up to the next of its rank.
pub(crate) fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page.find(heading).unwrap_or_else(|| panic!("{heading} is missing:\n{page}"));
    let rest = &page[start + heading.len()..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}
