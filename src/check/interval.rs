//! The length of time that a run stands for, which there is none.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::{Reference, Schedule, Template, Timespan, Workflow};

/// References that are shown.
const MOST_SHOWN: usize = 5;

/// Tells when a text asks for the start of a run's data where the start is the end.
///
/// The timetables that fire at a time have no interval: `CronTriggerTimetable` in `airflow/timetables/trigger.py`. What assets start has one.
pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    let (place, hours) = match &workflow.schedule {
        Some(Schedule::Fields(fields)) => {
            if fields.cron.is_none() && fields.preset.is_none() && fields.every.is_none() {
                return;
            }
            (Some(fields.span), fields.every.as_ref().map(|every| every.value))
        }
        Some(Schedule::None) | None => (None, None),
    };
    let asked = references(workflow);
    let Some((first, rest)) = asked.split_first() else { return };
    let title = "`run.data_interval_start` and `run.data_interval_end` are one moment here";
    let fault = Diagnostic::warning(&code::NO_INTERVAL, title).at(*first, "a run fires at a time, and stands for no length of time");
    let fault = rest.iter().take(MOST_SHOWN).fold(fault, |fault, span| fault.at(*span, "here too"));
    let fault = place.into_iter().fold(fault, |fault, span| fault.at(span, "the schedule"));
    let length = hours.unwrap_or(Timespan(std::time::Duration::from_secs(3_600)));
    sink.push(fault.help(format!(
        "hand over the end and how far to go back: `args: [load, --until, \"${{{{ run.logical_date }}}}\", --last, {length}]`"
    )));
}

fn references(workflow: &Workflow) -> Vec<Span> {
    let asked = workflow.templates().flat_map(Template::references).filter(|reference| match &reference.value {
        Reference::Run(value) => value.as_str() == "data_interval_start",
        Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task => false,
        Reference::Variable(_) | Reference::Each { .. } | Reference::Param(_) | Reference::Output { .. } => false,
    });
    asked.map(|reference| reference.span).collect()
}
