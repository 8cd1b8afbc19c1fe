//! Workflows that are hand-written files: read as they are, never parsed and never run, and compiled to the very same bytes.

use std::collections::BTreeMap;

use super::dag_ids::claims;
use super::load::{ParsedWorkflow, beside, unreadable};
use crate::artifact::{Artifact, Owner};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::ReadTree;
use crate::name::{DagId, RepoPath, SourceName};
use crate::policy::{Policy, check_adopted};
use crate::source::Spanned;
use crate::spec::AdoptedPath;

/// A hand-written file of a source.
#[derive(Debug, Clone)]
pub struct AdoptedFile {
    /// Its path, relative to the source.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Reads the hand-written files that workflows are. One whose file is not there is dropped, which has been told.
pub(super) fn load_adopted(
    tree: &dyn ReadTree,
    prefix: &str,
    workflows: &mut Vec<ParsedWorkflow>,
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) {
    workflows.retain_mut(|workflow| {
        let Some(written) = &workflow.spec.adopted else { return true };
        workflow.adopted = read(tree, prefix, &workflow.file, written, sink);
        files.extend(workflow.adopted.iter().map(|file| (file.path.clone(), file.bytes.clone())));
        workflow.adopted.is_some()
    });
}

fn read(tree: &dyn ReadTree, prefix: &str, file: &str, written: &Spanned<AdoptedPath>, sink: &mut Sink) -> Option<AdoptedFile> {
    let AdoptedPath(text) = &written.value;
    let Some(path) = beside(file, text) else {
        let fault = Diagnostic::error(&code::DATA_FILE, format!("`{text}` is no path inside the project")).at(written.span, "");
        sink.push(fault.help("write a path relative to this file, with `/` between its parts"));
        return None;
    };
    match tree.read(&path) {
        Ok(Some(bytes)) => Some(AdoptedFile { path, bytes }),
        Ok(None) => {
            let fault = Diagnostic::error(&code::DATA_FILE, format!("there is no file `{path}`")).at(written.span, "");
            sink.push(fault.help("copy it from the central repository, `freehold adopt`, and commit it"));
            None
        }
        Err(error) => {
            sink.push(unreadable(&format!("{prefix}{path}"), &error).mainly_at(written.span, ""));
            None
        }
    }
}

/// What a hand-written file is compiled to: itself, and who has its DAG ids. None when the platform has not granted it, which is told.
pub(super) fn compile_adopted(
    source: &SourceName,
    workflow: &ParsedWorkflow,
    file: &AdoptedFile,
    policy: &Policy<'_>,
    sink: &mut Sink,
) -> Vec<Artifact> {
    let Some(written) = &workflow.spec.adopted else { return Vec::new() };
    let mut found = Sink::new();
    check_adopted(&workflow.spec, written, &file.bytes, policy, &mut found);
    let is_refused = found.has_errors();
    sink.extend(found.into_sorted());
    let (team, name) = (policy.team(), &workflow.spec.workflow.value);
    let Some(path) = RepoPath::parse(&format!("dags/{team}/{name}.py")).ok().filter(|_| !is_refused) else { return Vec::new() };
    let owner = Owner { team: team.clone(), source: source.clone() };
    let ids: Vec<DagId> =
        policy.dag_ids.adoption(team, name).iter().flat_map(|adoption| &adoption.dag_ids).map(|id| id.value.clone()).collect();
    let itself = Artifact { path, bytes: file.bytes.clone(), owner: owner.clone(), workflow: name.clone() };
    std::iter::once(itself).chain(claims(&owner, (name, &workflow.file), &ids)).collect()
}
