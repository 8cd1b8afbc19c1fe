//! One task: a pod, an operator of the target's own, or a wait.

use std::time::Duration;

use super::{Condition, FanOut, Handling, Notify, Operator, Value};
use crate::name::{AssetUri, DagId, ProfileName, TaskName, TeamName, WorkflowName};

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its name within the group or the workflow.
    pub name: TaskName,
    /// What it does, in the author's words: Markdown.
    pub description: Option<String>,
    /// What must be done first, in the order written.
    pub needs: Vec<Need>,
    /// Which outcomes of what it needs let it start; `all_done` for one that cleans up.
    pub trigger_rule: TriggerRule,
    /// What must be so for it to run, once that rule lets it start: all of it, or it is skipped.
    pub run_if: Vec<Condition>,
    /// The tasks beside it that set up what it takes away, when it cleans up. They are among what it needs; a run succeeds or fails as if
    /// it were not there.
    pub teardown: Option<Vec<TaskName>>,
    /// Tries after the first.
    pub retries: u32,
    /// Wait before a try.
    pub retry_delay: Duration,
    /// Whether that wait doubles with each try.
    pub retry_exponential_backoff: bool,
    /// The longest that a doubled wait gets.
    pub max_retry_delay: Option<Duration>,
    /// Airflow pool; `None` is the target's default one.
    pub pool: Option<String>,
    /// Slots that it takes in the pool.
    pub pool_slots: u32,
    /// Weight against other tasks that wait.
    pub priority_weight: i32,
    /// Whether it waits for its own success in the run before.
    pub depends_on_past: bool,
    /// Whether it waits for what directly follows it in the run before.
    pub wait_for_downstream: bool,
    /// Assets that are new once it has succeeded, in the order written.
    pub produces: Vec<AssetUri>,
    /// Who is told what becomes of it.
    pub notify: Notify,
    /// What it does.
    pub kind: TaskKind,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskKind {
    /// It runs a pod to its end.
    Container(Box<Container>),
    /// It is an operator of the target's own.
    Operator(Box<Operator>),
    /// It waits for a run of another workflow.
    Wait(Wait),
}

/// A pod that runs to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Over what the task is repeated.
    pub fan_out: Option<FanOut>,
    /// How many of its items run at once within one run.
    pub max_parallel: Option<u32>,
    /// The longest that a try may take.
    pub execution_timeout: Option<Duration>,
    /// The longest that the pod may wait for a node.
    pub startup_timeout: Duration,
    /// Whether it hands over a small JSON value: the pod writes it to `/airflow/xcom/return.json`.
    pub output: bool,
    /// How the target deals with the pod.
    pub handling: Handling,
    /// The profile that the pod was made from.
    pub profile: Option<ProfileName>,
    /// The pod: a map with `metadata` (`labels`, `annotations`) and `spec` (a complete `PodSpec`). The first
    /// container is `base` and runs the task.
    pub pod: Value,
}

/// A wait until a run of another workflow has succeeded. It fails when that run fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The team of the awaited workflow.
    pub team: TeamName,
    /// The awaited workflow.
    pub workflow: WorkflowName,
    /// Its id in Airflow.
    pub dag_id: DagId,
    /// How much earlier than the waiting run the awaited one is due.
    pub offset: Duration,
    /// The longest that it waits.
    pub within: Duration,
}

impl Task {
    /// Over what it is repeated; a wait never is.
    #[must_use]
    pub fn fan_out(&self) -> Option<&FanOut> {
        match &self.kind {
            TaskKind::Container(container) => container.fan_out.as_ref(),
            TaskKind::Operator(operator) => operator.fan_out.as_ref(),
            TaskKind::Wait(_) => None,
        }
    }

    /// Whether it hands over a small JSON value.
    #[must_use]
    pub fn has_output(&self) -> bool {
        match &self.kind {
            TaskKind::Container(container) => container.output,
            TaskKind::Operator(operator) => operator.output,
            TaskKind::Wait(_) => false,
        }
    }

    /// How many of its items run at once within one run.
    #[must_use]
    pub fn max_parallel(&self) -> Option<u32> {
        match &self.kind {
            TaskKind::Container(container) => container.max_parallel,
            TaskKind::Operator(operator) => operator.max_parallel,
            TaskKind::Wait(_) => None,
        }
    }
}

/// Something that must be done first: a task or a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The groups that it stands in, the outermost first; whatever needs it stands in them too.
    pub groups: Vec<TaskName>,
    /// Its name.
    pub name: TaskName,
}

impl Need {
    /// Its name with those of its groups: `retrain.models.fit`.
    #[must_use]
    pub fn path(&self) -> String {
        self.groups.iter().chain([&self.name]).map(TaskName::as_str).collect::<Vec<_>>().join(".")
    }
}

macro_rules! trigger_rules {
    ($($(#[$doc:meta])* $variant:ident $word:literal)*) => {
        /// Which outcomes of what a task needs let it start: Airflow's trigger rules, those that every supported
        /// version has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum TriggerRule { $($(#[$doc])* $variant),* }

        impl TriggerRule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in YAML and in Airflow.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

trigger_rules! {
    /// All succeeded.
    #[default]
    AllSuccess "all_success"
    /// All failed.
    AllFailed "all_failed"
    /// All are done, whatever came of them.
    AllDone "all_done"
    /// One succeeded.
    OneSuccess "one_success"
    /// One failed.
    OneFailed "one_failed"
    /// One is done.
    OneDone "one_done"
    /// None failed; skipped ones count as fine.
    NoneFailed "none_failed"
    /// None failed and one succeeded.
    NoneFailedMinOneSuccess "none_failed_min_one_success"
    /// None was skipped.
    NoneSkipped "none_skipped"
    /// All were skipped.
    AllSkipped "all_skipped"
    /// Whatever happened.
    Always "always"
}
