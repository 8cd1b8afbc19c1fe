//! When a schedule is due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

use crate::ir::{Moment, Schedule};

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
