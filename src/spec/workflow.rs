//! A workflow's file.

use std::num::NonZeroU16;

use super::decode::Table;
use super::for_each::ForEach;
use super::leaf::Date;
use super::param::{Param, Scalar};
use super::record::record;
use super::schedule::Schedule;
use super::settings::Settings;
use super::wait::WaitFor;
use crate::name::{TaskName, WorkflowAddress, WorkflowName};
use crate::source::Spanned;

record! {
    /// One workflow: when it runs, and the tasks that it consists of.
    pub struct Workflow {
        /// Its name within the team. The DAG is called `<team>__<workflow>`.
        workflow: Spanned<WorkflowName>,
        /// What it is for, for the people who read the list of DAGs.
        description: Option<Spanned<String>>,
        /// When it runs: `{cron: "0 3 * * *", timezone: Europe/Prague}`, `{preset: daily}`, `{every: 6h}`, or `none` to start it by hand only.
        schedule: Option<Schedule>,
        /// First day, or moment, that counts for the schedule: `2026-01-01`. Required with a schedule.
        start_date: Option<Spanned<Date>>,
        /// Last day, or moment, that counts.
        end_date: Option<Spanned<Date>>,
        /// Whether runs between `start_date` and now are made up for. Off, unless you say so.
        catchup: Option<Spanned<bool>>,
        /// Runs at once; 1 unless you say otherwise.
        max_active_runs: Option<Spanned<NonZeroU16>>,
        /// Tasks at once, over all its runs; 16 unless you say otherwise.
        max_active_tasks: Option<Spanned<NonZeroU16>>,
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
        /// Repeats the task, once for each item.
        for_each: Option<ForEach>,
        /// How many of its items run at once within a run.
        max_parallel: Option<Spanned<NonZeroU16>>,
        /// Whether it hands over a small JSON value (at most 48 KB), which it writes to `/airflow/xcom/return.json`. Used as `${{ tasks.NAME.output }}`.
        output: Option<Spanned<bool>>,
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

impl Workflow {
    /// Every wait for another workflow, with the name of the task that waits.
    pub fn waits(&self) -> impl Iterator<Item = (&Spanned<TaskName>, &WaitFor)> {
        let tasks = self.tasks.iter().flat_map(Table::iter);
        let inner = self.groups.iter().flat_map(Table::iter).flat_map(|(_, group)| group.tasks.iter());
        tasks.chain(inner).filter_map(|(name, task)| Some((name, task.wait_for.as_ref()?)))
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
