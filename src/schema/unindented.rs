//! Keys that stand beside the key that they belong below: `tasks:` without a value, and behind it keys that nobody knows.

use crate::diag::{Diagnostic, codes as code};
use crate::yaml::{Entry, Node, Value};

/// A key without a value, and the unknown keys that follow it.
pub(super) struct Unindented<'a> {
    pub(super) owner: &'a Entry,
    pub(super) keys: Vec<&'a Entry>,
}

/// Looks through a map for keys that are unknown in it and follow one without a value.
pub(super) fn find<'a>(map: &'a Node, unknown: &[String]) -> Vec<Unindented<'a>> {
    let mut found: Vec<Unindented<'a>> = Vec::new();
    let mut is_behind = false;
    for entry in map.entries() {
        let is_unknown = unknown.contains(&entry.key.value);
        match found.last_mut().filter(|_| is_behind && is_unknown) {
            Some(last) => last.keys.push(entry),
            None => {
                is_behind = !is_unknown && matches!(entry.value.value, Value::Null);
                found.extend(is_behind.then(|| Unindented { owner: entry, keys: Vec::new() }));
            }
        }
    }
    found.retain(|unindented| !unindented.keys.is_empty());
    found
}

impl Unindented<'_> {
    pub(super) fn tell(&self) -> Option<Diagnostic> {
        let owner = self.owner.key.value.escape_debug();
        let first = self.keys.first()?;
        let title = format!("`{}` is not indented below `{owner}`", first.key.value.escape_debug());
        let fault = Diagnostic::error(&code::WRONG_TYPE, title).at(first.key.span, "it stands beside it").at(self.owner.key.span, "");
        Some(fault.help(format!("indent what belongs to `{owner}` by two spaces more")))
    }
}
