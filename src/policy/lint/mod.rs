//! What grants say together that none of them says alone.
//!
//! In go all grants of a central repository, out come diagnostics that show both places of a clash, also when they are in
//! two files. Costs what the grants hold. One lint is one file and one row in a table.

mod account;
mod adoption;
mod dag_id;
mod identity;
mod integrator;
mod namespace;
mod nobody;
mod refs;
mod repository;
mod source;
mod unmanaged;

pub(super) use adoption::check_alone as check_adoptions;
pub(super) use dag_id::check as check_dag_ids;
pub(super) use unmanaged::{check as check_unmanaged_beside, check_alone as check_unmanaged};

use crate::diag::{Diagnostic, Sink};
use crate::spec::{Grant, Platform};

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
///
/// What the platform leaves to be changed by hand, and who lands what waits, is held against the grants where its file is handed over.
#[must_use]
pub fn lint_grants(platform: Option<&Platform>, grants: &[Grant]) -> Vec<Diagnostic> {
    let mut sink = Sink::new();
    if let Some(platform) = platform {
        unmanaged::check(platform, grants, &mut sink);
        integrator::check(platform, grants, &mut sink);
    }
    for lint in LINTS {
        lint(grants, &mut sink);
    }
    sink.into_sorted()
}
