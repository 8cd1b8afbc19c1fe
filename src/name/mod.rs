//! The names that teams, sources, workflows and tasks go by, and the identifiers made by joining them.
//!
//! In goes text, out comes a type that cannot hold anything else: a [`TeamName`] inside the program
//! is valid. Nothing here truncates; a name that is too long is an error. The joins are injective and
//! each has a function that splits it again, so two teams can never arrive at one identifier.

mod address;
mod asset;
mod blueprint;
mod class;
mod glob;
mod identifier;
mod path;
mod pattern;
mod python;

pub use address::{SourceAddress, WorkflowAddress};
pub use asset::AssetUri;
pub use blueprint::{BlueprintReference, InvalidReference, parse_version};
pub use class::ClassPath;
pub use glob::matches_glob;
pub use identifier::{BlueprintName, DagId, KubernetesName, ProfileName, SourceName, TaskName, TeamName, WorkflowName};
pub use path::RepoPath;
pub use pattern::PathPattern;
pub use python::{is_python_keyword, is_python_name};

/// Why a text is no name, in words that complete "`x` is no team name: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// There is nothing between the quotes.
    #[error("it is empty")]
    Empty,
    /// More characters than the field allows.
    #[error("it is {length} characters long and {limit} are allowed")]
    TooLong {
        /// Characters found.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// A character, or an order of characters, that the grammar does not have.
    #[error("{0}")]
    Grammar(&'static str),
    /// A name that some operating system, Git or Python gives a meaning of its own.
    #[error("`{0}` means something else to an operating system, Git or Python")]
    Reserved(String),
}
