//! A team's sources compiled together: those that a change touches, and those that stand as they were published last.
//!
//! A source that stands may not compile any more, after a change of policy or of the compiler, and what it was published as goes on
//! running. Its faults are kept apart then, and its lock says which workflows it has.

use std::collections::{BTreeMap, BTreeSet};

use super::load::unreadable;
use super::team::{departures, workflow_file};
use super::{Keep, Library, OwnSource, ParsedSource, PolicyFiles, Rest, Unit, compile_team, load_source};
use crate::artifact::Artifacts;
use crate::central::{self, LockedUsage, SourceFiles, Standing, TeamInput, TeamOutput};
use crate::diag::{Diagnostic, Sink};
use crate::io::Memory;
use crate::name::{SourceName, WorkflowName};
use crate::policy::{DagIds, Usage};
use crate::resolve::StandingWorkflow;
use crate::source::Sources;

/// All that a team is compiled from.
pub(super) struct Together<'a> {
    pub(super) input: &'a TeamInput<'a>,
    pub(super) library: &'a Library<'a>,
    /// The asker's own source, when it has been read already.
    pub(super) own: Option<&'a OwnSource>,
    pub(super) sources: &'a Sources,
}

type Faulty = BTreeMap<SourceName, Vec<Diagnostic>>;

impl Together<'_> {
    pub(super) fn compile(&self) -> TeamOutput {
        let (mut sink, mut output) = (Sink::new(), TeamOutput::default());
        let Self { input, own, .. } = self;
        let policy = PolicyFiles::read(Some(&input.platform), Some(&input.grant), &input.team, None, self.sources, &mut sink);
        let loaded = self.load(&mut output.faulty, &mut sink);
        let unit = |name, source| Unit { name, source, stands: input.standing.get(name).map(|last| usages(last, policy.as_ref())) };
        let mut units: Vec<Unit<'_>> = loaded.iter().map(|(name, source)| unit(*name, source)).collect();
        units.extend(own.iter().map(|own| unit(&own.name, &own.source)));
        units.sort_by(|a, b| a.name.cmp(b.name));
        let (mut dag_ids, mut counted) = (DagIds::default(), BTreeMap::new());
        let rest = self.rest(&units, policy.as_ref());
        if let Some(mut policy) = policy {
            if let Err(error) = policy.read_awaited(input.shared, units.iter().map(|unit| unit.source)) {
                sink.push(unreadable("teams", &error));
            }
            let compiled = compile_team(&policy, &units, &rest, Keep::Artifacts, &mut sink);
            for (source, faults) in compiled.faulty {
                output.faulty.entry(source).or_default().extend(faults);
            }
            output.artifacts = without(compiled.artifacts, &output.faulty);
            (dag_ids, counted) = (policy.dag_ids, compiled.usages);
        }
        for unit in &units {
            let of_unit = unit.source.workflows.iter().map(|workflow| {
                let usage = counted.get(&(unit.name.clone(), workflow.spec.workflow.value.clone()));
                workflow_file((&input.team, unit.name), workflow, &dag_ids, usage.map(written))
            });
            output.workflows.extend(of_unit);
            output.departures.insert(unit.name.clone(), departures(&unit.source.project));
        }
        output.diagnostics = sink.into_sorted();
        output
    }

    /// Reads all sources but the one that has been read already.
    fn load(&self, faulty: &mut Faulty, sink: &mut Sink) -> Vec<(&SourceName, ParsedSource)> {
        let Self { input, own, .. } = self;
        sink.extend(own.iter().flat_map(|own| own.diagnostics.clone()));
        let mut loaded = Vec::new();
        let others = input.sources.iter().filter(|(name, _)| own.is_none_or(|own| own.name != **name));
        // What is wrong with a blueprint is told to the first that uses it, and must not be told to one that stands alone.
        let (standing, touched): (Vec<_>, Vec<_>) = others.partition(|(name, _)| input.standing.contains_key(*name));
        for (name, files) in touched {
            loaded.extend(self.load_one(name, files, sink).map(|source| (name, source)));
        }
        for (name, files) in standing {
            let mut found = Sink::new();
            let source = self.load_one(name, files, &mut found);
            let is_whole = source.as_ref().is_some_and(|source| source.found == source.workflows.len());
            if is_whole && !found.has_errors() {
                sink.extend(found.into_sorted());
            } else {
                faulty.insert(name.clone(), found.into_sorted());
            }
            loaded.extend(source.map(|source| (name, source)));
        }
        loaded
    }

    fn load_one(&self, name: &SourceName, files: &SourceFiles, sink: &mut Sink) -> Option<ParsedSource> {
        let is_local = self.input.local.as_ref() == Some(name);
        let prefix = if is_local { String::new() } else { format!("sources/{}/{name}/", self.input.team) };
        load_source(&Memory { files: files.clone() }, &prefix, self.library, self.sources, sink)
    }

    /// What the team has beside what could be read: the workflows of sources that stand, as their locks have them.
    fn rest(&self, units: &[Unit<'_>], policy: Option<&PolicyFiles>) -> Rest {
        let Self { input, .. } = self;
        let is_read = |source: &SourceName| units.iter().any(|unit| unit.name == source);
        // What cannot be read may have any workflow.
        if input.sources.keys().any(|source| !is_read(source) && !input.standing.contains_key(source)) {
            return Rest::Unknown;
        }
        let mut unread = Vec::new();
        for (source, standing) in &input.standing {
            let unit = units.iter().find(|unit| unit.name == source);
            let read: BTreeSet<_> =
                unit.iter().flat_map(|unit| &unit.source.workflows).map(|workflow| &workflow.spec.workflow.value).collect();
            for (name, workflow) in standing.workflows.iter().filter(|(name, _)| !read.contains(name)) {
                unread.push(StandingWorkflow {
                    name: name.clone(),
                    source: source.clone(),
                    file: format!("sources/{}/{source}/{}", input.team, workflow.file),
                    awaits: workflow.awaits.clone(),
                    usage: usage(workflow, policy),
                });
            }
        }
        Rest::Standing(unread)
    }
}

/// What the workflows of a source that stands take of quotas by its lock, as far as that says it.
fn usages(last: &Standing, policy: Option<&PolicyFiles>) -> BTreeMap<WorkflowName, Usage> {
    last.workflows.iter().filter_map(|(name, workflow)| Some((name.clone(), usage(workflow, policy)?))).collect()
}

fn usage(workflow: &central::StandingWorkflow, policy: Option<&PolicyFiles>) -> Option<Usage> {
    let LockedUsage { tasks, pods, requests } = workflow.usage.as_ref()?;
    Usage::read(tasks, pods, requests, &policy?.grant)
}

fn written(usage: &Usage) -> LockedUsage {
    let (tasks, pods, requests) = usage.written();
    LockedUsage { tasks, pods, requests }
}

/// What the sources make that have no faults. Of the others nothing is whole, and nobody asks for it.
fn without(artifacts: Artifacts, faulty: &Faulty) -> Artifacts {
    if faulty.is_empty() {
        return artifacts;
    }
    let mut sound = Artifacts::new();
    for artifact in artifacts.iter().filter(|artifact| !faulty.contains_key(&artifact.owner.source)) {
        // They have been taken in together before.
        let _ = sound.insert(artifact.clone());
    }
    sound
}
