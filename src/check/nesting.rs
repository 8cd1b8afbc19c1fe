//! Groups inside groups, and fan-outs inside fan-outs: how deep, and which go together.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TaskName;
use crate::source::Spanned;
use crate::spec::{ForEach, Group, Workflow};

/// Groups inside each other. A target may write a loop and two blocks for each, and Python takes twenty blocks inside each other.
const DEEPEST: usize = 5;

/// Tells the first group that stands too deep inside others; those in it are not told again.
pub(super) fn check_depth(around: &[(&Spanned<TaskName>, &Group)], sink: &mut Sink) {
    if around.len() != DEEPEST + 1 {
        return;
    }
    let [(outermost, _), .., (name, _)] = around else { return };
    let fault = Diagnostic::error(&code::NESTED_TOO_DEEP, format!("group `{}` stands inside {DEEPEST} others", name.value));
    let fault = fault.at(name.span, format!("groups may stand {DEEPEST} deep inside each other")).at(outermost.span, "the outermost");
    sink.push(fault.help("move it one level up, and say with `needs` what comes first"));
}

/// Tells fan-outs around one task that do not go together.
pub(super) fn check_fan_outs(workflow: &Workflow, sink: &mut Sink) {
    for around in workflow.nested_groups() {
        if let Some(((_, group), outer)) = around.split_last() {
            check_inner(group.for_each.as_ref(), &fan_outs(outer), sink);
        }
    }
    for member in workflow.members() {
        check_inner(member.task.for_each.as_ref(), &fan_outs(&member.groups), sink);
    }
}

fn fan_outs<'a>(groups: &[(&Spanned<TaskName>, &'a Group)]) -> Vec<&'a ForEach> {
    groups.iter().filter_map(|(_, group)| group.for_each.as_ref()).collect()
}

fn check_inner(inner: Option<&ForEach>, outer: &[&ForEach], sink: &mut Sink) {
    let Some(inner) = inner else { return };
    for (name, _) in &inner.variables {
        let known = outer.iter().flat_map(|for_each| &for_each.variables).find(|(known, _)| known.value == name.value);
        if let Some((known, _)) = known {
            let title = format!("`{}` is a variable of two fan-outs around one task", name.value);
            let fault = Diagnostic::error(&code::VARIABLE_TAKEN, title).at(name.span, "the inner one").at(known.span, "the outer one");
            sink.push(fault.help("give one of them another name, so that `each` can tell them apart"));
        }
    }
    let mapped = outer.iter().find(|for_each| for_each.output().is_some());
    let (Some(_), Some(mapped)) = (inner.output(), mapped) else { return };
    let variable = |for_each: &ForEach| for_each.variables.first().map(|(name, _)| name.value.clone()).unwrap_or_default();
    let (outer, own) = (variable(mapped), variable(inner));
    let title = format!("the items of `{outer}` and `{own}` are both known at run time only");
    let fault = Diagnostic::error(&code::NESTED_FAN_OUT, title).at(inner.span, "the inner one").at(mapped.span, "the outer one");
    sink.push(
        fault.help(format!(
            "repeat once, over the output of a task that hands over all pairs: `[{{\"{outer}\": \"a\", \"{own}\": \"x\"}}]`"
        )),
    );
}
