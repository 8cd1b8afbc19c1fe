//! The generated files.

use crate::cli::workspace::Compilation;
use crate::ir::Workflow;
use crate::pipeline::REFERENCES;

pub(super) fn show(done: &Compilation, chosen: &[&Workflow]) -> String {
    // References say nothing that the workflow's own file does not say too.
    let is_chosen = |artifact: &&crate::artifact::Artifact| {
        !artifact.path.as_str().starts_with(&format!("{REFERENCES}/"))
            && chosen.iter().any(|workflow| workflow.name == artifact.workflow && workflow.team == artifact.owner.team)
    };
    let artifacts: Vec<_> = done.teams.iter().flat_map(|team| team.compiled.artifacts.iter()).filter(is_chosen).collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match artifacts.as_slice() {
        [only] => text(&only.bytes),
        many => many.iter().map(|artifact| format!("# ── {} ──\n{}\n", artifact.path, text(&artifact.bytes))).collect(),
    }
}
