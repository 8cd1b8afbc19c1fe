//! Who uses the platform's blueprints, as the central repository has it written down.

use std::collections::BTreeMap;

use super::layout;
use crate::io::git::{GitError, ObjectId, Repository};
use crate::name::{BlueprintName, BlueprintReference, WorkflowAddress, parse_version};

/// Each of the platform's blueprints in each version, with the workflows that are made from it: those that are there, and those that are
/// gone and still used. Costs what the repository has of both.
///
/// # Errors
/// When git fails.
pub fn uses(repository: &Repository, tree: &ObjectId) -> Result<BTreeMap<BlueprintReference, Vec<WorkflowAddress>>, GitError> {
    let mut found: BTreeMap<BlueprintReference, Vec<WorkflowAddress>> = BTreeMap::new();
    for path in repository.below(tree, layout::BLUEPRINTS)?.into_keys() {
        if let Some(reference) = path.strip_suffix(".yaml").and_then(|path| reference(path.split_once('/')?)) {
            found.entry(reference).or_default();
        }
    }
    for path in repository.below(tree, layout::USES)?.into_keys() {
        let Some((blueprint, (version, workflow))) = path.split_once('/').and_then(|(name, rest)| Some((name, rest.split_once('/')?)))
        else {
            continue;
        };
        let workflow = workflow.strip_suffix(".yaml").and_then(|workflow| WorkflowAddress::parse(workflow).ok());
        if let (Some(reference), Some(workflow)) = (reference((blueprint, version)), workflow) {
            found.entry(reference).or_default().push(workflow);
        }
    }
    Ok(found)
}

fn reference((name, version): (&str, &str)) -> Option<BlueprintReference> {
    Some(BlueprintReference::Platform { name: BlueprintName::parse(name).ok()?, version: parse_version(version)? })
}
