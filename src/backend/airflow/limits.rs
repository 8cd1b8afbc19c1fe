//! What Airflow cannot take, or would leave out without a word.

use super::{jinja::SHOWN, version::Version};
use crate::{
    backend::{About, Finding},
    diag::{
        Code, Diagnostic,
        codes::{
            ALWAYS_IN_FAN_OUT, DAG_SIZE, GROUP_ID_LENGTH, NOT_IN_VERSION, RESTART_POLICY, TAG_LENGTH, TASK_ID_LENGTH, UNBOUNDED_FAN_OUT,
        },
    },
    ir::{Container, FanOut, Hindrance, Items, Node, Row, Task, TaskKind, Timetable, TriggerRule, Value, Workflow},
    name::TaskName,
};

/// Characters that Airflow takes for a task's id, with the groups around it: `airflow.models.base.ID_LEN`.
const TASK_ID: usize = 250;
/// Characters for a group's id: `airflow.utils.helpers.validate_group_key`.
const GROUP_ID: usize = 200;
/// Characters for a tag: `airflow.models.dag.TAG_MAX_LEN`.
const TAG: usize = 100;
/// Tasks of a file that Airflow parses in a third of the time that it takes at most, `[core] dagbag_import_timeout`: 30 s.
const PARSED_IN_TIME: usize = 10_000;

/// What only this target has to say about a workflow.
pub(super) fn check(workflow: &Workflow, version: Version) -> Vec<Finding> {
    let mut check = Check { workflow, path: Vec::new(), found: Vec::new() };
    check.tags();
    check.crons(version);
    check.deadline(version);
    check.size();
    workflow.nodes.iter().for_each(|node| check.node(node, "", Around::default()));
    check.found
}

/// What a node stands in.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    /// The group around it whose items are instances.
    instances: Option<&'a TaskName>,
    /// Whether the items of the group that it stands in are known at run time only.
    is_mapped: bool,
}

struct Check<'a> {
    workflow: &'a Workflow,
    /// The names of the groups around the node that is looked at, and its own.
    path: Vec<TaskName>,
    found: Vec<Finding>,
}

impl Check<'_> {
    fn tags(&mut self) {
        for tag in &self.workflow.tags {
            if let Some(fault) = too_long(&TAG_LENGTH, tag, TAG) {
                self.push(fault, About::Tag(tag.clone()), format!("Airflow takes at most {TAG}"));
            }
        }
    }

    fn deadline(&mut self, version: Version) {
        if self.workflow.deadline.is_some() && !version.has_deadlines() {
            let title = format!("Airflow {} has no `deadline`", version.as_str());
            let help = "write `run_timeout`, which ends the run, or ask the platform for Airflow 3.1";
            self.push(Diagnostic::error(&NOT_IN_VERSION, title).help(help), About::Deadline, "it came with 3.1");
        }
    }

    fn size(&mut self) {
        let count = self.workflow.nodes.iter().map(|node| made(node, None)).fold(0, usize::saturating_add);
        if count > PARSED_IN_TIME {
            let warning = Diagnostic::warning(&DAG_SIZE, format!("workflow `{}` has {count} tasks in one file", self.workflow.name));
            let help = "repeat over another task's output, which is one task to Airflow, or divide the workflow";
            let why = "Airflow makes all of them each time that it reads the file, for 30 s at most";
            self.push(warning.help(help), About::Workflow, why);
        }
    }

    fn crons(&mut self, version: Version) {
        if let Some(Timetable::Cron { expressions, timezone: _ }) = self.workflow.schedule.timetable()
            && expressions.len() > 1
            && !version.has_several_crons()
        {
            let title = format!("Airflow {} takes one `cron` for a workflow, and this has {}", version.as_str(), expressions.len());
            let help = "write one expression that says the same, such as `0 3,15 * * *`, or ask the platform for Airflow 3";
            self.push(Diagnostic::error(&NOT_IN_VERSION, title).help(help), About::Schedule, "");
        }
    }

    /// A node below `prefix`, the ids of the groups around it.
    fn node(&mut self, node: &Node, prefix: &str, around: Around<'_>) {
        self.path.push(node.name().clone());
        let own = format!("{prefix}{}", node.name());
        let items = node.items(around.instances);
        if let Some(Items::Unbounded(hindrance)) = items {
            self.unbounded(&own, hindrance);
        }
        if let Some(Items::Instances) = items {
            rows(node).iter().for_each(|row| self.node_length(&TASK_ID_LENGTH, &row.key, SHOWN));
        }
        let ids = ids_of_items(node, items, &own);
        match node {
            Node::Task(task) => self.task(task, &own, &ids, is_run_time(node) || (around.is_mapped && items.is_none())),
            Node::Group(group) => {
                self.node_length(&GROUP_ID_LENGTH, &own, GROUP_ID);
                ids.iter().for_each(|id| self.node_length(&GROUP_ID_LENGTH, id, GROUP_ID));
                let longest = ids.iter().max_by_key(|id| id.len()).map_or(own.as_str(), String::as_str);
                let inner = Around { instances: node.instances_in(around.instances), is_mapped: is_run_time(node) };
                group.nodes.iter().for_each(|node| self.node(node, &format!("{longest}."), inner));
            }
        }
        self.path.pop();
    }

    fn task(&mut self, task: &Task, own: &str, ids: &[String], is_mapped: bool) {
        if ids.is_empty() {
            self.node_length(&TASK_ID_LENGTH, own, TASK_ID);
        }
        ids.iter().for_each(|id| self.node_length(&TASK_ID_LENGTH, id, TASK_ID));
        if task.trigger_rule == TriggerRule::Always && is_mapped {
            let title = format!("task `{}` cannot start `always`", task.name);
            let why = "Airflow has no such task among items that are known at run time only";
            let fault = Diagnostic::error(&ALWAYS_IN_FAN_OUT, title).help("write `trigger_rule: all_done`");
            self.push(fault, About::Node(self.path.clone()), why);
        }
        if let TaskKind::Container(container) = &task.kind {
            self.restart_policy(&task.name, container);
        }
    }

    fn unbounded(&mut self, own: &str, hindrance: Hindrance<'_>) {
        let why = match hindrance {
            Hindrance::Others(other) => format!("Airflow bounds one fan-out around a task, and that is `{other}`"),
            Hindrance::Untouched { task, argument } => {
                format!("the argument `{argument}` of `{task}` is not rendered, so every item needs a task of its own")
            }
            Hindrance::Always(task) => format!("`{task}` starts `always`, so every item needs a task of its own"),
        };
        let title = format!("`max_parallel` of `{own}` does not bound anything in Airflow");
        let help = "name a `pool` with that many slots, or lower `max_active_tasks`";
        self.push(Diagnostic::warning(&UNBOUNDED_FAN_OUT, title).help(help), About::MaxParallel(self.path.clone()), why);
    }

    fn restart_policy(&mut self, task: &TaskName, container: &Container) {
        let policy = container.pod.get("spec").and_then(|spec| spec.get("restartPolicy"));
        let Some(Value::Text(policy)) = policy else { return };
        if policy.as_literal() != Some("Never") {
            let shown = policy.as_literal().unwrap_or("${{ … }}");
            let title = format!("`restartPolicy: {shown}` of task `{task}` would be lost");
            let why = "Airflow creates its pods with `Never` and starts new ones itself";
            let fault = Diagnostic::error(&RESTART_POLICY, title).help("remove `restartPolicy` and write `retries: 2`");
            self.push(fault, About::Node(self.path.clone()), why);
        }
    }

    fn node_length(&mut self, code: &'static Code, id: &str, limit: usize) {
        if let Some(fault) = too_long(code, id, limit) {
            self.push(fault, About::Node(self.path.clone()), format!("Airflow takes at most {limit}"));
        }
    }

    fn push(&mut self, diagnostic: Diagnostic, about: About, why: impl Into<String>) {
        self.found.push(Finding { about, diagnostic, why: why.into() });
    }
}

fn too_long(code: &'static Code, text: &str, limit: usize) -> Option<Diagnostic> {
    let length = text.chars().count();
    (length > limit).then(|| Diagnostic::error(code, format!("`{text}` is {length} characters long")).help("choose a shorter one"))
}

/// How many tasks a file has of a node: instances are one. `around` is the group around it whose items are instances.
fn made(node: &Node, around: Option<&TaskName>) -> usize {
    let inside = match node {
        Node::Task(_) => 1,
        Node::Group(group) => {
            let around = node.instances_in(around);
            group.nodes.iter().map(|node| made(node, around)).fold(0, usize::saturating_add)
        }
    };
    match node.items(around) {
        Some(Items::Own | Items::Unbounded(_)) => inside.saturating_mul(rows(node).len()),
        Some(Items::Instances) | None => inside,
    }
}

/// The ids of what a node is repeated as.
fn ids_of_items(node: &Node, items: Option<Items<'_>>, own: &str) -> Vec<String> {
    match (items, node) {
        (Some(Items::Own | Items::Unbounded(_)), _) => rows(node).iter().map(|Row { key, value: _ }| format!("{own}.{key}")).collect(),
        (Some(Items::Instances), Node::Task(task)) => vec![format!("{own}.{}", task.name)],
        (Some(Items::Instances), Node::Group(_)) | (None, _) => Vec::new(),
    }
}

fn rows(node: &Node) -> &[Row] {
    node.fan_out().and_then(FanOut::rows).unwrap_or_default()
}

fn is_run_time(node: &Node) -> bool {
    node.fan_out().is_some_and(FanOut::is_mapped)
}
