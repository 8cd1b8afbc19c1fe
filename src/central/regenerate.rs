//! A central repository that people edit themselves: what belongs beside a team's sources.

use std::collections::{BTreeMap, BTreeSet};

use super::compiler::{Compiler, TeamInput};
use super::layout;
use super::lock::{Lock, LockInput};
use crate::diag::Diagnostic;
use crate::io::git::ObjectFormat;
use crate::io::{ReadError, ReadTree};
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// What a team's compiled files and locks should be.
#[derive(Debug, Default)]
pub struct Regenerated {
    /// Files that should be there, by their path from the root.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files that a lock lists and nothing makes any more.
    pub gone: BTreeSet<String>,
    /// What is wrong; with an error among them nothing should be written.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles all of a team's sources as they lie in a central work tree.
///
/// # Errors
/// When the tree cannot be read.
pub fn regenerate(
    tree: &dyn ReadTree,
    team: &TeamName,
    objects: ObjectFormat,
    compiler: &dyn Compiler,
    sources: &Sources,
) -> Result<Regenerated, ReadError> {
    let mut input = TeamInput {
        team: team.clone(),
        platform: tree.read(layout::PLATFORM)?.unwrap_or_default(),
        grant: tree.read(&layout::grant(team))?.unwrap_or_default(),
        sources: BTreeMap::new(),
        local: None,
    };
    let mut locks: BTreeMap<SourceName, Lock> = BTreeMap::new();
    for path in tree.list(&layout::sources(team))? {
        let within = path.strip_prefix(&format!("{}/", layout::sources(team))).and_then(|rest| rest.split_once('/'));
        let Some((source, rest)) = within else { continue };
        let (Ok(source), Some(bytes)) = (SourceName::parse(source), tree.read(&path)?) else { continue };
        if rest == layout::LOCK {
            // A lock that speaks of another source is no evidence of what this one left behind.
            let is_its_own = |lock: &Lock| lock.team == team.as_str() && lock.source == source.as_str();
            locks.extend(Lock::parse(&bytes).ok().filter(is_its_own).map(|lock| (source.clone(), lock)));
        } else {
            input.sources.entry(source).or_default().insert(rest.to_owned(), bytes);
        }
    }
    let output = compiler.compile_team(&input, sources);
    let mut made = Regenerated::default();
    for (source, files) in &input.sources {
        let mut lock = Lock::of(&LockInput { team, source, files, output: &output, format: compiler.format_version(), objects });
        let last = locks.get(source);
        lock.published = last.and_then(|lock| lock.published.clone());
        made.gone.extend(last.into_iter().flat_map(|lock| lock.compiled.keys().cloned()));
        made.files.insert(format!("{}/{}", layout::source(team, source), layout::LOCK), lock.to_bytes());
    }
    made.files.extend(output.artifacts.iter().map(|artifact| (artifact.path.to_string(), artifact.bytes.clone())));
    made.gone.retain(|path| !made.files.contains_key(path) && layout::is_compiled(path, team));
    made.diagnostics = output.diagnostics;
    Ok(made)
}
