//! References in texts: does each one mean something where it stands.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::graph::Upstream;
use super::{Graph, output, tasks};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Span;
use crate::spec::{Arguments, ForEach, Gaps, Part, Reference, Settings, Table, Task, Template, Workflow};

/// What a text may refer to where it stands.
struct Scope<'a> {
    workflow: &'a Workflow,
    /// What was taken out of the workflow.
    gaps: &'a Gaps,
    /// The groups around it and its task: where a fan-out may stand.
    around: Vec<Span>,
    /// The fan-outs around it, the outermost first.
    each: Vec<&'a ForEach>,
    /// What is done before; `None` where there is no one task to ask for.
    before: Option<Before<'a>>,
}

/// What is done before a task starts, which is found out once somebody asks.
struct Before<'a> {
    /// `None` when it has faults of its own: then it is not to be believed.
    graph: Option<&'a Graph<'a>>,
    task: Vec<&'a str>,
    upstream: OnceCell<Upstream<'a>>,
}

impl Before<'_> {
    fn may_have(&self, name: &str) -> bool {
        self.graph.is_none_or(|graph| self.upstream.get_or_init(|| graph.upstream(&self.task)).has(name))
    }
}

pub(super) fn check(workflow: &Workflow, graph: Option<&Graph<'_>>, gaps: &Gaps, sink: &mut Sink) {
    let scope = |around, each, before| Scope { workflow, gaps, around, each, before };
    check_settings(workflow.defaults.as_ref(), &scope(Vec::new(), Vec::new(), None), sink);
    for around in workflow.nested_groups() {
        let Some((_, group)) = around.last() else { continue };
        let each = around.iter().filter_map(|(_, group)| group.for_each.as_ref()).collect();
        let scope = scope(around.iter().map(|(_, group)| group.span).collect(), each, None);
        check_settings(group.defaults.as_ref(), &scope, sink);
        check_items(group.for_each.as_ref(), &scope, sink);
    }
    let mut told = BTreeSet::new();
    for member in workflow.members() {
        let before = Before { graph, task: member.path(), upstream: OnceCell::new() };
        let around = member.groups.iter().map(|(_, group)| group.span).chain([member.task.span]).collect();
        let scope = scope(around, member.fan_outs(), Some(before));
        check_task(member.task, &scope, sink);
        // A group's conditions are each of its tasks'; what is wrong with one is told once.
        for run_if in member.run_ifs() {
            let mut found = sink.inner();
            check_templates(run_if.templates(), &scope, &mut found);
            if !found.as_slice().is_empty() && told.insert(run_if.span) {
                sink.extend(found.into_sorted());
            }
        }
    }
}

fn check_task(task: &Task, scope: &Scope<'_>, sink: &mut Sink) {
    check_items(task.for_each.as_ref(), scope, sink);
    check_settings(Some(&task.settings), scope, sink);
    check_templates(task.with.iter().flat_map(Arguments::templates), scope, sink);
}

/// Names of the variables that a workflow refers to.
pub fn variables(workflow: &Workflow) -> impl Iterator<Item = &str> {
    workflow.templates().flat_map(Template::references).filter_map(|reference| match &reference.value {
        Reference::Variable(name) => Some(name.as_str()),
        Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task | Reference::Run(_) => None,
        Reference::Param(_) | Reference::Each { .. } | Reference::Output { .. } => None,
    })
}

fn check_settings(settings: Option<&Settings>, scope: &Scope<'_>, sink: &mut Sink) {
    check_templates(settings.into_iter().flat_map(Settings::templates), scope, sink);
}

fn check_templates<'a>(templates: impl Iterator<Item = &'a Template>, scope: &Scope<'_>, sink: &mut Sink) {
    for template in templates {
        sink.extend(almost_fault(template));
        check_template(template, scope, sink);
    }
}

fn check_template(template: &Template, scope: &Scope<'_>, sink: &mut Sink) {
    for reference in template.references() {
        let fault = match &reference.value {
            Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task | Reference::Run(_) => {
                None
            }
            Reference::Variable(name) => unknown(name, "variable", "vars", scope.workflow.vars.iter().flat_map(Table::keys), scope.gaps),
            Reference::Param(name) => unknown(name, "parameter", "params", scope.workflow.params.iter().flat_map(Table::keys), scope.gaps),
            Reference::Each { variable, path } => each_fault(variable, path, scope),
            Reference::Output { task, path } => output_fault(task, path, scope),
        };
        sink.extend(fault.map(|fault| fault.mainly_at(reference.span, "")));
    }
}

/// Warns of `${ run.date }`, which no shell understands either: its variables have no dots.
fn almost_fault(template: &Template) -> Option<Diagnostic> {
    let literals = template.parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(text.as_str()),
        Part::Reference(_) | Part::Native(_) => None,
    });
    let inside = literals.flat_map(|text| text.split("${").skip(1)).filter_map(|rest| Some(rest.split_once('}')?.0.trim()));
    let meant = inside.into_iter().find(|inner| reads_as_reference(inner))?;
    let fault =
        Diagnostic::warning(&code::ALMOST_EXPRESSION, format!("`{meant}` stands in one pair of braces, and stays as it is written"));
    Some(fault.at(template.span, "").help(format!("write `${{{{ {meant} }}}}`")))
}

/// Whether a text would be an expression with a dot in it, but for its braces.
pub(super) fn reads_as_reference(text: &str) -> bool {
    const ROOTS: [&str; 5] = ["each", "params", "run", "tasks", "vars"];
    let is_path = |path: &str| path.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'));
    text.split_once('.').is_some_and(|(root, path)| ROOTS.contains(&root) && !path.is_empty() && is_path(path))
}

fn unknown<'a>(name: &str, what: &str, section: &str, known: impl Iterator<Item = &'a str>, gaps: &Gaps) -> Option<Diagnostic> {
    let known: Vec<&str> = known.collect();
    if known.contains(&name) || gaps.may_name(name) {
        return None;
    }
    let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("there is no {what} `{name}`"));
    Some(match suggest(name, known.iter().copied()) {
        Some(near) => fault.help(format!("write `{section}.{near}`")),
        None if known.is_empty() => fault.help(format!("add `{section}: {{ {name}: … }}` at the top of the workflow")),
        None => fault.help(format!("write one of {}, or add `{name}` to `{section}:`", quoted_list(known))),
    })
}

fn each_fault(variable: &str, path: &[String], scope: &Scope<'_>) -> Option<Diagnostic> {
    if scope.around.iter().any(|map| scope.gaps.may_have(*map, "for_each")) {
        return None;
    }
    if scope.each.is_empty() {
        let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("`each.{variable}` stands outside a `for_each`"));
        return Some(fault.help(format!("add `for_each: {{ {variable}: [a, b] }}` to the task or its group")));
    }
    let has_it = |each: &&&ForEach| each.variables.iter().any(|(name, _)| name.value == variable);
    if let Some(each) = scope.each.iter().find(has_it) {
        return output::each_fault(variable, path, each, scope.workflow);
    }
    let variables = || scope.each.iter().flat_map(|each| &each.variables).map(|(name, _)| name);
    let known = || variables().map(|name| name.value.as_str());
    let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("the `for_each` around it has no `{variable}`"));
    let fault = variables().fold(fault, |fault, name| fault.at(name.span, "its variable"));
    let meant = suggest(variable, known()).or_else(|| known().next()).unwrap_or_default();
    Some(fault.help(format!("write `each.{meant}`")))
}

fn output_fault(name: &str, path: &[String], scope: &Scope<'_>) -> Option<Diagnostic> {
    if let Some(fault) = producer_fault(name, scope.workflow, scope.gaps) {
        return Some(fault);
    }
    match &scope.before {
        None => Some(
            Diagnostic::error(&code::NOT_UPSTREAM, format!("`defaults` cannot use the output of `{name}`"))
                .help("write it in the tasks that need it"),
        ),
        Some(before) if !before.may_have(name) => {
            let fault = Diagnostic::error(&code::NOT_UPSTREAM, format!("`{name}` may not be done when this task starts"));
            Some(fault.help(format!("add `needs: [{name}]` to the task")))
        }
        Some(_) => output::reference_fault(name, path, scope.workflow),
    }
}

/// What is wrong with taking the output of a task.
fn producer_fault(name: &str, workflow: &Workflow, gaps: &Gaps) -> Option<Diagnostic> {
    let Some((place, task)) = workflow.tasks.as_ref().and_then(|tasks| tasks.entry(name)) else {
        if gaps.may_name(name) {
            return None;
        }
        let known: Vec<&str> = tasks(workflow).filter(|(_, task)| task.has_output()).map(|(name, _)| name.value.as_str()).collect();
        let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("there is no task `{name}` at the top of the workflow"));
        return Some(match suggest(name, known.iter().copied()) {
            Some(near) => fault.help(format!("write `tasks.{near}.output`")),
            None if known.is_empty() => fault.help("no task has an `output: true`"),
            None => fault.help(format!("tasks with an output: {}", quoted_list(known))),
        });
    };
    if task.wait_for.is_some() {
        let fault = Diagnostic::error(&code::NO_OUTPUT, format!("task `{name}` waits for a workflow, and has no output"));
        return Some(fault.help("take the output of a task that runs a container").at(place.span, "this task"));
    }
    if !task.has_output() {
        if gaps.may_have(task.span, "output") {
            return None;
        }
        let fault = Diagnostic::error(&code::NO_OUTPUT, format!("task `{name}` has no output"));
        return Some(fault.help(format!("add `output: true` to `{name}`")).at(place.span, "this task"));
    }
    let repeated = task.for_each.as_ref()?;
    let fault = Diagnostic::error(&code::NO_OUTPUT, format!("task `{name}` is repeated, so it has many outputs"));
    Some(fault.at(repeated.span, "repeated here").help("take the output of a task that runs once"))
}

fn check_items(for_each: Option<&ForEach>, scope: &Scope<'_>, sink: &mut Sink) {
    if let Some(items) = for_each.and_then(ForEach::output) {
        let fault = producer_fault(&items.task.value, scope.workflow, scope.gaps).map(|fault| fault.mainly_at(items.task.span, ""));
        sink.extend(fault.or_else(|| output::items_fault(items, scope.workflow)));
    }
}
