//! Merge keys: `<<: *defaults`, as YAML 1.1's merge type describes them. A quoted `"<<"` is an ordinary key and does not come here.

use std::collections::HashSet;

use super::{Entry, Node, Value};
use crate::diag::{Diagnostic, codes as code};

/// Adds the entries of merged maps whose keys the map does not have; of two merged maps the first wins.
pub(super) fn into(entries: &mut Vec<Entry>, mut keys: HashSet<String>, merges: Vec<Node>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for merged in merges {
        match merged.value {
            Value::Map(more) => add(entries, &mut keys, more),
            Value::List(maps) => {
                for map in maps {
                    match map.value {
                        Value::Map(more) => add(entries, &mut keys, more),
                        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => faults.push(not_a_map(&map)),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => faults.push(not_a_map(&merged)),
        }
    }
    faults
}

fn add(entries: &mut Vec<Entry>, keys: &mut HashSet<String>, more: Vec<Entry>) {
    entries.extend(more.into_iter().filter(|entry| keys.insert(entry.key.value.clone())));
}

fn not_a_map(node: &Node) -> Diagnostic {
    let fault = Diagnostic::error(&code::YAML_SYNTAX, "`<<` merges maps, and this is none").at(node.span, "");
    fault.help("write an alias of a map: `<<: *defaults`")
}
