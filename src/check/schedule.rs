//! When a workflow runs.

use super::cron::Cron;
use super::daylight;
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::source::{Span, Spanned};
use crate::spec::{Gaps, Schedule, ScheduleFields, Workflow};

pub(super) fn check(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    if let Some(Schedule::Fields(fields)) = &workflow.schedule {
        check_kind(fields, sink);
        check_crons(workflow, fields, sink);
        let is_timed = fields.cron.is_some() || fields.preset.is_some() || fields.every.is_some();
        if is_timed && workflow.start_date.is_none() && !gaps.may_have(workflow.span, "start_date") {
            let fault = Diagnostic::error(&code::DATES, "a schedule needs a `start_date`").at(fields.span, "counted from when?");
            sink.push(fault.help("add `start_date: 2026-01-01`"));
        }
    }
    check_deadline(workflow, gaps, sink);
    if let (Some(start), Some(end)) = (&workflow.start_date, &workflow.end_date)
        && end.value <= start.value
    {
        let fault = Diagnostic::error(&code::DATES, "the workflow ends before it starts");
        sink.push(fault.at(end.span, "the end").at(start.span, "the start").help("write an `end_date` after the `start_date`"));
    }
}

fn check_kind(fields: &ScheduleFields, sink: &mut Sink) {
    let ScheduleFields { cron, preset, every, assets, timezone, span } = fields;
    let given: Vec<(&str, Span)> = [
        cron.as_ref().map(|cron| ("cron", cron.span)),
        preset.as_ref().map(|preset| ("preset", preset.span)),
        every.as_ref().map(|every| ("every", every.span)),
    ]
    .into_iter()
    .flatten()
    .collect();
    match given.as_slice() {
        [] if assets.is_none() => {
            let fault = Diagnostic::error(&code::SCHEDULE, "the schedule does not say when").at(*span, "");
            sink.push(fault.help(
                "write `{ cron: \"0 3 * * *\" }`, `{ preset: daily }`, `{ every: 6h }`, `{ assets: [s3://acme/features] }` or `none`",
            ));
        }
        [] | [_] => {}
        [(first, place), (second, other), ..] => {
            let fault = Diagnostic::error(&code::SCHEDULE, format!("the schedule has `{first}` and `{second}`"));
            sink.push(fault.at(*other, "the second").at(*place, "the first").help("keep one of them"));
        }
    }
    let without_zone = every.as_ref().map(|every| ("a fixed distance", every.span, "the distance"));
    let without_zone = without_zone.or_else(|| {
        let assets = assets.as_ref().filter(|_| given.is_empty())?;
        Some(("a schedule of assets", assets.span(), "the assets"))
    });
    if let (Some((what, place, label)), Some(timezone)) = (without_zone, timezone) {
        let fault = Diagnostic::error(&code::SCHEDULE, format!("{what} has no time zone")).at(timezone.span, "").at(place, label);
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

/// Expressions that cannot be read, that never match, and that stand twice.
fn check_crons(workflow: &Workflow, fields: &ScheduleFields, sink: &mut Sink) {
    let crons = fields.cron.iter().flat_map(|crons| &crons.expressions);
    let mut seen: Vec<(Cron, Span)> = Vec::new();
    for written in crons {
        let cron = match Cron::parse(&written.value) {
            Ok(cron) => cron,
            Err((title, help)) => {
                sink.push(Diagnostic::error(&code::CRON, title).at(written.span, "").help(help));
                continue;
            }
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == cron) {
            let fault = Diagnostic::error(&code::SCHEDULE, format!("`{}` says what another expression says", written.value));
            sink.push(fault.at(written.span, "the second").at(*first, "the first").help("delete one of them"));
        }
        match cron.never_matches() {
            Some(help) => {
                let fault = Diagnostic::error(&code::NEVER_FIRES, format!("`{}` never comes", written.value));
                sink.push(fault.at(written.span, "no month of these has such a day").help(help));
            }
            None => sink.extend(daylight::check(workflow, fields, &cron, written)),
        }
        seen.push((cron, written.span));
    }
}

/// A deadline that nobody is told of, and somebody to tell without a deadline.
fn check_deadline(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    let told = workflow.notify.as_ref().and_then(|notify| notify.on_deadline.as_ref());
    match (&workflow.deadline, told.and_then(|names| names.first())) {
        (Some(deadline), None) if !gaps.may_have(workflow.span, "notify") => {
            let fault = Diagnostic::error(&code::DEADLINE, "nobody is told when a run misses its deadline").at(deadline.span, "");
            sink.push(
                fault
                    .help("add `notify: { on_deadline: [NAME] }` with a notifier of the platform's, or write `run_timeout` to end the run"),
            );
        }
        (None, Some(name)) if !gaps.may_have(workflow.span, "deadline") => {
            let fault = Diagnostic::error(&code::DEADLINE, format!("`{}` waits for a deadline that there is not", name.value));
            sink.push(fault.at(name.span, "").help("add `deadline: 2h` to the workflow"));
        }
        (Some(_), Some(_) | None) | (None, Some(_) | None) => {}
    }
}

fn check_timezone(timezone: &Spanned<String>, sink: &mut Sink) {
    let database = jiff::tz::db();
    if database.get(&timezone.value).is_ok_and(|zone| zone.iana_name() == Some(timezone.value.as_str())) {
        return;
    }
    let known: Vec<String> = database.available().map(|name| name.to_string()).collect();
    let same_city = known.iter().find(|name| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&timezone.value)));
    if let Some(help) = fixed_offset(&timezone.value) {
        let fault = Diagnostic::error(&code::TIME_ZONE, format!("`{}` is a distance to UTC, and no time zone", timezone.value));
        sink.push(fault.at(timezone.span, "").help(help));
        return;
    }
    let near = same_city.map(String::as_str).or_else(|| suggest(&timezone.value, known.iter().map(String::as_str)));
    let help = near.map_or_else(|| "write an IANA name such as `Europe/Prague` or `UTC`".to_owned(), |near| format!("write `{near}`"));
    sink.push(Diagnostic::error(&code::TIME_ZONE, format!("there is no time zone `{}`", timezone.value)).at(timezone.span, "").help(help));
}

/// What to type for `UTC+2` or `+02:00`; `None` when it is something else.
fn fixed_offset(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let distance = ["UTC", "GMT"].iter().find_map(|name| upper.strip_prefix(name)).unwrap_or(&upper);
    let is_east = distance.starts_with('+');
    let digits = distance.strip_prefix(['+', '-'])?;
    let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2)).unwrap_or((digits, ""));
    let hours: u32 = hours.parse().ok()?;
    let place = "the name of a place, such as `Europe/Prague`, which keeps its summer time";
    match (hours, is_east, minutes.trim_matches('0').is_empty()) {
        (0, _, true) => Some(format!("write `UTC`, or {place}")),
        // The signs of these names are the other way round.
        (1..=14, true, true) => Some(format!("write {place}, or `Etc/GMT-{hours}` for {hours} h ahead of UTC all year round")),
        (1..=12, false, true) => Some(format!("write {place}, or `Etc/GMT+{hours}` for {hours} h behind UTC all year round")),
        _ => Some(format!("write {place}")),
    }
}

#[cfg(test)]
mod tests {
    use super::fixed_offset;

    #[test]
    fn a_distance_to_utc_is_answered_with_the_zone_whose_sign_is_turned() {
        for (text, zone) in [("UTC+2", "`Etc/GMT-2`"), ("gmt-05:00", "`Etc/GMT+5`"), ("+0200", "`Etc/GMT-2`"), ("UTC+00", "`UTC`")] {
            assert!(fixed_offset(text).is_some_and(|help| help.contains(zone)), "{text}");
            let zone = zone.trim_matches('`');
            assert!(jiff::tz::db().get(zone).is_ok(), "{zone}");
        }
        for text in ["UTC+5:30", "-99"] {
            assert!(fixed_offset(text).is_some_and(|help| !help.contains("Etc")), "{text}");
        }
        for text in ["UTC", "Europe/Prag", "CET+", "+", "+é", ""] {
            assert_eq!(fixed_offset(text), None, "{text}");
        }
    }
}
