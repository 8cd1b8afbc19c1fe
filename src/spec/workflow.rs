//! A workflow's file.

use std::num::NonZeroU16;

use super::adoption::AdoptedPath;
use super::asset::{Assets, AwaitedAsset};
use super::condition::RunIf;
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
use super::teardown::Teardown;
use super::template::Template;
use super::wait::WaitFor;
use crate::ir::TriggerRule;
use crate::name::{AssetUri, ClassPath, TaskName, WorkflowAddress, WorkflowName};
use crate::source::Spanned;

record! {
    /// One workflow: when it runs, and the tasks that it consists of.
    pub struct Workflow {
        /// Its name within the team. The DAG is called `<team>__<workflow>`.
        workflow: Spanned<WorkflowName>,
        /// What it is for, for the people who read the list of DAGs. A text of several lines stands on the DAG's page, too, as Markdown.
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
        /// What it does, for people, as Markdown: Airflow shows it at the task.
        description: Option<Spanned<String>>,
        /// Tasks and groups that must be done first.
        needs: Option<Vec<Spanned<TaskName>>>,
        /// What must be so for it to run, once all that it needs is done: `{value: "${{ params.mode }}", equals: full}`, several of these in a list of which all must hold, or a value that is `true`: `"${{ tasks.check.output.changed }}"`. Otherwise it is skipped, without a pod, and with it what waits for its success.
        run_if: Option<RunIf>,
        /// Whether it cleans up: it starts when all that it needs is done, whatever came of it, and a run succeeds or fails as if it were not there. `true`, or the tasks that set up what it takes away, such as `[start-cluster]`: when they did not succeed there is nothing to clean up.
        teardown: Option<Teardown>,
        /// Waits for another workflow's run of the same moment, in place of running a container: `{workflow: churn/daily-retrain, within: 6h}`.
        wait_for: Option<WaitFor>,
        /// An operator of Airflow's own, in place of running a container; one that the platform allows: `airflow.providers.standard.sensors.filesystem.FileSensor`.
        operator: Option<Spanned<ClassPath>>,
        /// The arguments of `operator`, or what is handed to the blueprint of `uses`: `{filepath: /data/ready, poke_interval: {duration: 5m}}`. Beside JSON's values there are `{duration: 5m}`, `{moment: 2026-01-01T00:00:00Z}` and `{asset: s3://bucket/key}`.
        with: Option<Arguments>,
        /// Repeats the task, once for each item.
        for_each: Option<ForEach>,
        /// How many of its items run at once within a run: `3`. The items of a list are then instances of one task, `score[0]`, and shown by their names.
        max_parallel: Option<Spanned<NonZeroU16>>,
        /// How many of its items one pod gets, where a pod for each would take longer to start than to work: `50`. Then `${{ each.customer }}` is a JSON list of items, and `${{ each.customer.id }}` one of their ids.
        batch: Option<Spanned<NonZeroU16>>,
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
        /// What must be so for each of its tasks to run, beside what the task itself says: `{value: "${{ params.mode }}", equals: full}`. Otherwise they are skipped.
        run_if: Option<RunIf>,
        /// Repeats the whole group, once for each item.
        for_each: Option<ForEach>,
        /// How many items of each of its tasks run at once within a run: `3`. The items of a list are then instances of one group, and shown by their names.
        max_parallel: Option<Spanned<NonZeroU16>>,
        /// How many items it is repeated for at once, so that one pod gets so many: `50`. Then `${{ each.customer }}` is a JSON list of items, and `${{ each.customer.id }}` one of their ids.
        batch: Option<Spanned<NonZeroU16>>,
        /// Settings of the group's tasks, unless they say otherwise.
        defaults: Option<Settings>,
        /// The tasks, by name.
        tasks: Option<Table<TaskName, Task>>,
        /// Groups inside it, by name, up to five levels deep.
        groups: Option<Table<TaskName, Self>>,
    }
}

/// A task as it was written, and the groups around it.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The groups, the outermost first.
    pub groups: Vec<(&'a Spanned<TaskName>, &'a Group)>,
    /// Its name.
    pub name: &'a Spanned<TaskName>,
    /// The task.
    pub task: &'a Task,
}

/// A task or a group as it was written.
#[derive(Debug, Clone, Copy)]
pub struct WrittenNode<'a> {
    /// Its name.
    pub name: &'a Spanned<TaskName>,
    /// How many of its items run at once.
    pub max_parallel: Option<&'a Spanned<NonZeroU16>>,
}

impl<'a> Member<'a> {
    /// Every fan-out that repeats the task, the outermost first.
    pub fn fan_outs(&self) -> Vec<&'a ForEach> {
        self.groups.iter().filter_map(|(_, group)| group.for_each.as_ref()).chain(&self.task.for_each).collect()
    }

    /// On what condition it runs: what the groups around it say, the outermost first, and what it says itself.
    pub fn run_ifs(&self) -> impl Iterator<Item = &'a RunIf> {
        let around: Vec<_> = self.groups.iter().filter_map(|(_, group)| group.run_if.as_ref()).collect();
        around.into_iter().chain(&self.task.run_if)
    }

    /// By which rule it starts, where a layer of its workflow says: the nearest one.
    pub fn trigger_rule(&self, workflow: &'a Workflow) -> Option<&'a Spanned<TriggerRule>> {
        let groups = self.groups.iter().rev().filter_map(|(_, group)| group.defaults.as_ref());
        let layers = std::iter::once(&self.task.settings).chain(groups).chain(&workflow.defaults);
        layers.into_iter().find_map(|settings| settings.trigger_rule.as_ref())
    }

    /// The names of the groups around it and its own, the outermost first.
    pub fn path(&self) -> Vec<&'a str> {
        self.groups.iter().map(|(name, _)| name.value.as_str()).chain([self.name.value.as_str()]).collect()
    }
}

impl Task {
    /// Whether it runs a pod: it neither waits for a workflow nor is an operator of the target's own.
    #[must_use]
    pub fn has_pod(&self) -> bool {
        self.wait_for.is_none() && self.operator.is_none()
    }

    /// What it cleans up, when it does.
    #[must_use]
    pub fn teardown(&self) -> Option<&Teardown> {
        self.teardown.as_ref().filter(|teardown| teardown.is_on)
    }

    /// Whether it hands over a value.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.is_on)
    }
}

impl Workflow {
    /// Every task with the groups around it: the tasks of a level first, then what is in its groups.
    #[must_use]
    pub fn members(&self) -> Vec<Member<'_>> {
        let mut found = Vec::new();
        collect_members(self.tasks.as_ref(), self.groups.as_ref(), &[], &mut found);
        found
    }

    /// Every group with those around it, the outermost first and itself the last.
    #[must_use]
    pub fn nested_groups(&self) -> Vec<Vec<(&Spanned<TaskName>, &Group)>> {
        let mut found = Vec::new();
        collect_groups(self.groups.as_ref(), &[], &mut found);
        found
    }

    /// A task or group by the names of the groups around it, the outermost first, and its own.
    #[must_use]
    pub fn node(&self, path: &[TaskName]) -> Option<WrittenNode<'_>> {
        let (own, around) = path.split_last()?;
        let (mut tasks, mut groups) = (self.tasks.as_ref(), self.groups.as_ref());
        for name in around {
            let group = groups?.get(name.as_str())?;
            (tasks, groups) = (group.tasks.as_ref(), group.groups.as_ref());
        }
        let task = tasks.and_then(|tasks| tasks.entry(own.as_str()));
        let group = groups.and_then(|groups| groups.entry(own.as_str()));
        task.map(|(name, task)| WrittenNode { name, max_parallel: task.max_parallel.as_ref() })
            .or_else(|| group.map(|(name, group)| WrittenNode { name, max_parallel: group.max_parallel.as_ref() }))
    }

    /// Every wait for another workflow, with the name of the task that waits.
    pub fn waits(&self) -> impl Iterator<Item = (&Spanned<TaskName>, &WaitFor)> {
        self.members().into_iter().filter_map(|member| Some((member.name, member.task.wait_for.as_ref()?)))
    }

    /// Every asset that a task of it produces, with what repeats the task.
    pub fn produced(&self) -> impl Iterator<Item = (&Spanned<AssetUri>, Option<&ForEach>)> {
        self.members().into_iter().flat_map(|member| {
            let repeated = member.fan_outs().pop();
            member.task.produces.iter().flatten().map(move |asset| (asset, repeated))
        })
    }

    /// The assets that start a run.
    #[must_use]
    pub fn awaited_assets(&self) -> Vec<&AwaitedAsset> {
        match &self.schedule {
            Some(Schedule::Fields(fields)) => fields.assets.as_ref().map(Assets::assets).unwrap_or_default(),
            Some(Schedule::None) | None => Vec::new(),
        }
    }

    /// Every fan-out in it: of groups and of tasks.
    pub fn fan_outs(&self) -> impl Iterator<Item = &ForEach> {
        let groups = self.nested_groups().into_iter().filter_map(|around| around.last()?.1.for_each.as_ref());
        groups.chain(self.members().into_iter().filter_map(|member| member.task.for_each.as_ref()))
    }

    /// Every text in it that may hold references: in settings of every layer, in arguments and in conditions.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let arguments = self.members().into_iter().filter_map(|member| member.task.with.as_ref()).flat_map(Arguments::templates);
        self.settings().flat_map(Settings::templates).chain(arguments).chain(self.run_ifs().flat_map(RunIf::templates))
    }

    /// The conditions that are written in it, of groups and of tasks.
    pub fn run_ifs(&self) -> impl Iterator<Item = &RunIf> {
        let groups = self.nested_groups().into_iter().filter_map(|around| around.last()?.1.run_if.as_ref());
        groups.chain(self.members().into_iter().filter_map(|member| member.task.run_if.as_ref()))
    }

    /// The settings that are written in it, of every layer.
    pub fn settings(&self) -> impl Iterator<Item = &Settings> {
        let groups = self.nested_groups().into_iter().filter_map(|around| around.last()?.1.defaults.as_ref());
        self.defaults.iter().chain(groups).chain(self.members().into_iter().map(|member| &member.task.settings))
    }
}

/// A level of tasks and groups inside groups.
type Around<'a> = [(&'a Spanned<TaskName>, &'a Group)];

fn collect_members<'a>(
    tasks: Option<&'a Table<TaskName, Task>>,
    groups: Option<&'a Table<TaskName, Group>>,
    around: &Around<'a>,
    found: &mut Vec<Member<'a>>,
) {
    found.extend(tasks.into_iter().flat_map(Table::iter).map(|(name, task)| Member { groups: around.to_vec(), name, task }));
    for (name, group) in groups.into_iter().flat_map(Table::iter) {
        let around = [around, &[(name, group)]].concat();
        collect_members(group.tasks.as_ref(), group.groups.as_ref(), &around, found);
    }
}

fn collect_groups<'a>(
    groups: Option<&'a Table<TaskName, Group>>,
    around: &Around<'a>,
    found: &mut Vec<Vec<(&'a Spanned<TaskName>, &'a Group)>>,
) {
    for (name, group) in groups.into_iter().flat_map(Table::iter) {
        let around = [around, &[(name, group)]].concat();
        found.push(around.clone());
        collect_groups(group.groups.as_ref(), &around, found);
    }
}
