//! Resolved workflows and tasks as flat settings, in the words of the author's YAML, so that any difference shows as one of them.
//!
//! Types are taken apart completely: what is new in them cannot be forgotten here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::FieldChange;
use crate::ir::{self, Container, FanOut, Handling, LoggedContainers, Moment, Notify, Operator, Task, TaskKind, Value, Wait};
use crate::name::{BlueprintReference, TaskName};
use crate::spec::Timespan;

/// Settings by name; one that is not set is missing.
pub(super) type Fields = BTreeMap<String, String>;

/// The settings that differ, by name. Labels and annotations that only say a workflow's new name or owner, by which it is renamed, say nothing new.
pub(super) fn changed(before: &Fields, after: &Fields, renamed: &[(&str, &str)]) -> Vec<FieldChange> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let follows = |name: &str| {
        let values = before.get(name).zip(after.get(name)).map(|(before, after)| (before.as_str(), after.as_str()));
        (name.starts_with("labels.") || name.starts_with("annotations.")) && values.is_some_and(|values| renamed.contains(&values))
    };
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name) && !follows(name));
    differing.map(|name| FieldChange { field: name.clone(), before: before.get(name).cloned(), after: after.get(name).cloned() }).collect()
}

/// Those of a workflow itself. When it runs, and whether it starts paused, is told apart, and so are its names, which say whether it is the same.
pub(super) fn workflow_fields(workflow: &ir::Workflow) -> Fields {
    let ir::Workflow {
        team: _,
        source: _,
        name: _,
        dag_id,
        file,
        description,
        schedule: _,
        start_date,
        end_date,
        catchup,
        max_active_runs,
        max_active_tasks,
        run_timeout,
        max_consecutive_failed_runs,
        paused: _,
        deadline,
        notify,
        notifiers,
        tags,
        params,
        namespace,
        nodes: _,
    } = workflow;
    let mut fields = Set::default();
    fields.put("dag_id", dag_id);
    fields.put("file", file);
    fields.put_if("description", description.as_deref().map(text));
    fields.put_if("start_date", Some(*start_date).filter(|start| is_set(*start)).map(moment));
    fields.put_if("end_date", end_date.map(moment));
    fields.put("catchup", catchup);
    fields.put("max_active_runs", max_active_runs);
    fields.put("max_active_tasks", max_active_tasks);
    fields.put_if("run_timeout", run_timeout.map(Timespan));
    fields.put_if("max_consecutive_failed_runs", max_consecutive_failed_runs.as_ref());
    fields.put_if("deadline.after", deadline.as_ref().map(|deadline| Timespan(deadline.after)));
    fields.put_if("deadline.notify", deadline.as_ref().map(|deadline| list(&deadline.notifiers)));
    fields.put_notify(notify);
    for ir::Notifier { name, class, arguments } in notifiers {
        fields.put(&format!("notifiers.{name}"), class);
        arguments.iter().for_each(|(key, value)| fields.put_value(&format!("notifiers.{name}.{key}"), value));
    }
    fields.put_list("tags", tags);
    for ir::Param { name, default, schema } in params {
        fields.put(&format!("params.{name}"), serde_json::Value::Object(schema.clone()));
        fields.put_if(&format!("params.{name}.default"), default.as_ref());
    }
    fields.put("kubernetes_namespace", namespace);
    fields.0
}

/// What a workflow is made from.
pub(super) fn uses(blueprints: &BTreeSet<BlueprintReference>) -> Fields {
    let mut fields = Set::default();
    fields.put_list("uses", &blueprints.iter().collect::<Vec<_>>());
    fields.0
}

/// Those of a group itself, without what it is repeated over.
pub(super) fn group_fields(group: &ir::Group) -> Fields {
    let ir::Group { name: _, needs, fan_out, max_parallel, nodes: _ } = group;
    let mut fields = Set::default();
    fields.put_list("needs", &needs.iter().map(|need| &need.name).collect::<Vec<_>>());
    fields.put_for_each(fan_out.as_ref());
    fields.put_if("max_parallel", max_parallel.as_ref());
    fields.0
}

/// Those of a task, without the items that it is repeated over.
pub(super) fn task_fields(task: &Task) -> Fields {
    let Task {
        name: _,
        description,
        needs,
        trigger_rule,
        run_if,
        teardown,
        retries,
        retry_delay,
        retry_exponential_backoff,
        max_retry_delay,
        pool,
        pool_slots,
        priority_weight,
        depends_on_past,
        wait_for_downstream,
        produces,
        notify,
        kind,
    } = task;
    let mut fields = Set::default();
    fields.put_if("description", description.as_deref().map(text));
    fields.put_list("needs", &needs.iter().map(|need| &need.name).collect::<Vec<_>>());
    fields.put("trigger_rule", trigger_rule.as_str());
    fields.put_list("run_if", run_if);
    fields.put_if("teardown", teardown.as_ref().map(|setups| list_or(setups, "true")));
    fields.put("retries", retries);
    fields.put("retry_delay", Timespan(*retry_delay));
    fields.put("retry_exponential_backoff", retry_exponential_backoff);
    fields.put_if("max_retry_delay", max_retry_delay.map(Timespan));
    fields.put_if("pool", pool.as_ref());
    fields.put("pool_slots", pool_slots);
    fields.put("priority_weight", priority_weight);
    fields.put("depends_on_past", depends_on_past);
    fields.put("wait_for_downstream", wait_for_downstream);
    fields.put_list("produces", produces);
    fields.put_notify(notify);
    match kind {
        TaskKind::Container(container) => fields.put_container(container),
        TaskKind::Operator(operator) => fields.put_operator(operator),
        TaskKind::Wait(wait) => fields.put_wait(wait),
    }
    fields.0
}

/// Names as a list, or a word when there are none.
fn list_or(names: &[TaskName], word: &str) -> String {
    if names.is_empty() { word.to_owned() } else { list(names) }
}

/// A list as YAML writes it in one line: `[train, --customer, "a b"]`.
fn list(items: &[impl ToString]) -> String {
    let is_plain =
        |text: &str| !text.is_empty() && !text.contains(|character: char| character.is_whitespace() || ",[]{}\"".contains(character));
    let item = |item: &_| {
        let text = ToString::to_string(item);
        if is_plain(&text) { text } else { quoted(&text) }
    };
    format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(", "))
}

/// A text as it is, or in quotes where it would look like nothing, or like another text.
fn text(text: &str) -> String {
    let is_seen = !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
    if is_seen { text.to_owned() } else { quoted(text) }
}

/// A text in an operator's arguments, where `true` and `"true"` are two things.
fn literal(written: &str) -> String {
    let is_other = matches!(written, "null" | "true" | "false") || written.parse::<f64>().is_ok();
    if is_other { quoted(written) } else { text(written) }
}

/// In quotes, as JSON and YAML write it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a start is the author's.
pub(super) fn is_set(start: Moment) -> bool {
    start != ir::LONG_AGO
}

/// A date, or a moment in UTC, as YAML writes it.
pub(super) fn moment(moment: Moment) -> String {
    let Moment { year, month, day, hour, minute, second } = moment;
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}Z") }
}

/// Settings while they are put together.
#[derive(Default)]
struct Set(Fields);

impl Set {
    #[expect(clippy::needless_pass_by_value, reason = "most callers hand over what they have just made")]
    fn put(&mut self, name: &str, value: impl ToString) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    fn put_if(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A list; none at all is as if it were not written.
    fn put_list(&mut self, name: &str, items: &[impl ToString]) {
        if !items.is_empty() {
            self.put(name, list(items));
        }
    }

    fn put_notify(&mut self, notify: &Notify) {
        let Notify { on_failure, on_success, on_retry } = notify;
        self.put_list("notify.on_failure", on_failure);
        self.put_list("notify.on_success", on_success);
        self.put_list("notify.on_retry", on_retry);
    }

    /// Over what something is repeated; which items, and how many, is told apart.
    fn put_for_each(&mut self, fan_out: Option<&FanOut>) {
        match fan_out {
            None => {}
            Some(FanOut::Static { variables, rows: _ }) => self.put_list("for_each", variables),
            Some(FanOut::Mapped { variable, task, path, key, batch }) => {
                let path: String = path.iter().map(|key| format!(".{key}")).collect();
                self.put("for_each", format!("{variable} of tasks.{task}.output{path}"));
                self.put_list("for_each.key", key);
                self.put_if("batch", batch.as_ref());
            }
        }
    }

    fn put_container(&mut self, container: &Container) {
        let Container { fan_out, max_parallel, execution_timeout, startup_timeout, output, handling, profile, pod } = container;
        self.put_for_each(fan_out.as_ref());
        self.put_if("max_parallel", max_parallel.as_ref());
        self.put_if("execution_timeout", execution_timeout.map(Timespan));
        self.put("startup_timeout", Timespan(*startup_timeout));
        self.put("output", output);
        self.put_handling(handling);
        self.put_if("profile", profile.as_ref());
        self.put_value("pod", pod);
    }

    fn put_handling(&mut self, handling: &Handling) {
        let Handling {
            deferrable,
            on_finish_action,
            skip_on_exit_code,
            get_logs,
            container_logs,
            init_container_logs,
            log_events_on_failure,
            log_pod_spec_on_failure,
        } = handling;
        let logged = |containers: &LoggedContainers| match containers {
            LoggedContainers::All => "all".to_owned(),
            LoggedContainers::Named(names) => list(names),
        };
        self.put_if("deferrable", deferrable.as_ref());
        self.put_if("on_finish_action", on_finish_action.map(ir::OnFinishAction::as_str));
        self.put_list("skip_on_exit_code", skip_on_exit_code);
        self.put_if("get_logs", get_logs.as_ref());
        self.put_if("container_logs", container_logs.as_ref().map(logged));
        self.put_if("init_container_logs", init_container_logs.as_ref().map(logged));
        self.put_if("log_events_on_failure", log_events_on_failure.as_ref());
        self.put_if("log_pod_spec_on_failure", log_pod_spec_on_failure.as_ref());
    }

    fn put_operator(&mut self, operator: &Operator) {
        let Operator { class, arguments, fan_out, max_parallel, execution_timeout, output } = operator;
        self.put("operator", class);
        for ir::OperatorArgument { name, is_templated: _, value } in arguments {
            self.put_literal(&format!("with.{name}"), value);
        }
        self.put_for_each(fan_out.as_ref());
        self.put_if("max_parallel", max_parallel.as_ref());
        self.put_if("execution_timeout", execution_timeout.map(Timespan));
        self.put("output", output);
    }

    fn put_literal(&mut self, name: &str, value: &ir::Literal) {
        match value {
            ir::Literal::Null => self.put(name, "null"),
            ir::Literal::Bool(flag) => self.put(name, flag),
            ir::Literal::Number(number) => self.put(name, number),
            ir::Literal::Text(text) => self.put(name, literal(&text.to_string())),
            ir::Literal::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| self.put_literal(&format!("{name}[{at}]"), item));
            }
            ir::Literal::Map(entries) => entries.iter().for_each(|(key, value)| self.put_literal(&format!("{name}.{key}"), value)),
            ir::Literal::Duration(duration) => self.put(name, Timespan(*duration)),
            ir::Literal::Moment(at) => self.put(name, moment(*at)),
            ir::Literal::Asset(uri) => self.put(name, uri),
        }
    }

    fn put_wait(&mut self, wait: &Wait) {
        let Wait { team, workflow, dag_id, offset, within } = wait;
        self.put("wait_for.workflow", format!("{team}/{workflow}"));
        self.put("wait_for.dag_id", dag_id);
        self.put_if("wait_for.offset", Some(*offset).filter(|offset| *offset != Duration::ZERO).map(Timespan));
        self.put("wait_for.within", Timespan(*within));
    }

    /// The leaves of a value, each under the way to it. What has a name is called by it, and not by its place in a list.
    fn put_value(&mut self, way: &str, value: &Value) {
        match value {
            Value::Null => self.put(&short(way), "null"),
            Value::Bool(flag) => self.put(&short(way), flag),
            Value::Number(number) => self.put(&short(way), number),
            Value::Text(written) => self.put(&short(way), text(&written.to_string())),
            Value::Map(map) => map.iter().for_each(|(key, value)| self.put_value(&format!("{way}.{key}"), value)),
            Value::List(items) => {
                let words: Option<Vec<String>> = items.iter().map(word).collect();
                match words {
                    Some(words) if !words.is_empty() => self.put(&short(way), list(&words)),
                    Some(_) | None => items.iter().enumerate().for_each(|(at, item)| self.put_item(way, at, item)),
                }
            }
        }
    }

    fn put_item(&mut self, way: &str, at: usize, item: &Value) {
        let name = item.get("name").and_then(word);
        match (&name, item) {
            (Some(name), Value::Map(map)) => {
                let rest = map.iter().filter(|(key, _)| *key != "name");
                rest.for_each(|(key, value)| self.put_value(&format!("{way}[{name}].{key}"), value));
            }
            (Some(_) | None, item) => self.put_value(&format!("{way}[{at}]"), item),
        }
    }
}

/// A leaf as one word of a list.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// What authors call a part of the pod: of the task's own container what they write beside `image`, of the rest what they write under `pod`.
fn short(way: &str) -> String {
    let own = way.strip_prefix("pod.spec.containers[base].").map(|rest| rest.strip_suffix(".value").unwrap_or(rest));
    let metadata = || way.strip_prefix("pod.metadata.");
    let spec = || way.strip_prefix("pod.spec.").map(|rest| format!("pod.{rest}"));
    own.or_else(metadata).map(str::to_owned).or_else(spec).unwrap_or_else(|| way.to_owned())
}
