//! A schedule as written → what a target has to do.

use std::time::Duration;

use crate::diag::{Diagnostic, codes as code};
use crate::ir::{self, AssetCondition, AwaitedAsset, Moment, Schedule, Timetable};
use crate::name::{TeamName, WorkflowAddress};
use crate::spec::{self, Assets, Preset, ScheduleFields, Timespan, Workflow, WorkflowReference};

/// The first moment that counts for a workflow's schedule.
pub(super) fn start_of(workflow: &Workflow) -> Moment {
    workflow.start_date.as_ref().map_or(ir::LONG_AGO, |date| date.value.0)
}

/// When a workflow of a team runs.
pub(super) fn resolve_schedule(workflow: &Workflow, team: &TeamName) -> Schedule {
    let Some(spec::Schedule::Fields(fields)) = &workflow.schedule else { return Schedule::None };
    let assets = fields.assets.as_ref().map(|assets| condition(assets, team));
    match (assets, timetable(fields, workflow)) {
        (None, None) => Schedule::None,
        (None, Some(timetable)) => Schedule::Time(timetable),
        (Some(assets), None) => Schedule::Assets(assets),
        (Some(assets), Some(timetable)) => Schedule::AssetsOrTime(assets, timetable),
    }
}

/// The moments of a workflow's schedule that are known beforehand.
pub(super) fn timetable_of(workflow: &Workflow) -> Option<Timetable> {
    match &workflow.schedule {
        Some(spec::Schedule::Fields(fields)) => timetable(fields, workflow),
        Some(spec::Schedule::None) | None => None,
    }
}

fn timetable(fields: &ScheduleFields, workflow: &Workflow) -> Option<Timetable> {
    let ScheduleFields { cron, preset, every, assets: _, timezone, span: _ } = fields;
    if let Some(every) = every {
        let catches_up = workflow.catchup.as_ref().is_some_and(|catchup| catchup.value);
        let anchored = if catches_up { None } else { anchored(every.value.0, start_of(workflow)) };
        return Some(anchored.unwrap_or(Timetable::Every(every.value.0)));
    }
    let written = cron.as_ref().map(|crons| crons.expressions.iter().map(|cron| spaced(&cron.value)).collect());
    let expressions = written.or_else(|| preset.as_ref().map(|preset| vec![Preset::cron(preset.value).to_owned()]))?;
    let timezone = timezone.as_ref().map_or_else(|| "UTC".to_owned(), |timezone| timezone.value.clone());
    Some(Timetable::Cron { expressions, timezone })
}

/// A warning for a distance that Airflow counts from when it first sees the workflow, and not from the start date.
pub(super) fn floats(workflow: &Workflow) -> Option<Diagnostic> {
    let Some(spec::Schedule::Fields(fields)) = &workflow.schedule else { return None };
    let every = fields.every.as_ref()?;
    let catches_up = workflow.catchup.as_ref().is_some_and(|catchup| catchup.value);
    let is_floating = matches!(timetable(fields, workflow)?, Timetable::Every(_)) && !catches_up;
    let written = Timespan(every.value.0);
    let fault = Diagnostic::warning(&code::FLOATING, format!("`{written}` is not counted from the `start_date`"));
    let fault = fault.at(every.span, "Airflow counts it from when it first sees the workflow").at_if(
        workflow.start_date.as_ref().map(|date| date.span),
        "only a distance that divides an hour or a day, and `7d`, is counted from here",
    );
    is_floating.then(|| fault.help("write such a distance, a `cron`, or add `catchup: true`"))
}

/// An expression with single spaces, as it is compared and shown.
fn spaced(expression: &str) -> String {
    expression.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A distance as a cron expression, counted from a start; `None` when no single expression says the same.
///
/// Airflow's own timetable for a distance counts from the start date only when it makes up for missed runs; otherwise it counts from
/// when the scheduler first sees the workflow: `_TriggerTimetable.next_dagrun_info` in `airflow/timetables/trigger.py`.
fn anchored(every: Duration, start: Moment) -> Option<Timetable> {
    let Moment { year: _, month: _, day: _, hour, minute, second } = start;
    let seconds = every.as_secs();
    if second != 0 {
        return None;
    }
    let fields = match seconds {
        MINUTE.. if HOUR.is_multiple_of(seconds) && seconds.is_multiple_of(MINUTE) => {
            format!("{} * * * *", steps(u64::from(minute), seconds / MINUTE, 60))
        }
        HOUR.. if DAY.is_multiple_of(seconds) && seconds.is_multiple_of(HOUR) => {
            format!("{minute} {} * * *", steps(u64::from(hour), seconds / HOUR, 24))
        }
        _ if seconds == 7 * DAY => format!("{minute} {hour} * * {}", weekday(start)?),
        _ => return None,
    };
    Some(Timetable::Cron { expressions: vec![fields], timezone: "UTC".to_owned() })
}

/// Every `step` of `whole`, so that `start` is one: `*`, `7`, `*/15` or `5-59/15`.
fn steps(start: u64, step: u64, whole: u64) -> String {
    match (start % step, step) {
        (_, 1) => "*".to_owned(),
        (first, step) if step == whole => first.to_string(),
        (0, step) => format!("*/{step}"),
        (first, step) => format!("{first}-{}/{step}", whole - 1),
    }
}

/// The day of the week in cron's numbers: Sunday is 0.
fn weekday(moment: Moment) -> Option<i8> {
    let day = super::timestamp(moment).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    Some(day.weekday().to_sunday_zero_offset())
}

fn condition(assets: &Assets, team: &TeamName) -> AssetCondition {
    let all = |inner: &[Assets]| inner.iter().map(|assets| condition(assets, team)).collect();
    match assets {
        Assets::Asset(spec::AwaitedAsset { asset, from, span: _ }) => {
            let from = from.as_ref().map(|from| address(&from.value, team));
            AssetCondition::Asset(AwaitedAsset { uri: asset.value.clone(), from })
        }
        Assets::All(inner, _) => AssetCondition::All(all(inner)),
        Assets::Any(inner, _) => AssetCondition::Any(all(inner)),
    }
}

fn address(reference: &WorkflowReference, team: &TeamName) -> WorkflowAddress {
    let WorkflowReference { team: named, workflow } = reference;
    WorkflowAddress { team: named.as_ref().unwrap_or(team).clone(), workflow: workflow.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment { year: 2026, month: 1, day: 1, hour: 7, minute: 40, second: 0 };

    fn expression(seconds: u64, start: Moment) -> Option<String> {
        match anchored(Duration::from_secs(seconds), start)? {
            Timetable::Cron { mut expressions, timezone: _ } => expressions.pop(),
            Timetable::Every(_) => None,
        }
    }

    #[test]
    fn a_distance_that_divides_a_day_is_a_cron_that_the_start_matches() {
        let midnight = Moment { hour: 0, minute: 0, ..START };
        assert_eq!(expression(6 * HOUR, midnight).as_deref(), Some("0 */6 * * *"));
        assert_eq!(expression(6 * HOUR, START).as_deref(), Some("40 1-23/6 * * *"));
        assert_eq!(expression(15 * MINUTE, START).as_deref(), Some("10-59/15 * * * *"));
        assert_eq!(expression(MINUTE, START).as_deref(), Some("* * * * *"));
        assert_eq!(expression(HOUR, START).as_deref(), Some("40 * * * *"));
        assert_eq!(expression(DAY, START).as_deref(), Some("40 7 * * *"));
        assert_eq!(expression(7 * DAY, START).as_deref(), Some("40 7 * * 4"));
    }

    #[test]
    fn a_distance_that_no_cron_has_stays_one() {
        for seconds in [90, 45 * MINUTE, 7 * HOUR, 36 * HOUR, 2 * DAY] {
            assert_eq!(expression(seconds, START), None, "{seconds}");
        }
        assert_eq!(expression(HOUR, Moment { second: 30, ..START }), None);
    }
}
