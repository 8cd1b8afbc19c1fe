//! Times in plain words, as people say them, to a cron expression.

/// The cron expression that a text means: `every weekday at 9:30` is `30 9 * * mon-fri`. `None` when it says something else, or not enough.
pub(super) fn cron(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase().replace("o'clock", "");
    let words: Vec<&str> = lower.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    let mut said = Said::default();
    for (at, word) in words.iter().enumerate() {
        match words.get(at + 1) {
            // `3 am` is one word in two, and `3 hours` is a distance.
            Some(&half @ ("am" | "pm")) => said.take_time(&format!("{word}{half}"))?,
            Some(unit) if word.parse::<u32>().is_ok() && (is_hour(unit) || is_minute(unit) || day(unit).is_some()) => return None,
            Some(_) | None => said.take(word)?,
        }
    }
    said.cron()
}

/// What the words have said so far.
#[derive(Default)]
struct Said {
    hour_and_minute: Option<(u32, u32)>,
    /// Days of the week, as cron names them.
    days: Vec<&'static str>,
    every: Option<Every>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Every {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// Words that say nothing by themselves.
const FILLERS: [&str; 14] = ["every", "each", "on", "at", "the", "of", "in", "and", "run", "once", "a", "morning", "am", "pm"];

impl Said {
    fn take(&mut self, word: &str) -> Option<()> {
        if FILLERS.contains(&word) {
            return Some(());
        }
        if let Some(every) = every(word) {
            return self.every.replace(every).is_none().then_some(());
        }
        match day(word) {
            Some("*") => self.every.replace(Every::Day).is_none().then_some(()),
            Some(day) => {
                self.days.push(day);
                Some(())
            }
            None => self.take_time(word),
        }
    }

    fn take_time(&mut self, word: &str) -> Option<()> {
        self.hour_and_minute.replace(time(word)?).is_none().then_some(())
    }

    fn cron(self) -> Option<String> {
        let Self { hour_and_minute, days, every } = self;
        let days = if days.is_empty() { "*".to_owned() } else { days.join(",") };
        let is_dated = days != "*";
        let (hour, minute) = hour_and_minute.unwrap_or_default();
        match every {
            Some(Every::Minute) if hour_and_minute.is_none() && !is_dated => Some("* * * * *".to_owned()),
            Some(Every::Hour) if hour_and_minute.is_none() => Some(format!("0 * * * {days}")),
            Some(Every::Week) if !is_dated => Some(format!("{minute} {hour} * * sun")),
            Some(Every::Month) if !is_dated => Some(format!("{minute} {hour} 1 * *")),
            Some(Every::Day | Every::Week) => Some(format!("{minute} {hour} * * {days}")),
            None if is_dated || hour_and_minute.is_some() => Some(format!("{minute} {hour} * * {days}")),
            Some(Every::Minute | Every::Hour | Every::Month) | None => None,
        }
    }
}

fn is_hour(word: &str) -> bool {
    matches!(word, "hour" | "hours" | "hourly" | "h" | "hrs")
}

fn is_minute(word: &str) -> bool {
    matches!(word, "minute" | "minutes" | "m" | "min" | "mins")
}

fn every(word: &str) -> Option<Every> {
    match word {
        "day" | "daily" | "everyday" | "night" | "nightly" => Some(Every::Day),
        "week" | "weekly" => Some(Every::Week),
        "month" | "monthly" => Some(Every::Month),
        word if is_hour(word) => Some(Every::Hour),
        word if is_minute(word) => Some(Every::Minute),
        _ => None,
    }
}

/// Days of the week, as cron has them.
fn day(word: &str) -> Option<&'static str> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match word.trim_end_matches('s') {
        "day" => Some("*"),
        "weekday" | "workday" => Some("mon-fri"),
        "weekend" => Some("sat,sun"),
        word => {
            let name = NAMES.iter().find(|name| **name == word || word.len() >= 3 && name.starts_with(word))?;
            Some(&name[..3])
        }
    }
}

/// `3`, `3:30`, `3am`, `15:00`, `noon`: the hour and the minute.
fn time(word: &str) -> Option<(u32, u32)> {
    match word {
        "noon" => return Some((12, 0)),
        "midnight" => return Some((0, 0)),
        _ => {}
    }
    let half = ["am", "pm"].into_iter().find(|half| word.ends_with(half));
    let digits = half.map_or(word, |half| word.trim_end_matches(half));
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("pm") => hour % 12 + 12,
        Some(_) => hour % 12,
    };
    (hour < 24 && minute < 60).then_some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::cron;

    #[test]
    fn a_time_in_words_is_a_cron_expression() {
        for (words, expected) in [
            ("every day at 3", "0 3 * * *"),
            ("Every Day at 3:30", "30 3 * * *"),
            ("daily at 03:05", "5 3 * * *"),
            ("every weekday at 9", "0 9 * * mon-fri"),
            ("weekdays 9am", "0 9 * * mon-fri"),
            ("every monday", "0 0 * * mon"),
            ("mondays and thursdays at 6 pm", "0 18 * * mon,thu"),
            ("on weekends at noon", "0 12 * * sat,sun"),
            ("every week on tue at 12am", "0 0 * * tue"),
            ("every week", "0 0 * * sun"),
            ("monthly at 4", "0 4 1 * *"),
            ("every hour", "0 * * * *"),
            ("every minute", "* * * * *"),
            ("at 3", "0 3 * * *"),
            ("03:00", "0 3 * * *"),
            ("nightly at 2 o'clock", "0 2 * * *"),
        ] {
            assert_eq!(cron(words).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn what_says_too_little_or_something_else_is_not_guessed() {
        let unclear = ["", "soon", "every", "every 3 hours", "every 2 days at 3", "at 25", "13 pm", "daily at 3 and 5", "hourly at 3"];
        for words in [unclear.as_slice(), &["every month on monday", "every day in Prague", "2026-01-01", "é"]].concat() {
            assert_eq!(cron(words), None, "{words}");
        }
    }
}
