//! A workflow's file.

use std::num::NonZeroU16;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode, Table};
use super::leaf::{Date, Timespan};
use super::record::{inline_schema, record};
use super::settings::Settings;
use super::template::{Part, Reference, Template};
use super::wait::WaitFor;
use crate::name::{TaskName, WorkflowAddress, WorkflowName};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

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

/// When a workflow runs.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// `none`: only when somebody starts it.
    None,
    /// A map; exactly one of `cron`, `preset` and `every` is to be there.
    Fields(ScheduleFields),
}

record! {
    /// When a workflow runs: exactly one of `cron`, `preset` and `every`.
    pub struct ScheduleFields {
        /// Five fields: minute, hour, day of month, month, day of week.
        cron: Option<Spanned<String>>,
        /// A common one: `hourly`, `daily`, `weekly`, `monthly` or `yearly`.
        preset: Option<Spanned<Preset>>,
        /// A fixed distance: `6h`.
        every: Option<Spanned<Timespan>>,
        /// Zone in which `cron` and `preset` are read, by its IANA name: `Europe/Prague`. UTC unless you say otherwise.
        timezone: Option<Spanned<String>>,
    }
}

macro_rules! presets {
    ($($(#[doc = $doc:literal])* $variant:ident $word:literal $cron:literal)*) => {
        /// A common schedule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Preset { $($(#[doc = $doc])* $variant),* }

        impl Preset {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in YAML.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The cron expression that it stands for.
            #[must_use]
            pub fn cron(self) -> &'static str {
                match self { $(Self::$variant => $cron),* }
            }
        }
    };
}

presets! {
    /// At minute 0.
    Hourly "hourly" "0 * * * *"
    /// At midnight.
    Daily "daily" "0 0 * * *"
    /// On Sunday at midnight.
    Weekly "weekly" "0 0 * * 0"
    /// On the first at midnight.
    Monthly "monthly" "0 0 1 * *"
    /// On the first of January at midnight.
    Yearly "yearly" "0 0 1 1 *"
}

impl Decode for Preset {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let found = Self::ALL.iter().find(|preset| preset.as_str() == text).copied();
        if found.is_none() {
            context.invalid(span, format!("`{text}` is no preset"), "write `hourly`, `daily`, `weekly`, `monthly` or `yearly`");
        }
        found
    }
}

inline_schema! { Preset "Preset" { "type": "string", "enum": Self::ALL.iter().map(|preset| preset.as_str()).collect::<Vec<_>>() } }

impl Decode for Schedule {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::String(_) => Some(Self::None),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => {
                ScheduleFields::decode(node, context).map(Self::Fields)
            }
        }
    }
}

impl JsonSchema for Schedule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = ScheduleFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["object", "string"]));
        schema.insert("x-expects".to_owned(), "`{cron: \"0 3 * * *\"}`, `{preset: daily}`, `{every: 6h}` or `none`".into());
        schema.insert("if".to_owned(), serde_json::json!({ "type": "string" }));
        schema.insert("then".to_owned(), serde_json::json!({ "const": "none" }));
        schema
    }
}

/// A parameter of a run: a JSON Schema with a `default`.
#[derive(Debug, Clone)]
pub struct Param {
    /// The schema with its default, as it was written; a map.
    pub schema: Node,
}

impl Decode for Param {
    type Described = Self;

    fn decode(node: Node, _: &mut Context<'_>) -> Option<Self> {
        Some(Self { schema: node })
    }
}

inline_schema! { Param "Param" { "type": "object", "x-expects": "a JSON Schema with a default, such as `{type: integer, default: 1000}`" } }

/// A text, a number or a boolean, as it was written.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Decode for Scalar {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = match node.value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => context.slice(span).to_owned(),
            Value::Null | Value::List(_) | Value::Map(_) => {
                context.invalid(span, "a text, a number or a boolean is expected here", "write one value");
                return None;
            }
        };
        Some(Self { text, span })
    }
}

inline_schema! { Scalar "Scalar" { "type": ["string", "number", "boolean"] } }

/// Over what a task or a group is repeated.
#[derive(Debug, Clone)]
pub struct ForEach {
    /// The name behind `each.`.
    pub variable: Spanned<String>,
    /// The items.
    pub items: Items,
    /// Where the whole of it stands.
    pub span: Span,
}

/// Where the items of a fan-out come from.
#[derive(Debug, Clone)]
pub enum Items {
    /// Written here.
    Values(Vec<Node>, Span),
    /// Rows of a data file beside the workflow.
    File(FileItems),
    /// Another task's output, at run time.
    Output {
        /// The task.
        task: Spanned<String>,
        /// Keys that lead from its output to the list.
        path: Vec<String>,
    },
}

record! {
    /// Rows of a data file.
    pub struct FileItems {
        /// Path of a CSV, JSON or YAML file, relative to the workflow's file.
        file: Spanned<String>,
        /// The column, or key, whose value names an item; `id` unless you say otherwise. A list of texts needs none.
        key: Option<Spanned<String>>,
    }
}

impl Decode for ForEach {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let entry = match node.value {
            Value::Map(mut entries) if entries.len() == 1 => entries.pop(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) | Value::Map(_) => None,
        };
        let Some(Entry { key, value }) = entry else {
            context.invalid(span, "exactly one variable is expected here", "write `for_each: { customer: [a, b] }`");
            return None;
        };
        let items = decode_items(value, context)?;
        Some(Self { variable: key, items, span })
    }
}

fn decode_items(node: Node, context: &mut Context<'_>) -> Option<Items> {
    let span = node.span;
    match node.value {
        Value::List(items) => Some(Items::Values(items, span)),
        Value::Map(_) => FileItems::decode(node, context).map(Items::File),
        Value::String(ref text) => {
            let template = Template::parse(text, span, context)?;
            if let [Part::Reference(Spanned { value: Reference::Output { task, path }, span })] = template.parts.as_slice() {
                return Some(Items::Output { task: Spanned::new(task.clone(), *span), path: path.clone() });
            }
            context.invalid(
                span,
                format!("`{text}` is no list to repeat over"),
                "write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`",
            );
            None
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            context.invalid(
                span,
                "a list is expected here",
                "write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`",
            );
            None
        }
    }
}

impl JsonSchema for ForEach {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ForEach".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut items = FileItems::json_schema(generator);
        items.insert("type".to_owned(), serde_json::json!(["object", "array", "string"]));
        items.insert("x-expects".to_owned(), "a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`".into());
        items.insert("items".to_owned(), serde_json::json!({ "type": ["string", "number", "boolean", "object"] }));
        items.insert("minItems".to_owned(), 1.into());
        json_schema!({
            "type": "object",
            "x-expects": "one variable and its items: `{customer: [a, b]}`, `{customer: {file: customers.csv, key: id}}` or `{customer: \"${{ tasks.NAME.output }}\"}`",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": items,
        })
    }
}
