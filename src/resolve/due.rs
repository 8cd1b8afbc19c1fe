//! When a timetable is due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned, civil, tz::TimeZone};

use super::schedule::{start_of, timetable_of};
use crate::ir::{Moment, Timetable};
use crate::policy::Policy;
use crate::source::Span;
use crate::spec::{self, Workflow};

/// A timetable as the moments at which it is due.
pub enum Due {
    /// Those at which Airflow runs one of some expressions in a zone, from a start on.
    Cron(Vec<Expression>, TimeZone, Timestamp),
    /// A start, and every so many seconds after it.
    Every(Timestamp, i64),
}

/// Why it is not known when a timetable is due.
#[derive(Debug, thiserror::Error)]
pub enum DueError {
    /// An expression that is read by nobody but Airflow.
    #[error("`{0}`: {1}")]
    Cron(String, String),
    /// A zone or a moment that there is not.
    #[error(transparent)]
    Time(#[from] jiff::Error),
}

impl Due {
    /// Of a timetable that counts from a start.
    ///
    /// # Errors
    /// [`DueError`] for a cron expression or a time zone that cannot be read.
    pub fn of(timetable: &Timetable, start: Moment) -> Result<Self, DueError> {
        let start = timestamp(start)?;
        Ok(match timetable {
            Timetable::Cron { expressions, timezone } => {
                let crons = expressions.iter().map(|expression| Expression::parse(expression)).collect::<Result<_, _>>()?;
                Self::Cron(crons, TimeZone::get(timezone)?, start)
            }
            Timetable::Every(distance) => Self::Every(start, i64::try_from(distance.as_secs()).unwrap_or(i64::MAX).max(1)),
        })
    }

    /// The moments after a moment; the start is one of them when it is due itself.
    #[must_use]
    pub fn after(&self, from: Timestamp) -> Box<dyn Iterator<Item = Zoned> + '_> {
        match self {
            Self::Cron(crons, zone, start) => {
                let before_start = Timestamp::from_second(start.as_second() - 1).unwrap_or(*start);
                let from = from.max(before_start).to_zoned(zone.clone());
                let runs = |cron| std::iter::successors(Expression::next(cron, &from), |last| Expression::next(cron, last)).peekable();
                Box::new(Merged { runs: crons.iter().map(runs).collect() })
            }
            Self::Every(start, step) => {
                let passed = from.as_second() - start.as_second();
                let first = if passed < 0 { 0 } else { passed / step + 1 };
                let at = |nth: i64| Timestamp::from_second(start.as_second().checked_add(nth.checked_mul(*step)?)?).ok();
                Box::new((first..).map_while(at).map(|at| at.to_zoned(TimeZone::UTC)))
            }
        }
    }

    /// What the clock would show at the hour that a run is due, where summer time skips that hour and the run therefore comes later.
    #[must_use]
    pub fn skipped(&self, run: &Zoned) -> Option<civil::DateTime> {
        match self {
            Self::Cron(crons, _, _) => crons.iter().filter_map(|cron| cron.skipped(run)).min(),
            Self::Every(..) => None,
        }
    }

    /// The last moment up to a moment; none when it is not known.
    #[must_use]
    pub fn last(&self, moment: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Cron(crons, zone, _) => {
                let moment = moment.to_zoned(zone.clone());
                crons.iter().filter_map(|cron| cron.last(&moment)).max()
            }
            Self::Every(start, step) => {
                let passed = (moment.as_second() - start.as_second()).div_euclid(*step);
                Timestamp::from_second(start.as_second() + passed * step).ok()
            }
        }
    }
}

/// Runs are looked at from the first one on for as long: all times of a day come up in two days.
const LOOKED_AT: SignedDuration = SignedDuration::from_hours(48);

/// The shortest time from one run to the next as the clock on the wall shows it, and where the schedule is written. Looked at only where the platform
/// bounds it; ends at the first that is too short.
pub(super) fn interval(workflow: &Workflow, policy: &Policy<'_>) -> Option<(Duration, Span)> {
    let bound = policy.platform.schedule.as_ref()?.minimum_interval.as_ref()?.value.0;
    let spec::Schedule::Fields(fields) = workflow.schedule.as_ref()? else { return None };
    let start = start_of(workflow);
    let mut found: Option<Duration> = None;
    let due = Due::of(&timetable_of(workflow)?, start).ok()?;
    let mut runs = due.after(timestamp(start).ok()?).map(|run| run.datetime());
    let first = runs.next()?;
    let mut last = first;
    for run in runs {
        let passed = Duration::try_from(run.duration_since(last)).unwrap_or_default();
        // An hour that summer time shows twice brings no run nearer.
        if !passed.is_zero() {
            found = Some(found.map_or(passed, |shortest| shortest.min(passed)));
        }
        if run.duration_since(first) > LOOKED_AT || found.is_some_and(|shortest| shortest < bound) {
            break;
        }
        last = run;
    }
    found.map(|interval| (interval, fields.span))
}

/// The moments of several expressions in their order; one that several match comes once.
struct Merged<I: Iterator<Item = Zoned>> {
    runs: Vec<std::iter::Peekable<I>>,
}

impl<I: Iterator<Item = Zoned>> Iterator for Merged<I> {
    type Item = Zoned;

    fn next(&mut self) -> Option<Zoned> {
        let first = self.runs.iter_mut().filter_map(|runs| runs.peek()).min()?.clone();
        for runs in &mut self.runs {
            runs.next_if(|run| *run == first);
        }
        Some(first)
    }
}

/// A cron expression as Airflow reads it: `CronMixin` in `airflow/timetables/_cron.py`.
pub struct Expression {
    cron: Cron,
    /// Whether it matches in every hour. Only then does Airflow count time as it passes; otherwise it reads the clock on the wall, so that an
    /// hour that comes twice has one run, in its second half, and a run in an hour that is skipped comes later by what is skipped.
    covers_every_hour: bool,
}

impl Expression {
    fn parse(text: &str) -> Result<Self, DueError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|error| DueError::Cron(text.to_owned(), error.to_string()))?;
        let covers_every_hour = matches!(text.split_ascii_whitespace().nth(1), Some("*" | "*/1" | "0-23" | "0-23/1"));
        Ok(Self { cron, covers_every_hour })
    }

    /// The first run after a moment.
    fn next(&self, after: &Zoned) -> Option<Zoned> {
        let wall = on_the_wall(after)?;
        let due = self.cron.find_next_occurrence(&wall, false).ok()?;
        self.placed(after, &wall, &due)
    }

    /// The last run up to a moment.
    fn last(&self, moment: &Zoned) -> Option<Timestamp> {
        let wall = on_the_wall(moment)?;
        let placed = |wall: &Zoned, is_inclusive| {
            let due = self.cron.find_previous_occurrence(wall, is_inclusive).ok()?;
            Some((self.placed(moment, wall, &due)?.timestamp(), due))
        };
        let (found, due) = placed(&wall, true)?;
        if found <= moment.timestamp() { Some(found) } else { placed(&due, false).map(|(found, _)| found) }
    }

    /// The hour in whose place a run comes.
    fn skipped(&self, run: &Zoned) -> Option<civil::DateTime> {
        if self.covers_every_hour {
            return None;
        }
        let second = SignedDuration::from_secs(1);
        // A run at the very moment of the change comes late too.
        let change = run.time_zone().preceding(run.timestamp().checked_add(second).ok()?).next()?;
        let before = run.time_zone().to_offset(change.timestamp().checked_sub(second).ok()?).to_datetime(change.timestamp());
        let after = change.offset().to_datetime(change.timestamp());
        let due = run.datetime().checked_sub(after.duration_since(before)).ok()?;
        let is_due = || self.cron.is_time_matching(&due.to_zoned(TimeZone::UTC).ok()?).ok();
        ((before..after).contains(&due) && is_due()?).then_some(due)
    }

    /// Where in time the clock on the wall shows `due`, when it shows `wall` at `moment`.
    fn placed(&self, moment: &Zoned, wall: &Zoned, due: &Zoned) -> Option<Zoned> {
        if self.covers_every_hour {
            return moment.checked_add(wall.duration_until(due)).ok();
        }
        moment.time_zone().to_ambiguous_zoned(due.datetime()).later().ok()
    }
}

/// What a clock shows at a moment in its zone, as if there were no summer time.
fn on_the_wall(moment: &Zoned) -> Option<Zoned> {
    moment.datetime().to_zoned(TimeZone::UTC).ok()
}

/// A moment as a point in time.
///
/// # Errors
/// When there is no such day or hour.
pub fn timestamp(moment: Moment) -> Result<Timestamp, jiff::Error> {
    let Moment { year, month, day, hour, minute, second } = moment;
    let narrow = |number: u8| i8::try_from(number).unwrap_or(i8::MAX);
    let wide = i16::try_from(year).unwrap_or(i16::MAX);
    let civil = civil::DateTime::new(wide, narrow(month), narrow(day), narrow(hour), narrow(minute), narrow(second), 0)?;
    Ok(civil.to_zoned(TimeZone::UTC)?.timestamp())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Moment = Moment { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

    fn first(timetable: &Timetable, count: usize) -> Vec<String> {
        let due = Due::of(timetable, START).expect("it can be read");
        let from = "2025-12-01T00:00:00Z".parse().expect("a moment");
        due.after(from).take(count).map(|run| run.strftime("%d %H:%M").to_string()).collect()
    }

    fn around_a_change(expression: &str, from: &str, count: usize) -> String {
        let prague = Timetable::Cron { expressions: vec![expression.to_owned()], timezone: "Europe/Prague".to_owned() };
        let due = Due::of(&prague, START).expect("it can be read");
        let runs: Vec<Zoned> = due.after(from.parse().expect("a moment")).take(count).collect();
        assert!(runs.iter().all(|run| due.last(run.timestamp()) == Some(run.timestamp())), "{expression}");
        runs.iter().map(|run| run.strftime("%d %H:%M%z").to_string()).collect::<Vec<_>>().join(", ")
    }

    /// What `CronTriggerTimetable.next_dagrun_info` gave for these in Airflow 2.11.2 and 3.3.2.
    #[test]
    fn summer_time_comes_and_goes_as_in_airflow() {
        let (spring, autumn) = ("2026-03-28T22:59:00Z", "2026-10-24T21:59:00Z");
        assert_eq!(around_a_change("30 2 * * *", spring, 2), "29 03:30+0200, 30 02:30+0200");
        assert_eq!(around_a_change("30 2 * * *", autumn, 2), "25 02:30+0100, 26 02:30+0100");
        assert_eq!(around_a_change("0 */2 * * *", spring, 3), "29 00:00+0100, 29 03:00+0200, 29 04:00+0200");
        assert_eq!(around_a_change("0 */2 * * *", autumn, 3), "25 00:00+0200, 25 02:00+0100, 25 04:00+0100");
        assert_eq!(around_a_change("30 2,3 * * *", spring, 2), "29 03:30+0200, 30 02:30+0200");
        assert_eq!(around_a_change("0 * * * *", spring, 4), "29 00:00+0100, 29 01:00+0100, 29 03:00+0200, 29 04:00+0200");
        assert_eq!(around_a_change("0 * * * *", autumn, 5), "25 00:00+0200, 25 01:00+0200, 25 02:00+0200, 25 02:00+0100, 25 03:00+0100");
    }

    #[test]
    fn the_hour_that_a_late_run_was_due_at_is_known() {
        let skipped = |expression: &str, zone: &str, run: &str| {
            let timetable = Timetable::Cron { expressions: vec![expression.to_owned()], timezone: zone.to_owned() };
            let due = Due::of(&timetable, START).expect("it can be read");
            let run: Timestamp = run.parse().expect("a moment");
            let found = due.skipped(&run.to_zoned(TimeZone::get(zone).expect("a zone")));
            found.map(|due| due.strftime("%H:%M").to_string())
        };
        let spring = "2026-03-29T01:30:00Z";
        assert_eq!(skipped("30 2 * * *", "Europe/Prague", spring).as_deref(), Some("02:30"));
        assert_eq!(skipped("30 2,3 * * *", "Europe/Prague", spring).as_deref(), Some("02:30"));
        assert_eq!(skipped("0 2 * * *", "America/New_York", "2026-03-08T07:00:00Z").as_deref(), Some("02:00"));
        assert_eq!(skipped("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:45:00Z").as_deref(), Some("02:15"));
        assert_eq!(skipped("30 3 * * *", "Europe/Prague", spring), None);
        assert_eq!(skipped("30 * * * *", "Europe/Prague", spring), None);
        assert_eq!(skipped("30 2 * * *", "Europe/Prague", "2026-03-30T00:30:00Z"), None);
        assert_eq!(skipped("30 2 * * *", "Europe/Prague", "2026-10-25T01:30:00Z"), None);
    }

    #[test]
    fn the_start_is_the_first_run_when_it_is_due() {
        let every = Timetable::Every(Duration::from_secs(36 * 3600));
        assert_eq!(first(&every, 3), ["01 00:00", "02 12:00", "04 00:00"]);
        let daily = Timetable::Cron { expressions: vec!["0 0 * * *".to_owned()], timezone: "UTC".to_owned() };
        assert_eq!(first(&daily, 2), ["01 00:00", "02 00:00"]);
    }

    #[test]
    fn several_expressions_are_merged_and_a_moment_counts_once() {
        let expressions = ["0 3 * * *", "0 15 * * 5", "0 3,4 * * 4"].map(str::to_owned).to_vec();
        let due = Timetable::Cron { expressions, timezone: "UTC".to_owned() };
        assert_eq!(first(&due, 5), ["01 03:00", "01 04:00", "02 03:00", "02 15:00", "03 03:00"]);
    }
}
