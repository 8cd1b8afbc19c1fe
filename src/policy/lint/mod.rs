//! What grants say together that none of them says alone.
//!
//! In go all grants of a central repository, out come diagnostics that show both places of a clash, also when they are in
//! two files. Costs what the grants hold. One lint is one file and one row in a table.

mod account;
mod adoption;
mod dag_id;
mod identity;
mod namespace;
mod nobody;
mod refs;
mod repository;
mod source;

pub(super) use adoption::check_alone as check_adoptions;
pub(super) use dag_id::check as check_dag_ids;

use crate::diag::{Diagnostic, Sink};
use crate::spec::Grant;

/// A lint of all grants.
type Lint = fn(&[Grant], &mut Sink);

const LINTS: [Lint; 9] = [
    nobody::check,
    source::check,
    dag_id::check,
    adoption::check,
    repository::check,
    identity::check,
    namespace::check,
    refs::check,
    account::check,
];

/// Looks at all grants together. An error makes the promise void between teams; a warning is a choice that the platform may have made.
///
/// The first label of a finding is the grant that could be changed, further ones are what it clashes with: who judges one
/// change takes those findings of which any label is in a file that the change touches.
#[must_use]
pub fn lint_grants(grants: &[Grant]) -> Vec<Diagnostic> {
    let mut sink = Sink::new();
    for lint in LINTS {
        lint(grants, &mut sink);
    }
    sink.into_sorted()
}
