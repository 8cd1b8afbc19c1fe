//! What Airflow cannot take, or would leave out without a word.

use super::version::Version;
use crate::{
    diag::{
        Code, Diagnostic,
        codes::{DAG_SIZE, GROUP_ID_LENGTH, NOT_IN_VERSION, RESTART_POLICY, TAG_LENGTH, TASK_ID_LENGTH, UNBOUNDED_FAN_OUT},
    },
    ir::{Container, FanOut, Node, Row, Task, TaskKind, Timetable, Value, Workflow},
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
pub(super) fn check(workflow: &Workflow, version: Version) -> Vec<Diagnostic> {
    let mut check = Check { workflow, found: Vec::new() };
    check.tags();
    check.crons(version);
    check.deadline(version);
    check.size();
    workflow.nodes.iter().for_each(|node| check.node(node, ""));
    check.found
}

struct Check<'a> {
    workflow: &'a Workflow,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn tags(&mut self) {
        for tag in &self.workflow.tags {
            self.length(&TAG_LENGTH, tag, TAG);
        }
    }

    fn deadline(&mut self, version: Version) {
        if self.workflow.deadline.is_some() && !version.has_deadlines() {
            let title = format!("Airflow {} has no `deadline`", version.as_str());
            let help = "write `run_timeout`, which ends the run, or ask the platform for Airflow 3.1";
            self.push(Diagnostic::error(&NOT_IN_VERSION, title), "it came with 3.1", help);
        }
    }

    fn size(&mut self) {
        let count = self.workflow.task_count();
        if count > PARSED_IN_TIME {
            let warning = Diagnostic::warning(&DAG_SIZE, format!("workflow `{}` has {count} tasks in one file", self.workflow.name));
            let help = "repeat over another task's output, which is one task to Airflow, or divide the workflow";
            self.push(warning, "Airflow makes all of them each time that it reads the file, for 30 s at most", help);
        }
    }

    fn crons(&mut self, version: Version) {
        if let Some(Timetable::Cron { expressions, timezone: _ }) = self.workflow.schedule.timetable()
            && expressions.len() > 1
            && !version.has_several_crons()
        {
            let title = format!("Airflow {} takes one `cron` for a workflow, and this has {}", version.as_str(), expressions.len());
            let help = "write one expression that says the same, such as `0 3,15 * * *`, or ask the platform for Airflow 3";
            self.push(Diagnostic::error(&NOT_IN_VERSION, title), "", help);
        }
    }

    /// A node below `prefix`, the ids of the groups around it.
    fn node(&mut self, node: &Node, prefix: &str) {
        let own = format!("{prefix}{}", node.name());
        match node {
            Node::Task(task) => self.task(task, &own),
            Node::Group(group) => {
                self.length(&GROUP_ID_LENGTH, &own, GROUP_ID);
                let inner = self.fan_out(&own, group.fan_out.as_ref(), group.max_parallel);
                inner.iter().for_each(|id| self.length(&GROUP_ID_LENGTH, id, GROUP_ID));
                let longest = inner.iter().max_by_key(|id| id.len()).map_or(own.as_str(), String::as_str);
                group.nodes.iter().for_each(|node| self.node(node, &format!("{longest}.")));
            }
        }
    }

    fn task(&mut self, task: &Task, own: &str) {
        let ids = self.fan_out(own, task.fan_out(), task.max_parallel());
        if ids.is_empty() {
            self.length(&TASK_ID_LENGTH, own, TASK_ID);
        }
        ids.iter().for_each(|id| self.length(&TASK_ID_LENGTH, id, TASK_ID));
        if let TaskKind::Container(container) = &task.kind {
            self.restart_policy(&task.name, container);
        }
    }

    /// The ids of the rows of a static fan-out below `id`.
    fn fan_out(&mut self, id: &str, fan_out: Option<&FanOut>, max_parallel: Option<u32>) -> Vec<String> {
        let Some(FanOut::Static { rows, .. }) = fan_out else { return Vec::new() };
        if max_parallel.is_some() {
            let title = format!("`max_parallel` of `{id}` does not bound anything in Airflow");
            let warning = Diagnostic::warning(&UNBOUNDED_FAN_OUT, title);
            let why = "its list is known beforehand, so every item is a task of its own";
            self.push(warning, why, "name a `pool` with that many slots, or lower `max_active_tasks`");
        }
        rows.iter().map(|Row { key, value: _ }| format!("{id}.{key}")).collect()
    }

    fn restart_policy(&mut self, task: &TaskName, container: &Container) {
        let policy = container.pod.get("spec").and_then(|spec| spec.get("restartPolicy"));
        let Some(Value::Text(policy)) = policy else { return };
        if policy.as_literal() != Some("Never") {
            let shown = policy.as_literal().unwrap_or("${{ … }}");
            let title = format!("`restartPolicy: {shown}` of task `{task}` would be lost");
            let why = "Airflow creates its pods with `Never` and starts new ones itself";
            self.push(Diagnostic::error(&RESTART_POLICY, title), why, "remove `restartPolicy` and write `retries: 2`");
        }
    }

    fn length(&mut self, code: &'static Code, text: &str, limit: usize) {
        let length = text.chars().count();
        if length > limit {
            let title = format!("`{text}` is {length} characters long");
            self.push(Diagnostic::error(code, title), &format!("Airflow takes at most {limit}"), "choose a shorter one");
        }
    }

    fn push(&mut self, diagnostic: Diagnostic, why: &str, help: &str) {
        self.found.push(diagnostic.at_file(&self.workflow.file, why).help(help));
    }
}
