//! When a schedule is due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Zoned, civil, tz::TimeZone};

use super::resolve_schedule;
use crate::ir::{Moment, Schedule};
use crate::policy::Policy;
use crate::source::Span;
use crate::spec::{self, Workflow};

/// A schedule as the moments at which it is due.
pub enum Due {
    /// None.
    Never,
    /// Those that match in a zone, from a start on.
    Cron(Box<Cron>, TimeZone, Timestamp),
    /// A start, and every so many seconds after it.
    Every(Timestamp, i64),
}

/// Why it is not known when a schedule is due.
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
    /// Of a schedule that counts from a start.
    ///
    /// # Errors
    /// [`DueError`] for a cron expression or a time zone that cannot be read.
    pub fn of(schedule: &Schedule, start: Moment) -> Result<Self, DueError> {
        let start = timestamp(start)?;
        Ok(match schedule {
            Schedule::None => Self::Never,
            Schedule::Cron { expression, timezone } => Self::Cron(Box::new(parse(expression)?), TimeZone::get(timezone)?, start),
            Schedule::Every(distance) => Self::Every(start, i64::try_from(distance.as_secs()).unwrap_or(i64::MAX).max(1)),
        })
    }

    /// The moments after a moment.
    #[must_use]
    pub fn after(&self, from: Timestamp) -> Box<dyn Iterator<Item = Zoned> + '_> {
        match self {
            Self::Never => Box::new(std::iter::empty()),
            Self::Cron(cron, zone, start) => Box::new(cron.iter_after(from.max(*start).to_zoned(zone.clone()))),
            Self::Every(start, step) => {
                let passed = (from.as_second() - start.as_second()).max(0) / step;
                let at = |nth: i64| Timestamp::from_second(start.as_second().checked_add(nth.checked_mul(*step)?)?).ok();
                Box::new((passed + 1..).map_while(at).map(|at| at.to_zoned(TimeZone::UTC)))
            }
        }
    }

    /// The last moment up to a moment; none when it is not known.
    #[must_use]
    pub fn last(&self, moment: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Cron(cron, zone, _) => {
                let found = cron.find_previous_occurrence(&moment.to_zoned(zone.clone()), true).ok()?;
                Some(found.timestamp())
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
    let written = workflow.schedule.as_ref()?;
    let spec::Schedule::Fields(fields) = written else { return None };
    let start = workflow.start_date.as_ref().map_or(super::LONG_AGO, |date| date.value.0);
    let mut found: Option<Duration> = None;
    let due = Due::of(&resolve_schedule(written), start).ok()?;
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

fn parse(expression: &str) -> Result<Cron, DueError> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|error| DueError::Cron(expression.to_owned(), error.to_string()))
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
