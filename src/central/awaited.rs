//! What a publish waits for must be in the central repository.

use super::compiler::TeamOutput;
use super::layout;
use super::request::Request;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::io::git::{GitError, Mode, ObjectId, Repository};
use crate::name::TeamName;

/// Names that a message lists.
const LISTED: usize = 8;

/// Refuses a wait for another team's workflow that is not there. The own team's are the compiler's to look for.
pub(crate) fn check_awaited(
    repository: &Repository,
    tree: &ObjectId,
    request: &Request<'_>,
    output: &TeamOutput,
    sink: &mut Sink,
) -> Result<(), GitError> {
    for artifact in output.artifacts.iter().filter(|artifact| artifact.owner.source == request.source) {
        let Some((team, workflow)) = layout::awaited(artifact.path.as_str(), &request.team) else { continue };
        let Some(awaited) = TeamName::parse(team).ok().filter(|team| *team != request.team) else { continue };
        let path = format!("{}/{workflow}.py", layout::compiled(&awaited));
        if repository.entry(tree, &path)?.is_some_and(|entry| entry.mode == Mode::File) {
            continue;
        }
        let written = output.workflows.iter().find(|found| found.workflow == artifact.workflow);
        let fault = Diagnostic::error(&code::UNKNOWN_WORKFLOW, format!("team `{team}` has no workflow `{workflow}`"));
        let fault = fault.at_file(written.map_or("", |found| found.file.as_str()), format!("`{}` waits for it", artifact.workflow));
        sink.push(fault.help(help(repository, tree, &awaited, workflow)?));
    }
    Ok(())
}

fn help(repository: &Repository, tree: &ObjectId, team: &TeamName, workflow: &str) -> Result<String, GitError> {
    let published = names(repository, tree, &layout::compiled(team), ".py")?;
    let known: Vec<&str> = published.iter().map(String::as_str).collect();
    if let Some(near) = suggest(workflow, known.iter().copied()) {
        return Ok(format!("write `workflow: {team}/{near}`"));
    }
    if !known.is_empty() {
        let more = if known.len() > LISTED { " and others" } else { "" };
        return Ok(format!("write one of {}{more}", quoted_list(known.into_iter().take(LISTED))));
    }
    let teams = names(repository, tree, "dags", "")?;
    Ok(match suggest(team.as_str(), teams.iter().map(String::as_str)) {
        Some(near) => format!("write `workflow: {near}/{workflow}`"),
        None => format!("ask team `{team}` to publish it first"),
    })
}

/// What lies in a folder, without an ending that all of it has.
fn names(repository: &Repository, tree: &ObjectId, folder: &str, ending: &str) -> Result<Vec<String>, GitError> {
    let Some(entry) = repository.entry(tree, folder)?.filter(|entry| entry.mode == Mode::Folder) else { return Ok(Vec::new()) };
    let names = repository.entries(&entry.id)?.into_keys();
    Ok(names.filter_map(|name| String::from_utf8_lossy(&name).strip_suffix(ending).map(str::to_owned)).collect())
}
