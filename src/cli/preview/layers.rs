//! Which layer gave each value of a task, and what it overrode.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::cli::Failure;
use crate::cli::output::Output;
use crate::cli::workspace::{Compilation, CompiledTeam};
use crate::diag::{quoted_list, suggest};
use crate::ir;
use crate::name::ProfileName;
use crate::report::{one_line, shortened};
use crate::resolve::Layers;
use crate::source::{Sources, Span, Spanned};
use crate::spec::{Enforced, Member, Workflow};

/// Who wrote a value, and where.
type Origin = (&'static str, Span);

/// A task and the layers around it, from the weakest to the strongest.
struct Layered<'a> {
    /// `team/workflow`.
    workflow: String,
    /// `task`, or `group.task`, with all groups around it.
    task: String,
    layers: Layers<'a>,
    /// What the platform puts over all of them; nothing for what has no pod.
    enforced: Option<&'a Enforced>,
}

/// A value of a task: its key, and all who wrote it, the strongest first, as `value` from `layer` at `path:line`.
pub(in crate::cli) struct Given {
    pub(in crate::cli) key: String,
    pub(in crate::cli) by: Vec<(String, &'static str, String)>,
}

/// Every value of one task, `task` or `group.task`, of a workflow.
pub(in crate::cli) fn given(done: &Compilation, workflow: &str, task: &str) -> Vec<Given> {
    let is_meant = |found: &Workflow| found.workflow.value.as_str() == workflow;
    let mut tasks = done.teams.iter().flat_map(|team| layered(team, is_meant));
    tasks.find(|found| found.task == task).map(|found| given_by_all(&found, &done.sources)).unwrap_or_default()
}

/// Every value of each task of a team's workflow, by the task's path.
pub(super) fn given_to_all(team: &CompiledTeam, workflow: &ir::Workflow, sources: &Sources) -> Vec<(String, Vec<Given>)> {
    let tasks = layered(team, |found| found.workflow.value == workflow.name);
    tasks.into_iter().map(|task| (task.task.clone(), given_by_all(&task, sources))).collect()
}

fn given_by_all(task: &Layered<'_>, sources: &Sources) -> Vec<Given> {
    let by = |(layer, span): (&'static str, Span)| {
        let (text, path, line) = written(span, sources);
        (text, layer, format!("{path}:{line}"))
    };
    values(task).into_iter().map(|(key, origins)| Given { key, by: origins.into_iter().map(by).collect() }).collect()
}

pub(super) fn show(done: &Compilation, chosen: &[&ir::Workflow], task: Option<&str>, output: &Output) -> Result<String, Failure> {
    let mut tasks = Vec::new();
    for team in &done.teams {
        let name = &team.policy.grant.team.value;
        let is_chosen = |workflow: &Workflow| chosen.iter().any(|chosen| chosen.team == *name && chosen.name == workflow.workflow.value);
        tasks.extend(layered(team, is_chosen));
    }
    if let Some(asked) = task {
        let known: Vec<String> = tasks.iter().map(|task| task.task.clone()).collect();
        tasks.retain(|task| task.task == asked || task.task.rsplit('.').next() == Some(asked));
        if tasks.is_empty() {
            let known = known.iter().map(String::as_str);
            let help = suggest(asked, known.clone())
                .map_or_else(|| format!("there are {}", quoted_list(known)), |near| format!("did you mean `{near}`?"));
            return Err(Failure::new(format!("there is no task `{asked}`")).help(help));
        }
    }
    if output.format.is_for_people() {
        return Ok(tasks.iter().map(|task| table(task, &done.sources)).collect::<Vec<_>>().join("\n"));
    }
    let tasks: Vec<Json> = tasks.iter().map(|task| to_json(task, &done.sources)).collect();
    Ok(format!("{:#}\n", json!({ "schema_version": 1, "tasks": tasks })))
}

fn layered(team: &CompiledTeam, is_chosen: impl Fn(&Workflow) -> bool) -> Vec<Layered<'_>> {
    let name = &team.policy.grant.team.value;
    let workflows = team.sources.iter().flat_map(|(_, source)| source.workflows.iter().map(|workflow| &workflow.spec));
    let workflows = workflows.filter(|workflow| is_chosen(workflow));
    let mut found = Vec::new();
    for workflow in workflows {
        for member in workflow.members() {
            let task = member.path().join(".");
            let Member { groups, name: _, task: written } = member;
            let platform = &team.policy.platform;
            let look_up = |name: &Spanned<ProfileName>| platform.profiles.as_ref()?.get(name.value.as_str());
            let layers = Layers::of(platform, workflow, groups.into_iter().map(|(_, group)| group), written, look_up);
            let enforced = platform.enforce.as_ref().filter(|_| written.has_pod());
            found.push(Layered { workflow: format!("{name}/{}", workflow.workflow.value), task, layers, enforced });
        }
    }
    found
}

/// Every value of a task with all who wrote it, the strongest first, in the order of their first mention.
fn values(task: &Layered<'_>) -> Vec<(String, Vec<Origin>)> {
    let (mut order, mut found): (Vec<String>, BTreeMap<String, Vec<Origin>>) = (Vec::new(), BTreeMap::new());
    let layers = task.layers.iter().flat_map(|(layer, settings)| settings.written().into_iter().map(move |value| (layer.as_str(), value)));
    let enforced = task.enforced.iter().flat_map(|enforced| enforced.written()).map(|value| ("enforced", value));
    for (layer, (key, span)) in layers.chain(enforced) {
        let writers = found.entry(key.clone()).or_default();
        if writers.is_empty() {
            order.push(key);
        }
        writers.insert(0, (layer, span));
    }
    order.into_iter().map(|key| found.remove_entry(&key).unwrap_or_default()).collect()
}

/// A value as it is written, in one line, and `path:line`.
fn written(span: Span, sources: &Sources) -> (String, String, usize) {
    let file = sources.file(span.source);
    let text = file.text.get(span.start as usize..span.end as usize).unwrap_or_default();
    (text.split_ascii_whitespace().collect::<Vec<_>>().join(" "), file.path.clone(), file.positions(span).0.line)
}

/// Characters of a value in the table.
const WIDTH: usize = 40;

fn table(task: &Layered<'_>, sources: &Sources) -> String {
    let mut rows = Vec::new();
    for (key, origins) in values(task) {
        for (at, (layer, span)) in origins.iter().enumerate() {
            let (text, path, line) = written(*span, sources);
            let (text, path) = (one_line(&text), one_line(&path));
            let key = if at == 0 { one_line(&key) } else { "  overrode".to_owned() };
            rows.push([key, shortened(&text, WIDTH), (*layer).to_owned(), format!("{path}:{line}")]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (first, second, third) = (width(0), width(1), width(2));
    let line = |[key, text, layer, place]: &[String; 4]| format!("  {key:first$}  {text:second$}  {layer:third$}  {place}\n");
    format!("{} · {}\n{}", task.workflow, task.task, rows.iter().map(line).collect::<String>())
}

fn to_json(task: &Layered<'_>, sources: &Sources) -> Json {
    let origin = |(layer, span): &Origin| {
        let (value, path, line) = written(*span, sources);
        json!({ "layer": layer, "value": value, "path": path, "line": line })
    };
    let value = |(key, origins): (String, Vec<Origin>)| {
        let (given, overrode) =
            origins.split_first().map_or((Json::Null, Vec::new()), |(first, rest)| (origin(first), rest.iter().map(origin).collect()));
        json!({ "key": key, "given": given, "overrode": overrode })
    };
    json!({ "workflow": task.workflow, "task": task.task, "values": values(task).into_iter().map(value).collect::<Vec<_>>() })
}
