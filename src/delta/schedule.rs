//! When a workflow runs, in words.

use crate::ir::{AssetCondition, AwaitedAsset, Schedule, Timetable, Workflow};
use crate::spec::Timespan;

/// When a workflow runs: `every day at 03:00 Europe/Prague`, `when churn/daily updates s3://acme/scores`.
#[must_use]
pub fn in_words(workflow: &Workflow) -> String {
    let time = |timetable| time(timetable, workflow.catchup);
    let when = match &workflow.schedule {
        Schedule::None => "only when somebody starts it".to_owned(),
        Schedule::Time(timetable) => time(timetable),
        Schedule::Assets(assets) => format!("when {}", condition(assets, true)),
        Schedule::AssetsOrTime(assets, timetable) => format!("{}, and when {}", time(timetable), condition(assets, true)),
    };
    // Airflow asks only once, when it sees the workflow for the first time.
    if workflow.paused { format!("{when}, but starts paused") } else { when }
}

fn time(timetable: &Timetable, has_catchup: bool) -> String {
    match timetable {
        Timetable::Cron { expressions, timezone } => {
            let words = expressions.iter().map(|expression| cron(expression).unwrap_or_else(|| format!("at cron {expression}")));
            let words = words.collect::<Vec<_>>().join(" and ");
            // Behind a time of day its zone reads as one with it: `at 03:00 Europe/Prague`.
            let is_time =
                words.ends_with(|last: char| last.is_ascii_digit()) && words.rsplit(' ').next().is_some_and(|last| last.contains(':'));
            if is_time { format!("{words} {timezone}") } else { format!("{words} ({timezone})") }
        }
        Timetable::Every(distance) if has_catchup => format!("every {}", Timespan(*distance)),
        Timetable::Every(distance) => format!("every {}, from when Airflow first sees it", Timespan(*distance)),
    }
}

/// `s3://a is updated and (churn/daily updates s3://b or s3://c is updated)`.
fn condition(assets: &AssetCondition, is_top: bool) -> String {
    let (inner, word) = match assets {
        AssetCondition::Asset(AwaitedAsset { uri, from: Some(producer) }) => return format!("{producer} updates {uri}"),
        AssetCondition::Asset(AwaitedAsset { uri, from: None }) => return format!("{uri} is updated"),
        AssetCondition::All(inner) => (inner, " and "),
        AssetCondition::Any(inner) => (inner, " or "),
    };
    let parts: Vec<String> = inner.iter().map(|part| condition(part, false)).collect();
    let text = parts.join(word);
    if is_top || parts.len() == 1 { text } else { format!("({text})") }
}

/// What a field of a cron expression lets through.
enum Field {
    All,
    Step(u8),
    Range(u8, u8),
    List(Vec<u8>),
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

impl Field {
    /// `None` for what takes more than a phrase.
    fn parse(text: &str, names: &[&str]) -> Option<Self> {
        let number = |text: &str| {
            let named = names.iter().position(|name| text.len() == 3 && name.to_lowercase().starts_with(&text.to_lowercase()));
            // Months count from 1, days of the week from 0.
            named.and_then(|at| u8::try_from(at + usize::from(names.len() == MONTHS.len())).ok()).or_else(|| text.parse().ok())
        };
        if matches!(text, "*" | "?" | "*/1") {
            return Some(Self::All);
        }
        if let Some(step) = text.strip_prefix("*/").or_else(|| text.strip_prefix("0/")) {
            return step.parse().ok().map(Self::Step);
        }
        if let Some((from, to)) = text.split_once('-').filter(|_| !text.contains(',')) {
            return Some(Self::Range(number(from)?, number(to)?));
        }
        text.split(',').map(number).collect::<Option<Vec<_>>>().map(Self::List)
    }
}

/// A cron expression as one would say it; `None` when it is no simple one.
fn cron(expression: &str) -> Option<String> {
    let [minute, hour, day, month, weekday] = expression.split_ascii_whitespace().collect::<Vec<_>>()[..] else { return None };
    let time = clock(&Field::parse(minute, &[])?, &Field::parse(hour, &[])?)?;
    let days = days(&Field::parse(day, &[])?, &Field::parse(month, &MONTHS)?, &Field::parse(weekday, &DAYS)?)?;
    Some(match (time, days) {
        (Clock::At(time), None) => format!("every day at {time}"),
        (Clock::At(time), Some(days)) => format!("{days} at {time}"),
        (Clock::Often(often), None) => often,
        (Clock::Often(often), Some(days)) => format!("{often}, {days}"),
    })
}

enum Clock {
    /// At moments of a day.
    At(String),
    /// So often that moments are not told.
    Often(String),
}

/// Moments of a day that are told one by one.
const MOMENTS: usize = 6;

fn clock(minute: &Field, hour: &Field) -> Option<Clock> {
    let plural = |count: u8, one: &str| if count == 1 { format!("every {one}") } else { format!("every {count} {one}s") };
    let at_minute = |minute: u8| if minute == 0 { String::new() } else { format!(" at minute {minute}") };
    Some(match (minute, hour) {
        (Field::All, Field::All) => Clock::Often("every minute".to_owned()),
        (Field::Step(step), Field::All) if 60 % *step.max(&1) == 0 => Clock::Often(plural(*step, "minute")),
        (Field::Step(step), Field::Range(from, to)) if 60 % *step.max(&1) == 0 => {
            Clock::Often(format!("{} from {from:02}:00 to {to:02}:59", plural(*step, "minute")))
        }
        (Field::List(minutes), hour) => match (minutes.as_slice(), hour) {
            ([minute], Field::All) => Clock::Often(format!("every hour{}", at_minute(*minute))),
            ([minute], Field::Step(step)) if 24 % *step.max(&1) == 0 => Clock::Often(plural(*step, "hour") + &at_minute(*minute)),
            ([minute], Field::Range(from, to)) => Clock::Often(format!("every hour from {from:02}:{minute:02} to {to:02}:{minute:02}")),
            (minutes, Field::List(hours)) if minutes.len() * hours.len() <= MOMENTS => {
                let mut times: Vec<String> =
                    hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}"))).collect();
                times.sort();
                Clock::At(enumerate(&times))
            }
            (_, Field::All | Field::Step(_) | Field::Range(..) | Field::List(_)) => return None,
        },
        (Field::All | Field::Step(_) | Field::Range(..), _) => return None,
    })
}

/// Which days; `Some(None)` for each.
fn days(day: &Field, month: &Field, weekday: &Field) -> Option<Option<String>> {
    let name = |day: u8| DAYS.get(usize::from(day) % DAYS.len()).copied();
    let ordinal = |day: &u8| match (day % 10, day / 10) {
        (1, 0 | 2 | 3) => format!("{day}st"),
        (2, 0 | 2) => format!("{day}nd"),
        (3, 0 | 2) => format!("{day}rd"),
        _ => format!("{day}th"),
    };
    let months = match month {
        Field::All => None,
        Field::List(months) => {
            let names = months.iter().map(|month| MONTHS.get(usize::from(*month).checked_sub(1)?).map(|name| (*name).to_owned()));
            Some(enumerate(&names.collect::<Option<Vec<_>>>()?))
        }
        Field::Step(_) | Field::Range(..) => return None,
    };
    let within = months.as_ref().map(|months| format!(" in {months}")).unwrap_or_default();
    Some(match (day, weekday) {
        (Field::All, Field::All) => months.map(|months| format!("every day in {months}")),
        (Field::All, Field::Range(from, to)) => Some(format!("{} to {}{within}", name(*from)?, name(*to)?)),
        (Field::All, Field::List(days)) => {
            let names: Vec<String> = days.iter().map(|day| name(*day).map(str::to_owned)).collect::<Option<_>>()?;
            Some(format!("every {}{within}", enumerate(&names)))
        }
        (Field::List(days), Field::All) => {
            let of = months.unwrap_or_else(|| "every month".to_owned());
            Some(format!("on the {} of {of}", enumerate(&days.iter().map(ordinal).collect::<Vec<_>>())))
        }
        // Of a day of the month and a day of the week either will do: that takes more than a phrase.
        (Field::All | Field::Step(_) | Field::Range(..) | Field::List(_), _) => return None,
    })
}

/// `a, b and c`.
fn enumerate(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::cron;

    #[test]
    fn common_expressions_are_said_in_words() {
        for (expression, words) in [
            ("0 3 * * *", "every day at 03:00"),
            ("30 6,18 * * *", "every day at 06:30 and 18:30"),
            ("*/15 * * * *", "every 15 minutes"),
            ("* * * * *", "every minute"),
            ("0 * * * *", "every hour"),
            ("20 */6 * * *", "every 6 hours at minute 20"),
            ("0 5 * * 1", "every Monday at 05:00"),
            ("0 5 * * MON-FRI", "Monday to Friday at 05:00"),
            ("*/10 8-18 * * 1-5", "every 10 minutes from 08:00 to 18:59, Monday to Friday"),
            ("0 4 1 * *", "on the 1st of every month at 04:00"),
            ("0 4 2,22,13 jan *", "on the 2nd, 22nd and 13th of January at 04:00"),
            ("0 4 * * 0,6", "every Sunday and Saturday at 04:00"),
            ("0 4 * * 7", "every Sunday at 04:00"),
        ] {
            assert_eq!(cron(expression).as_deref(), Some(words), "{expression}");
        }
    }

    #[test]
    fn what_takes_more_than_a_phrase_is_left_as_it_is_written() {
        for expression in
            ["0 3 1 * 1", "*/7 * * * *", "0 3 * * 1#2", "0 3 L * *", "0 3 * */2 *", "0 1-23/2 * * *", "@daily", "0 3 32 13 * *", "5"]
        {
            assert_eq!(cron(expression), None, "{expression}");
        }
    }
}
