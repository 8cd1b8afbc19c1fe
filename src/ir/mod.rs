//! Resolved workflows: every layer merged, every name joined, every compile-time value in place.
//!
//! This is what a backend gets. It is concrete and ordered, knows no YAML and no policy, and has no field that
//! "is filled in later". A static fan-out stays a table of rows over a body, so that a target may write a loop;
//! [`Text::instantiate`] and [`Value::instantiate`] give one row's text to a target that cannot.

mod condition;
mod fan_out;
mod group;
mod handling;
mod instances;
mod load;
mod notify;
mod operator;
mod quantity;
mod ranks;
mod schedule;
mod task;
mod text;
mod value;
mod width;

use std::time::Duration;

use crate::name::{DagId, SourceName, TeamName, WorkflowName};

pub use condition::{Condition, Test, all_of};
pub use fan_out::{FanOut, MOST_TASKS, Row, scalar_text};
pub use group::{Group, Member, Node, members};
pub use handling::{Handling, LoggedContainers, OnFinishAction};
pub use instances::{Hindrance, Items};
pub use load::{Load, Portion, repeated_at_once};
pub use notify::{Deadline, Notifier, Notify};
pub use operator::{Literal, Operator, OperatorArgument};
pub use quantity::amount;
pub use ranks::{ranks, waits};
pub use schedule::{AssetCondition, AwaitedAsset, Moment, Schedule, Timetable};
pub use task::{Container, Need, Task, TaskKind, TriggerRule, Wait};
pub use text::{OutputReference, Piece, RunValue, Text};
pub use value::Value;

/// Runs at once of a workflow that does not say.
pub const ACTIVE_RUNS: u32 = 1;
/// The start of a workflow that has no timetable and does not say: any moment that is past.
pub const LONG_AGO: Moment = Moment { year: 2020, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
/// Tasks at once of a workflow that does not say.
pub const ACTIVE_TASKS: u32 = 16;

/// One workflow of one team.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// The team that owns it.
    pub team: TeamName,
    /// The source that it was published from.
    pub source: SourceName,
    /// Its name within the team.
    pub name: WorkflowName,
    /// Its id in Airflow: `<team>__<name>`, unless the platform grants it another one.
    pub dag_id: DagId,
    /// The file it was written in, relative to the source: `workflows/daily-retrain.yaml`.
    pub file: String,
    /// What it is for, in the author's words.
    pub description: Option<String>,
    /// When it runs.
    pub schedule: Schedule,
    /// First moment that counts for the schedule.
    pub start_date: Moment,
    /// Last moment that counts.
    pub end_date: Option<Moment>,
    /// Whether runs that were missed are made up for.
    pub catchup: bool,
    /// Runs at once.
    pub max_active_runs: u32,
    /// Tasks at once, over all its runs.
    pub max_active_tasks: u32,
    /// The longest that a run may take.
    pub run_timeout: Option<Duration>,
    /// Failed runs in a row after which the target pauses it; `None` is the target's own setting.
    pub max_consecutive_failed_runs: Option<u32>,
    /// Whether it starts paused where the target has not seen it yet.
    pub paused: bool,
    /// How long a run may take until somebody is told.
    pub deadline: Option<Deadline>,
    /// Who is told what becomes of a run; `on_retry` is empty, because a run has one try.
    pub notify: Notify,
    /// The notifiers that the workflow and its tasks name, by name.
    pub notifiers: Vec<Notifier>,
    /// For the list of DAGs; the team is one of them.
    pub tags: Vec<String>,
    /// What a run may be started with, in the order written.
    pub params: Vec<Param>,
    /// The Kubernetes namespace in which its pods run.
    pub namespace: String,
    /// Tasks and groups, in the order written.
    pub nodes: Vec<Node>,
}

impl Workflow {
    /// How many tasks a run has; a static fan-out counts once for each of its items, a mapped one once.
    #[must_use]
    pub fn task_count(&self) -> usize {
        self.nodes.iter().map(Node::task_count).fold(0, usize::saturating_add)
    }

    /// Its tasks with the groups around them, in the order written.
    #[must_use]
    pub fn members(&self) -> Vec<Member<'_>> {
        members(&self.nodes)
    }
}

/// One parameter of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name: a Python identifier.
    pub name: String,
    /// Value when a run is started without one; `None` when a run must give it.
    pub default: Option<serde_json::Value>,
    /// JSON Schema of its values, without `default`; an object.
    pub schema: serde_json::Map<String, serde_json::Value>,
}
