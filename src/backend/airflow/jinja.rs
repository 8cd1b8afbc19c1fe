//! Texts → what Airflow's Jinja turns back into them.
//!
//! Airflow renders every string of a pod operator with Jinja just before it runs, so a literal piece is escaped until
//! Jinja gives it back unchanged, and a reference becomes the Jinja expression for it.
//! <https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html>

use std::fmt::Write;

use super::{
    python::{Expression, Identifier},
    table::Table,
};
use crate::ir::{OutputReference, Param, Piece, RunValue, Text, Value};

/// What a text may refer to.
pub(super) struct Scope<'a> {
    /// The workflow's parameters.
    pub(super) params: &'a [Param],
    /// The Jinja expression of `run.date`.
    pub(super) date: &'a str,
    /// Who fills the text in.
    pub(super) filled_by: FilledBy,
    /// The items of the fan-outs around it, the outermost first.
    pub(super) items: &'a [Item],
}

/// Who fills in a text, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilledBy {
    /// A task or a callback, with Airflow's context: <https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html>.
    Context,
    /// The triggerer for a deadline, which knows the run as the REST API shows it: `Deadline.handle_miss` in `airflow/models/deadline.py`.
    Deadline,
}

/// The item of a fan-out around a text.
#[derive(Clone)]
pub(super) enum Item {
    /// The row that a loop is at.
    Row(Table),
    /// The row that a task instance is of.
    Instance {
        /// The rows, by the name that they have in templates too.
        rows: Identifier,
        /// How to get at a row of them.
        table: Table,
        /// How many rows run at once within one run.
        max_parallel: Option<u32>,
    },
    /// An item that is known at run time.
    Mapped {
        /// The name behind `each.`.
        variable: String,
        /// The argument of the function that makes one item's tasks.
        argument: Identifier,
        /// The Jinja expression of it.
        item: String,
        /// The keys that lead from it to what names it.
        label: Vec<String>,
        /// Whether it is a list of items.
        is_batch: bool,
        /// How many items run at once within one run.
        max_parallel: Option<u32>,
    },
}

impl Item {
    fn has_variable(&self, name: &str) -> bool {
        match self {
            Self::Row(table) | Self::Instance { table, .. } => table.has_variable(name),
            Self::Mapped { variable, .. } => variable == name,
        }
    }
}

impl FilledBy {
    fn run_id(self) -> &'static str {
        match self {
            Self::Context => "run_id",
            Self::Deadline => "dag_run.dag_run_id",
        }
    }

    /// The context of a run has a `reason`, and the last task that was done: its end is no cause.
    fn task(self) -> &'static str {
        match self {
            Self::Context => "'' if reason is defined else ti.task_id",
            Self::Deadline => "''",
        }
    }

    /// A moment of the run in UTC. From Airflow 3 on, runs that somebody or an asset starts may lack it: they stand for when they were
    /// started.
    fn moment(self, field: &str) -> String {
        let moment = format!("(dag_run.{field} or dag_run.run_after)");
        match self {
            Self::Context => format!("{moment}.astimezone(macros.dateutil.tz.UTC).strftime('%Y-%m-%dT%H:%M:%SZ')"),
            Self::Deadline => format!("{moment}[:19] ~ 'Z'"),
        }
    }
}

impl Scope<'_> {
    /// The Python expression of a text.
    pub(super) fn text(&self, text: &Text) -> Expression {
        let mut parts = Vec::new();
        let mut jinja = String::new();
        for (index, piece) in text.pieces.iter().enumerate() {
            let later = &text.pieces[index + 1..];
            match (piece, self.item_of(piece)) {
                (Piece::Each(path), Some(Item::Row(table))) => {
                    if !jinja.is_empty() {
                        parts.push(Expression::Text(std::mem::take(&mut jinja)));
                    }
                    parts.push(table.cell(path));
                }
                _ => self.push(&mut jinja, piece, later),
            }
        }
        if !jinja.is_empty() || parts.is_empty() {
            parts.push(Expression::Text(jinja));
        }
        if parts.len() == 1 { parts.swap_remove(0) } else { Expression::Join(parts) }
    }

    /// The Python expression of data.
    pub(super) fn value(&self, value: &Value) -> Expression {
        match value {
            Value::Null => Expression::None,
            Value::Bool(flag) => Expression::Bool(*flag),
            Value::Number(number) => Expression::number(number),
            Value::Text(text) => self.text(text),
            Value::List(items) => Expression::List(items.iter().map(|item| self.value(item)).collect()),
            Value::Map(map) => Expression::Dict(map.iter().map(|(key, value)| (key.clone(), self.value(value))).collect()),
        }
    }

    /// The item that a piece is about.
    fn item_of(&self, piece: &Piece) -> Option<&Item> {
        let Piece::Each(path) = piece else { return None };
        let variable = path.first()?;
        self.items.iter().find(|item| item.has_variable(variable))
    }

    fn push(&self, out: &mut String, piece: &Piece, later: &[Piece]) {
        match piece {
            Piece::Literal(literal) => {
                // A row's text may be empty, so only a piece of another kind surely covers a newline before it.
                let ends = later.iter().all(|piece| matches!(piece, Piece::Each(_)));
                escape_into(out, literal, !later.is_empty(), ends);
            }
            Piece::Each(path) => match self.item_of(piece) {
                Some(Item::Mapped { item, is_batch, .. }) => match path.get(1..).unwrap_or_default() {
                    keys @ [_, ..] if *is_batch => push_of_each(out, item, keys),
                    keys => push_any(out, item, keys),
                },
                Some(Item::Instance { rows, table, .. }) => push_expression(out, &of_instance(rows, table.column(path))),
                // A row of a loop is no part of the template.
                Some(Item::Row(_)) | None => {}
            },
            Piece::Run(RunValue::Date) => push_expression(out, self.date),
            Piece::Run(RunValue::Id) => push_expression(out, self.filled_by.run_id()),
            Piece::Run(RunValue::LogicalDate) => push_expression(out, &self.filled_by.moment("logical_date")),
            Piece::Run(RunValue::DataIntervalStart) => push_expression(out, &self.filled_by.moment("data_interval_start")),
            Piece::Run(RunValue::DataIntervalEnd) => push_expression(out, &self.filled_by.moment("data_interval_end")),
            Piece::Task => push_expression(out, self.filled_by.task()),
            Piece::Param(name) => self.push_param(out, name),
            Piece::Output(OutputReference { task, path }) => push_any(out, &pulled(task.as_str()), path),
            Piece::Native(native) => {
                let (head, braces) = if later.is_empty() { (native.as_str(), "") } else { split_braces(native) };
                out.push_str(head);
                if !braces.is_empty() {
                    push_quoted(out, braces);
                }
            }
        }
    }

    /// A parameter whose schema makes it a text or a number needs no conversion.
    fn push_param(&self, out: &mut String, name: &str) {
        let kind = self.params.iter().find(|param| param.name == name).and_then(|param| param.schema.get("type")?.as_str());
        let expression = format!("params[{}]", quoted(name));
        match kind {
            Some("string" | "integer" | "number") => push_expression(out, &expression),
            _ => push_any(out, &expression, &[]),
        }
    }
}

/// The Jinja expression of a row's text, which is in a column or is the whole row.
fn of_instance(rows: &Identifier, column: Option<&str>) -> String {
    let row = format!("{}[ti.map_index]", rows.as_str());
    column.map_or(row.clone(), |column| format!("{row}[{}]", quoted(column)))
}

/// The template that names a row.
pub(super) fn key_of(rows: &Identifier, table: &Table) -> String {
    let mut out = String::new();
    push_expression(&mut out, &of_instance(rows, table.key_column()));
    out
}

/// The Jinja expression of a task's output.
pub(super) fn pulled(task_id: &str) -> String {
    format!("ti.xcom_pull(task_ids={})", quoted(task_id))
}

/// The Jinja expression that leads from a value along keys.
pub(super) fn along(expression: &str, path: &[String]) -> String {
    path.iter().fold(expression.to_owned(), |expression, key| format!("{expression}[{}]", quoted(key)))
}

/// Characters of what is shown of an item: `rendered_map_index` in `airflow/models/taskinstance.py`. PostgreSQL takes no longer one, and then the task fails.
pub(super) const SHOWN: usize = 250;
/// The Jinja expression of a value as text: a text as it is, anything else as JSON.
const AS_TEXT: &str = "value if value is string else value | tojson";

/// The template that shows a value: the start of a text as it is, of anything else as JSON.
pub(super) fn shown(expression: &str, path: &[String]) -> String {
    let (mut out, expression) = (String::new(), along(expression, path));
    push_with(&mut out, &expression, &format!("({AS_TEXT})[:{SHOWN}]"));
    out
}

fn push_any(out: &mut String, expression: &str, path: &[String]) {
    push_with(out, &along(expression, path), AS_TEXT);
}

fn push_with(out: &mut String, value: &str, expression: &str) {
    out.extend(["{% with value = ", value, " %}{{ ", expression, " }}{% endwith %}"]);
}

/// A JSON list of what each item of a batch has along keys.
fn push_of_each(out: &mut String, batch: &str, keys: &[String]) {
    let value = along("item", keys);
    let parts = ["[{% for item in ", batch, " %}{{ ", &value, " | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}]"];
    out.extend(parts);
}

/// The template that names a batch by its first item and its last, along keys.
pub(super) fn ends(batch: &str, keys: &[String]) -> String {
    let [first, last] = ["batch[0]", "batch[-1]"].map(|item| along(item, keys));
    let values = format!("{{% for value in [{first}, {last}][:batch | length] %}}");
    let most = (SHOWN - " .. ".len()) / 2;
    let value = format!("{{{{ ({AS_TEXT})[:{most}] }}}}{{% if not loop.last %}} .. {{% endif %}}{{% endfor %}}");
    format!("{{% with batch = {batch} %}}{values}{value}{{% endwith %}}")
}

fn push_expression(out: &mut String, expression: &str) {
    out.extend(["{{ ", expression, " }}"]);
}

fn push_quoted(out: &mut String, text: &str) {
    push_expression(out, &quoted(text));
}

/// A text that Jinja gives back, wherever another text stands before or behind it.
pub(super) fn escape(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    escape_into(&mut out, literal, true, true);
    out
}

/// `is_followed`: a piece comes behind it, and might begin with a brace. `ends`: the text may end here, where Jinja drops
/// a newline.
fn escape_into(out: &mut String, literal: &str, is_followed: bool, ends: bool) {
    let (body, newline) = if ends && literal.ends_with('\n') { literal.split_at(literal.len() - 1) } else { (literal, "") };
    let is_followed = is_followed || !newline.is_empty();
    let mut rest = body;
    // Jinja reads every kind of line end as one newline.
    while let Some(at) = rest.find(['{', '\r']) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let run = special.len() - special.trim_start_matches('{').len();
        let (head, tail) = special.split_at(run.max(1));
        let opens = tail.starts_with(['%', '#', '\r']) || (tail.is_empty() && is_followed);
        if run == 1 && !opens {
            out.push('{');
        } else {
            push_quoted(out, head);
        }
        rest = tail;
    }
    out.push_str(rest);
    if !newline.is_empty() {
        push_quoted(out, newline);
    }
}

/// Splits off the braces at the end, which would open something together with the next piece.
fn split_braces(native: &str) -> (&str, &str) {
    native.split_at(native.trim_end_matches('{').len())
}

/// A Jinja string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(character),
            _ => write!(out, "\\U{:08x}", u32::from(character)).expect("a String takes every write"),
        }
    }
    out.push('\'');
    out
}
