//! What the platform asks of one workflow as a whole.

use std::time::Duration;

use super::Policy;
use super::bound::{self, Side};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::{CountBounds, Timespan, Workflow, WorkflowWord};

/// One workflow and what holds for it.
pub struct WorkflowCase<'a> {
    /// What holds for the team.
    pub policy: &'a Policy<'a>,
    /// The workflow as it was written.
    pub written: &'a Workflow,
    /// The shortest time from one of its runs to the next, where it has a schedule, and where that is written.
    pub interval: Option<(Duration, Span)>,
}

/// A check of one workflow.
type Check = fn(&WorkflowCase<'_>, &mut Sink);

const CHECKS: [Check; 3] = [check_required, check_counts, check_interval];

/// Asks the platform about one workflow. Nothing is refused in the name of a policy that is only assumed.
pub fn check_workflow(case: &WorkflowCase<'_>, sink: &mut Sink) {
    if !case.policy.is_assumed {
        CHECKS.iter().for_each(|check| check(case, sink));
    }
}

fn check_required(case: &WorkflowCase<'_>, sink: &mut Sink) {
    let words = case.policy.platform.require.as_ref().and_then(|required| required.workflows.as_ref());
    let name = &case.written.workflow;
    for word in words.into_iter().flatten() {
        let (is_there, help) = match word.value {
            WorkflowWord::Description => (case.written.description.is_some(), "add `description:` with what it is for, in a sentence"),
            WorkflowWord::Tags => {
                (case.written.tags.as_ref().is_some_and(|tags| !tags.is_empty()), "add `tags: […]` with words to find it by")
            }
        };
        if !is_there {
            let fault = Diagnostic::error(&code::REQUIRED, format!("workflow `{}` has no `{}`", name.value, word.value.as_str()));
            sink.push(fault.at(name.span, "").at(word.span, "the platform requires it").help(help));
        }
    }
}

fn check_counts(case: &WorkflowCase<'_>, sink: &mut Sink) {
    let Some(bounds) = &case.policy.platform.bounds else { return };
    let written = case.written;
    let counts = [
        ("max_active_runs", &written.max_active_runs, &bounds.max_active_runs, crate::ir::ACTIVE_RUNS),
        ("max_active_tasks", &written.max_active_tasks, &bounds.max_active_tasks, crate::ir::ACTIVE_TASKS),
    ];
    for (key, count, bounds, default) in counts {
        let Some(CountBounds { minimum, maximum, span: _ }) = bounds else { continue };
        let value = count.as_ref().map_or(default, |count| u32::from(count.value.get()));
        let place = count.as_ref().map_or(written.workflow.span, |count| count.span);
        bound::check(key, &value, place, [(Side::Least, minimum), (Side::Most, maximum)], sink);
    }
}

fn check_interval(case: &WorkflowCase<'_>, sink: &mut Sink) {
    let wanted = case.policy.platform.schedule.as_ref().and_then(|rules| rules.minimum_interval.as_ref());
    let (Some(wanted), Some((interval, place))) = (wanted, case.interval) else { return };
    if interval < wanted.value.0 {
        let title =
            format!("`{}` runs every {}, and the platform allows every {}", case.written.workflow.value, Timespan(interval), wanted.value);
        let fault = Diagnostic::error(&code::TOO_OFTEN, title).at(place, "two runs are so close").at(wanted.span, "the platform's bound");
        sink.push(fault.help(format!("let at least {} pass between two runs", wanted.value)));
    }
}
