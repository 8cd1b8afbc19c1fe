//! The next runs.

use jiff::{Timestamp, Zoned};

use crate::cli::Failure;
use crate::ir::{AssetCondition, Schedule, Timetable, Workflow};
use crate::resolve::{self, Due};
use crate::spec::Timespan;

pub(super) fn show(chosen: &[&Workflow], count: usize, from: Option<&str>) -> Result<String, Failure> {
    let from = match from {
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| Failure::new(format!("`{text}` is no moment")).help("write `--from 2026-03-28T00:00:00Z`"))?,
        None => Timestamp::now(),
    };
    let mut text = String::new();
    for workflow in chosen {
        text.push_str(&format!("{}/{} · {}\n", workflow.team, workflow.name, describe(workflow)));
        for run in next_runs(workflow, from, count)? {
            text.push_str(&format!("  {}\n", run.strftime("%a %Y-%m-%d %H:%M %Z")));
        }
    }
    Ok(text)
}

fn describe(workflow: &Workflow) -> String {
    let time = |timetable: &Timetable| match timetable {
        Timetable::Cron { expressions, timezone } => format!("cron {} · {timezone}", expressions.join(" · ")),
        Timetable::Every(distance) if workflow.catchup => format!("every {}", Timespan(*distance)),
        Timetable::Every(distance) => format!("every {}, from when Airflow first sees it", Timespan(*distance)),
    };
    match &workflow.schedule {
        Schedule::None => "only when somebody starts it".to_owned(),
        Schedule::Time(timetable) => time(timetable),
        Schedule::Assets(assets) => format!("when {} new", condition(assets, true)),
        Schedule::AssetsOrTime(assets, timetable) => format!("{}, and when {} new", time(timetable), condition(assets, true)),
    }
}

/// `s3://a and (s3://b or s3://c)`; at the top with its verb.
fn condition(assets: &AssetCondition, is_top: bool) -> String {
    let joined = |inner: &[AssetCondition], word: &str| inner.iter().map(|part| condition(part, false)).collect::<Vec<_>>().join(word);
    let (text, parts) = match assets {
        AssetCondition::Asset(asset) => (asset.uri.to_string(), 1),
        AssetCondition::All(inner) => (joined(inner, " and "), inner.len()),
        AssetCondition::Any(inner) => (joined(inner, " or "), inner.len()),
    };
    let is_many = matches!(assets, AssetCondition::All(_)) && parts > 1;
    match (is_top, parts) {
        (true, _) => format!("{text} {}", if is_many { "are" } else { "is" }),
        (false, 1) => text,
        (false, _) => format!("({text})"),
    }
}

fn next_runs(workflow: &Workflow, from: Timestamp, count: usize) -> Result<Vec<Zoned>, Failure> {
    let end = workflow.end_date.map(resolve::timestamp).transpose().map_err(|error| Failure::new(error.to_string()))?;
    let is_in = |run: &Zoned| end.is_none_or(|end| run.timestamp() <= end);
    let known = workflow.schedule.timetable().filter(|timetable| workflow.catchup || matches!(timetable, Timetable::Cron { .. }));
    let Some(timetable) = known else { return Ok(Vec::new()) };
    let due = Due::of(timetable, workflow.start_date).map_err(|error| Failure::new(error.to_string()))?;
    Ok(due.after(from).take_while(is_in).take(count).collect())
}
