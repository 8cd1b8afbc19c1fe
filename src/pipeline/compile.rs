//! A team's parsed sources to resolved workflows and artifacts.

use std::sync::Arc;

use rayon::prelude::*;

use super::dag_ids::claim;
use super::references::references;
use super::{ParsedSource, ParsedWorkflow, PolicyFiles, backend_of};
use crate::artifact::{Artifact, Artifacts};
use crate::backend::Backend;
use crate::diag::{Allowances, Diagnostic, Place, Sink};
use crate::ir;
use crate::name::SourceName;
use crate::policy::{self, Policy, Usage};
use crate::resolve::{self, BasePods, Rest, Surroundings};

/// What compiling a team gave.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Resolved workflows, ordered by source and file, when they were asked for.
    pub workflows: Vec<ir::Workflow>,
    /// Compiled files.
    pub artifacts: Artifacts,
    /// Tasks of all workflows; a static fan-out counts once for each of its items.
    pub tasks: usize,
}

/// Whether resolved workflows are kept beside the files that they become. A thousand of them take some 80 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Files only.
    Artifacts,
    /// Both.
    Workflows,
}

/// One of a team's sources.
pub struct Unit<'a> {
    /// Its name.
    pub name: &'a SourceName,
    /// Its files.
    pub source: &'a ParsedSource,
}

/// Compiles a team's sources together; `rest` is what the team has beside them. What is wrong is told.
pub fn compile_team(policy: &PolicyFiles, units: &[Unit<'_>], rest: &Rest, keep: Keep, sink: &mut Sink) -> Compiled {
    let allowances = allowances(policy, units);
    let mut found = Sink::allowing(Arc::clone(&allowances));
    let workflows = units.iter().flat_map(|unit| &unit.source.workflows);
    found.extend(workflows.flat_map(|workflow| workflow.warnings.iter().cloned()));
    let (compiled, is_whole) = compile_units(policy, units, rest, keep, &mut found);
    let told = found.into_sorted();
    if is_whole && !policy.is_assumed {
        sink.extend(allowances.unused(&told));
    }
    sink.extend(told);
    compiled
}

/// What the comments of all files allow.
fn allowances(policy: &PolicyFiles, units: &[Unit<'_>]) -> Arc<Allowances> {
    let workflows = units.iter().flat_map(|unit| &unit.source.workflows);
    let given = workflows.flat_map(|workflow| workflow.allowances.iter().cloned());
    Arc::new(Allowances::new(policy::leave(&policy.platform), given))
}

/// Compiles them; whether all that the team has was looked at.
fn compile_units(policy: &PolicyFiles, units: &[Unit<'_>], rest: &Rest, keep: Keep, sink: &mut Sink) -> (Compiled, bool) {
    let specs = || units.iter().flat_map(|unit| unit.source.workflows.iter().map(|workflow| &workflow.spec));
    resolve::check_unique(specs(), sink);
    // A workflow whose file has a fault is there all the same.
    let is_whole = units.iter().all(|unit| unit.source.found == unit.source.workflows.len());
    let rest = if is_whole { rest } else { &Rest::Unknown };
    resolve::check_waits(&policy.grant.team.value, specs(), rest, sink);
    resolve::check_assets(&policy.grant.team.value, specs(), rest, sink);
    let count = units.iter().map(|unit| unit.source.workflows.len()).sum();
    policy::check_workflow_count(&policy.grant, count, sink);
    let asked = policy.policy();
    let base_pods = resolve::base_pods(&asked, sink);
    let Some(target) = backend_of(&policy.platform) else { return (Compiled::default(), false) };
    let work: Vec<(&SourceName, &ParsedWorkflow)> =
        units.iter().flat_map(|unit| unit.source.workflows.iter().map(|workflow| (unit.name, workflow))).collect();
    let done: Vec<_> = work
        .par_iter()
        .map(|(source, workflow)| compile_workflow(source, workflow, &asked, &base_pods, target.as_ref(), keep, sink.inner()))
        .collect();
    let (mut compiled, mut usages) = (Compiled::default(), Vec::new());
    for (found, result) in done {
        sink.extend(found.into_sorted());
        let Some(Done { tasks, usage, workflow, artifacts }) = result else { continue };
        compiled.tasks += tasks;
        usages.extend(usage);
        for artifact in artifacts {
            // Paths are made of names, so two writers of one path have one name, and that has been told.
            let _ = compiled.artifacts.insert(artifact);
        }
        compiled.workflows.extend(workflow);
    }
    policy::check_quotas(&policy.grant, &usages, sink);
    (compiled, is_whole && matches!(rest, Rest::Known(_)))
}

/// What compiling one workflow gave.
struct Done {
    tasks: usize,
    /// What it takes of the team's quotas, where the grant has any.
    usage: Option<Usage>,
    workflow: Option<ir::Workflow>,
    artifacts: Vec<Artifact>,
}

fn compile_workflow(
    source: &SourceName,
    workflow: &ParsedWorkflow,
    policy: &Policy<'_>,
    base_pods: &BasePods,
    target: &dyn Backend,
    keep: Keep,
    mut sink: Sink,
) -> (Sink, Option<Done>) {
    let surroundings = Surroundings { policy, base_pods, source, file: &workflow.file, data: &workflow.data };
    policy::check_environments(&workflow.environments, policy, &mut sink);
    let Some(resolved) = resolve::resolve(&workflow.spec, &surroundings, &mut sink) else { return (explain(sink, workflow), None) };
    let mut found = Sink::new();
    let mut artifacts = target.compile(&resolved, &mut found);
    artifacts.extend(references(&resolved));
    artifacts.extend(claim(&resolved));
    sink.extend(found.into_sorted().into_iter().map(|fault| place(fault, workflow)));
    let sink = explain(sink, workflow);
    let sound = !sink.has_errors();
    let tasks = resolved.task_count();
    let usage = policy::has_quotas(policy.grant).then(|| Usage::of(&resolved, workflow.spec.workflow.span, policy.grant));
    let workflow = (keep == Keep::Workflows).then_some(resolved);
    (sink, sound.then_some(Done { tasks, usage, workflow, artifacts }))
}

/// What was found in a blueprint, with where the workflow uses it.
fn explain(sink: Sink, workflow: &ParsedWorkflow) -> Sink {
    let mut told = Sink::new();
    told.extend(sink.into_sorted().into_iter().map(|fault| workflow.origins.explain(fault)));
    told
}

/// A target knows a workflow's file and no places in it: what it tells is shown where the workflow is named.
fn place(mut fault: Diagnostic, workflow: &ParsedWorkflow) -> Diagnostic {
    for label in &mut fault.labels {
        if matches!(&label.place, Place::File(path) if *path == workflow.file) {
            label.place = Place::Span(workflow.spec.workflow.span);
        }
    }
    fault
}
