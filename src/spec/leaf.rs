//! Leaves with a grammar of their own: durations, dates, names of environment variables.

use std::fmt;
use std::time::Duration;

use jiff::{Timestamp, civil, tz::TimeZone};

use super::decode::{Context, Decode, Key};
use super::record::inline_schema;
use crate::ir::Moment;
use crate::name::InvalidName;
use crate::yaml::Node;

/// A length of time, written `90s`, `5m`, `2h` or `1d`; a whole number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timespan(pub Duration);

impl fmt::Display for Timespan {
    /// In the biggest unit that has it as a whole number: what [`Decode`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let fitting = units.into_iter().find(|(size, _)| seconds != 0 && seconds.is_multiple_of(*size));
        let (size, unit) = fitting.unwrap_or((1, 's'));
        write!(f, "{}{unit}", seconds / size)
    }
}

impl Decode for Timespan {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let parsed = parse_timespan(&text);
        if parsed.is_none() {
            context.invalid(span, format!("`{text}` is no duration"), "write a whole number and a unit: `90s`, `5m`, `2h` or `1d`");
        }
        parsed.map(Self)
    }
}

/// A year, in seconds: a longer timeout or delay is a slip.
const LONGEST: u64 = 366 * 24 * 3600;

fn parse_timespan(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    let count: u64 = text[..text.len() - 1].parse().ok()?;
    let seconds = count.checked_mul(unit).filter(|seconds| *seconds <= LONGEST)?;
    Some(Duration::from_secs(seconds))
}

inline_schema! { Timespan "Duration" {
    "type": "string",
    "pattern": "^[0-9]{1,8}[smhd]$",
    "x-expects": "a duration such as `90s`, `5m`, `2h` or `1d`",
} }

/// A day, or a moment: `2026-01-01`, `2026-01-01T05:00`, `2026-01-01T05:00:00+01:00`. Without an offset it is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub Moment);

impl Decode for Date {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let parsed = parse_date(&text);
        if parsed.is_none() {
            context.invalid(
                span,
                format!("`{text}` is no date"),
                "write a day that exists, such as `2026-01-31`, or a moment such as `2026-01-31T05:00:00Z`",
            );
        }
        parsed.map(Self)
    }
}

fn parse_date(text: &str) -> Option<Moment> {
    let utc = match text.parse::<Timestamp>() {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).datetime(),
        Err(_) => text.parse::<civil::DateTime>().ok()?,
    };
    let narrow = |number: i8| u8::try_from(number).ok();
    Some(Moment {
        year: u16::try_from(utc.year()).ok().filter(|year| (1970..=9999).contains(year))?,
        month: narrow(utc.month())?,
        day: narrow(utc.day())?,
        hour: narrow(utc.hour())?,
        minute: narrow(utc.minute())?,
        second: narrow(utc.second())?,
    })
}

inline_schema! { Date "Date" {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?$",
    "x-expects": "a day such as `2026-01-31`, or a moment such as `2026-01-31T05:00:00Z`",
} }

/// The name of a Kubernetes object: a DNS subdomain name, as
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/> has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName(pub String);

impl Decode for ObjectName {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        String::decode(node, context).map(Self)
    }
}

inline_schema! { ObjectName "ObjectName" {
    "type": "string",
    "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
    "maxLength": 253,
    "x-expects": "the name of a Kubernetes object: lower-case letters, digits, `-` and `.`",
} }

/// The name of an environment variable: a C identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvironmentName(String);

impl Key for EnvironmentName {
    fn expects() -> &'static str {
        "letters, digits and `_`, such as `DB_URL`"
    }

    fn parse_key(text: &str) -> Result<Self, InvalidName> {
        let mut characters = text.chars();
        let starts_well = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
        if starts_well && characters.all(|character| character.is_ascii_alphanumeric() || character == '_') {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName::Grammar("it may hold letters, digits and `_`, and starts with a letter or `_`"))
    }

    fn as_key(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_unit_and_stay_below_a_year() {
        assert_eq!(parse_timespan("90s"), Some(Duration::from_secs(90)));
        assert_eq!(parse_timespan("2h"), Some(Duration::from_secs(7200)));
        assert_eq!(parse_timespan("1d"), Some(Duration::from_secs(86_400)));
        for text in ["", "5", "m", "1.5h", "-1s", "1h30m", "99999999d", "5 m", "5m\n", "５m"] {
            assert_eq!(parse_timespan(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in ["0s", "90s", "5m", "90m", "2h", "36h", "1d"] {
            let read = parse_timespan(text).map(|duration| Timespan(duration).to_string());
            assert_eq!(read.as_deref(), Some(text));
        }
        assert_eq!(Timespan(Duration::from_secs(7200)).to_string(), "2h");
    }

    #[test]
    fn a_date_is_kept_in_utc() {
        let fields = |text| parse_date(text).map(|m| (m.year, m.month, m.day, m.hour, m.minute));
        assert_eq!(fields("2026-01-31"), Some((2026, 1, 31, 0, 0)));
        assert_eq!(fields("2026-01-31T00:30:00+01:00"), Some((2026, 1, 30, 23, 30)));
        assert_eq!(fields("2026-01-31T05:00"), Some((2026, 1, 31, 5, 0)));
        assert_eq!(fields("2026-02-30"), None);
    }
}
