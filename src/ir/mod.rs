//! Resolved workflows: every layer merged, every name joined, every compile-time value in place.
//!
//! This is what a backend gets. It is concrete and ordered, knows no YAML and no policy, and has no field that
//! "is filled in later". A static fan-out stays a table of rows over a body, so that a target may write a loop;
//! [`Text::instantiate`] and [`Value::instantiate`] give one row's text to a target that cannot.

mod fan_out;
mod text;
mod value;

use std::time::Duration;

use crate::name::{ProfileName, SourceName, TaskName, TeamName, WorkflowName};

pub use fan_out::{FanOut, Row};
pub use text::{OutputReference, Piece, RunValue, Text};
pub use value::Value;

/// One workflow of one team.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// The team that owns it.
    pub team: TeamName,
    /// The source that it was published from.
    pub source: SourceName,
    /// Its name within the team.
    pub name: WorkflowName,
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
        let items = |fan_out: Option<&FanOut>| match fan_out {
            Some(FanOut::Static { variable: _, rows }) => rows.len(),
            Some(FanOut::Mapped { .. }) | None => 1,
        };
        let count = |node: &Node| match node {
            Node::Task(task) => items(task.fan_out()),
            Node::Group(group) => items(group.fan_out.as_ref()) * group.tasks.iter().map(|task| items(task.fan_out())).sum::<usize>(),
        };
        self.nodes.iter().map(count).sum()
    }

    /// Its tasks that wait for another workflow, in the order written, each with the group around it.
    pub fn waits(&self) -> impl Iterator<Item = (Option<&TaskName>, &Task, &Wait)> {
        let tasks = self.nodes.iter().flat_map(|node| {
            let group = match node {
                Node::Task(_) => None,
                Node::Group(group) => Some(&group.name),
            };
            node.tasks().iter().map(move |task| (group, task))
        });
        tasks.filter_map(|(group, task)| match &task.kind {
            TaskKind::Container(_) => None,
            TaskKind::Wait(wait) => Some((group, task, wait)),
        })
    }
}

/// When a workflow runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Only when somebody starts it.
    None,
    /// At the minutes that match.
    Cron {
        /// Five fields, spelt as Airflow's croniter reads them.
        expression: String,
        /// IANA name of the zone in which the fields are read.
        timezone: String,
    },
    /// At a fixed distance, counted from the start date.
    Every(Duration),
}

/// A moment in UTC, to the second, kept as its fields so that a backend can write it as a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
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

/// A task or a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A single task.
    Task(Task),
    /// Tasks that belong together.
    Group(Group),
}

impl Node {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &TaskName {
        match self {
            Self::Task(task) => &task.name,
            Self::Group(group) => &group.name,
        }
    }

    /// The task that it is, or the tasks in it.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        match self {
            Self::Task(task) => std::slice::from_ref(task),
            Self::Group(group) => &group.tasks,
        }
    }
}

/// Tasks that belong together, once or once for each item.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name; no other task or group at the top of the workflow has it.
    pub name: TaskName,
    /// Names of top-level tasks and groups that must be done first, in the order written.
    pub needs: Vec<TaskName>,
    /// Over what it is repeated.
    pub fan_out: Option<FanOut>,
    /// For each of its tasks, how many of its items run at once within one run.
    pub max_parallel: Option<u32>,
    /// Its tasks, in the order written. None of them has a fan-out of its own when the group has one.
    pub tasks: Vec<Task>,
}

/// One task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its name within the group or the workflow.
    pub name: TaskName,
    /// What must be done first: tasks of the same group, or top-level tasks and groups.
    pub needs: Vec<Need>,
    /// Which outcomes of what it needs let it start.
    pub trigger_rule: TriggerRule,
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
    /// What it does.
    pub kind: TaskKind,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskKind {
    /// It runs a pod to its end.
    Container(Box<Container>),
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
            TaskKind::Wait(_) => None,
        }
    }
}

/// Something that must be done first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A task of the same group.
    Sibling(TaskName),
    /// A task or group at the top of the workflow.
    Top(TaskName),
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
