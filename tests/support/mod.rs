//! A folder that holds a project, and beside it what its central repository would hold, compiled.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeSet;
use std::path::Path;

use freehold::diag::{Diagnostic, Sink};
use freehold::io::{Disk, ReadTree};
use freehold::pipeline::{Compiled, Keep, PolicyFiles, Rest, Unit, compile_team, load_source};
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
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let disk = Disk::new(folder);
    let read = |path: &str| disk.read(path).expect("the policy can be read");
    let mut compiled = Compiled::default();
    if let Some(source) = load_source(&disk, "", &sources, &mut sink) {
        let team = &source.project.team;
        let (platform, grant) = (read("platform.yaml"), read(&format!("teams/{}.yaml", team.value)));
        let policy = PolicyFiles::read(platform.as_deref(), grant.as_deref(), &team.value, Some(team.span), &sources, &mut sink);
        if let Some(policy) = policy {
            let name = source.project.source.value.clone();
            let units = [Unit { name: &name, source: &source }];
            compiled = compile_team(&policy, &units, &Rest::Known(BTreeSet::new()), Keep::Artifacts, &mut sink);
        }
    }
    Outcome { sources, diagnostics: sink.into_sorted(), compiled }
}
