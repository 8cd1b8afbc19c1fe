//! What there is to say of a workflow and of a task, in pairs of a word and a text.

use serde_json::Value as Json;

use super::Pod;
use crate::delta::{grouped, kind_of};
use crate::ir::{Container, FanOut, Group, Load, Member, Need, Operator, Task, TaskKind, TriggerRule, Wait, Workflow, all_of};
use crate::report::change::{load, resource};
use crate::spec::Timespan;

/// A word and a text.
pub(super) type Fact = (&'static str, String);

/// What a workflow asks for.
pub(super) fn of_workflow(workflow: &Workflow) -> Vec<Fact> {
    let asked = Load::of(workflow);
    let resources = asked.resources();
    let amounts = resources.iter().map(|name| ((*name).to_owned(), asked.requested_at_once(name))).collect();
    let mut facts = vec![
        ("Tasks of a run", grouped(workflow.task_count() as u64)),
        ("At once, at the most", load(whole(asked.pods_at_once()), &amounts)),
        ("Runs at once", workflow.max_active_runs.to_string()),
        ("Tasks at once", workflow.max_active_tasks.to_string()),
        ("Namespace", workflow.namespace.clone()),
        ("Written in", workflow.file.clone()),
        ("DAG id", workflow.dag_id.to_string()),
    ];
    facts.extend(workflow.run_timeout.map(|most| ("A run may take", Timespan(most).to_string())));
    facts.extend((!workflow.tags.is_empty()).then(|| ("Tags", workflow.tags.join(", "))));
    let params: Vec<&str> = workflow.params.iter().map(|param| param.name.as_str()).collect();
    facts.extend((!params.is_empty()).then(|| ("Params", params.join(", "))));
    facts
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` ends at the largest number, and no count is negative")]
fn whole(count: f64) -> u64 {
    count as u64
}

/// What is to be said of a task.
pub(super) fn of_task(member: &Member<'_>, pod: Option<&Pod>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = member.task.description.iter().map(|text| ("What it does", text.clone())).collect();
    facts.extend(match &member.task.kind {
        TaskKind::Container(container) => of_container(container, pod),
        TaskKind::Operator(operator) => of_operator(operator),
        TaskKind::Wait(wait) => of_wait(wait),
    });
    facts.extend(member.fan_outs().map(|(fan_out, most)| ("Repeated", repeated(fan_out, most))));
    facts.extend(of_any(member.task));
    facts
}

/// What is to be said of a group.
pub(super) fn of_group(group: &Group) -> Vec<Fact> {
    let mut facts: Vec<Fact> =
        group.fan_out.as_ref().map(|fan_out| ("Repeated", repeated(fan_out, group.max_parallel))).into_iter().collect();
    let needs: Vec<String> = group.needs.iter().map(Need::path).collect();
    facts.extend((!needs.is_empty()).then(|| ("Waits for", needs.join(", "))));
    facts
}

fn of_container(container: &Container, pod: Option<&Pod>) -> Vec<Fact> {
    let base = pod.map(|pod| &pod.pod["spec"]["containers"][0]);
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let mut facts: Vec<Fact> = base.and_then(|base| text(&base["image"])).map(|image| ("Image", image)).into_iter().collect();
    facts.extend(container.profile.as_ref().map(|profile| ("Profile", profile.to_string())));
    for (word, key) in [("Requests", "requests"), ("Limits", "limits")] {
        facts.extend(base.and_then(|base| amounts(&base["resources"][key])).map(|amounts| (word, amounts)));
    }
    facts.extend(container.execution_timeout.map(|most| ("A try may take", Timespan(most).to_string())));
    facts.extend(container.output.then(|| ("Hands over", "a small JSON value".to_owned())));
    facts
}

/// `cpu 500m · memory 2Gi`.
fn amounts(resources: &Json) -> Option<String> {
    let each = resources.as_object()?.iter().map(|(name, amount)| match amount {
        Json::String(amount) => format!("{name} {amount}"),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => format!("{name} {amount}"),
    });
    Some(each.collect::<Vec<_>>().join(" · ")).filter(|text| !text.is_empty())
}

fn of_operator(operator: &Operator) -> Vec<Fact> {
    let arguments: Vec<&str> = operator.arguments.iter().map(|argument| argument.name.as_str()).collect();
    let mut facts = vec![("Operator", operator.class.to_string())];
    facts.extend((!arguments.is_empty()).then(|| ("Arguments", arguments.join(", "))));
    facts.extend(operator.execution_timeout.map(|most| ("A try may take", Timespan(most).to_string())));
    facts.extend(operator.output.then(|| ("Hands over", "what it returns".to_owned())));
    facts
}

fn of_wait(Wait { team, workflow, dag_id: _, offset, within }: &Wait) -> Vec<Fact> {
    let earlier = if offset.is_zero() { String::new() } else { format!(", the run {} earlier", Timespan(*offset)) };
    vec![("Waits for", format!("{team}/{workflow}{earlier}")), ("At the longest", Timespan(*within).to_string())]
}

fn repeated(fan_out: &FanOut, most: Option<u32>) -> String {
    let over = match fan_out {
        FanOut::Static { variables, rows } => {
            let shown: Vec<&str> = rows.iter().take(EXAMPLES).map(|row| row.key.as_str()).collect();
            let rest = if rows.len() > EXAMPLES { ", …" } else { "" };
            format!("{} times, over {}: {}{rest}", grouped(rows.len() as u64), variables.join(", "), shown.join(", "))
        }
        FanOut::Mapped { variable, task, path, key: _, batch } => {
            let path: String = path.iter().map(|key| format!(".{key}")).collect();
            let each = batch.map_or_else(|| "each".to_owned(), |size| format!("every {size}"));
            format!("for {each} {variable} of {task}'s output{path}")
        }
    };
    most.map_or(over.clone(), |most| format!("{over}; {most} at once at the most"))
}

/// Items of a fan-out that are named.
const EXAMPLES: usize = 5;

fn of_any(task: &Task) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(task.teardown.as_ref().map(|setups| match setups.as_slice() {
        [] => ("Cleans up", "whatever became of what it needs".to_owned()),
        setups => ("Cleans up after", setups.iter().map(|setup| setup.as_str()).collect::<Vec<_>>().join(", ")),
    }));
    facts.extend((!task.run_if.is_empty()).then(|| ("Runs if", all_of(&task.run_if))));
    facts.extend((task.trigger_rule != TriggerRule::AllSuccess).then(|| ("Starts on", task.trigger_rule.as_str().to_owned())));
    let retries = if task.retries == 0 { "none".to_owned() } else { format!("{}, after {}", task.retries, Timespan(task.retry_delay)) };
    facts.push(("Retries", retries));
    facts.extend(task.pool.as_ref().map(|pool| ("Pool", format!("{pool}, {} slots", task.pool_slots))));
    let produced: Vec<String> = task.produces.iter().map(ToString::to_string).collect();
    facts.extend((!produced.is_empty()).then(|| ("Produces", produced.join(", "))));
    facts
}

/// What a box says of a task beneath its name.
pub(super) fn note(task: &Task, pod: Option<&Pod>) -> String {
    match &task.kind {
        TaskKind::Container(container) => {
            let requests = pod.map(|pod| &pod.pod["spec"]["containers"][0]["resources"]["requests"]);
            let amount = |name: &str| {
                let asked = crate::ir::amount(requests?[name].as_str()?)?;
                Some(if name == "cpu" { format!("{} cpu", resource(name, asked)) } else { resource(name, asked) })
            };
            let profile = container.profile.as_ref().map(ToString::to_string);
            [profile, amount("cpu"), amount("memory")].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        TaskKind::Operator(_) | TaskKind::Wait(_) => kind_of(task).unwrap_or_default(),
    }
}

/// When a task starts, unless that is once all that it needs has succeeded.
pub(super) fn starts(task: &Task) -> String {
    let rule = (task.trigger_rule != TriggerRule::AllSuccess).then(|| task.trigger_rule.as_str().to_owned());
    let condition = (!task.run_if.is_empty()).then(|| format!("if {}", all_of(&task.run_if).replace("${{ ", "").replace(" }}", "")));
    rule.into_iter().chain(condition).collect::<Vec<_>>().join(" · ")
}
