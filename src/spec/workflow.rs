//! A workflow's file.

use std::num::NonZeroU16;

use super::adoption::AdoptedPath;
use super::asset::{Assets, AwaitedAsset};
use super::decode::Table;
use super::for_each::ForEach;
use super::leaf::{Date, Timespan};
use super::notify::WorkflowNotify;
use super::operator::Arguments;
use super::output::Output;
use super::param::{Param, Scalar};
use super::record::record;
use super::schedule::Schedule;
use super::settings::Settings;
use super::wait::WaitFor;
use crate::name::{AssetUri, ClassPath, TaskName, WorkflowAddress, WorkflowName};
use crate::source::Spanned;

record! {
    /// One workflow: when it runs, and the tasks that it consists of.
    pub struct Workflow {
        /// Its name within the team. The DAG is called `<team>__<workflow>`.
        workflow: Spanned<WorkflowName>,
        /// What it is for, for the people who read the list of DAGs.
        description: Option<Spanned<String>>,
        /// When it runs: `{cron: "0 3 * * *", timezone: Europe/Prague}`, `{preset: daily}`, `{every: 6h}`, `{assets: [s3://acme/features]}`, or `none` to start it by hand only.
        schedule: Option<Schedule>,
        /// First day, or moment, that counts for the schedule: `2026-01-01`. Required with a `cron`, a `preset` or `every`.
        start_date: Option<Spanned<Date>>,
        /// Last day, or moment, that counts.
        end_date: Option<Spanned<Date>>,
        /// Whether runs between `start_date` and now are made up for. Off, unless you say so.
        catchup: Option<Spanned<bool>>,
        /// Runs at once; 1 unless you say otherwise.
        max_active_runs: Option<Spanned<NonZeroU16>>,
        /// Tasks at once, over all its runs; 16 unless you say otherwise.
        max_active_tasks: Option<Spanned<NonZeroU16>>,
        /// The longest that a run may take before it is ended as failed: `6h`.
        run_timeout: Option<Spanned<Timespan>>,
        /// Failed runs in a row after which Airflow pauses it: `3`. Airflow's own setting holds, unless you say otherwise.
        max_consecutive_failed_runs: Option<Spanned<NonZeroU16>>,
        /// Whether it starts paused where Airflow has not seen it yet. Off, unless you say so; later it counts no more, whoever pauses or resumes it.
        paused: Option<Spanned<bool>>,
        /// How long after it was queued a run must be done, or `notify.on_deadline` is told: `2h`. From Airflow 3.1 on.
        deadline: Option<Spanned<Timespan>>,
        /// Whom to tell what becomes of a run, by names of notifiers that the platform defines: `{on_failure: [ml-alerts]}`. What is told of each task stands in `defaults`.
        notify: Option<WorkflowNotify>,
        /// Words to find it by in the list of DAGs. The team is one of them by itself.
        tags: Option<Vec<Spanned<String>>>,
        /// What a run may be started with: a JSON Schema with a `default` for each name, `{min_rows: {type: integer, default: 1000}}`. Used as `${{ params.min_rows }}`.
        params: Option<Table<String, Param>>,
        /// Values for use in this file, as `${{ vars.NAME }}`.
        vars: Option<Table<String, Scalar>>,
        /// Whether it may not go: to delete or rename it takes a publish that says `false` first, and another one.
        protect: Option<Spanned<bool>>,
        /// The name that it had. Airflow knows runs by DAG id: a renamed workflow starts without any.
        renamed_from: Option<Spanned<WorkflowName>>,
        /// The workflow of another source that this one takes over, `<team>/<workflow>`; that source has to `give` it.
        taken_from: Option<Spanned<WorkflowAddress>>,
        /// A hand-written Airflow file that the workflow is, byte for byte, in place of tasks: `train.py.txt`, relative to this file. The platform grants its bytes; see `freehold adopt`.
        adopted: Option<Spanned<AdoptedPath>>,
        /// Settings of every task, unless it says otherwise.
        defaults: Option<Settings>,
        /// The tasks, by name.
        tasks: Option<Table<TaskName, Task>>,
        /// Groups of tasks, by name.
        groups: Option<Table<TaskName, Group>>,
    }
}

record! {
    /// A task: one pod that runs to its end, or a wait for another workflow.
    pub struct Task {
        /// What it does, for people.
        description: Option<Spanned<String>>,
        /// Tasks and groups that must be done first.
        needs: Option<Vec<Spanned<TaskName>>>,
        /// Waits for another workflow's run of the same moment, in place of running a container: `{workflow: churn/daily-retrain, within: 6h}`.
        wait_for: Option<WaitFor>,
        /// An operator of Airflow's own, in place of running a container; one that the platform allows: `airflow.providers.standard.sensors.filesystem.FileSensor`.
        operator: Option<Spanned<ClassPath>>,
        /// The arguments of `operator`, or what is handed to the blueprint of `uses`: `{filepath: /data/ready, poke_interval: {duration: 5m}}`. Beside JSON's values there are `{duration: 5m}`, `{moment: 2026-01-01T00:00:00Z}` and `{asset: s3://bucket/key}`.
        with: Option<Arguments>,
        /// Repeats the task, once for each item.
        for_each: Option<ForEach>,
        /// How many of its items run at once within a run.
        max_parallel: Option<Spanned<NonZeroU16>>,
        /// Whether it hands over a small JSON value (at most 48 KB), which it writes to `/airflow/xcom/return.json`. Used as `${{ tasks.NAME.output }}`. With a JSON Schema of the value, `${{ tasks.NAME.output.key }}` and a `for_each` over it are held to it when they are compiled: `{schema: {type: array, items: {type: string}}}`. Airflow does not look at the schema: a run hands over whatever the task has written.
        output: Option<Output>,
        /// Assets that are new once it has succeeded: `[s3://acme/features]`. Workflows with `schedule: {assets: [s3://acme/features]}` start then.
        produces: Option<Vec<Spanned<AssetUri>>>,
        .. /// How it runs.
        settings: Settings
    }
}

record! {
    /// Tasks that belong together.
    pub struct Group {
        /// Tasks and groups that must be done before any of its tasks starts.
        needs: Option<Vec<Spanned<TaskName>>>,
        /// Repeats the whole group, once for each item.
        for_each: Option<ForEach>,
        /// How many items of each of its tasks run at once within a run.
        max_parallel: Option<Spanned<NonZeroU16>>,
        /// Settings of the group's tasks, unless they say otherwise.
        defaults: Option<Settings>,
        /// The tasks, by name.
        tasks: Table<TaskName, Task>,
    }
}

impl Task {
    /// Whether it runs a pod: it neither waits for a workflow nor is an operator of the target's own.
    #[must_use]
    pub fn has_pod(&self) -> bool {
        self.wait_for.is_none() && self.operator.is_none()
    }

    /// Whether it hands over a value.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.is_on)
    }
}

impl Workflow {
    /// Every wait for another workflow, with the name of the task that waits.
    pub fn waits(&self) -> impl Iterator<Item = (&Spanned<TaskName>, &WaitFor)> {
        let tasks = self.tasks.iter().flat_map(Table::iter);
        let inner = self.groups.iter().flat_map(Table::iter).flat_map(|(_, group)| group.tasks.iter());
        tasks.chain(inner).filter_map(|(name, task)| Some((name, task.wait_for.as_ref()?)))
    }

    /// Every asset that a task of it produces, with what repeats the task.
    pub fn produced(&self) -> impl Iterator<Item = (&Spanned<AssetUri>, Option<&ForEach>)> {
        let tasks = self.tasks.iter().flat_map(Table::iter).map(|(_, task)| (task, task.for_each.as_ref()));
        let inner = self
            .groups
            .iter()
            .flat_map(Table::iter)
            .flat_map(|(_, group)| group.tasks.iter().map(|(_, task)| (task, task.for_each.as_ref().or(group.for_each.as_ref()))));
        tasks.chain(inner).flat_map(|(task, repeated)| task.produces.iter().flatten().map(move |asset| (asset, repeated)))
    }

    /// The assets that start a run.
    #[must_use]
    pub fn awaited_assets(&self) -> Vec<&AwaitedAsset> {
        match &self.schedule {
            Some(Schedule::Fields(fields)) => fields.assets.as_ref().map(Assets::assets).unwrap_or_default(),
            Some(Schedule::None) | None => Vec::new(),
        }
    }

    /// Every fan-out in it: of tasks, of groups, and of tasks in groups.
    pub fn fan_outs(&self) -> impl Iterator<Item = &ForEach> {
        let tasks = self.tasks.iter().flat_map(Table::iter).filter_map(|(_, task)| task.for_each.as_ref());
        let groups = self.groups.iter().flat_map(Table::iter);
        let inner =
            groups.flat_map(|(_, group)| group.for_each.iter().chain(group.tasks.iter().filter_map(|(_, task)| task.for_each.as_ref())));
        tasks.chain(inner)
    }
}
