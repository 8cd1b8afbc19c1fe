//! What a file says, before it is laid out: imports, constants, the DAG's arguments and a tree of statements.

mod notify;
mod operator;
mod order;
mod pods;
mod schedule;
mod settings;
mod statements;

use std::{collections::BTreeSet, time::Duration};

use super::{
    names::Names,
    python::{Expression, Identifier},
    version::{Import, Version},
};
use crate::ir::{Node, Param, Workflow};
use crate::name::is_python_keyword;
pub(super) use notify::Callback;
use notify::Callbacks;
use operator::Classes;
use pods::Pod;

/// A keyword argument of a call.
pub(super) type Argument = (Identifier, Expression);

/// A generated file.
pub(super) struct File {
    /// What it was generated from.
    pub(super) file: String,
    /// Modules and the names that come from them, in order.
    pub(super) imports: Vec<(Identifier, Vec<Identifier>)>,
    /// Constants of the module, in order.
    pub(super) constants: Vec<(Identifier, Expression)>,
    /// Functions that tell people something, in order.
    pub(super) callbacks: Vec<Callback>,
    /// The function that skips tasks, when there are conditions.
    pub(super) only_if: Option<Identifier>,
    /// The arguments of the DAG.
    pub(super) arguments: Vec<Argument>,
    /// What is in the DAG.
    pub(super) body: Vec<Statement>,
}

/// A statement of a DAG's body.
pub(super) enum Statement {
    /// A pod operator, kept in a variable when something refers to it.
    Task { variable: Option<Identifier>, arguments: Vec<Argument>, pod: Option<Pod> },
    /// A sensor that waits for another workflow, kept in a variable when something refers to it.
    Sensor { variable: Option<Identifier>, arguments: Vec<Argument> },
    /// An operator of Airflow's own, kept in a variable when something refers to it.
    Raw { variable: Option<Identifier>, class: Identifier, arguments: Vec<Argument> },
    /// A task group.
    Group { variable: Option<Identifier>, id: Expression, body: Vec<Self> },
    /// A loop over a table's rows.
    Loop { variable: Identifier, rows: Identifier, body: Vec<Self> },
    /// A function that makes one item's task group.
    Mapped { function: Identifier, variable: Identifier, id: Expression, body: Vec<Self> },
    /// That function, once for each item.
    Expand { variable: Option<Identifier>, function: Identifier, argument: Identifier, items: Source },
    /// A function that takes the list out of an output, or makes batches of it, and the list when it is taken at once: a variable, and the task whose output it is.
    Items { function: Identifier, id: Expression, path: Vec<String>, batch: Option<u32>, taken: Option<(Identifier, Identifier)> },
    /// Dependencies: a node and what it needs.
    Edges(Vec<(Identifier, Vec<Identifier>)>),
    /// A task becomes one that cleans up, after those that set up what it takes away.
    Teardown { task: Identifier, setups: Vec<Identifier> },
    /// There is nothing.
    Pass,
}

/// Where the items of a mapped group come from.
pub(super) enum Source {
    /// A task's output is the list.
    Output(Identifier),
    /// A function takes the list out of a task's output.
    Taken { function: Identifier, task: Identifier },
    /// The list was taken before, or is a constant.
    Known(Identifier),
}

/// Decides what the file of a workflow says.
pub(super) fn view(workflow: &Workflow, version: Version) -> File {
    let date = schedule::run_date(&workflow.schedule);
    let mut names = Names::default();
    let callbacks = Callbacks::new(workflow, &mut names);
    let shared = settings::shared(workflow, version, &callbacks);
    let classes = Classes::new(workflow, &mut names);
    let has_conditions = workflow.nodes.iter().flat_map(Node::tasks).any(|task| !task.run_if.is_empty());
    let only_if = has_conditions.then(|| names.variable(&["only-if"]));
    let fixed =
        statements::Fixed { version, date: &date, shared: &shared, classes: &classes, callbacks: &callbacks, only_if: only_if.as_ref() };
    let (body, constants, macros) = statements::Builder::new(workflow, fixed, names).build();
    let (schedule, mut used) = schedule::schedule(&workflow.schedule, version);
    let mut told = callbacks.arguments(&workflow.notify);
    if let Some((deadline, imports)) = callbacks.deadline(version) {
        used.extend(imports);
        told.insert(0, deadline);
    }
    let arguments = dag_arguments(workflow, schedule, told, shared, macros);
    used.extend((!workflow.params.is_empty()).then_some(Import::Param));
    used.extend(only_if.is_some().then_some(Import::SkipException));
    let imports = imports(used, version, &body, &arguments, (&classes, &callbacks));
    let file = format!("sources/{}/{}/{}", workflow.team, workflow.source, workflow.file);
    File { file, imports, constants, callbacks: callbacks.functions(&date), only_if, arguments, body }
}

fn dag_arguments(
    workflow: &Workflow,
    schedule: Expression,
    told: Vec<Argument>,
    shared: Vec<Argument>,
    macros: Vec<Identifier>,
) -> Vec<Argument> {
    let Workflow { team, source: _, name: _, dag_id, file: _, description, schedule: _, start_date, end_date, .. } = workflow;
    let Workflow { catchup, max_active_runs, max_active_tasks, run_timeout, max_consecutive_failed_runs, paused, .. } = workflow;
    let Workflow { deadline: _, notify: _, notifiers: _, tags, params, namespace, nodes: _, .. } = workflow;
    let start = schedule::moment(*start_date);
    let mut arguments = vec![("dag_id", Expression::text(dag_id.as_str()))];
    arguments.extend(description.iter().flat_map(|text| described(text)));
    arguments.push(("schedule", schedule));
    arguments.push(("start_date", start));
    arguments.extend(end_date.iter().map(|end| ("end_date", schedule::moment(*end))));
    arguments.push(("catchup", Expression::Bool(*catchup)));
    arguments.push(("max_active_runs", Expression::number(max_active_runs)));
    arguments.push(("max_active_tasks", Expression::number(max_active_tasks)));
    arguments.extend(run_timeout.map(|longest| ("dagrun_timeout", timedelta(longest))));
    arguments.extend(max_consecutive_failed_runs.map(|count| ("max_consecutive_failed_dag_runs", Expression::number(count))));
    arguments.extend(paused.then_some(("is_paused_upon_creation", Expression::Bool(true))));
    let owner = [("owner", Expression::text(team.as_str())), ("namespace", Expression::text(namespace))];
    let defaults = owner.into_iter().map(|(name, value)| (name.to_owned(), value));
    let shared = shared.into_iter().map(|(name, value)| (name.as_str().to_owned(), value));
    let macros = macros.into_iter().map(|constant| (constant.as_str().to_owned(), Expression::Name(constant))).collect::<Vec<_>>();
    let mut rest = vec![
        ("default_args", Expression::Dict(defaults.chain(shared).collect())),
        ("params", dag_params(workflow.team.as_str(), params)),
        ("tags", Expression::List(tags.iter().map(Expression::text).collect())),
    ];
    rest.extend((!macros.is_empty()).then_some(("user_defined_macros", Expression::Dict(macros))));
    let named = |(name, value)| (Identifier::fixed(name), value);
    arguments.into_iter().map(named).chain(told).chain(rest.into_iter().map(named)).collect()
}

/// What a DAG is for: for the list of DAGs, and a text of several lines as Markdown on its page, too.
fn described(text: &str) -> Vec<(&'static str, Expression)> {
    let description = ("description", Expression::text(text));
    if !text.trim().contains('\n') {
        return vec![description];
    }
    // A text that ends so is read from a file of that name: `_convert_doc_md` in `airflow/sdk/definitions/dag.py`.
    let end = if text.ends_with(".md") { "\n" } else { "" };
    vec![description, ("doc_md", Expression::Text(format!("{text}{end}")))]
}

/// A duration in the biggest unit that has it as a whole number; Airflow knows nothing below a second here.
fn timedelta(duration: Duration) -> Expression {
    let seconds = duration.as_secs();
    let units = [("days", 86_400), ("hours", 3_600), ("minutes", 60)];
    let fitting = units.into_iter().find(|(_, size)| seconds != 0 && seconds.is_multiple_of(*size));
    let (unit, size) = fitting.unwrap_or(("seconds", 1));
    Expression::call("timedelta", vec![(unit, Expression::number(seconds / size))])
}

/// The workflow's own parameters, after the labels that airflow-exporter puts on a DAG's metrics.
fn dag_params(team: &str, params: &[Param]) -> Expression {
    let labels = Expression::Dict(vec![("team".to_owned(), Expression::text(team))]);
    let labels = (!params.iter().any(|param| param.name == "labels")).then(|| ("labels".to_owned(), labels));
    Expression::Dict(labels.into_iter().chain(params.iter().map(|param| (param.name.clone(), dag_param(param)))).collect())
}

fn dag_param(Param { name: _, default, schema }: &Param) -> Expression {
    const OWN: [&str; 5] = ["default", "schema", "source", "self", "value"];
    let keyword = |key: &str| Identifier::parse(key).filter(|_| !is_python_keyword(key) && !OWN.contains(&key));
    let keywords: Option<Vec<_>> = schema.iter().map(|(key, value)| Some((keyword(key)?, Expression::from(value)))).collect();
    let keywords = keywords.unwrap_or_else(|| {
        let schema = schema.iter().map(|(key, value)| (key.clone(), Expression::from(value))).collect();
        vec![(Identifier::fixed("schema"), Expression::Dict(schema))]
    });
    Expression::Call(Identifier::fixed("Param"), default.iter().map(Expression::from).collect(), keywords)
}

/// Exactly what the file uses, in the order of isort: the standard library first.
fn imports(
    mut used: BTreeSet<Import>,
    version: Version,
    body: &[Statement],
    arguments: &[Argument],
    (classes, callbacks): (&Classes, &Callbacks<'_>),
) -> Vec<(Identifier, Vec<Identifier>)> {
    used.extend([Import::Datetime, Import::Timezone, Import::Dag]);
    arguments.iter().for_each(|(_, value)| used.extend(calls(value, TIMEDELTA).then_some(Import::Timedelta)));
    body.iter().for_each(|statement| used_by(statement, version, &mut used));
    let mut places: Vec<(Identifier, Identifier)> = used.into_iter().map(|import| version.place(import)).collect();
    places.extend(callbacks.imports.iter().chain(&classes.imports).cloned());
    let order = |(module, name): &(Identifier, Identifier)| {
        let is_constant = name.as_str().chars().all(|letter| !letter.is_ascii_lowercase());
        (module.as_str() != "datetime", module.clone(), !is_constant, name.clone())
    };
    places.sort_by_cached_key(order);
    places.dedup();
    let mut modules: Vec<(Identifier, Vec<Identifier>)> = Vec::new();
    for (module, name) in places {
        match modules.last_mut().filter(|(last, _)| *last == module) {
            Some((_, names)) => names.push(name),
            None => modules.push((module, vec![name])),
        }
    }
    modules
}

fn used_by(statement: &Statement, version: Version, used: &mut BTreeSet<Import>) {
    let mut inside = |import, body: &[Statement]| {
        used.extend(import);
        body.iter().for_each(|statement| used_by(statement, version, used));
    };
    match statement {
        Statement::Task { arguments, .. } | Statement::Sensor { arguments, .. } => {
            let is_sensor = matches!(statement, Statement::Sensor { .. });
            used.insert(if is_sensor { Import::WorkflowSensor } else { Import::PodOperator });
            arguments.iter().for_each(|(_, value)| used.extend(calls(value, TIMEDELTA).then_some(Import::Timedelta)));
            used.extend(arguments.iter().any(|(name, _)| name.as_str() == settings::OUTLETS).then_some(Import::Asset));
        }
        Statement::Raw { arguments, .. } => {
            let asset = version.place(Import::Asset).1;
            for (_, value) in arguments {
                used.extend(calls(value, TIMEDELTA).then_some(Import::Timedelta));
                used.extend(calls(value, asset.as_str()).then_some(Import::Asset));
            }
        }
        Statement::Group { body, .. } => inside(Some(Import::TaskGroup), body),
        Statement::Loop { body, .. } => inside(None, body),
        Statement::Mapped { body, .. } => inside(Some(Import::TaskGroupDecorator), body),
        Statement::Items { .. } => inside(Some(Import::TaskDecorator), &[]),
        Statement::Expand { .. } | Statement::Edges(_) | Statement::Teardown { .. } | Statement::Pass => {}
    }
}

/// The function that [`timedelta`] calls.
const TIMEDELTA: &str = "timedelta";

/// Whether a function is called anywhere in an expression.
fn calls(expression: &Expression, wanted: &str) -> bool {
    match expression {
        Expression::Call(function, positional, keywords) => {
            let mut inner = positional.iter().chain(keywords.iter().map(|(_, value)| value));
            function.as_str() == wanted || inner.any(|value| calls(value, wanted))
        }
        Expression::Dict(items) => items.iter().any(|(_, value)| calls(value, wanted)),
        Expression::List(items) => items.iter().any(|item| calls(item, wanted)),
        Expression::None
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::Text(_)
        | Expression::Name(_)
        | Expression::Item(..)
        | Expression::Join(_) => false,
    }
}
