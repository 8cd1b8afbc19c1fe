//! The generated files.

use crate::artifact::Artifact;
use crate::cli::output::Output;
use crate::cli::workspace::Compilation;
use crate::ir::Workflow;
use crate::pipeline::{REFERENCES, USES};
use crate::report::Language;

pub(super) fn show(done: &Compilation, chosen: &[&Workflow], output: &Output) -> String {
    let artifacts: Vec<_> = artifacts(done).filter(|artifact| chosen.iter().any(|workflow| is_of(artifact, workflow))).collect();
    let code = |artifact: &Artifact, text: &str| output.code(text, Language::of_file(artifact.path.as_str()));
    match artifacts.as_slice() {
        [only] => code(only, &text(only)),
        many => many.iter().map(|artifact| code(artifact, &format!("# ── {} ──\n{}\n", artifact.path, text(artifact)))).collect(),
    }
}

/// What is generated. References and uses are left out: they say nothing that the workflow's own file does not say too.
pub(super) fn artifacts(done: &Compilation) -> impl Iterator<Item = &Artifact> {
    let all = done.teams.iter().flat_map(|team| team.compiled.artifacts.iter());
    let is_said = |path: &str| path.split('/').next().is_some_and(|folder| folder == REFERENCES || folder == USES);
    all.filter(move |artifact| !is_said(artifact.path.as_str()))
}

/// Whether it was generated from a workflow.
fn is_of(artifact: &Artifact, workflow: &Workflow) -> bool {
    workflow.name == artifact.workflow && workflow.team == artifact.owner.team
}

pub(super) fn text(artifact: &Artifact) -> String {
    String::from_utf8_lossy(&artifact.bytes).into_owned()
}
