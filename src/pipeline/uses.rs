//! Which of the platform's blueprints a workflow is made from, as files: `uses/<blueprint>/<version>/<team>/<workflow>.yaml`.
//!
//! Whom a change of a blueprint concerns is then told by one folder of the central repository. A team's own blueprints are published with
//! what uses them, and concern nobody else.

use std::collections::BTreeSet;

use serde::Serialize;

use super::references::generated;
use crate::artifact::{Artifact, Owner};
use crate::name::{BlueprintReference, WorkflowName};

/// The folder of uses in the central repository.
pub const USES: &str = "uses";

#[derive(Serialize)]
struct Use {
    blueprint: String,
    workflow: String,
}

/// One file for each blueprint of the platform that a workflow, with the file that it was written in, is made from.
pub(super) fn uses(owner: &Owner, (name, file): (&WorkflowName, &str), blueprints: &BTreeSet<BlueprintReference>) -> Vec<Artifact> {
    blueprints.iter().filter_map(|reference| used(owner, (name, file), reference)).collect()
}

fn used(owner: &Owner, (name, file): (&WorkflowName, &str), reference: &BlueprintReference) -> Option<Artifact> {
    let BlueprintReference::Platform { name: blueprint, version } = reference else { return None };
    let team = &owner.team;
    let content = Use { blueprint: reference.to_string(), workflow: format!("{team}/{name}") };
    generated(&format!("{USES}/{blueprint}/{version}/{team}/{name}.yaml"), owner, (name, file), &content)
}
