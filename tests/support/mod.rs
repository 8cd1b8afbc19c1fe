//! A folder that holds a project, and beside it what its central repository would hold, compiled.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use freehold::diag::{Diagnostic, Sink};
use freehold::io::{Disk, ReadError, ReadTree};
use freehold::pipeline::{Compiled, Keep, Library, PolicyFiles, Rest, Unit, compile_team, load_source};
use freehold::source::Sources;

/// Files that such a folder may leave out.
pub(crate) const DEFAULTS: [(&str, &str); 3] = [
    ("freehold.yaml", "team: churn\nsource: churn-model\n"),
    ("platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\nprofiles: { production: {}, research: {} }\n"),
    ("teams/churn.yaml", "team: churn\n"),
];

/// What compiling gave.
pub(crate) struct Outcome {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) compiled: Compiled,
}

/// Compiles the project in a folder under the policy in it.
pub(crate) fn compile(folder: &Path) -> Outcome {
    compile_tree(&Disk::new(folder))
}

/// Compiles a project under the policy that lies beside it.
pub(crate) fn compile_tree(tree: &dyn ReadTree) -> Outcome {
    let (sources, mut sink) = (Sources::new(), Sink::new());
    // A project has `blueprints/` too, so the platform's lie one folder further down.
    let platform = Platform { folder: tree };
    let mut compiled = Compiled::default();
    if let Some(source) = load_source(tree, "", &Library::of(&platform), &sources, &mut sink) {
        let team = &source.project.team;
        let mut policy = PolicyFiles::read_in(tree, team, &sources, &mut sink).expect("the policy can be read");
        policy.iter_mut().for_each(|policy| policy.read_awaited(tree, [&source]).expect("the policy can be read"));
        if let Some(policy) = policy {
            let name = source.project.source.value.clone();
            let units = [Unit { name: &name, source: &source, stands: None }];
            compiled = compile_team(&policy, &units, &Rest::Known(BTreeSet::new()), Keep::Artifacts, &mut sink);
        }
    }
    Outcome { sources, diagnostics: sink.into_sorted(), compiled }
}

/// The central repository beside a project: its blueprints are in `central/blueprints/`, because a project has such a folder itself.
struct Platform<'a> {
    folder: &'a dyn ReadTree,
}

impl ReadTree for Platform<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let place = if path.starts_with("blueprints/") { format!("central/{path}") } else { path.to_owned() };
        self.folder.read(&place)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let found = self.folder.list(&format!("central/{folder}"))?;
        Ok(found.iter().filter_map(|path| path.strip_prefix("central/")).map(str::to_owned).collect())
    }
}

/// Copies what a folder holds into another one.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        write(to, &path, &bytes);
    }
}

/// Every file below a folder, by its path within it; none when there is no such folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs_err::read_dir(next) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("it is below").to_string_lossy().replace('\\', "/");
                found.insert(relative, fs_err::read(&path).expect("read"));
            }
        }
    }
    found
}

/// Writes a file below a folder, with the folders that it needs.
pub(crate) fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let full = folder.join(path);
    fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
    fs_err::write(full, bytes).expect("written");
}
