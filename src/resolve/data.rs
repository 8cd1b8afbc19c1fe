//! Data files of a fan-out: CSV, JSON and YAML to rows.

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::ir::scalar_text;
use crate::source::{SourceId, Span, Spanned};
use crate::spec::{Accepted, Table};
use crate::yaml::{self, Node, Value};

/// Values of a data file that are read: ten columns for as many tasks as a workflow may have.
const MOST_VALUES: usize = 500_000;
/// Columns of a data file that are read.
const MOST_COLUMNS: usize = 1000;

/// The rows of a data file, each with its place.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The items, in the file's order.
    pub rows: Vec<(serde_json::Value, Span)>,
}

/// Reads a data file by its extension. `None` when it cannot be read, which has been told.
pub fn read_rows(path: &str, file: SourceId, text: &str, sink: &mut Sink) -> Option<Rows> {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => read_csv(file, text, sink),
        Some("json" | "yaml" | "yml") => read_list(path, file, text, sink),
        _ => {
            let fault = Diagnostic::error(&code::DATA_FILE, format!("`{path}` is no data file")).at(Span::new(file, 0, 0), "");
            sink.push(fault.help("use a file that ends in `.csv`, `.json` or `.yaml`"));
            None
        }
    }
}

fn read_csv(file: SourceId, text: &str, sink: &mut Sink) -> Option<Rows> {
    if let Some(at) = open_quote(text) {
        let fault = Diagnostic::error(&code::DATA_FILE, "a quote is opened and never closed")
            .at(Span::new(file, at, line_end(text, at)), "rows after it would be lost");
        sink.push(fault.help("close it with `\"`; to write a quote inside quotes, double it"));
        return None;
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let fault = |error: &csv::Error| {
        let at = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let end = line_end(text, at);
        let title = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!("the row has {len} columns and the header {expected_len}"),
            _ => format!("the row cannot be read: {error}"),
        };
        Diagnostic::error(&code::DATA_FILE, title)
            .at(Span::new(file, at, end), "")
            .help("give every row the header's columns; put a value with commas in double quotes")
    };
    let header = match reader.headers() {
        Ok(header) if header.len() > MOST_COLUMNS => {
            let fault = Diagnostic::error(&code::DATA_FILE, format!("the file has {} columns, and {MOST_COLUMNS} are read", header.len()));
            sink.push(fault.at(Span::new(file, 0, 0), "").help("keep the columns that the tasks need"));
            return None;
        }
        Ok(header) => header.clone(),
        Err(error) => {
            sink.push(fault(&error));
            return None;
        }
    };
    let mut rows = Rows::default();
    for record in reader.records() {
        match record {
            Ok(_) if rows.rows.len().saturating_mul(header.len()) > MOST_VALUES => {
                let fault = Diagnostic::error(&code::DATA_FILE, format!("the file holds more than {MOST_VALUES} values"));
                sink.push(fault.at(Span::new(file, 0, line_end(text, 0)), "").help("keep the rows and columns that the tasks need"));
                return None;
            }
            Ok(record) => {
                let at = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
                let fields = header.iter().map(str::to_owned).zip(record.iter().map(|value| value.into()));
                rows.rows.push((serde_json::Value::Object(fields.collect()), Span::new(file, at, line_end(text, at))));
            }
            Err(error) => {
                sink.push(fault(&error));
                return None;
            }
        }
    }
    Some(rows)
}

/// Where a quoted value starts that never ends. A quote opens a value only at its start, as RFC 4180 has it.
fn open_quote(text: &str) -> Option<usize> {
    let (mut opened, mut starts_value) = (None, true);
    for (at, byte) in text.bytes().enumerate() {
        match (byte, opened) {
            (b'"', None) if starts_value => opened = Some(at),
            (b'"', Some(_)) => opened = None,
            // A doubled quote closes and opens again.
            (b'"', None) if at > 0 && text.as_bytes()[at - 1] == b'"' => opened = Some(at),
            _ => {}
        }
        starts_value = matches!(byte, b',' | b'\n' | b'\r') || (starts_value && byte == b' ');
    }
    opened
}

fn line_end(text: &str, start: usize) -> usize {
    text.get(start..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |length| start + length)
}

fn read_list(path: &str, file: SourceId, text: &str, sink: &mut Sink) -> Option<Rows> {
    let node = yaml::parse(file, text, sink)?;
    let Value::List(items) = &node.value else {
        let fault = Diagnostic::error(&code::DATA_FILE, format!("`{path}` holds no list")).at(Span::new(file, 0, line_end(text, 0)), "");
        sink.push(fault.help("write a list of texts, or of maps with an `id`"));
        return None;
    };
    Some(rows_of(items))
}

/// The rows that a filter takes: in each of its columns, one of the values that it accepts. `None` when a column is nowhere.
pub(super) fn filtered(rows: &Rows, filter: Option<&Table<String, Accepted>>, sink: &mut Sink) -> Option<Rows> {
    let Some(filter) = filter else { return Some(rows.clone()) };
    for (column, _) in filter.iter() {
        if !rows.rows.is_empty() && rows.rows.iter().all(|(row, _)| row.get(&column.value).is_none()) {
            sink.push(unknown_column(column, rows));
            return None;
        }
    }
    let is_taken = |row: &serde_json::Value| {
        filter.iter().all(|(column, Accepted(values))| {
            let text = row.get(&column.value).and_then(scalar_text);
            text.is_some_and(|text| values.iter().any(|value| value.text == text))
        })
    };
    Some(Rows { rows: rows.rows.iter().filter(|(row, _)| is_taken(row)).cloned().collect() })
}

fn unknown_column(column: &Spanned<String>, rows: &Rows) -> Diagnostic {
    let known: BTreeSet<&str> =
        rows.rows.iter().filter_map(|(row, _)| row.as_object()).flat_map(|row| row.keys().map(String::as_str)).collect();
    let fault = Diagnostic::error(&code::FILTER, format!("no row has `{}`", column.value)).at(column.span, "");
    match suggest(&column.value, known.iter().copied()) {
        Some(near) => fault.help(format!("write `{near}`")),
        None if known.is_empty() => fault.help("delete `filter`: the file is a list of plain values"),
        None => fault.help(format!("write one of {}", quoted_list(known))),
    }
}

/// Items that were written as YAML.
pub(super) fn rows_of(items: &[Node]) -> Rows {
    Rows { rows: items.iter().map(|item| (item.to_json(), item.span)).collect() }
}

#[cfg(test)]
mod tests {
    use super::{MOST_COLUMNS, MOST_VALUES, open_quote, read_rows};
    use crate::diag::Sink;
    use crate::source::Sources;

    #[test]
    fn t73_a_table_that_is_too_wide_or_too_long_is_refused_before_it_is_in_memory() {
        let told = |text: &str| {
            let mut sink = Sink::new();
            let file = Sources::new().add("a.csv", text);
            let is_read = read_rows("a.csv", file, text, &mut sink).is_some();
            (is_read, sink.into_sorted().into_iter().map(|found| found.title).collect::<Vec<_>>())
        };
        let wide = (0..=MOST_COLUMNS).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
        assert_eq!(told(&wide), (false, vec!["the file has 1001 columns, and 1000 are read".to_owned()]));
        assert_eq!(
            told(&format!("id\n{}", "x\n".repeat(MOST_VALUES + 2))),
            (false, vec!["the file holds more than 500000 values".to_owned()])
        );
    }

    #[test]
    fn a_quote_that_never_closes_is_found_and_doubled_ones_are_not() {
        assert_eq!(open_quote("id,region\n1,\"eu\n2,us\n"), Some(12));
        assert_eq!(open_quote("id,name\n1,\"Birch, \"\"B\"\" & Sons\"\n2,5\" pipe\n"), None);
    }
}
