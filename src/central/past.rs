//! Files that the central repository holds, or remembers, of one workflow: to bring it back, or to take it over.

use super::layout;
use super::publish::{Error, tip};
use super::request::Branch;
use super::team::TeamState;
use crate::central::{Adoption, Compiler, SourceFiles};
use crate::io::git::{GitError, ObjectId, Scratch};
use crate::name::{DagId, SourceAddress, SourceName, TeamName, WorkflowAddress, WorkflowName};
use crate::source::Sources;

/// A workflow that is gone.
#[derive(Debug)]
pub struct Buried {
    /// Its files as they were last, by their path within the source.
    pub files: SourceFiles,
    /// The workflow that it lives on as.
    pub successor: Option<String>,
}

/// What a source's lock remembers of its workflows that are gone, by name.
///
/// # Errors
/// When the central repository cannot be read, or no longer has what its lock remembers.
pub fn buried(branch: &Branch, source: &SourceAddress, workflow: Option<&WorkflowName>) -> Result<Vec<(String, Buried)>, Error> {
    let scratch = Scratch::of(&branch.central)?;
    let state = read(&scratch, branch, &source.team)?;
    let Some(lock) = state.lock(&source.source) else { return Ok(Vec::new()) };
    let asked = lock.tombstones.iter().filter(|(name, _)| workflow.is_none_or(|workflow| workflow.as_str() == **name));
    let mut found = Vec::new();
    for (name, tombstone) in asked {
        let ids: Vec<(String, ObjectId)> =
            tombstone.files.iter().filter_map(|(path, id)| Some((path.clone(), ObjectId::parse(id)?))).collect();
        let files = if workflow.is_some() { contents(&scratch, &ids)? } else { SourceFiles::new() };
        found.push((name.clone(), Buried { files, successor: tombstone.successor.clone() }));
    }
    Ok(found)
}

/// A workflow that another source has.
#[derive(Debug)]
pub struct Held {
    /// The workflow.
    pub address: WorkflowAddress,
    /// The DAG ids that its runs are under.
    pub dag_ids: Vec<DagId>,
    /// The hand-written file that it is, as its owner's grant says.
    pub adoption: Option<Adoption>,
    /// The source that has it.
    pub source: SourceName,
    /// Its file, by its path within the source.
    pub file: String,
    /// That file and the data files that it names.
    pub files: SourceFiles,
    /// Its owner's project file.
    pub project: Vec<u8>,
}

/// The workflows of a team, or the one of a name, with their files.
///
/// # Errors
/// When the central repository cannot be read.
pub fn held(branch: &Branch, team: &TeamName, workflow: Option<&WorkflowName>, compiler: &dyn Compiler) -> Result<Vec<Held>, Error> {
    let scratch = Scratch::of(&branch.central)?;
    let state = read(&scratch, branch, team)?;
    let (platform, grant) = (state.platform.clone().unwrap_or_default(), state.grant.clone().unwrap_or_default());
    // A grant that cannot be read gives no ids; whoever publishes is told.
    let authority = compiler.authority(&platform, &grant, team, &Sources::new()).unwrap_or_default();
    let mut found = Vec::new();
    for (source, entries) in &state.sources {
        let Some(lock) = state.lock(source) else { continue };
        let asked = lock.workflows.iter().filter(|(name, _)| workflow.is_none_or(|workflow| workflow.as_str() == **name));
        for (name, locked) in asked {
            let Ok(name) = WorkflowName::parse(name) else { continue };
            let own = std::iter::once(&locked.file).chain(&locked.data);
            let ids: Vec<(String, ObjectId)> = own.filter_map(|path| Some((path.clone(), entries.entries.get(path)?.id.clone()))).collect();
            let project = entries.entries.get(layout::PROJECT).map(|entry| scratch.repository().blob(&entry.id)).transpose()?;
            found.push(Held {
                dag_ids: authority.dag_ids_of(team, &name),
                adoption: authority.adoptions.get(&name).cloned(),
                address: WorkflowAddress { team: team.clone(), workflow: name },
                source: source.clone(),
                file: locked.file.clone(),
                files: contents(&scratch, &ids)?,
                project: project.unwrap_or_default(),
            });
        }
    }
    Ok(found)
}

fn read(scratch: &Scratch, branch: &Branch, team: &TeamName) -> Result<TeamState, GitError> {
    let repository = scratch.repository();
    TeamState::read(repository, &repository.tree_of(&tip(scratch, branch)?)?, team)
}

fn contents(scratch: &Scratch, ids: &[(String, ObjectId)]) -> Result<SourceFiles, GitError> {
    scratch.prefetch(ids.iter().map(|(_, id)| id))?;
    ids.iter().map(|(path, id)| Ok((path.clone(), scratch.repository().blob(id)?))).collect()
}
