//! Tasks and groups → statements in an order in which every name is defined before it is used.

use std::collections::{HashMap, HashSet};

use super::{
    Argument, Source, Statement,
    notify::Callbacks,
    operator::{self, Classes},
    order,
    pods::{self, Pod, base_container},
    settings::{self, own_settings, settings},
};
use crate::{
    backend::airflow::{
        jinja::{FilledBy, Item, Scope, ends, key_of, pulled, shown},
        names::Names,
        python::{Expression, Identifier},
        table::{FilledIn, Table},
        version::Version,
    },
    ir::{Condition, Container, FanOut, Group, Items, Need, Node, Operator, Row, Task, TaskKind, Test, Value, Wait, Workflow},
    name::{KubernetesName, TaskName},
};

/// What an item of several variables is called.
const SEVERAL: &str = "item";

/// What all statements of a workflow go by.
pub(super) struct Fixed<'a> {
    pub(super) version: Version,
    /// The Jinja expression of `run.date`.
    pub(super) date: &'a str,
    /// Arguments that tasks need not say again.
    pub(super) shared: &'a [Argument],
    pub(super) classes: &'a Classes,
    pub(super) callbacks: &'a Callbacks<'a>,
    /// The function that skips a task.
    pub(super) only_if: Option<&'a Identifier>,
}

/// Makes the statements of one workflow.
pub(super) struct Builder<'a> {
    workflow: &'a Workflow,
    fixed: Fixed<'a>,
    names: Names,
    /// Variables of tasks and groups.
    variables: HashMap<Need, Identifier>,
    /// The tasks and groups that something refers to.
    referenced: HashSet<Need>,
    tables: Vec<Argument>,
    /// Those of the tables that templates use.
    macros: Vec<Identifier>,
    /// Functions that take a list out of an output, which stand before the outermost loop around them.
    takers: Vec<Statement>,
}

/// Where statements stand.
#[derive(Clone, Default)]
struct Place<'a> {
    /// The groups around them, the outermost first.
    groups: Vec<&'a TaskName>,
    /// The items of the fan-outs around them, the outermost first.
    items: Vec<Item>,
    /// How many groups are around the outermost loop, when they stand in one.
    loop_at: Option<usize>,
    /// The group around them whose items are instances.
    instances: Option<&'a TaskName>,
}

impl<'a> Place<'a> {
    fn inside(&self, group: &'a TaskName) -> Self {
        let mut inner = self.clone();
        inner.groups.push(group);
        inner
    }

    /// Where one of the instances stands that the items of a node are.
    fn instance_of(&self, node: &'a Node, item: Item) -> Self {
        Self { instances: Some(node.name()), ..self.with(item) }
    }

    fn with(&self, item: Item) -> Self {
        let mut inner = self.clone();
        if let (Item::Row(_), None) = (&item, self.loop_at) {
            inner.loop_at = Some(self.groups.len());
        }
        inner.items.push(item);
        inner
    }

    /// The name of what stands here, as `needs` mean it.
    fn of(&self, name: &TaskName) -> Need {
        Need { groups: self.groups.iter().copied().cloned().collect(), name: name.clone() }
    }
}

/// A list that only the run knows.
struct List<'a> {
    /// The task whose output it is in.
    task: &'a TaskName,
    /// Keys that lead from the output to it.
    path: &'a [String],
    /// How many of its items stand together.
    batch: Option<u32>,
}

/// What a fan-out repeats.
struct Repeated<'a> {
    node: &'a Node,
    fan_out: &'a FanOut,
}

impl<'a> Builder<'a> {
    pub(super) fn new(workflow: &'a Workflow, fixed: Fixed<'a>, names: Names) -> Self {
        let referenced = order::referenced(&workflow.nodes);
        let (variables, tables, macros, takers) = (HashMap::new(), Vec::new(), Vec::new(), Vec::new());
        Self { workflow, fixed, names, variables, referenced, tables, macros, takers }
    }

    /// The DAG's body, the constants that it uses, and those of them that templates use.
    pub(super) fn build(mut self) -> (Vec<Statement>, Vec<Argument>, Vec<Identifier>) {
        let nodes = &self.workflow.nodes;
        let mut body = self.level(nodes, &order::in_order(nodes, &[]), &Place::default());
        let mut constants = pods::hoist(&mut body, &mut self.names);
        constants.append(&mut self.tables);
        (body, constants, self.macros)
    }

    fn variable(&self, need: &Need) -> Identifier {
        // Resolve has refused names that are not there.
        self.variables.get(need).cloned().unwrap_or_else(|| Identifier::fixed("None"))
    }

    /// The tasks and groups beside each other, and what they need. `ordered` are the same as `nodes`.
    fn level(&mut self, nodes: &'a [Node], ordered: &[&'a Node], place: &Place<'a>) -> Vec<Statement> {
        for node in nodes {
            let words: Vec<&str> = place.groups.iter().chain([&node.name()]).map(|name| name.as_str()).collect();
            let variable = self.names.variable(&words);
            self.variables.insert(place.of(node.name()), variable);
        }
        let mut body = Vec::new();
        let (mut edges, mut teardowns) = (Vec::new(), Vec::new());
        for node in ordered {
            let own = place.of(node.name());
            let variable = self.variable(&own);
            let kept = (!node.needs().is_empty() || self.referenced.contains(&own)).then(|| variable.clone());
            self.node(&mut body, node, kept, place);
            let setups = node.setups();
            if let Some(setups) = setups {
                let setups = setups.iter().map(|setup| self.variable(&place.of(setup))).collect();
                teardowns.push(Statement::Teardown { task: variable.clone(), setups });
            }
            // A teardown waits for its setups without being told so.
            let is_setup = |need: &&Need| setups.is_some_and(|setups| **need == place.of(&need.name) && setups.contains(&need.name));
            edges.push((variable, node.needs().iter().filter(|need| !is_setup(need)).map(|need| self.variable(need)).collect()));
        }
        body.extend(edges_of(edges));
        body.append(&mut teardowns);
        if body.is_empty() {
            body.push(Statement::Pass);
        }
        body
    }

    /// A task or a group, or what repeats it.
    fn node(&mut self, out: &mut Vec<Statement>, node: &'a Node, variable: Option<Identifier>, place: &Place<'a>) {
        match (node, node.fan_out()) {
            (Node::Task(task), None) => out.push(self.operator(task, variable, place, Expression::text(task.name.as_str()))),
            (Node::Group(group), None) => {
                let body = self.members(group, place);
                out.push(Statement::Group { variable, id: Expression::text(group.name.as_str()), body });
            }
            (_, Some(fan_out)) => self.repeated(out, &Repeated { node, fan_out }, variable, place),
        }
    }

    /// What is in a group. The order written is kept where no name has to be defined before what stands in a group refers to it.
    fn members(&mut self, group: &'a Group, place: &Place<'a>) -> Vec<Statement> {
        let inner = place.inside(&group.name);
        let has_groups = group.nodes.iter().any(|node| matches!(node, Node::Group(_)));
        let ordered = if has_groups { order::in_order(&group.nodes, &inner.groups) } else { group.nodes.iter().collect() };
        self.level(&group.nodes, &ordered, &inner)
    }

    fn repeated(&mut self, out: &mut Vec<Statement>, repeated: &Repeated<'a>, variable: Option<Identifier>, place: &Place<'a>) {
        let is_bounded = matches!(repeated.node.items(place.instances), Some(Items::Instances));
        match repeated.fan_out {
            FanOut::Static { variables, rows } if is_bounded => self.bounded(out, repeated.node, variable, (variables, rows), place),
            FanOut::Static { variables, rows } => {
                let body = self.looped(repeated.node, variables, rows, place);
                if place.loop_at.is_none() {
                    out.append(&mut self.takers);
                }
                out.push(Statement::Group { variable, id: Expression::text(repeated.node.name().as_str()), body: vec![body] });
            }
            FanOut::Mapped { variable: each, task, path, key, batch } => {
                let list = List { task, path, batch: *batch };
                self.mapped(out, repeated, variable, (each, key, &list), place);
            }
        }
    }

    fn looped(&mut self, node: &'a Node, variables: &[String], rows: &[Row], place: &Place<'a>) -> Statement {
        let (table, constant) = self.table(node, (variables, rows), FilledIn::Loop, place);
        let (variable, key) = (table.variable.clone(), table.key());
        let inner = place.with(Item::Row(table));
        let body = match node {
            // `max_parallel` would bound nothing: each row's task has an id of its own. `limits` tells so.
            Node::Task(task) => vec![self.operator(task, None, &inner, key)],
            Node::Group(group) => vec![Statement::Group { variable: None, id: key, body: self.members(group, &inner) }],
        };
        Statement::Loop { variable, rows: constant, body }
    }

    /// A group of instances, one for each row. What a row says is in templates, which find it by the instance's number: an argument of the
    /// group's function stands for a row as a whole, and for nothing in it.
    fn bounded(
        &mut self,
        out: &mut Vec<Statement>,
        node: &'a Node,
        variable: Option<Identifier>,
        list: (&[String], &[Row]),
        place: &Place<'a>,
    ) {
        let (table, rows) = self.table(node, list, FilledIn::Template, place);
        self.macros.push(rows.clone());
        let (argument, items) = (table.variable.clone(), Source::Known(rows.clone()));
        let inner = place.instance_of(node, Item::Instance { rows, table, max_parallel: node.max_parallel() });
        self.expanded(out, node, variable, (argument, items), &inner);
    }

    /// The rows that a node is repeated for, as a constant.
    fn table(&mut self, node: &Node, list: (&[String], &[Row]), filled_in: FilledIn, place: &Place<'a>) -> (Table, Identifier) {
        let word = match list.0 {
            [only] => only,
            _ => SEVERAL,
        };
        let mut table = Table::new(self.item_variable(word, place), list, &node.tasks(), filled_in);
        let constant = self.names.constant(&[node.name().as_str(), "rows"]);
        self.tables.push((constant.clone(), std::mem::replace(&mut table.rows, Expression::None)));
        (table, constant)
    }

    /// A variable for an item, which no loop or function around it has.
    fn item_variable(&mut self, word: &str, place: &Place<'a>) -> Identifier {
        let variable = self.names.item(word);
        let is_taken = place.items.iter().any(|item| match item {
            Item::Row(table) | Item::Instance { table, .. } => table.variable == variable,
            Item::Mapped { argument, .. } => *argument == variable,
        });
        if is_taken { self.names.variable(&[word]) } else { variable }
    }

    fn mapped(
        &mut self,
        out: &mut Vec<Statement>,
        repeated: &Repeated<'a>,
        variable: Option<Identifier>,
        (each, key, list): (&str, &[String], &List<'_>),
        place: &Place<'a>,
    ) {
        let node = repeated.node;
        let argument = self.item_variable(each, place);
        let (items, pulled) = self.items(out, node.name().as_str(), list, place);
        let item = Item::Mapped {
            variable: each.to_owned(),
            argument: argument.clone(),
            item: format!("{pulled}[ti.map_index]"),
            label: key.to_vec(),
            is_batch: list.batch.is_some(),
            max_parallel: node.max_parallel(),
        };
        self.expanded(out, node, variable, (argument, items), &place.instance_of(node, item));
    }

    /// A function that makes one instance of a node's group, and that once for each item. `inner` is where the instance stands.
    fn expanded(
        &mut self,
        out: &mut Vec<Statement>,
        node: &'a Node,
        variable: Option<Identifier>,
        (argument, items): (Identifier, Source),
        inner: &Place<'a>,
    ) {
        let own = node.name().as_str();
        let function = self.names.variable(&[&format!("each-{own}")]);
        let body = match node {
            Node::Task(task) => vec![self.operator(task, None, inner, Expression::text(own))],
            Node::Group(group) => self.members(group, inner),
        };
        out.push(Statement::Mapped { function: function.clone(), variable: argument.clone(), id: Expression::text(own), body });
        out.push(Statement::Expand { variable, function, argument, items });
    }

    /// The items of a mapped group, and the Jinja expression of them.
    ///
    /// Airflow maps over the whole of an output only, so a task of its own takes the list out, or makes batches of it. It stands outside of all
    /// loops, once and under one id. No task in YAML has `__` in its name.
    fn items(&mut self, out: &mut Vec<Statement>, own: &str, list: &List<'_>, place: &Place<'a>) -> (Source, String) {
        let List { task, path, batch } = *list;
        let producer = self.variable(&Need { groups: Vec::new(), name: task.clone() });
        if path.is_empty() && batch.is_none() {
            return (Source::Output(producer), pulled(task.as_str()));
        }
        let function = self.names.variable(&[&format!("{own}-items")]);
        let (around, looped) = place.groups.split_at(place.loop_at.unwrap_or(place.groups.len()));
        let names = looped.iter().map(|name| name.as_str()).chain([own]);
        let id = format!("{}__items", names.collect::<Vec<_>>().join("__"));
        let list = pulled(&around.iter().map(|name| name.as_str()).chain([id.as_str()]).collect::<Vec<_>>().join("."));
        let (id, path) = (Expression::Text(id), path.to_vec());
        if place.loop_at.is_none() {
            out.push(Statement::Items { function: function.clone(), id, path, batch, taken: None });
            return (Source::Taken { function, task: producer }, list);
        }
        let variable = self.names.variable(&[&format!("{own}-list")]);
        self.takers.push(Statement::Items { function, id, path, batch, taken: Some((variable.clone(), producer)) });
        (Source::Known(variable), list)
    }

    fn operator(&self, task: &Task, variable: Option<Identifier>, place: &Place<'a>, task_id: Expression) -> Statement {
        let scope = Scope { params: &self.workflow.params, date: self.fixed.date, filled_by: FilledBy::Context, items: &place.items };
        match &task.kind {
            TaskKind::Container(container) => self.pod_operator(task, container, variable, &scope, task_id),
            TaskKind::Operator(operator) => self.raw_operator(task, operator, variable, &scope, task_id),
            TaskKind::Wait(wait) => self.sensor(task, wait, variable, &scope, task_id),
        }
    }

    fn sensor(&self, task: &Task, wait: &Wait, variable: Option<Identifier>, scope: &Scope<'_>, task_id: Expression) -> Statement {
        let mut arguments = named(task, task_id);
        arguments.extend(settings::wait(wait, self.fixed.version));
        arguments.extend(self.settings(task));
        arguments.extend(self.own(task, scope));
        Statement::Sensor { variable, arguments }
    }

    fn raw_operator(
        &self,
        task: &Task,
        operator: &Operator,
        variable: Option<Identifier>,
        scope: &Scope<'_>,
        task_id: Expression,
    ) -> Statement {
        let mut arguments = named(task, task_id);
        arguments.extend(operator::arguments(operator, scope, self.fixed.version));
        arguments.extend(self.settings(task));
        arguments.extend(self.own(task, scope));
        arguments.extend(of_items(scope.items));
        Statement::Raw { variable, class: self.fixed.classes.name(&operator.class), arguments }
    }

    fn pod_operator(
        &self,
        task: &Task,
        container: &Container,
        variable: Option<Identifier>,
        scope: &Scope<'_>,
        task_id: Expression,
    ) -> Statement {
        let mut arguments = named(task, task_id);
        arguments.insert(1, (Identifier::fixed("name"), Expression::text(KubernetesName::fold(task.name.as_str()))));
        let settings = settings(task, self.fixed.version, self.fixed.callbacks);
        let (image, rest): (Vec<Argument>, Vec<Argument>) = settings.into_iter().partition(|(name, _)| name.as_str() == "image");
        let has_image = !image.is_empty();
        let own = |argument: &Argument| !self.fixed.shared.contains(argument);
        arguments.extend(image.into_iter().filter(own));
        if let Some(base) = base_container(container) {
            let wanted = pods::ARGUMENTS.iter().filter(|(key, _)| !(has_image && *key == "image"));
            let given = wanted.filter_map(|(key, name)| Some((name, base.get(key)?)));
            let said = given.filter(|(_, value)| !matches!(value, Value::List(items) if items.is_empty()));
            arguments.extend(said.map(|(name, value)| (Identifier::fixed(name), scope.value(value))));
        }
        arguments.extend(rest.into_iter().filter(own));
        arguments.extend(self.own(task, scope));
        arguments.extend(of_items(scope.items));
        Statement::Task { variable, arguments, pod: Pod::of(&task.name, container, scope) }
    }

    /// What is said of one task, and not of all.
    fn settings(&self, task: &Task) -> impl Iterator<Item = Argument> {
        let settings = settings(task, self.fixed.version, self.fixed.callbacks);
        settings.into_iter().filter(|argument| !self.fixed.shared.contains(argument))
    }

    /// What a reader looks for where the task is, so it is never shared.
    fn own(&self, task: &Task, scope: &Scope<'_>) -> Vec<Argument> {
        let mut arguments = own_settings(task, self.fixed.version);
        if let Some(only_if) = self.fixed.only_if.filter(|_| !task.run_if.is_empty()) {
            let conditions = task.run_if.iter().map(|condition| written(condition, scope)).collect();
            arguments.push((Identifier::fixed("pre_execute"), Expression::Call(only_if.clone(), conditions, Vec::new())));
        }
        arguments
    }
}

/// A condition as `only_if` takes it: a value, a test, and what the value is compared with.
fn written(condition: &Condition, scope: &Scope<'_>) -> Expression {
    let test = match condition.test {
        Test::OneOf => "one of",
        Test::NoneOf => "none of",
        Test::Above => "above",
        Test::AtLeast => "at least",
        Test::Below => "below",
        Test::AtMost => "at most",
    };
    let wanted = condition.wanted.iter().map(|text| scope.text(text));
    Expression::List([scope.text(&condition.value), Expression::text(test)].into_iter().chain(wanted).collect())
}

/// What a task is called, and what it is for.
fn named(task: &Task, task_id: Expression) -> Vec<Argument> {
    let description = task.description.iter().map(|text| (Identifier::fixed("doc_md"), Expression::text(text)));
    std::iter::once((Identifier::fixed("task_id"), task_id)).chain(description).collect()
}

/// What bounds and names the items of a mapped task.
fn of_items(items: &[Item]) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for item in items {
        let (name, max_parallel) = match item {
            Item::Row(_) => continue,
            Item::Instance { rows, table, max_parallel } => (key_of(rows, table), max_parallel),
            Item::Mapped { item, label, is_batch: true, max_parallel, .. } => (ends(item, label), max_parallel),
            Item::Mapped { item, label, is_batch: false, max_parallel, .. } => (shown(item, label), max_parallel),
        };
        arguments.extend(max_parallel.map(|most| (Identifier::fixed("max_active_tis_per_dagrun"), Expression::number(most))));
        arguments.push((Identifier::fixed("map_index_template"), Expression::Text(name)));
    }
    arguments
}

fn edges_of(edges: Vec<(Identifier, Vec<Identifier>)>) -> Option<Statement> {
    edges.iter().any(|(_, needs)| !needs.is_empty()).then_some(Statement::Edges(edges))
}
