//! Hand-written files of the central repository that are no team's yet, as the platform names them.

use super::decode::{Context, Decode};
use super::record::{inline_schema, record};
use crate::name::{DagId, PathPattern};
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// Hand-written files that go on being changed by hand until a team adopts them: `{paths: [dags/legacy/**], dag_ids: [legacy_train]}`.
    pub struct Unmanaged {
        /// Where they are: `dags/legacy/**` is all below a folder, `dags/*.py` are files of one, `dags/etl.py` is a file. Never in a team's folder, nor what Freehold writes. `dags/.airflowignore` and what else in `dags/` itself is everybody's are the platform's to change when they are named in full.
        paths: Vec<Spanned<UnmanagedPaths>>,
        /// Accounts that may change them by pull request; whoever the Git host lets, unless you say otherwise. A team's publish never may.
        editors: Option<Vec<Spanned<String>>>,
        /// The ids of the DAGs in them: no team's workflow gets one of these, but by adopting its file. `freehold adopt` lists those that their texts show.
        dag_ids: Option<Vec<Spanned<DagId>>>,
    }
}

/// Paths of hand-written files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmanagedPaths(pub PathPattern);

impl Decode for UnmanagedPaths {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        match PathPattern::parse(&text) {
            Ok(pattern) => Some(Self(pattern)),
            Err(reason) => {
                let help = "name a folder of hand-written files, `dags/legacy/**`, files of one, `dags/*.py`, or a file";
                context.invalid(span, format!("`{text}` cannot be kept by hand: {reason}"), help);
                None
            }
        }
    }
}

inline_schema! { UnmanagedPaths "UnmanagedPaths" { "type": "string" } }
