//! `teams/<team>.yaml`, a team's grant in the central repository.

use super::adoption::Adoption;
use super::bounds::Allowed;
use super::claim::Claim;
use super::decode::{Context, Decode, Table};
use super::record::{inline_schema, record};
use super::settings::Quantity;
use super::word::PodSecurity;
use crate::name::{DagId, ProfileName, SourceName, TeamName, WorkflowName};
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// What a team may do. Owned by the platform.
    pub struct Grant {
        /// The team; also the file's name.
        team: Spanned<TeamName>,
        /// How to reach it: channels, addresses.
        contacts: Option<Vec<Spanned<String>>>,
        /// Which repositories may publish, and to which of the team's sources.
        repositories: Option<Vec<Repository>>,
        /// Accounts that may change the team's files by pull request.
        members: Option<Vec<Spanned<String>>>,
        /// The Kubernetes namespace in which its pods run; the team's name unless said otherwise.
        kubernetes_namespace: Option<Spanned<Namespace>>,
        /// Profiles that it may use; all, unless said otherwise.
        profiles: Option<Vec<Spanned<ProfileName>>>,
        /// Airflow pools that it may name; all, unless said otherwise. `default_pool` is everybody's.
        pools: Option<Vec<Spanned<String>>>,
        /// Names that its pods may use; each list here stands in place of the platform's.
        allow: Option<Allowed>,
        /// Persistent volume claims by name, `*` standing for any text, and who may mount each at once: `{"*-scratch": {access: ReadWriteOnce}}`. What tasks do with them is held to it; they come before the platform's.
        claims: Option<Table<String, Claim>>,
        /// The level of Kubernetes' Pod Security Standards for this team, in place of the platform's.
        pod_security: Option<Spanned<PodSecurity>>,
        /// DAG ids that its workflows have in place of `<team>__<workflow>`: `{weekly-report: legacy_weekly}`. For a workflow that keeps the id, and so the runs, that it had elsewhere.
        dag_ids: Option<Table<WorkflowName, Spanned<DagId>>>,
        /// Hand-written files of the central repository that become its workflows, byte for byte, by the workflow's name: `{train: {file: dags/old/train.py, sha256: 9f86d0…, dag_ids: [legacy_train]}}`. `freehold adopt` writes them.
        adopt: Option<Table<WorkflowName, Adoption>>,
        /// How much it may have.
        limits: Option<Limits>,
    }
}

record! {
    /// A repository that may publish to a source.
    pub struct Repository {
        /// The number that the Git host gave it. It stays when the repository is renamed, and nobody else can get it.
        id: Spanned<u64>,
        /// Its full name, for people: `acme/churn-model`.
        name: Spanned<String>,
        /// The number of the account or group that the repository belongs to; GitHub's `repository_owner_id`, GitLab's `namespace_id`. With it, the repository's tokens are refused once it belongs to somebody else.
        owner_id: Option<Spanned<u64>>,
        /// The issuer whose number `id` is, as `identity` in `platform.yaml` names it; the first one there unless said otherwise.
        issuer: Option<Spanned<String>>,
        /// The source that it publishes to.
        source: Spanned<SourceName>,
        /// Refs that may publish; `[refs/heads/main]` unless said otherwise. `*` stands for any text.
        refs: Option<Vec<Spanned<RefPattern>>>,
    }
}

record! {
    /// How much a team may have.
    pub struct Limits {
        /// Workflows, over all its sources.
        workflows: Option<Spanned<u32>>,
        /// Tasks of all its workflows; a static fan-out counts once for each item.
        tasks: Option<Spanned<u32>>,
        /// Pods at once, as many as its workflows let run together: of each workflow `max_active_runs` times the lesser of `max_active_tasks` and what a run could have together; of tasks that wait for each other one counts.
        pods: Option<Spanned<u32>>,
        /// What the pods at once request together, reckoned with each workflow's largest pods: `{cpu: "400", memory: 1600Gi, nvidia.com/gpu: 8}`.
        requests: Option<Table<String, Spanned<Quantity>>>,
        /// Workflows that one publish may delete without saying so.
        deletions: Option<Spanned<u32>>,
        /// The share of a source's workflows that one publish may delete without saying so, in percent; 50 unless said otherwise.
        deletion_share: Option<Spanned<Percent>>,
    }
}

/// A Kubernetes namespace: an RFC 1123 label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(pub String);

impl Decode for Namespace {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        String::decode(node, context).map(Self)
    }
}

inline_schema! { Namespace "Namespace" {
    "type": "string",
    "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "maxLength": 63,
    "x-expects": "a Kubernetes namespace: lower-case letters, digits and `-`, at most 63 characters",
} }

/// Which refs may publish: a full ref in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefPattern(pub String);

impl Decode for RefPattern {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        String::decode(node, context).map(Self)
    }
}

inline_schema! { RefPattern "RefPattern" { "type": "string", "pattern": "^(refs/.+|\\*)$", "x-expects": "a full ref such as `refs/heads/main`" } }

/// A share in percent: 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(pub u32);

impl Decode for Percent {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        u32::decode(node, context).map(Self)
    }
}

inline_schema! { Percent "Percent" {
    "type": "integer",
    "minimum": 0,
    "maximum": 100,
    "x-expects": "a share in percent, such as `50`",
} }
