//! When a workflow runs.

use std::time::Duration;

use crate::name::{AssetUri, WorkflowAddress};

/// When a workflow runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Only when somebody starts it.
    None,
    /// At moments that are known beforehand.
    Time(Timetable),
    /// When assets have been produced.
    Assets(AssetCondition),
    /// At moments that are known beforehand, and when assets have been produced.
    AssetsOrTime(AssetCondition, Timetable),
}

impl Schedule {
    /// The moments that are known beforehand.
    #[must_use]
    pub fn timetable(&self) -> Option<&Timetable> {
        match self {
            Self::Time(timetable) | Self::AssetsOrTime(_, timetable) => Some(timetable),
            Self::None | Self::Assets(_) => None,
        }
    }

    /// The assets that start a run.
    #[must_use]
    pub fn assets(&self) -> Option<&AssetCondition> {
        match self {
            Self::Assets(assets) | Self::AssetsOrTime(assets, _) => Some(assets),
            Self::None | Self::Time(_) => None,
        }
    }
}

/// Moments that are known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timetable {
    /// At the minutes that match.
    Cron {
        /// At least one; five fields each, spelt as Airflow's croniter reads them. A minute that several match counts once.
        expressions: Vec<String>,
        /// IANA name of the zone in which the fields are read.
        timezone: String,
    },
    /// At a fixed distance, counted from the start date.
    Every(Duration),
}

/// Which assets must have been produced since the last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetCondition {
    /// This one.
    Asset(AwaitedAsset),
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
}

impl AssetCondition {
    /// The assets that it names, in the order written.
    #[must_use]
    pub fn assets(&self) -> Vec<&AwaitedAsset> {
        match self {
            Self::Asset(asset) => vec![asset],
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::assets).collect(),
        }
    }
}

/// An asset that starts a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedAsset {
    /// Which.
    pub uri: AssetUri,
    /// The workflow that produces it, when the author has named it: who waits for it is then known.
    pub from: Option<WorkflowAddress>,
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
