//! What comments in a team's files may allow.

use crate::diag::Leave;
use crate::spec::{Platform, Suppressions};

/// What the platform leaves to comments.
#[must_use]
pub fn leave(platform: &Platform) -> Leave {
    let Some(Suppressions { allow, forbid, span: _ }) = &platform.suppressions else { return Leave::default() };
    Leave {
        liftable: allow.iter().flatten().map(|rule| rule.value.0.id).collect(),
        forbidden: forbid.iter().flatten().map(|rule| (rule.value.0.id, rule.span)).collect(),
    }
}
