//! Cron expressions: five fields, in the strict grammar that every scheduler reads alike.
//!
//! croniter, which Airflow uses, also takes `L`, `W`, `#`, six fields and wrapped ranges; other schedulers take none of these, or take
//! them otherwise, so they are refused.

use jiff::civil;

use crate::diag::suggest;
use crate::spec::Preset;

/// A field's name, range, and names of its values.
struct Field {
    name: &'static str,
    from: u8,
    to: u8,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", from: 0, to: 59, words: &[] },
    Field { name: "hour", from: 0, to: 23, words: &[] },
    Field { name: "day of month", from: 1, to: 31, words: &[] },
    Field { name: "month", from: 1, to: 12, words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
    Field { name: "day of week", from: 0, to: 7, words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// A cron expression, read: which values of each field match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: Values,
    hours: Values,
    days: Values,
    months: Values,
    weekdays: Values,
}

/// Values of a field, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Values {
    bits: u64,
    /// Whether all that the field may have are among them.
    is_all: bool,
}

impl Values {
    fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.bits & (1 << value) != 0)
    }
}

/// Days that the months have at most.
const LENGTHS: [i8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Cron {
    /// Reads one.
    ///
    /// # Errors
    /// The title of a diagnostic and its help.
    pub(super) fn parse(expression: &str) -> Result<Self, (String, String)> {
        if expression.starts_with('@') {
            let written = expression.trim_start_matches('@');
            let presets = || Preset::ALL.iter().map(|preset| preset.as_str());
            let word = suggest(written, presets()).unwrap_or("daily");
            return Err((
                format!("`{expression}` is no cron expression"),
                format!("write `schedule: {{ preset: {word} }}`, or `{{ every: 6h }}`"),
            ));
        }
        let texts: Vec<&str> = expression.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = texts.as_slice() else {
            if let Some(preset) = Preset::ALL.iter().find(|preset| preset.as_str() == expression) {
                return Err((
                    format!("`{expression}` is no cron expression"),
                    format!("write `schedule: {{ preset: {} }}`", preset.as_str()),
                ));
            }
            let fields = if texts.len() == 1 { "1 field".to_owned() } else { format!("{} fields", texts.len()) };
            let title = format!("`{expression}` has {fields}, and cron has five");
            return Err((title, "write minute, hour, day of month, month and day of week: `0 3 * * *`".to_owned()));
        };
        let [minute, hour, day, month, weekday] = &FIELDS;
        Ok(Self {
            minutes: values(minutes, minute)?,
            hours: values(hours, hour)?,
            days: values(days, day)?,
            months: values(months, month)?,
            weekdays: values(weekdays, weekday)?,
        })
    }

    /// What to type when no day of any year matches.
    pub(super) fn never_matches(&self) -> Option<String> {
        let months: Vec<i8> = (1..=12).filter(|month| self.months.has(*month)).collect();
        let longest = months.iter().filter_map(|month| LENGTHS.get(usize::try_from(month - 1).ok()?)).max()?;
        // When both kinds of day are given, either will do.
        let is_possible = !self.weekdays.is_all || (1..=*longest).any(|day| self.days.has(day));
        (!is_possible).then(|| format!("write a day of month up to {longest}, or another month"))
    }

    /// Whether it matches in every hour.
    pub(super) fn covers_every_hour(&self) -> bool {
        self.hours.is_all
    }

    /// Whether a minute of a day matches.
    pub(super) fn matches(&self, moment: civil::DateTime) -> bool {
        let (day, weekday) = (self.days.has(moment.day()), self.weekdays.has(moment.date().weekday().to_sunday_zero_offset()));
        let on_day = if self.days.is_all || self.weekdays.is_all { day && weekday } else { day || weekday };
        on_day && self.months.has(moment.month()) && self.hours.has(moment.hour()) && self.minutes.has(moment.minute())
    }
}

/// The values of a field; Sunday is 0, also where it is written 7.
fn values(text: &str, field: &Field) -> Result<Values, (String, String)> {
    let mut bits = 0_u64;
    for part in text.split(',') {
        let (from, to, step) = check_part(part, field)?;
        bits = (from..=to).step_by(usize::from(step)).fold(bits, |bits, value| bits | 1 << value);
    }
    let sunday = 1 << 7;
    if field.to == 7 && bits & sunday != 0 {
        bits = bits & !sunday | 1;
    }
    let last = if field.to == 7 { 6 } else { field.to };
    let all = (field.from..=last).fold(0_u64, |bits, value| bits | 1 << value);
    Ok(Values { bits, is_all: bits == all })
}

/// The first and the last value of a part of a field, and the step between its values.
fn check_part(part: &str, field: &Field) -> Result<(u8, u8, u8), (String, String)> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    if let Some(step) = step {
        let sound = step.parse::<u8>().is_ok_and(|step| step >= 1 && step <= field.to) && step.bytes().all(|byte| byte.is_ascii_digit());
        if !sound {
            return Err((format!("`/{step}` is no step of the {}", field.name), format!("write a step from 1 to {}: `*/5`", field.to)));
        }
        if range != "*" && !range.contains('-') {
            return Err((format!("`{part}` has a step and no range"), format!("write `{range}-{}/{step}`", field.to)));
        }
    }
    let step = step.and_then(|step| step.parse().ok()).unwrap_or(1);
    if range == "*" {
        return Ok((field.from, field.to, step));
    }
    match range.split_once('-') {
        None => value(range, field).map(|only| (only, only, 1)),
        Some((from, to)) if value(from, field)? <= value(to, field)? => Ok((value(from, field)?, value(to, field)?, step)),
        Some((from, to)) => Err((
            format!("`{range}` runs backwards"),
            format!(
                "write two ranges: `{from}-{},{}-{to}`",
                field.to.min(if field.from == 0 && field.to == 7 { 6 } else { field.to }),
                field.from
            ),
        )),
    }
}

fn value(text: &str, field: &Field) -> Result<u8, (String, String)> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = field.words.iter().position(|word| *word == lower) {
        return Ok(u8::try_from(at).unwrap_or(u8::MAX).saturating_add(field.from));
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u8>() {
        Ok(number) if digits && (field.from..=field.to).contains(&number) => Ok(number),
        _ if digits => Err((
            format!("{} `{text}` is not from {} to {}", field.name, field.from, field.to),
            format!("write a number from {} to {}, or `*`", field.from, field.to),
        )),
        _ if let Some(near) = suggest(text, field.words.iter().copied()) => {
            Err((format!("`{text}` is no {}", field.name), format!("write `{}`", near.to_uppercase())))
        }
        _ => Err((
            format!("`{text}` is no {}", field.name),
            format!("write numbers from {} to {}, `*`, ranges `1-5`, lists `1,3` or steps `*/2`", field.from, field.to),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_expressions_are_taken() {
        for expression in ["* * * * *", "0 3 * * *", "*/5 0-6,22 1-7/2 jan-mar MON-FRI", "0 0 1 1 7", "15,45 * * * 0"] {
            assert!(Cron::parse(expression).is_ok(), "{expression}");
        }
    }

    #[test]
    fn what_schedulers_read_differently_is_refused() {
        for expression in [
            "",
            "* * * *",
            "0 0 3 * * *",
            "@daily",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * L * *",
            "* * 15W * *",
            "* * * * 5L",
            "* * * * 1#2",
            "5/15 * * * *",
            "* 22-2 * * *",
            "1,,2 * * * *",
            "*/0 * * * *",
            "+1 * * * *",
            "* * * * mon-",
            "? * * * *",
        ] {
            assert!(Cron::parse(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn a_day_that_no_such_month_has_never_comes() {
        let never = |expression| Cron::parse(expression).expect("it can be read").never_matches();
        assert_eq!(never("0 0 31 2 *").as_deref(), Some("write a day of month up to 29, or another month"));
        assert_eq!(never("0 0 31 4,6,9,11 *").as_deref(), Some("write a day of month up to 30, or another month"));
        for expression in ["0 0 29 2 *", "0 0 31 2 1", "0 0 31 * *", "0 0 28-31 2 *", "0 0 31 2 */2"] {
            assert_eq!(never(expression), None, "{expression}");
        }
    }

    #[test]
    fn two_spellings_of_one_expression_are_equal() {
        let read = |expression| Cron::parse(expression).expect("it can be read");
        assert_eq!(read("0 3 * * sun"), read("0 3 * * 7"));
        assert_eq!(read("*/30 * * * *"), read("0,30 0-23 * jan-dec *"));
        assert!(read("0 3 13 * 5").matches(civil::date(2026, 11, 6).at(3, 0, 0, 0)), "a Friday that is no 13th");
        assert!(!read("0 3 13 * *").matches(civil::date(2026, 11, 6).at(3, 0, 0, 0)));
    }
}
