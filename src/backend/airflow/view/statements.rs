//! Tasks and groups → statements in an order in which every name is defined before it is used.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Argument, Items, Statement,
    notify::Callbacks,
    operator::{self, Classes},
    pods::{self, Pod, base_container},
    settings::{self, own_settings, settings},
};
use crate::{
    backend::airflow::{
        jinja::{FilledBy, Item, Scope, pulled, shown},
        names::Names,
        python::{Expression, Identifier},
        table::Table,
        version::Version,
    },
    ir::{Container, FanOut, Group, Need, Node, Operator, Row, Task, TaskKind, Value, Wait, Workflow},
    name::{KubernetesName, TaskName},
};

/// What an item of several variables is called.
const SEVERAL: &str = "item";

/// Makes the statements of one workflow.
pub(super) struct Builder<'a> {
    workflow: &'a Workflow,
    version: Version,
    date: &'a str,
    shared: &'a [Argument],
    callbacks: &'a Callbacks<'a>,
    classes: &'a Classes,
    names: Names,
    /// Variables of the nodes at the top.
    nodes: HashMap<&'a TaskName, Identifier>,
    /// The nodes that something refers to.
    referenced: HashSet<&'a TaskName>,
    tables: Vec<Argument>,
}

/// What a fan-out repeats.
struct Repeated<'a> {
    name: &'a TaskName,
    /// The id of its group, with the groups around it.
    path: String,
    fan_out: &'a FanOut,
    tasks: &'a [Task],
    max_parallel: Option<u32>,
    /// Whether it is one task, which is called by the row's key, or by its own name in a mapped group.
    is_task: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        workflow: &'a Workflow,
        version: Version,
        date: &'a str,
        shared: &'a [Argument],
        classes: &'a Classes,
        (mut names, callbacks): (Names, &'a Callbacks<'a>),
    ) -> Self {
        let nodes = workflow.nodes.iter().map(|node| (node.name(), names.variable(&[node.name().as_str()]))).collect();
        let referenced = workflow.nodes.iter().flat_map(needs_of).collect();
        Self { workflow, version, date, shared, classes, callbacks, names, nodes, referenced, tables: Vec::new() }
    }

    /// The DAG's body and the constants that it uses.
    pub(super) fn build(mut self) -> (Vec<Statement>, Vec<Argument>) {
        let mut body = Vec::new();
        let mut edges = Vec::new();
        for node in in_order(self.workflow) {
            let variable = self.nodes[node.name()].clone();
            let (needs, is_named) = match node {
                Node::Task(task) => (task.needs.iter().map(|need| self.top(top_of(need))).collect(), !task.needs.is_empty()),
                Node::Group(group) => (group.needs.iter().map(|need| self.top(need)).collect(), !group.needs.is_empty()),
            };
            let kept = (is_named || self.referenced.contains(node.name())).then(|| variable.clone());
            match node {
                Node::Task(task) => self.task(&mut body, task, kept, task.name.as_str().to_owned()),
                Node::Group(group) => self.group(&mut body, group, kept),
            }
            edges.push((variable, needs));
        }
        body.extend(edges_of(edges));
        if body.is_empty() {
            body.push(Statement::Pass);
        }
        let mut constants = pods::hoist(&mut body, &mut self.names);
        constants.append(&mut self.tables);
        (body, constants)
    }

    fn top(&self, name: &TaskName) -> Identifier {
        // Resolve has refused names that are not there.
        self.nodes.get(name).cloned().unwrap_or_else(|| Identifier::fixed("None"))
    }

    fn group(&mut self, out: &mut Vec<Statement>, group: &'a Group, variable: Option<Identifier>) {
        let Group { name, needs: _, fan_out, max_parallel, tasks } = group;
        let path = name.as_str().to_owned();
        match fan_out {
            Some(fan_out) => {
                let repeated = Repeated { name, path, fan_out, tasks, max_parallel: *max_parallel, is_task: false };
                self.repeated(out, &repeated, variable);
            }
            None => {
                let body = self.members(name, tasks, &Item::None, None);
                out.push(Statement::Group { variable, id: Expression::text(name.as_str()), body });
            }
        }
    }

    /// One task, or what repeats it. `path` is its id with the groups around it.
    fn task(&mut self, out: &mut Vec<Statement>, task: &'a Task, variable: Option<Identifier>, path: String) {
        match task.fan_out() {
            None => out.push(self.operator(task, variable, &Item::None, None, Expression::text(task.name.as_str()))),
            Some(fan_out) => {
                let (name, tasks) = (&task.name, std::slice::from_ref(task));
                let repeated = Repeated { name, path, fan_out, tasks, max_parallel: task.max_parallel(), is_task: true };
                self.repeated(out, &repeated, variable);
            }
        }
    }

    fn repeated(&mut self, out: &mut Vec<Statement>, repeated: &Repeated<'a>, variable: Option<Identifier>) {
        match repeated.fan_out {
            FanOut::Static { variables, rows } => {
                let body = self.looped(repeated, variables, rows);
                out.push(Statement::Group { variable, id: Expression::text(repeated.name.as_str()), body: vec![body] });
            }
            FanOut::Mapped { variable: each, task, path, key } => self.mapped(out, repeated, variable, (each, task, path, key)),
        }
    }

    fn looped(&mut self, repeated: &Repeated<'a>, variables: &[String], rows: &[Row]) -> Statement {
        let variable = self.names.item(match variables {
            [only] => only,
            _ => SEVERAL,
        });
        let mut table = Table::new(variable.clone(), variables, rows, repeated.tasks);
        let constant = self.names.constant(&[repeated.name.as_str(), "rows"]);
        self.tables.push((constant.clone(), std::mem::replace(&mut table.rows, Expression::None)));
        let item = Item::Row(&table);
        let body = match (repeated.is_task, repeated.tasks) {
            // `max_parallel` would bound nothing: each row's task has an id of its own. `limits` tells so.
            (true, [task]) => vec![self.operator(task, None, &item, None, table.key())],
            _ => {
                let body = self.members(repeated.name, repeated.tasks, &item, None);
                vec![Statement::Group { variable: None, id: table.key(), body }]
            }
        };
        Statement::Loop { variable, rows: constant, body }
    }

    fn mapped(
        &mut self,
        out: &mut Vec<Statement>,
        repeated: &Repeated<'a>,
        variable: Option<Identifier>,
        (each, task, path, key): (&str, &'a TaskName, &[String], &[String]),
    ) {
        let own = repeated.name.as_str();
        let argument = self.names.item(each);
        let function = self.names.variable(&[&format!("each-{own}")]);
        let producer = self.top(task);
        let (items, list) = if path.is_empty() {
            (Items::Output(producer), pulled(task.as_str()))
        } else {
            // Airflow maps over the whole of an output only, so a task of its own takes the list out. No task in YAML
            // has `__` in its name.
            let taker = self.names.variable(&[&format!("{own}-items")]);
            let id = format!("{own}__items");
            let list = pulled(&repeated.path.strip_suffix(own).map_or_else(|| id.clone(), |groups| format!("{groups}{id}")));
            out.push(Statement::Items { function: taker.clone(), id: Expression::Text(id), path: path.to_vec() });
            (Items::Taken { function: taker, task: producer }, list)
        };
        let item = Item::Mapped { item: format!("{list}[ti.map_index]"), label: key.to_vec() };
        let body = if repeated.is_task {
            let task = &repeated.tasks[0];
            vec![self.operator(task, None, &item, repeated.max_parallel, Expression::text(own))]
        } else {
            self.members(repeated.name, repeated.tasks, &item, repeated.max_parallel)
        };
        out.push(Statement::Mapped { function: function.clone(), variable: argument.clone(), id: Expression::text(own), body });
        out.push(Statement::Expand { variable, function, argument, items });
    }

    /// The tasks of a group and what they need.
    fn members(&mut self, group: &'a TaskName, tasks: &'a [Task], item: &Item<'_>, max_parallel: Option<u32>) -> Vec<Statement> {
        let own: HashMap<&TaskName, Identifier> =
            tasks.iter().map(|task| (&task.name, self.names.variable(&[group.as_str(), task.name.as_str()]))).collect();
        let siblings: HashSet<&TaskName> = tasks.iter().flat_map(|task| task.needs.iter().filter_map(sibling_of)).collect();
        let mut body = Vec::new();
        let mut edges = Vec::new();
        for task in tasks {
            let variable = own[&task.name].clone();
            let kept = (!task.needs.is_empty() || siblings.contains(&task.name)).then(|| variable.clone());
            match task.fan_out() {
                None => body.push(self.operator(task, kept, item, max_parallel, Expression::text(task.name.as_str()))),
                Some(_) => self.task(&mut body, task, kept, format!("{group}.{}", task.name)),
            }
            let needs = task.needs.iter().map(|need| match need {
                Need::Sibling(name) => own.get(name).cloned().unwrap_or_else(|| self.top(name)),
                Need::Top(name) => self.top(name),
            });
            edges.push((variable, needs.collect()));
        }
        body.extend(edges_of(edges));
        if body.is_empty() {
            body.push(Statement::Pass);
        }
        body
    }

    fn operator(
        &self,
        task: &Task,
        variable: Option<Identifier>,
        item: &Item<'_>,
        max_parallel: Option<u32>,
        task_id: Expression,
    ) -> Statement {
        match &task.kind {
            TaskKind::Container(container) => self.pod_operator(task, container, variable, item, max_parallel, task_id),
            TaskKind::Operator(operator) => self.raw_operator(task, operator, variable, item, max_parallel, task_id),
            TaskKind::Wait(wait) => self.sensor(task, wait, variable, task_id),
        }
    }

    fn sensor(&self, task: &Task, wait: &Wait, variable: Option<Identifier>, task_id: Expression) -> Statement {
        let mut arguments = vec![(Identifier::fixed("task_id"), task_id)];
        arguments.extend(settings::wait(wait, self.version));
        arguments.extend(settings(task, self.version, self.callbacks).into_iter().filter(|argument| !self.shared.contains(argument)));
        arguments.extend(own_settings(task, self.version));
        Statement::Sensor { variable, arguments }
    }

    fn raw_operator(
        &self,
        task: &Task,
        operator: &Operator,
        variable: Option<Identifier>,
        item: &Item<'_>,
        max_parallel: Option<u32>,
        task_id: Expression,
    ) -> Statement {
        let scope = Scope { params: &self.workflow.params, date: self.date, filled_by: FilledBy::Context, item };
        let mut arguments = vec![(Identifier::fixed("task_id"), task_id)];
        arguments.extend(operator::arguments(operator, &scope, self.version));
        arguments.extend(settings(task, self.version, self.callbacks).into_iter().filter(|argument| !self.shared.contains(argument)));
        arguments.extend(own_settings(task, self.version));
        arguments.extend(of_item(item, max_parallel));
        Statement::Raw { variable, class: self.classes.name(&operator.class), arguments }
    }

    fn pod_operator(
        &self,
        task: &Task,
        container: &Container,
        variable: Option<Identifier>,
        item: &Item<'_>,
        max_parallel: Option<u32>,
        task_id: Expression,
    ) -> Statement {
        let scope = Scope { params: &self.workflow.params, date: self.date, filled_by: FilledBy::Context, item };
        let mut arguments = vec![
            (Identifier::fixed("task_id"), task_id),
            (Identifier::fixed("name"), Expression::text(KubernetesName::fold(task.name.as_str()))),
        ];
        let settings = settings(task, self.version, self.callbacks);
        let (image, rest): (Vec<Argument>, Vec<Argument>) = settings.into_iter().partition(|(name, _)| name.as_str() == "image");
        let has_image = !image.is_empty();
        let own = |argument: &Argument| !self.shared.contains(argument);
        arguments.extend(image.into_iter().filter(own));
        if let Some(base) = base_container(container) {
            let wanted = pods::ARGUMENTS.iter().filter(|(key, _)| !(has_image && *key == "image"));
            let given = wanted.filter_map(|(key, name)| Some((name, base.get(key)?)));
            let said = given.filter(|(_, value)| !matches!(value, Value::List(items) if items.is_empty()));
            arguments.extend(said.map(|(name, value)| (Identifier::fixed(name), scope.value(value))));
        }
        arguments.extend(rest.into_iter().filter(own));
        arguments.extend(own_settings(task, self.version));
        arguments.extend(of_item(item, max_parallel));
        Statement::Task { variable, arguments, pod: Pod::of(&task.name, container, &scope) }
    }
}

/// What bounds and names the items of a mapped task.
fn of_item(item: &Item<'_>, max_parallel: Option<u32>) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    arguments.extend(max_parallel.map(|most| (Identifier::fixed("max_active_tis_per_dagrun"), Expression::number(most))));
    if let Item::Mapped { item, label } = item {
        arguments.push((Identifier::fixed("map_index_template"), Expression::Text(shown(item, label))));
    }
    arguments
}

fn edges_of(edges: Vec<(Identifier, Vec<Identifier>)>) -> Option<Statement> {
    edges.iter().any(|(_, needs)| !needs.is_empty()).then_some(Statement::Edges(edges))
}

fn top_of(need: &Need) -> &TaskName {
    match need {
        Need::Sibling(name) | Need::Top(name) => name,
    }
}

fn sibling_of(need: &Need) -> Option<&TaskName> {
    match need {
        Need::Sibling(name) => Some(name),
        Need::Top(_) => None,
    }
}

/// The nodes at the top that a node, or something in it, needs or takes its items from.
fn needs_of(node: &Node) -> Vec<&TaskName> {
    let mut names = Vec::new();
    if let Node::Group(group) = node {
        names.extend(&group.needs);
        names.extend(producer_of(group.fan_out.as_ref()));
    }
    for task in node.tasks() {
        names.extend(producer_of(task.fan_out()));
        names.extend(task.needs.iter().filter_map(|need| match (need, node) {
            (Need::Top(name), _) | (Need::Sibling(name), Node::Task(_)) => Some(name),
            (Need::Sibling(_), Node::Group(_)) => None,
        }));
    }
    names
}

fn producer_of(fan_out: Option<&FanOut>) -> Option<&TaskName> {
    match fan_out {
        Some(FanOut::Mapped { task, .. }) => Some(task),
        Some(FanOut::Static { .. }) | None => None,
    }
}

/// The nodes, each behind those that it needs, otherwise as they were written.
fn in_order(workflow: &Workflow) -> Vec<&Node> {
    let nodes = &workflow.nodes;
    let index: HashMap<&TaskName, usize> = nodes.iter().enumerate().map(|(index, node)| (node.name(), index)).collect();
    let mut missing: Vec<BTreeSet<usize>> =
        nodes.iter().map(|node| needs_of(node).iter().filter_map(|name| index.get(name).copied()).collect()).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (node, needs) in missing.iter().enumerate() {
        needs.iter().for_each(|need| needed_by[*need].push(node));
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|node| missing[*node].is_empty()).collect();
    let mut ordered = Vec::with_capacity(nodes.len());
    while let Some(next) = ready.pop_first() {
        ordered.push(&nodes[next]);
        for node in &needed_by[next] {
            missing[*node].remove(&next);
            if missing[*node].is_empty() {
                ready.insert(*node);
            }
        }
    }
    ordered
}
