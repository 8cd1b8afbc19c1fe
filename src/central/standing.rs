//! Sources that a publish does not touch: what their locks say counts, and what is wrong with them is told and stops nobody.

use std::collections::BTreeMap;

use super::compiler::Standing;
use super::layout;
use super::lock::Lock;
use crate::diag::{Diagnostic, codes as code};
use crate::name::{SourceName, TeamName};

/// What counts of a source, by its lock and the ids of its files. `None` when the lock is another's, or does not say what lies there: then
/// nobody knows what it is.
pub(crate) fn standing(lock: &Lock, files: &BTreeMap<String, String>, (team, source): (&TeamName, &SourceName)) -> Option<Standing> {
    lock.standing(team, source).filter(|_| lock.files == *files)
}

/// Tells of a source that does not compile any more and that is left as it is.
pub(crate) fn left_alone(team: &TeamName, source: &SourceName, faults: &[Diagnostic]) -> Diagnostic {
    let title = format!("the team's source `{source}` does not compile any more; it stays as it was published last");
    let more = if faults.len() > 1 { format!(", and {} more", faults.len() - 1) } else { String::new() };
    let label = faults.first().map_or_else(String::new, |first| format!("{}{more}", first.title));
    let fault = Diagnostic::warning(&code::LEFT_ALONE, title).at_file(layout::source(team, source), label);
    fault.help("`freehold plan` where it is published from shows what to change, and so does `freehold audit` in the central repository")
}
