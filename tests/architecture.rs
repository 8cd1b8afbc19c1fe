//! Which module may use which. Changing the table is a commit of its own, with a reason.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each module and the modules of the crate that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("name", &[]),
    ("source", &[]),
    ("diag", &["source"]),
    ("ir", &["source", "name"]),
    ("artifact", &["source", "name"]),
    ("io", &["source", "name"]),
    ("identity", &["diag"]),
    ("yaml", &["source", "diag"]),
    ("schema", &["source", "diag", "yaml"]),
    ("spec", &["source", "diag", "yaml", "name", "ir", "identity"]),
    // Between parsing and typing: it works on nodes, and knows of types only what a blueprint is.
    ("expand", &["source", "diag", "yaml", "name", "spec"]),
    ("policy", &["source", "diag", "spec", "ir", "name"]),
    // A JSON Schema that a team writes is kept as it was written, and `check` walks it.
    ("check", &["source", "diag", "yaml", "spec", "name"]),
    ("resolve", &["source", "diag", "spec", "policy", "ir", "name", "yaml"]),
    ("backend", &["source", "ir", "diag", "artifact", "name"]),
    // It is the compiler that `central` is handed, so it knows the trait; `central` does not know it.
    (
        "pipeline",
        &[
            "central", "source", "diag", "name", "yaml", "expand", "schema", "spec", "policy", "check", "resolve", "ir", "backend",
            "artifact", "io", "identity",
        ],
    ),
    ("central", &["source", "diag", "artifact", "io", "name", "identity"]),
    // It looks at what is around a repository, policy and all; nothing but `cli` asks it.
    ("doctor", &["source", "diag", "name", "yaml", "pipeline", "io"]),
    // Compares resolved workflows, and knows besides only when a timetable is due and how a timespan is written.
    ("delta", &["ir", "name", "resolve", "spec"]),
    ("report", &["source", "diag", "delta"]),
    // It shows resolved workflows, in the words in which changes of them are told.
    ("page", &["ir", "name", "delta", "report", "spec"]),
    ("editor", &["source", "diag", "yaml", "schema"]),
    (
        "cli",
        &[
            "source", "diag", "name", "yaml", "schema", "spec", "policy", "check", "resolve", "ir", "backend", "artifact", "io",
            "pipeline", "central", "doctor", "report", "identity", "delta", "editor", "page",
        ],
    ),
];

/// Modules that may touch the outside world: clippy's fence (`disallowed-methods`) has a gate nowhere else.
const OUTSIDE: [&str; 2] = ["io", "cli"];

fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).expect("below src").to_path_buf();
                let module = relative.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned();
                modules.entry(module).or_default().push((relative, fs_err::read_to_string(&path).expect("read")));
            }
        }
    }
    modules
}

/// Modules of the crate that a text names behind `crate::`, in lists too.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map(|rest| &rest[..rest.find("};").unwrap_or(rest.len())]);
        let mut depth = 0;
        let mut words = vec![String::new()];
        for character in list.unwrap_or(rest).chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if list.is_some() && depth == 0 => words.push(String::new()),
                character => words.last_mut().expect("never empty").push(character),
            }
            if list.is_none() && !(character.is_ascii_alphanumeric() || character == '_') {
                break;
            }
        }
        for word in words {
            let name: String = word.trim().chars().take_while(|character| character.is_ascii_alphanumeric() || *character == '_').collect();
            found.insert(name);
        }
    }
    found
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (module, files) in sources().into_iter().filter(|(module, _)| module != "lib" && module != "main") {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("`{module}` is missing in the table"));
            continue;
        };
        for (path, text) in files {
            for other in used(&text).into_iter().filter(|other| known.contains(other.as_str()) && *other != module) {
                if !allowed.contains(&other.as_str()) {
                    wrong.push(format!("{}: `{module}` may not use `{other}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_table_exists_and_says_what_it_is() {
    let sources = sources();
    for (module, _) in MAY_USE {
        let files = sources.get(*module).unwrap_or_else(|| panic!("there is no `{module}`"));
        let (path, text) = files.iter().find(|(path, _)| path.ends_with(format!("{module}/mod.rs"))).expect("a module is a folder");
        assert!(text.starts_with("//! "), "{} does not say what goes in and what comes out", path.display());
    }
}

#[test]
fn the_core_stays_away_from_the_outside_world() {
    for (module, files) in sources() {
        for (path, text) in files {
            let code = text.split("[cfg(test)]").next().unwrap_or_default();
            let opens = code.contains("allow(clippy::disallowed_methods") || code.contains("expect(clippy::disallowed_methods");
            assert!(!opens || OUTSIDE.contains(&module.as_str()), "{} opens the fence", path.display());
        }
    }
}

#[test]
fn files_stay_readable() {
    for (path, text) in sources().into_values().flatten() {
        let lines = text.split("[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(lines <= 500, "{} has {lines} lines: split it by stage or by concept", path.display());
        assert!(
            !text.contains("::*;") || path.ends_with("tests.rs") || text.contains("use super::*;") || text.contains("prelude::*"),
            "{} imports a glob",
            path.display()
        );
    }
}
