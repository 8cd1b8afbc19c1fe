//! What the platform knows of persistent volume claims: no file of a team says how many nodes may mount one.

use super::record::record;
use super::word::ClaimAccess;
use crate::source::Spanned;

record! {
    /// A persistent volume claim that the teams' namespaces have.
    pub struct Claim {
        /// Its access mode: who may mount it at once. `ReadWriteOnce` is one node, `ReadWriteOncePod` one pod.
        access: Spanned<ClaimAccess>,
    }
}
