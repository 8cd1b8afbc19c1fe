//! When a workflow runs.

use std::time::Duration;

/// When a workflow runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Only when somebody starts it.
    None,
    /// At the minutes that match.
    Cron {
        /// Five fields, spelt as Airflow's croniter reads them.
        expression: String,
        /// IANA name of the zone in which the fields are read.
        timezone: String,
    },
    /// At a fixed distance, counted from the start date.
    Every(Duration),
}

/// A moment in UTC, to the second, kept as its fields so that a backend can write it as a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31.
    pub day: u8,
    /// Hour.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
}
