//! A source before and after a change, as resolved workflows.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::load::ParsedWorkflow;
use super::{Library, ParsedSource, PolicyFiles, load_source};
use crate::central::{SourceFiles, TouchedSource};
use crate::diag::Sink;
use crate::io::{Memory, ReadError, ReadTree};
use crate::ir;
use crate::name::{BlueprintReference, SourceName, WorkflowName};
use crate::resolve::{self, Surroundings};
use crate::source::Sources;

/// The workflows of a source, as far as it can be foreseen what they are.
#[derive(Debug, Default)]
pub struct Foreseen {
    /// Those that can be resolved.
    pub resolved: Vec<ir::Workflow>,
    /// Those that are hand-written files, of which nothing is known but their bytes.
    pub hand_written: BTreeSet<WorkflowName>,
    /// The blueprints that each is made from.
    pub blueprints: BTreeMap<WorkflowName, BTreeSet<BlueprintReference>>,
}

impl Foreseen {
    /// What is known of workflows before they are resolved.
    pub fn of<'a>(workflows: impl IntoIterator<Item = &'a ParsedWorkflow>) -> Self {
        let mut foreseen = Self::default();
        for workflow in workflows {
            let name = &workflow.spec.workflow.value;
            foreseen.blueprints.insert(name.clone(), workflow.blueprints.clone());
            if workflow.adopted.is_some() {
                foreseen.hand_written.insert(name.clone());
            }
        }
        foreseen
    }
}

/// The touched workflows of a source before and after, both under the policy of before; `shared` is the tree that it is from.
///
/// What is wrong is not told here: whoever judges the change does that. A workflow that policy refuses is as it would be if it did not; one
/// that cannot be worked out is left out.
#[must_use]
pub fn resolve_touched(touched: &TouchedSource, shared: &dyn ReadTree) -> (Foreseen, Foreseen) {
    let side = |files| resolve_side(touched, files, shared).unwrap_or_default();
    (side(&touched.before), side(&touched.after))
}

fn resolve_side(touched: &TouchedSource, files: &SourceFiles, shared: &dyn ReadTree) -> Option<Foreseen> {
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let source = load_source(&Memory { files: files.clone() }, "", &Library::of(shared), &sources, &mut sink)?;
    let (platform, grant) = (Some(touched.policy.0.as_slice()), Some(touched.policy.1.as_slice()));
    let mut policy = PolicyFiles::read(platform, grant, &touched.address.team, None, &sources, &mut sink)?;
    // A grant that cannot be read gives no DAG ids, and here nothing more hangs on them.
    let _ = policy.read_awaited(shared, [&source]);
    Some(resolve_source((&touched.address.source, &source), &policy, |name| touched.workflows.contains_key(name)))
}

/// The workflows of a source as they were published last, under a policy; `tree` is the central repository's.
///
/// # Errors
/// When the tree cannot be read.
pub fn resolve_published(tree: &dyn ReadTree, policy: &PolicyFiles, name: &SourceName) -> Result<Foreseen, ReadError> {
    let folder = format!("sources/{}/{name}/", policy.grant.team.value);
    let mut files = BTreeMap::new();
    for path in tree.list(folder.trim_end_matches('/'))? {
        if let (Some(inner), Some(bytes)) = (path.strip_prefix(&folder), tree.read(&path)?) {
            files.insert(inner.to_owned(), bytes);
        }
    }
    let library = Library::of(tree).for_environment(policy.platform.environment.as_ref().map(|environment| environment.value.clone()));
    let source = load_source(&Memory { files }, "", &library, &Sources::new(), &mut Sink::new());
    Ok(source.map(|source| resolve_source((name, &source), policy, |_| true)).unwrap_or_default())
}

fn resolve_source(
    (name, source): (&SourceName, &ParsedSource),
    policy: &PolicyFiles,
    is_wanted: impl Fn(&WorkflowName) -> bool + Sync,
) -> Foreseen {
    let policy = policy.policy();
    let base_pods = resolve::base_pods(&policy, &mut Sink::new());
    let wanted: Vec<&ParsedWorkflow> = source.workflows.iter().filter(|workflow| is_wanted(&workflow.spec.workflow.value)).collect();
    let resolved = wanted.par_iter().filter(|workflow| workflow.adopted.is_none()).filter_map(|workflow| {
        let surroundings =
            Surroundings { policy: &policy, base_pods: &base_pods, source: name, file: &workflow.file, data: &workflow.data };
        resolve::foresee(&workflow.spec, &surroundings)
    });
    Foreseen { resolved: resolved.collect(), ..Foreseen::of(wanted) }
}
