//! LOCK: a touched source's lock says exactly what is there.

use std::collections::BTreeMap;

use super::case::{Case, Source, Team};
use super::place::LOCK;
use crate::central::compiler::{TeamOutput, WorkflowFile};
use crate::central::lock::{Lock, LockedWorkflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode};
use crate::name::{SourceName, TeamName};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        // A source that is gone altogether is COMPLETE's to judge.
        if files.files.is_empty() && files.lock.is_none() {
            continue;
        }
        if let Some(reason) = reason(case, (team, state), (source, files)) {
            let path = format!("sources/{team}/{source}/{LOCK}");
            let fault = Diagnostic::error(&code::LOCK, format!("`{path}` does not say what is there")).at_file(path, reason);
            sink.push(fault.help("run `freehold publish`, or `freehold compile` in the central repository; the file is not for editing"));
        }
    }
    Ok(())
}

fn reason(case: &Case<'_>, (team, state): (&TeamName, &Team), (source, files): (&SourceName, &Source)) -> Option<String> {
    let lock = match &files.lock {
        None => return Some("it is missing".to_owned()),
        Some(Err(error)) => return Some(error.to_string()),
        Some(Ok(lock)) => lock,
    };
    let format = case.compiler.format_version();
    if lock.team != team.as_str() || lock.source != source.as_str() {
        return Some(format!("it speaks of `{}/{}`", lock.team, lock.source));
    }
    if lock.format != format {
        return Some(format!("it was written for format {}, and this freehold verifies format {format}", lock.format));
    }
    let listed = listed_wrongly(lock, files);
    listed.or_else(|| compiled_wrongly(case, lock, source, state.output()?))
}

pub(super) fn listed_wrongly(lock: &Lock, files: &Source) -> Option<String> {
    let regular = files.files.iter().filter(|(_, entry)| entry.mode == Mode::File);
    let there: BTreeMap<&str, &str> = regular.map(|(path, entry)| (path.as_str(), entry.id.as_str())).collect();
    let listed: BTreeMap<&str, &str> = lock.files.iter().map(|(path, id)| (path.as_str(), id.as_str())).collect();
    let wrong = there
        .iter()
        .find(|(path, id)| listed.get(*path) != Some(id))
        .or_else(|| listed.iter().find(|(path, _)| !there.contains_key(*path)));
    wrong.map(|(path, _)| format!("`{path}` is there with other content than it lists, or not at all"))
}

fn compiled_wrongly(case: &Case<'_>, lock: &Lock, source: &SourceName, output: &TeamOutput) -> Option<String> {
    let mut made: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    for artifact in output.artifacts.iter().filter(|artifact| artifact.owner.source == *source) {
        ids.insert(artifact.path.to_string(), case.repository.format().blob_id(&artifact.bytes).to_string());
        made.entry(artifact.workflow.to_string()).or_default().push(artifact.path.to_string());
    }
    if let Some(path) = lock.compiled.keys().find(|path| !ids.contains_key(*path)) {
        return Some(format!("it claims `{path}`, which the source does not compile to"));
    }
    if lock.compiled != ids {
        return Some("its ids of compiled files are not those that the source compiles to".to_owned());
    }
    let own = output.workflows.iter().filter(|found| found.source == *source);
    let workflow = |found: &WorkflowFile| LockedWorkflow {
        compiled: made.get(found.workflow.as_str()).cloned().unwrap_or_default(),
        data: found.data.iter().cloned().collect(),
        file: found.file.clone(),
        protect: found.life.is_protected,
        usage: found.usage.clone(),
    };
    let expected: BTreeMap<String, LockedWorkflow> = own.map(|found| (found.workflow.to_string(), workflow(found))).collect();
    (expected != lock.workflows).then(|| "its workflows are not those of the source".to_owned())
}
