//! A team's parsed sources to resolved workflows and artifacts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::adopted::compile_adopted;
use super::dag_ids::claims;
use super::place::place;
use super::references::references;
use super::uses::uses;
use super::{ParsedSource, ParsedWorkflow, PolicyFiles, backend_of};
use crate::artifact::{Artifact, Artifacts, Owner};
use crate::backend::Backend;
use crate::diag::{Allowances, Diagnostic, Severity, Sink};
use crate::ir;
use crate::name::{SourceName, WorkflowName};
use crate::policy::{self, Policy, Usage};
use crate::resolve::{self, BasePods, Rest, Surroundings};
use crate::source::Span;

/// What compiling a team gave.
#[derive(Debug, Default)]
pub struct Compiled {
    /// Resolved workflows, ordered by source and file, when they were asked for.
    pub workflows: Vec<ir::Workflow>,
    /// Compiled files.
    pub artifacts: Artifacts,
    /// Tasks of all workflows; a static fan-out counts once for each of its items.
    pub tasks: usize,
    /// What workflows take of the team's quotas, where the grant has any.
    pub usages: BTreeMap<(SourceName, WorkflowName), Usage>,
    /// What is wrong with sources that stand, and with nothing else. Nothing that these make is whole.
    pub faulty: BTreeMap<SourceName, Vec<Diagnostic>>,
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
    /// When it stands as it was published last, whatever becomes of the others: what its workflows take of quotas by that publish, as far
    /// as it is known. Faults that are its own do not count as theirs then.
    pub stands: Option<BTreeMap<WorkflowName, Usage>>,
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
    // A workflow whose file has a fault is there all the same; of a source that stands, `rest` has it.
    let is_whole = units.iter().all(|unit| unit.stands.is_some() || unit.source.found == unit.source.workflows.len());
    let mut compiled = Compiled::default();
    let between = check_together(policy, units, if is_whole { rest } else { &Rest::Unknown }, sink);
    for fault in between {
        match standing_owner(&fault, units) {
            Some(owner) => compiled.faulty.entry(owner.clone()).or_default().push(fault),
            None => sink.push(fault),
        }
    }
    let asked = policy.policy();
    let base_pods = resolve::base_pods(&asked, sink);
    let Some(target) = backend_of(&policy.platform) else { return (compiled, false) };
    let work: Vec<(&Unit<'_>, &ParsedWorkflow)> =
        units.iter().flat_map(|unit| unit.source.workflows.iter().map(move |workflow| (unit, workflow))).collect();
    let done: Vec<_> = work
        .par_iter()
        .map(|(unit, workflow)| compile_workflow(unit.name, workflow, &asked, &base_pods, target.as_ref(), keep, sink.inner()))
        .collect();
    let mut usages: Vec<Usage> = rest.standing().iter().filter_map(|stands| stands.usage.clone()).collect();
    let unknown = rest.standing().iter().filter(|stands| stands.usage.is_none());
    let mut uncounted: BTreeSet<_> = unknown.map(|stands| &stands.source).collect();
    for ((found, result), (unit, workflow)) in done.into_iter().zip(work) {
        let name = &workflow.spec.workflow.value;
        if let Some(last) = unit.stands.as_ref().filter(|_| found.has_errors()) {
            match last.get(name) {
                Some(usage) => usages.push(usage.clone()),
                None => drop(uncounted.insert(unit.name)),
            }
            compiled.faulty.entry(unit.name.clone()).or_default().extend(found.into_sorted());
            continue;
        }
        sink.extend(found.into_sorted());
        let Some(Done { tasks, usage, workflow, artifacts }) = result else { continue };
        compiled.tasks += tasks;
        compiled.usages.extend(usage.clone().map(|usage| ((unit.name.clone(), name.clone()), usage)));
        usages.extend(usage);
        for artifact in artifacts {
            // Paths are made of names, so two writers of one path have one name, and that has been told.
            let _ = compiled.artifacts.insert(artifact);
        }
        compiled.workflows.extend(workflow);
    }
    policy::check_quotas(&policy.grant, &usages, &uncounted, sink);
    let is_known = match rest {
        Rest::Known(_) => true,
        Rest::Unknown => false,
        Rest::Standing(unread) => unread.is_empty(),
    };
    let was_all_read = is_whole && is_known && compiled.faulty.is_empty();
    (compiled, was_all_read)
}

/// What is wrong with all of a team's workflows together.
fn check_together(policy: &PolicyFiles, units: &[Unit<'_>], rest: &Rest, sink: &mut Sink) -> Vec<Diagnostic> {
    let specs = || units.iter().flat_map(|unit| unit.source.workflows.iter().map(|workflow| &workflow.spec));
    let mut between = sink.inner();
    resolve::check_unique(specs(), rest, &mut between);
    resolve::check_waits(&policy.grant.team.value, specs(), rest, &mut between);
    resolve::check_assets(&policy.grant.team.value, specs(), rest, &mut between);
    let count = units.iter().map(|unit| unit.source.workflows.len()).sum::<usize>() + rest.standing().len();
    policy::check_workflow_count(&policy.grant, count, sink);
    between.into_sorted()
}

/// The source whose own a fault is: one that stands, when every line that the fault shows is in such sources. Whatever shows a line of
/// any other file may be the doing of a source that changes.
fn standing_owner<'a>(fault: &Diagnostic, units: &[Unit<'a>]) -> Option<&'a SourceName> {
    if fault.severity != Severity::Error {
        return None;
    }
    let owner = |span: Span| {
        let mut standing = units.iter().filter(|unit| unit.stands.is_some());
        standing.find(|unit| unit.source.workflows.iter().any(|workflow| workflow.id == span.source)).map(|unit| unit.name)
    };
    let owners: Option<Vec<&SourceName>> = fault.labels.iter().filter_map(|label| label.place.span()).map(owner).collect();
    owners?.first().copied()
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
    if let Some(file) = &workflow.adopted {
        let artifacts = compile_adopted(source, workflow, file, policy, &mut sink);
        let sound = !sink.has_errors();
        let usage = policy::has_quotas(policy.grant).then(|| Usage::of_adopted(policy.grant));
        return (sink, sound.then_some(Done { tasks: 0, usage, workflow: None, artifacts }));
    }
    let surroundings = Surroundings { policy, base_pods, source, file: &workflow.file, data: &workflow.data };
    policy::check_environments(&workflow.environments, policy, &mut sink);
    let Some(resolved) = resolve::resolve(&workflow.spec, &surroundings, &mut sink) else { return (explain(sink, workflow), None) };
    let mut found = Vec::new();
    let mut artifacts = target.compile(&resolved, &mut found);
    artifacts.extend(references(&resolved));
    let owner = Owner { team: resolved.team.clone(), source: resolved.source.clone() };
    artifacts.extend(uses(&owner, (&resolved.name, &resolved.file), &workflow.blueprints));
    artifacts.extend(claims(&owner, (&resolved.name, &resolved.file), std::slice::from_ref(&resolved.dag_id)));
    sink.extend(found.into_iter().map(|finding| place(finding, &workflow.spec)));
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
