//! NAMES: every path means the same file on every machine.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Changed};
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode, ObjectId};
use crate::name::RepoPath;

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
    let odd =
        |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git") || part.ends_with(['.', ' ']);
    path.split('/').any(odd).then_some("a part of it is `.`, `..` or `.git`, or ends with a dot or a space")
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
