//! NAMES: every path means the same file on every machine.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::case::{Case, Changed};
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode, ObjectId};
use crate::name::RepoPath;

/// Bytes of one part of a path on Linux.
const LONGEST_PART: usize = 255;
/// Bytes of a path: macOS takes 1024 with those of the folder that it is checked out in.
const LONGEST_PATH: usize = 1000;
/// Letters that macOS leaves out of names, as Git knows them.
const UNSEEN: [RangeInclusive<char>; 4] =
    ['\u{200c}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{206a}'..='\u{206f}', '\u{feff}'..='\u{feff}'];

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let added: Vec<&Changed> = case.changes.iter().filter(|change| change.after.is_some()).collect();
    for change in &added {
        if let Some(reason) = reason(change) {
            let fault = Diagnostic::error(&code::FILE_NAME, format!("`{}` is no path that may be used here", change.path.escape_debug()));
            sink.push(fault.at_file(&*change.path, reason).help("rename the file: letters, digits, `-`, `_` and `.`"));
        }
    }
    check_case(case, &added, sink)
}

fn reason(change: &Changed) -> Option<String> {
    match &change.place {
        Place::Source { .. } | Place::Compiled { .. } | Place::Policy | Place::Override { .. } => {
            RepoPath::parse(&change.path).err().map(|error| error.to_string())
        }
        Place::Platform | Place::Original { .. } | Place::Unmanaged | Place::Nobody => platform_reason(&change.path).map(str::to_owned),
    }
}

/// The platform's files, and hand-written ones, may be hidden and may have spaces; what no file system agrees on they may not.
fn platform_reason(path: &str) -> Option<&'static str> {
    if path.chars().any(|letter| letter.is_control() || letter == '\\' || letter == char::REPLACEMENT_CHARACTER) {
        return Some("a control character, a backslash, or bytes that are no text");
    }
    let odd = |part: &str| part.is_empty() || part == "." || part == ".." || part.ends_with(['.', ' ']);
    if path.split('/').any(|part| odd(part) || is_git_folder(part)) {
        return Some("a part of it is `.`, `..` or what some file system takes for `.git`, or ends with a dot or a space");
    }
    let is_long = path.len() > LONGEST_PATH || path.split('/').any(|part| part.len() > LONGEST_PART);
    is_long.then_some("it is longer than file systems take: 255 bytes a part, 1000 altogether")
}

/// Whether Windows or macOS takes a name for `.git`: by its short name, a stream of it, or letters that are left out. Git checks out no
/// tree with one of the first two on any system, Linux too, and none with the last on macOS.
fn is_git_folder(part: &str) -> bool {
    let seen: String = part.chars().filter(|letter| !UNSEEN.iter().any(|unseen| unseen.contains(letter))).collect();
    let name = seen.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

/// Two names in one folder that a case-insensitive file system takes for one. Looks at the folders that gain a name.
fn check_case(case: &Case<'_>, added: &[&Changed], sink: &mut Sink) -> Result<(), GitError> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for change in added {
        let mut path = change.path.as_str();
        loop {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            // A folder whose names were looked at before has had its own folders looked at, too.
            if !folders.entry(folder).or_default().insert(name) || folder.is_empty() {
                break;
            }
            path = folder;
        }
    }
    for (folder, names) in folders {
        let Some(tree) = folder_of(case, folder)? else { continue };
        let mut by_folded: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in case.repository.entries(&tree)?.into_keys() {
            let name = String::from_utf8_lossy(&name).into_owned();
            by_folded.entry(name.to_lowercase()).or_default().push(name);
        }
        for clash in by_folded.into_values().filter(|clash| clash.len() > 1) {
            let Some(new) = clash.iter().find(|name| names.contains(name.as_str())) else { continue };
            let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let other = clash.iter().find(|name| *name != new).unwrap_or(new);
            let title = format!("`{}` and `{}` differ by case only", path(new), path(other));
            let fault = Diagnostic::error(&code::FILE_NAME, title).at_file(path(new), "macOS and Windows take them for one file");
            sink.push(fault.at_file(path(other), "").help("give one of them another name"));
        }
    }
    Ok(())
}

fn folder_of(case: &Case<'_>, folder: &str) -> Result<Option<ObjectId>, GitError> {
    let entry = case.repository.entry(case.tree, folder)?.filter(|entry| entry.mode == Mode::Folder);
    Ok(entry.map(|entry| entry.id))
}
