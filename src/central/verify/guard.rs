//! GUARD: no more workflows go than the grant lets go, unless the lock records that somebody said so.

use super::case::Case;
use super::place::LOCK;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        let (Some(authority), (Some(before), Some(after))) = (&state.authority, files.locks()) else { continue };
        let gone: Vec<&str> = before.workflows.keys().filter(|name| !after.workflows.contains_key(*name)).map(String::as_str).collect();
        let limit = usize::try_from(authority.deletions).unwrap_or(usize::MAX);
        let is_most = gone.len() >= 2 && gone.len() > before.workflows.len() / 2;
        let recorded = after.deletions_allowed.is_some_and(|allowed| usize::try_from(allowed) == Ok(gone.len()));
        if (gone.len() > limit || is_most) && !recorded {
            let title = format!("`{team}/{source}` would lose {} of its {} workflows", gone.len(), before.workflows.len());
            let fault = Diagnostic::error(&code::GUARD, title)
                .at_file(format!("sources/{team}/{source}/{LOCK}"), quoted_list(gone.iter().copied()));
            let fault = fault.at_file(format!("teams/{team}.yaml"), format!("{limit} may go at once, and never more than half"));
            sink.push(fault.help(format!("publish with `--allow-deletions {}`, or delete them in several changes", gone.len())));
        }
    }
    Ok(())
}
