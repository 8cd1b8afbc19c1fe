//! What Airflow cannot take.

use crate::{diag::Diagnostic, ir::Workflow};

/// Faults of a workflow that only this target has.
pub(super) fn check(_workflow: &Workflow) -> Vec<Diagnostic> {
    Vec::new()
}
