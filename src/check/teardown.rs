//! Tasks that clean up: what they wait for, and whose traces they remove.

use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::name::TaskName;
use crate::source::Spanned;
use crate::spec::{Gaps, Member, Table, Teardown, Workflow};

pub(super) fn check(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    let members = workflow.members();
    for member in &members {
        let Some(teardown) = member.task.teardown() else { continue };
        check_task(member, teardown, gaps, sink);
        teardown.setups.iter().for_each(|setup| check_setup(workflow, member, setup, gaps, sink));
    }
    check_followers(workflow, &members, sink);
}

fn check_task(Member { groups: _, name, task }: &Member<'_>, teardown: &Teardown, gaps: &Gaps, sink: &mut Sink) {
    let fault = |title: String| Diagnostic::error(&code::TEARDOWN, title);
    if task.needs.iter().flatten().next().is_none() && !gaps.may_have(task.span, "needs") {
        let title = format!("teardown `{}` waits for nothing", name.value);
        let help = "add `needs: [...]` with the tasks after which it is time to clean up";
        sink.push(fault(title).at(teardown.span, "it would run while what it takes away is in use").help(help));
    }
    if let Some(rule) = &task.settings.trigger_rule {
        let title = format!("teardown `{}` has a `trigger_rule`", name.value);
        let why = "a teardown starts when all that it needs is done, whatever came of it";
        sink.push(fault(title).at(rule.span, why).at(teardown.span, "the teardown").help("delete one of the two"));
    }
    if let Some(for_each) = &task.for_each {
        let title = format!("teardown `{}` is repeated by itself", name.value);
        let help = "repeat a group with what it cleans up after in it";
        sink.push(fault(title).at(for_each.span, "a teardown is one task").at(teardown.span, "the teardown").help(help));
    }
}

/// A setup is a single task beside its teardown, so that both are repeated alike.
fn check_setup(workflow: &Workflow, member: &Member<'_>, setup: &Spanned<TaskName>, gaps: &Gaps, sink: &mut Sink) {
    let (tasks, groups) = match member.groups.last() {
        Some((_, group)) => (group.tasks.as_ref(), group.groups.as_ref()),
        None => (workflow.tasks.as_ref(), workflow.groups.as_ref()),
    };
    let wanted = setup.value.as_str();
    let fault = |title: String, why: &str| Diagnostic::error(&code::TEARDOWN, title).at(setup.span, why);
    let Some((name, task)) = tasks.and_then(|tasks| tasks.entry(wanted)).filter(|_| setup.value != member.name.value) else {
        let known = tasks.into_iter().flat_map(Table::keys).filter(|name| *name != member.name.value.as_str());
        let is_group = groups.is_some_and(|groups| groups.get(wanted).is_some());
        if gaps.may_name(wanted) {
            return;
        }
        let title = format!("there is no task `{wanted}` beside teardown `{}`", member.name.value);
        let (why, help) = match suggest(wanted, known) {
            _ if is_group => ("it is a group", format!("write `teardown: true` and `needs: [{wanted}]`")),
            Some(near) => ("", format!("write `{near}`")),
            None => ("", "name tasks that stand beside it, or write `teardown: true`".to_owned()),
        };
        sink.push(fault(title, why).help(help));
        return;
    };
    let shown = &member.name.value;
    if let Some(other) = task.teardown() {
        let fault = fault(format!("`{wanted}` sets something up for `{shown}` and is a teardown itself"), "the setup");
        sink.push(fault.at(other.span, "the teardown").help("make two tasks of it"));
    }
    if let Some(for_each) = &task.for_each {
        let fault = fault(format!("`{wanted}` sets something up for `{shown}` and is repeated by itself"), "a setup is one task");
        sink.push(fault.at(for_each.span, "repeated here").help("repeat a group with both and what stands between them in it"));
    }
    if member.task.needs.iter().flatten().all(|need| need.value == setup.value) && member.task.needs.iter().flatten().next().is_some() {
        let title = format!("teardown `{shown}` waits for nothing but its setup");
        let fault = fault(title, "the setup").at(name.span, "it is here");
        sink.push(fault.help("add to `needs` the tasks after which it is time to clean up"));
    }
}

/// Airflow takes no DAG in which what follows a setup starts by another rule than that all have succeeded: `DAG.validate_setup_teardown`.
fn check_followers(workflow: &Workflow, members: &[Member<'_>], sink: &mut Sink) {
    for setup in members.iter().filter_map(|member| Some((member, member.task.teardown()?))).flat_map(|(member, teardown)| {
        let around = member.path().split_last().map(|(_, around)| around.to_vec()).unwrap_or_default();
        teardown.setups.iter().map(move |setup| (around.clone(), setup))
    }) {
        let (around, setup) = setup;
        let followers = members.iter().filter(|member| member.path().starts_with(&around) && needs(member, &setup.value));
        for member in followers.filter(|member| member.task.teardown().is_none()) {
            if let Some(rule) = member.trigger_rule(workflow).filter(|rule| rule.value != Default::default()) {
                let title = format!("`{}` follows the setup `{}` and starts on `{}`", member.name.value, setup.value, rule.value.as_str());
                let fault = Diagnostic::error(&code::TEARDOWN, title).at(rule.span, "Airflow takes `all_success` only here");
                sink.push(fault.at(setup.span, "the setup").help("delete the rule, or put a task between the two"));
            }
        }
    }
}

fn needs(member: &Member<'_>, name: &TaskName) -> bool {
    let of_groups = member.groups.iter().flat_map(|(_, group)| group.needs.iter().flatten());
    member.task.needs.iter().flatten().chain(of_groups).any(|need| need.value == *name)
}
