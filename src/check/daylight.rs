//! Hours that summer time takes away from a schedule.

use jiff::civil::{self, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::cron::Cron;
use crate::diag::{Diagnostic, codes as code};
use crate::source::Spanned;
use crate::spec::{Date, ScheduleFields, Workflow};

/// Changes of the clock that are looked at, from the start on: three years of them.
const LOOKED_AT: usize = 6;

/// A warning when the clock skips a minute at which a workflow is due.
///
/// Airflow reads the clock on the wall unless an expression matches in every hour: a run in an hour that is skipped comes later by what is
/// skipped, and is lost when that is the time of another run. An hour that comes twice has one run, in its second half.
/// `CronMixin._get_next` in `airflow/timetables/_cron.py`.
pub(super) fn check(workflow: &Workflow, fields: &ScheduleFields, cron: &Cron, written: &Spanned<String>) -> Option<Diagnostic> {
    let (named, start) = (fields.timezone.as_ref()?, workflow.start_date.as_ref()?);
    let zone = jiff::tz::db().get(&named.value).ok().filter(|_| !cron.covers_every_hour())?;
    let Date(start) = start.value;
    let start = civil::Date::new(i16::try_from(start.year).ok()?, i8::try_from(start.month).ok()?, i8::try_from(start.day).ok()?);
    let Skipped { due, runs_at } = first_skipped(cron, &zone, start.ok()?)?;
    let day = due.strftime("%Y-%m-%d");
    let title = format!("on {day} there is no {} in {}", due.strftime("%H:%M"), named.value);
    let then = if cron.matches(runs_at) { "the run of" } else { "Airflow runs it at" };
    let rest = if cron.matches(runs_at) { " takes its place" } else { "" };
    let fault = Diagnostic::warning(&code::DAYLIGHT_SAVING, title);
    let fault = fault.at(written.span, format!("{then} {}{rest}", runs_at.strftime("%H:%M"))).at(named.span, "this zone has summer time");
    Some(fault.help("choose an hour that every day has, such as 5 o'clock, or `timezone: UTC`"))
}

struct Skipped {
    /// What the expression says.
    due: DateTime,
    /// What the clock shows when Airflow runs it.
    runs_at: DateTime,
}

fn first_skipped(cron: &Cron, zone: &TimeZone, start: civil::Date) -> Option<Skipped> {
    let from = start.to_zoned(TimeZone::UTC).ok()?.timestamp();
    zone.following(from).take(LOOKED_AT).find_map(|change| {
        let before = zone.to_offset(change.timestamp().checked_sub(1.second()).ok()?).to_datetime(change.timestamp());
        let after = change.offset().to_datetime(change.timestamp());
        let width = after.duration_since(before);
        let minutes = std::iter::successors(Some(before), |minute| minute.checked_add(1.minute()).ok());
        let due = minutes.take_while(|minute| *minute < after).find(|minute| cron.matches(*minute))?;
        (width > SignedDuration::ZERO).then_some(Skipped { due, runs_at: due.checked_add(width).ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(expression: &str, zone: &str) -> Option<String> {
        let start = civil::date(2026, 1, 1);
        let (cron, zone) = (Cron::parse(expression).expect("it can be read"), TimeZone::get(zone).expect("a zone"));
        let found = first_skipped(&cron, &zone, start)?;
        Some(format!("{} → {}", found.due.strftime("%Y-%m-%d %H:%M"), found.runs_at.strftime("%H:%M")))
    }

    #[test]
    fn the_first_hour_that_is_skipped_is_found() {
        assert_eq!(skipped("30 2 * * *", "Europe/Prague").as_deref(), Some("2026-03-29 02:30 → 03:30"));
        assert_eq!(skipped("0 2 * * *", "America/New_York").as_deref(), Some("2026-03-08 02:00 → 03:00"));
        assert_eq!(skipped("15 2 * * *", "Australia/Lord_Howe").as_deref(), Some("2026-10-04 02:15 → 02:45"));
    }

    #[test]
    fn what_no_change_of_the_clock_touches_is_not_told() {
        assert_eq!(skipped("30 3 * * *", "Europe/Prague"), None);
        assert_eq!(skipped("30 2 * * mon-sat", "Europe/Prague"), None);
        assert_eq!(skipped("30 2 * * *", "Asia/Tokyo"), None);
        assert_eq!(skipped("30 2 * * *", "UTC"), None);
    }
}
