//! A hand-written file that becomes a workflow: as the platform grants it, and as the workflow names it.

use super::decode::{Context, Decode};
use super::record::{inline_schema, record};
use crate::name::{DagId, RepoPath};
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// A hand-written file of the central repository that a team takes in as a workflow, byte for byte: the platform's consent to this file with these bytes, and its word for the DAGs in it.
    pub struct Adoption {
        /// Where the file is today: `dags/old/train.py`. The team's publish moves it from there to `dags/<team>/<workflow>.py`; once it has, this may be left out.
        file: Option<Spanned<HandWritten>>,
        /// The SHA-256 of its bytes, as `sha256sum` prints it. Other bytes are refused, for as long as the workflow is this file.
        sha256: Spanned<Sha256>,
        /// The ids of all DAGs that the file makes; nothing else looks for them: `[legacy_train]`.
        dag_ids: Vec<Spanned<DagId>>,
    }
}

/// A hand-written file of the central repository: a Python file below `dags/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandWritten(pub RepoPath);

impl Decode for HandWritten {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        match RepoPath::parse(&text) {
            Ok(path) => Some(Self(path)),
            Err(reason) => {
                let help = "write its path from the root of the central repository; rename the file there first if it has such a name";
                context.invalid(span, format!("`{text}` is no path of a file that can be moved: {reason}"), help);
                None
            }
        }
    }
}

inline_schema! { HandWritten "HandWritten" {
    "type": "string",
    "pattern": "^dags/.+\\.py$",
    "x-expects": "a Python file below `dags/`, such as `dags/old/train.py`",
} }

/// A SHA-256 in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha256(pub String);

impl Decode for Sha256 {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        String::decode(node, context).map(Self)
    }
}

inline_schema! { Sha256 "Sha256" {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "x-expects": "a SHA-256: the 64 hexadecimal digits that `sha256sum` prints",
} }

/// Where a workflow's hand-written file lies, relative to the workflow's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptedPath(pub String);

impl Decode for AdoptedPath {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        String::decode(node, context).map(Self)
    }
}

inline_schema! { AdoptedPath "AdoptedPath" {
    "type": "string",
    "pattern": "[^/]\\.py\\.txt$",
    "x-expects": "a file such as `train.py.txt`; nothing loads it under that name from where it lies",
} }
