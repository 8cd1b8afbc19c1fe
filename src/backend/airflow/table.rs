//! The rows of a static fan-out → a table that a Python loop walks.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    jinja,
    python::{Expression, Identifier},
};
use crate::ir::{Condition, Piece, Row, Task, TaskKind, Text, Value};

/// Who puts a row's texts into others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilledIn {
    /// Python, before Jinja renders them.
    Loop,
    /// Jinja, which does not render them again.
    Template,
}

/// A list constant and how a loop's body, or a template, gets at a row of it.
#[derive(Clone)]
pub(super) struct Table {
    /// The names behind `each.`.
    variables: Vec<String>,
    /// The loop's variable.
    pub(super) variable: Identifier,
    /// The rows: texts, or dicts with the columns that are used.
    pub(super) rows: Expression,
    /// The column that holds a row's key; `None` when a row is its key.
    key: Option<String>,
    /// The columns of paths.
    columns: BTreeMap<Vec<String>, String>,
}

impl Table {
    /// The table of those columns that `tasks` use.
    pub(super) fn new(variable: Identifier, (variables, rows): (&[String], &[Row]), tasks: &[&Task], filled_in: FilledIn) -> Self {
        let has_several = variables.len() > 1;
        let variables = variables.to_vec();
        let mut paths = BTreeSet::new();
        for task in tasks {
            task.run_if.iter().flat_map(Condition::texts).for_each(|text| paths.extend(paths_in(text)));
            match &task.kind {
                TaskKind::Container(container) => used_paths(&container.pod, &mut paths),
                TaskKind::Operator(operator) => {
                    let texts = operator.arguments.iter().flat_map(|argument| argument.value.texts());
                    texts.for_each(|text| paths.extend(paths_in(text)));
                }
                TaskKind::Wait(_) => {}
            }
        }
        paths.retain(|path| path.first().is_some_and(|variable| variables.contains(variable)));
        let is_key = |path: &[String]| rows.iter().all(|row| row.text(path).as_deref() == Some(&row.key));
        if paths.iter().all(|path| is_key(path)) {
            let rows = rows.iter().map(|row| Expression::text(&row.key)).collect();
            return Self { variables, variable, rows: Expression::List(rows), key: None, columns: BTreeMap::new() };
        }
        let columns: Vec<(String, &[String])> = paths.iter().map(|path| (column(path, has_several), *path)).collect();
        let known = columns.iter().find(|(_, path)| is_key(path)).map(|(name, _)| name.clone());
        let key = known.clone().unwrap_or_else(|| free_column(&columns));
        let cell = |text: String| match filled_in {
            FilledIn::Loop => Expression::Text(jinja::escape(&text)),
            FilledIn::Template => Expression::Text(text),
        };
        let row = |row: &Row| {
            let added = known.is_none().then(|| (key.clone(), Expression::text(&row.key)));
            let cells = columns.iter().map(|(name, path)| (name.clone(), cell(row.text(path).unwrap_or_default())));
            Expression::Dict(added.into_iter().chain(cells).collect())
        };
        let rows = Expression::List(rows.iter().map(row).collect());
        let columns = columns.iter().map(|(name, path)| (path.to_vec(), name.clone())).collect();
        Self { variables, variable, rows, key: Some(key), columns }
    }

    /// Whether a name behind `each.` is one of its variables.
    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable == name)
    }

    /// What gives a row's text of a path, in a loop.
    pub(super) fn cell(&self, path: &[String]) -> Expression {
        self.of_row(self.column(path))
    }

    /// What gives a row's key, in a loop.
    pub(super) fn key(&self) -> Expression {
        self.of_row(self.key_column())
    }

    /// The column that holds a row's text of a path; `None` when a row is that text.
    pub(super) fn column(&self, path: &[String]) -> Option<&str> {
        self.key.as_ref().map(|_| self.columns.get(path).map(String::as_str).unwrap_or_default())
    }

    /// The column that holds a row's key; `None` when a row is its key.
    pub(super) fn key_column(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn of_row(&self, column: Option<&str>) -> Expression {
        let variable = self.variable.clone();
        column.map_or(Expression::Name(variable.clone()), |column| Expression::Item(variable, column.to_owned()))
    }
}

/// The name of a path's column: keys have no dots, so it is the path's alone. The whole item of the only variable is called by it, with `.`
/// behind it, which no other column has.
fn column(path: &[String], has_several: bool) -> String {
    match path {
        [variable] if !has_several => format!("{variable}."),
        [_, keys @ ..] if !has_several => keys.join("."),
        path => path.join("."),
    }
}

fn free_column(columns: &[(String, &[String])]) -> String {
    let mut name = "key".to_owned();
    while columns.iter().any(|(column, _)| *column == name) {
        name.push('_');
    }
    name
}

fn used_paths<'a>(value: &'a Value, paths: &mut BTreeSet<&'a [String]>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Text(text) => paths.extend(paths_in(text)),
        Value::List(items) => items.iter().for_each(|item| used_paths(item, paths)),
        Value::Map(map) => map.values().for_each(|value| used_paths(value, paths)),
    }
}

fn paths_in(text: &Text) -> impl Iterator<Item = &[String]> {
    text.pieces.iter().filter_map(|piece| match piece {
        Piece::Each(path) => Some(path.as_slice()),
        Piece::Literal(_) | Piece::Run(_) | Piece::Param(_) | Piece::Output(_) | Piece::Task | Piece::Native(_) => None,
    })
}
