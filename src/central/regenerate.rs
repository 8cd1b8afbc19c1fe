//! A central repository that people edit themselves: what belongs beside a team's sources.

use std::collections::{BTreeMap, BTreeSet};

use super::compiler::{Compiler, Departures, SourceFiles, TeamInput, TeamOutput, WorkflowFile};
use super::departure::{self, Fate};
use super::layout;
use super::lock::{Lock, LockInput};
use super::standing::{left_alone, standing};
use crate::diag::Diagnostic;
use crate::io::git::ObjectFormat;
use crate::io::{ReadError, ReadTree};
use crate::name::{RepoPath, SourceName, TeamName, WorkflowAddress};
use crate::source::Sources;

/// What a team's compiled files and locks should be.
#[derive(Debug, Default)]
pub struct Regenerated {
    /// Files that should be there, by their path from the root.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files that a lock lists and nothing makes any more, and hand-written ones that have become workflows.
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
        standing: BTreeMap::new(),
        local: None,
        shared: tree,
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
    for (source, files) in &input.sources {
        let ids = files.iter().map(|(path, bytes)| (path.clone(), objects.blob_id(bytes).to_string())).collect();
        let stands = locks.get(source).and_then(|lock| standing(lock, &ids, (team, source)));
        input.standing.extend(stands.map(|stands| (source.clone(), stands)));
    }
    let output = compiler.compile_team(&input, sources);
    let mut made = Regenerated::default();
    // What nobody has edited and does not compile any more stays as it was published last.
    for (source, files) in input.sources.iter().filter(|(source, _)| !output.faulty.contains_key(*source)) {
        let mut lock = Lock::of(&LockInput { team, source, files, output: &output, format: compiler.format_version(), objects });
        let last = locks.get(source);
        lock.published = last.and_then(|lock| lock.published.clone());
        let own: Vec<&WorkflowFile> = output.workflows.iter().filter(|found| found.source == *source).collect();
        let said = output.departures.get(source).cloned().unwrap_or_default();
        let mut gone = departure::find(last, &lock, &own, &said);
        for gone in &mut gone {
            if let (Fate::Unsaid, Some(by)) = (&gone.fate, taker(tree, (team, source), gone.name, &said, compiler)?) {
                gone.fate = Fate::Taken(by);
            }
        }
        lock.tombstones = departure::tombstones(last, &lock, &gone);
        made.gone.extend(last.into_iter().flat_map(|lock| lock.compiled.keys().cloned()));
        made.files.insert(format!("{}/{}", layout::source(team, source), layout::LOCK), lock.to_bytes());
    }
    made.files.extend(output.artifacts.iter().map(|artifact| (artifact.path.to_string(), artifact.bytes.clone())));
    made.gone.retain(|path| !made.files.contains_key(path) && layout::is_compiled(path, team));
    made.gone.extend(originals(tree, &input, &output, compiler));
    made.diagnostics = output.diagnostics;
    made.diagnostics.extend(output.faulty.iter().map(|(source, faults)| left_alone(team, source, faults)));
    Ok(made)
}

/// Hand-written files that lie where they were, byte for byte what a workflow is now. One with other bytes is not that file.
fn originals(tree: &dyn ReadTree, input: &TeamInput<'_>, output: &TeamOutput, compiler: &dyn Compiler) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // What is wrong with policy has been told by compiling.
    let Ok(authority) = compiler.authority(&input.platform, &input.grant, &input.team, &Sources::new()) else { return found };
    for adopted in output.workflows.iter().filter(|found| found.adopted) {
        let compiled = format!("{}/{}.py", layout::compiled(&input.team), adopted.workflow);
        let made = RepoPath::parse(&compiled).ok().and_then(|path| output.artifacts.of_path(&path));
        let file = authority.adoptions.get(&adopted.workflow).and_then(|adoption| adoption.file.as_ref());
        if let (Some(file), Some(made)) = (file.filter(|file| file.as_str() != compiled), made)
            // A link is no file that was granted.
            && tree.read(file.as_str()).ok().flatten().is_some_and(|bytes| bytes == made.bytes)
        {
            found.insert(file.to_string());
        }
    }
    found
}

/// The workflow that takes over one that its source gives away and has no more.
fn taker(
    tree: &dyn ReadTree,
    (team, source): (&TeamName, &SourceName),
    name: &str,
    said: &Departures,
    compiler: &dyn Compiler,
) -> Result<Option<WorkflowAddress>, ReadError> {
    for gift in said.gifts.iter().filter(|gift| said.gives(name, &gift.to) && (gift.to.team != *team || gift.to.source != *source)) {
        let folder = layout::source(&gift.to.team, &gift.to.source);
        let mut files = SourceFiles::new();
        for path in tree.list(&folder)? {
            let (Some(within), Some(bytes)) = (path.strip_prefix(&format!("{folder}/")), tree.read(&path)?) else { continue };
            files.insert(within.to_owned(), bytes);
        }
        let takings = compiler.takings(&files).into_iter();
        let mut claims = takings.filter(|(_, from)| from.team == *team && from.workflow.as_str() == name);
        if let Some((workflow, _)) = claims.next() {
            return Ok(Some(WorkflowAddress { team: gift.to.team.clone(), workflow }));
        }
    }
    Ok(None)
}
