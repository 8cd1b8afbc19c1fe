//! What `platform.yaml` asks of tasks and workflows: bounds, what must be said, what may be named, what is added.

use super::decode::Table;
use super::leaf::{EnvironmentName, Timespan};
use super::record::record;
use super::settings::Quantity;
use super::template::Template;
use super::word::{PodSecurity, RuleScope, RuleSeverity, TaskWord, WorkflowWord};
use crate::source::Spanned;

record! {
    /// The most that a container, and a pod with all its containers, may ask for: `{container: {cpu: "8", memory: 64Gi, nvidia.com/gpu: 2}}`. What counts is
    /// the limit, or the request where there is none; of `cpu`, `memory` and `ephemeral-storage` one of them must be said then.
    pub struct Ceilings {
        /// For each container: `{cpu: "8", memory: 64Gi, nvidia.com/gpu: 2, ephemeral-storage: 100Gi}`.
        container: Option<Table<String, Spanned<Quantity>>>,
        /// For the containers of a pod together: `{memory: 128Gi}`.
        pod: Option<Table<String, Spanned<Quantity>>>,
    }
}

record! {
    /// Between what settings must lie: `{retries: {minimum: 1, maximum: 5}, execution_timeout: {maximum: 12h}}`. A setting with a bound must be given by some layer.
    pub struct Bounds {
        /// Tries after the first: `{minimum: 1, maximum: 5}`.
        retries: Option<CountBounds>,
        /// The longest that a try may take: `{maximum: 12h}`.
        execution_timeout: Option<TimeBounds>,
        /// Wait for a node: `{maximum: 1h}`.
        startup_timeout: Option<TimeBounds>,
        /// Runs of a workflow at once: `{maximum: 4}`.
        max_active_runs: Option<CountBounds>,
        /// Tasks of a workflow at once: `{maximum: 64}`.
        max_active_tasks: Option<CountBounds>,
    }
}

record! {
    /// Between which numbers: `{minimum: 1, maximum: 5}`.
    pub struct CountBounds {
        /// The least.
        minimum: Option<Spanned<u32>>,
        /// The most.
        maximum: Option<Spanned<u32>>,
    }
}

record! {
    /// Between which lengths of time: `{minimum: 5m, maximum: 12h}`.
    pub struct TimeBounds {
        /// The shortest.
        minimum: Option<Spanned<Timespan>>,
        /// The longest.
        maximum: Option<Spanned<Timespan>>,
    }
}

record! {
    /// What holds for schedules: `{minimum_interval: 15m}`.
    pub struct ScheduleRules {
        /// The shortest time from one run to the next, as the clock on the wall shows it: `15m`.
        minimum_interval: Option<Spanned<Timespan>>,
    }
}

record! {
    /// What teams must say: `{workflows: [description], tasks: [execution_timeout], labels: {acme.example/cost-center: "cc-*"}}`.
    pub struct Required {
        /// Keys of a workflow that must be there: `[description, tags]`.
        workflows: Option<Vec<Spanned<WorkflowWord>>>,
        /// Settings of a task that must be there; a layer around the task may give them: `[retries, execution_timeout]`.
        tasks: Option<Vec<Spanned<TaskWord>>>,
        /// Labels of every pod, with a pattern of their values in which `*` stands for any text: `{acme.example/cost-center: "cc-*"}`.
        labels: Option<Table<String, Spanned<String>>>,
        /// Annotations of every pod, likewise.
        annotations: Option<Table<String, Spanned<String>>>,
    }
}

record! {
    /// What the platform gives to every pod and no team may change; what a team may change belongs into `defaults`. Values may hold `${{ environment }}`, `${{ team }}`,
    /// `${{ source }}`, `${{ workflow }}`, `${{ task }}`, `${{ run.date }}` and `${{ run.id }}`.
    pub struct Enforced {
        /// Environment variables of every container: `{ACME_TEAM: "${{ team }}"}`.
        env: Option<Table<EnvironmentName, Template>>,
        /// Labels of every pod: `{acme.example/team: "${{ team }}"}`.
        labels: Option<Table<String, Template>>,
        /// Annotations of every pod.
        annotations: Option<Table<String, Template>>,
    }
}

record! {
    /// Names that a team's pods may use. `*` stands for any text, and `${{ team }}` for the team: `{secrets: ["${{ team }}-*", shared-*]}`. A list that is left out allows all,
    /// but for `host_paths`, `capabilities` and those about nodes, which allow what would be refused.
    pub struct Allowed {
        /// Secrets: of environment variables, volumes and for pulling images.
        secrets: Option<Vec<Template>>,
        /// Config maps.
        config_maps: Option<Vec<Template>>,
        /// Persistent volume claims.
        persistent_volume_claims: Option<Vec<Template>>,
        /// Service accounts. The namespace's own, `default`, is used where a pod names none.
        service_accounts: Option<Vec<Template>>,
        /// Priority classes.
        priority_classes: Option<Vec<Template>>,
        /// Folders of the node that may be mounted, in spite of `pod_security`: `[/mnt/scratch, /mnt/scratch/*]`.
        host_paths: Option<Vec<Template>>,
        /// Linux capabilities that may be added, in spite of `pod_security`: `[SYS_PTRACE]`.
        capabilities: Option<Vec<Template>>,
        /// Nodes that pods may be bound to by `nodeName`, past the scheduler and the taints that it holds; none, unless you say so: `[gpu-7]`.
        node_names: Option<Vec<Template>>,
        /// Schedulers that pods may choose beside Kubernetes' own; none, unless you say so: `[volcano]`.
        schedulers: Option<Vec<Template>>,
        /// Keys of taints that pods may tolerate; all but those of the control plane, unless you say otherwise: `[acme.example/pool]`.
        taints: Option<Vec<Template>>,
    }
}

record! {
    /// A rule of the platform's own, in CEL (the language of Kubernetes' admission policies).
    pub struct PlatformRule {
        /// Its name, which every violation shows: `no-spot-for-production`.
        name: Spanned<String>,
        /// What it looks at, one at a time: `task` unless said otherwise, or `workflow`.
        scope: Option<Spanned<RuleScope>>,
        /// A CEL expression that is true where the rule is broken: `task.profile == "research" && "production" in workflow.tags`.
        when: Spanned<String>,
        /// What to tell the team. `${{ … }}` holds CEL: `${{ task.name }} would lose its node`.
        message: Spanned<String>,
        /// What the team should type.
        help: Option<Spanned<String>>,
        /// `error` unless said otherwise, which refuses; or `warning`.
        severity: Option<Spanned<RuleSeverity>>,
    }
}

/// The level of a platform that says none: what lets a pod take over its node is refused.
impl Default for PodSecurity {
    fn default() -> Self {
        Self::Baseline
    }
}
