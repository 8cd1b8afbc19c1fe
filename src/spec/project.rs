//! `freehold.yaml`, the project file of a team repository.

use super::decode::Table;
use super::param::Scalar;
use super::record::record;
use crate::name::{SourceAddress, SourceName, TeamName, WorkflowName};
use crate::source::Spanned;

record! {
    /// What a team repository publishes, and where.
    pub struct Project {
        /// The team that owns what is published from here.
        team: Spanned<TeamName>,
        /// The name under which this repository publishes; the platform grants it to the repository.
        source: Spanned<SourceName>,
        /// The central repository: a Git URL, or a path relative to this file. An embedded one, `.freehold/central.git`, unless you say otherwise.
        central: Option<Spanned<String>>,
        /// Folder of the workflows; `workflows/` unless you say otherwise. Every `.yaml` file in it is one.
        workflows: Option<Spanned<String>>,
        /// Values for every workflow of the project, as `${{ vars.NAME }}`. A workflow's own win over them, and they over the platform's.
        vars: Option<Table<String, Scalar>>,
        /// Workflows that are taken out of service: they go with the next publish, however many they are.
        retire: Option<Vec<Spanned<WorkflowName>>>,
        /// Workflows that another source, as a rule another team's, may take over. They go when it does.
        give: Option<Vec<Gift>>,
    }
}

record! {
    /// Consent to a change of hands.
    pub struct Gift {
        /// The workflows; all of the source's, unless you say which.
        workflows: Option<Vec<Spanned<WorkflowName>>>,
        /// The source that may take them: `<team>/<source>`.
        to: Spanned<SourceAddress>,
    }
}
