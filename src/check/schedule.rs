//! When a workflow runs.

use super::cron::check_cron;
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::source::{Span, Spanned};
use crate::spec::{Schedule, ScheduleFields, Workflow};

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    if let Some(Schedule::Fields(fields)) = &workflow.schedule {
        check_kind(fields, sink);
        if workflow.start_date.is_none() {
            let fault = Diagnostic::error(&code::DATES, "a schedule needs a `start_date`").at(fields.span, "counted from when?");
            sink.push(fault.help("add `start_date: 2026-01-01`"));
        }
    }
    if let (Some(start), Some(end)) = (&workflow.start_date, &workflow.end_date)
        && end.value <= start.value
    {
        let fault = Diagnostic::error(&code::DATES, "the workflow ends before it starts");
        sink.push(fault.at(end.span, "the end").at(start.span, "the start").help("write an `end_date` after the `start_date`"));
    }
}

fn check_kind(fields: &ScheduleFields, sink: &mut Sink) {
    let ScheduleFields { cron, preset, every, timezone, span } = fields;
    let given: Vec<(&str, Span)> = [
        cron.as_ref().map(|cron| ("cron", cron.span)),
        preset.as_ref().map(|preset| ("preset", preset.span)),
        every.as_ref().map(|every| ("every", every.span)),
    ]
    .into_iter()
    .flatten()
    .collect();
    match given.as_slice() {
        [] => sink.push(
            Diagnostic::error(&code::SCHEDULE, "the schedule does not say when")
                .at(*span, "")
                .help("write `{ cron: \"0 3 * * *\" }`, `{ preset: daily }`, `{ every: 6h }` or `none`"),
        ),
        [_] => {}
        [(first, place), (second, other), ..] => {
            let fault = Diagnostic::error(&code::SCHEDULE, format!("the schedule has `{first}` and `{second}`"));
            sink.push(fault.at(*other, "the second").at(*place, "the first").help("keep one of them"));
        }
    }
    if let Some(cron) = cron
        && let Err((title, help)) = check_cron(&cron.value)
    {
        sink.push(Diagnostic::error(&code::CRON, title).at(cron.span, "").help(help));
    }
    if let (Some(every), Some(timezone)) = (every, timezone) {
        let fault =
            Diagnostic::error(&code::SCHEDULE, "a fixed distance has no time zone").at(timezone.span, "").at(every.span, "the distance");
        sink.push(fault.help("delete `timezone`, or write a `cron`"));
    }
    if let Some(every) = every
        && every.value.0.as_secs() < 60
    {
        sink.push(
            Diagnostic::error(&code::SCHEDULE, "a workflow cannot run more often than each minute")
                .at(every.span, "")
                .help("write `1m` or more"),
        );
    }
    timezone.iter().for_each(|timezone| check_timezone(timezone, sink));
}

fn check_timezone(timezone: &Spanned<String>, sink: &mut Sink) {
    let database = jiff::tz::db();
    if database.get(&timezone.value).is_ok_and(|zone| zone.iana_name() == Some(timezone.value.as_str())) {
        return;
    }
    let known: Vec<String> = database.available().map(|name| name.to_string()).collect();
    let same_city = known.iter().find(|name| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&timezone.value)));
    let near = same_city.map(String::as_str).or_else(|| suggest(&timezone.value, known.iter().map(String::as_str)));
    let help = near.map_or_else(|| "write an IANA name such as `Europe/Prague` or `UTC`".to_owned(), |near| format!("write `{near}`"));
    sink.push(Diagnostic::error(&code::TIME_ZONE, format!("there is no time zone `{}`", timezone.value)).at(timezone.span, "").help(help));
}
