//! The generated files.

use crate::cli::workspace::Compilation;
use crate::ir::Workflow;

pub(super) fn show(done: &Compilation, chosen: &[&Workflow]) -> String {
    let is_chosen = |artifact: &&crate::artifact::Artifact| {
        chosen.iter().any(|workflow| workflow.name == artifact.workflow && workflow.team == artifact.owner.team)
    };
    let artifacts: Vec<_> = done.teams.iter().flat_map(|team| team.compiled.artifacts.iter()).filter(is_chosen).collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match artifacts.as_slice() {
        [only] => text(&only.bytes),
        many => many.iter().map(|artifact| format!("# ── {} ──\n{}\n", artifact.path, text(&artifact.bytes))).collect(),
    }
}
