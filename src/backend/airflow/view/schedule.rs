//! When Airflow runs a workflow.

use std::collections::BTreeSet;

use super::timedelta;
use crate::{
    backend::airflow::{
        jinja::quoted,
        python::{Expression, Identifier},
        version::{Import, Version},
    },
    ir::{AssetCondition, Moment, Schedule, Timetable},
    name::AssetUri,
};

/// The argument `schedule` of a DAG, and what it imports.
pub(super) fn schedule(schedule: &Schedule, version: Version) -> (Expression, BTreeSet<Import>) {
    let mut used = BTreeSet::new();
    let written = match schedule {
        Schedule::None => Expression::None,
        Schedule::Time(timetable) => time(timetable, version, &mut used),
        Schedule::Assets(assets) => assets_of(assets, version, &mut used),
        Schedule::AssetsOrTime(assets, timetable) => {
            used.insert(Import::AssetsOrTime);
            let arguments = vec![
                (Identifier::fixed("timetable"), time(timetable, version, &mut used)),
                (Identifier::fixed(version.assets_argument()), assets_of(assets, version, &mut used)),
            ];
            Expression::Call(version.place(Import::AssetsOrTime).1, Vec::new(), arguments)
        }
    };
    (written, used)
}

/// The timetable, spelt out: what a bare cron string means depends on the version.
fn time(timetable: &Timetable, version: Version, used: &mut BTreeSet<Import>) -> Expression {
    let mut call = |import, arguments, keywords| {
        used.insert(import);
        Expression::Call(version.place(import).1, arguments, keywords)
    };
    match timetable {
        Timetable::Cron { expressions, timezone } => {
            let import = if expressions.len() > 1 { Import::CronsTimetable } else { Import::CronTimetable };
            let zone = (Identifier::fixed("timezone"), Expression::text(timezone));
            call(import, expressions.iter().map(Expression::text).collect(), vec![zone])
        }
        Timetable::Every(distance) => {
            let every = call(Import::DeltaTimetable, vec![timedelta(*distance)], Vec::new());
            used.insert(Import::Timedelta);
            every
        }
    }
}

/// A list when all are waited for, as everybody writes it.
fn assets_of(condition: &AssetCondition, version: Version, used: &mut BTreeSet<Import>) -> Expression {
    match condition {
        AssetCondition::Asset(_) => Expression::List(vec![inner(condition, version, used)]),
        AssetCondition::All(parts) => Expression::List(parts.iter().map(|part| inner(part, version, used)).collect()),
        AssetCondition::Any(_) => inner(condition, version, used),
    }
}

fn inner(condition: &AssetCondition, version: Version, used: &mut BTreeSet<Import>) -> Expression {
    let (import, parts) = match condition {
        AssetCondition::Asset(awaited) => {
            used.insert(Import::Asset);
            return asset(&awaited.uri, version);
        }
        AssetCondition::All(parts) => (Import::AssetAll, parts),
        AssetCondition::Any(parts) => (Import::AssetAny, parts),
    };
    used.insert(import);
    let parts = parts.iter().map(|part| inner(part, version, used)).collect();
    Expression::Call(version.place(import).1, parts, Vec::new())
}

/// An asset as Python writes it.
pub(super) fn asset(uri: &AssetUri, version: Version) -> Expression {
    Expression::Call(version.place(Import::Asset).1, vec![Expression::text(uri.as_str())], Vec::new())
}

/// A moment of time, in UTC.
pub(super) fn moment(moment: Moment) -> Expression {
    let Moment { year, month, day, hour, minute, second } = moment;
    let mut fields = vec![u32::from(year), month.into(), day.into()];
    let time = [hour, minute, second].map(u32::from);
    let written = time.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1);
    fields.extend(&time[..written]);
    let zone = (Identifier::fixed("tzinfo"), Expression::name("timezone.utc"));
    Expression::Call(Identifier::fixed("datetime"), fields.into_iter().map(Expression::number).collect(), vec![zone])
}

/// The Jinja expression of the day on which the run is due. Runs that somebody or an asset starts may have no logical date from
/// Airflow 3 on.
pub(super) fn run_date(schedule: &Schedule) -> String {
    const DUE: &str = "(dag_run.logical_date or dag_run.run_after)";
    let zone = match schedule.timetable() {
        Some(Timetable::Cron { expressions: _, timezone }) if !matches!(timezone.as_str(), "UTC" | "Etc/UTC") => {
            format!(".astimezone(macros.dateutil.tz.gettz({}))", quoted(timezone))
        }
        Some(Timetable::Cron { .. } | Timetable::Every(_)) | None => String::new(),
    };
    format!("{DUE}{zone}.strftime('%Y-%m-%d')")
}
