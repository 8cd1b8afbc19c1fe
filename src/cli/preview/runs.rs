//! The next runs.

use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

use crate::cli::Failure;
use crate::ir::{Moment, Schedule, Workflow};

pub(super) fn show(chosen: &[&Workflow], count: usize, from: Option<&str>) -> Result<String, Failure> {
    let from = match from {
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| Failure::new(format!("`{text}` is no moment")).help("write `--from 2026-03-28T00:00:00Z`"))?,
        None => Timestamp::now(),
    };
    let mut text = String::new();
    for workflow in chosen {
        text.push_str(&format!("{}/{} · {}\n", workflow.team, workflow.name, describe(&workflow.schedule)));
        for run in next_runs(workflow, from, count)? {
            text.push_str(&format!("  {}\n", run.strftime("%a %Y-%m-%d %H:%M %Z")));
        }
    }
    Ok(text)
}

fn describe(schedule: &Schedule) -> String {
    match schedule {
        Schedule::None => "only when somebody starts it".to_owned(),
        Schedule::Cron { expression, timezone } => format!("cron {expression} · {timezone}"),
        Schedule::Every(distance) => format!("every {}", in_words(*distance)),
    }
}

fn in_words(distance: Duration) -> String {
    let seconds = distance.as_secs();
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds.is_multiple_of(*size)).unwrap_or((1, "s"));
    format!("{}{unit}", seconds / size)
}

fn next_runs(workflow: &Workflow, from: Timestamp, count: usize) -> Result<Vec<Zoned>, Failure> {
    let start = timestamp(workflow.start_date)?;
    let end = workflow.end_date.map(timestamp).transpose()?;
    let is_in = |run: &Zoned| end.is_none_or(|end| run.timestamp() <= end);
    match &workflow.schedule {
        Schedule::None => Ok(Vec::new()),
        Schedule::Every(distance) => Ok(every(start, *distance, from).take_while(is_in).take(count).collect()),
        Schedule::Cron { expression, timezone } => {
            let cron = parse(expression)?;
            let zone = TimeZone::get(timezone).map_err(|error| Failure::new(error.to_string()))?;
            let after = from.max(start).to_zoned(zone);
            Ok(cron.iter_after(after).take_while(is_in).take(count).collect())
        }
    }
}

fn parse(expression: &str) -> Result<Cron, Failure> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|error| Failure::new(format!("`{expression}`: {error}")))
}

fn every(start: Timestamp, distance: Duration, from: Timestamp) -> impl Iterator<Item = Zoned> {
    let step = i64::try_from(distance.as_secs()).unwrap_or(i64::MAX).max(1);
    let passed = (from.as_second() - start.as_second()).max(0) / step;
    (passed + 1..)
        .map_while(move |nth| Timestamp::from_second(start.as_second().checked_add(nth.checked_mul(step)?)?).ok())
        .map(|at| at.to_zoned(TimeZone::UTC))
}

fn timestamp(moment: Moment) -> Result<Timestamp, Failure> {
    let Moment { year, month, day, hour, minute, second } = moment;
    let narrow = |number: u8| i8::try_from(number).unwrap_or(i8::MAX);
    let wide = i16::try_from(year).unwrap_or(i16::MAX);
    let civil = civil::DateTime::new(wide, narrow(month), narrow(day), narrow(hour), narrow(minute), narrow(second), 0);
    let moment = civil.and_then(|civil| civil.to_zoned(TimeZone::UTC)).map_err(|error| Failure::new(error.to_string()))?;
    Ok(moment.timestamp())
}
