//! What a publish may not lose.

use std::collections::BTreeSet;

use super::compiler::{Authority, SourceFiles};
use super::layout;
use super::lock::Lock;
use super::request::Request;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};

/// Refuses a source that is not whole: what is missing from it would be deleted.
pub(crate) fn check_complete(request: &Request<'_>, sink: &mut Sink) {
    let Request { team, source, files, .. } = request;
    if !has_project(files) {
        let fault = Diagnostic::error(&code::INCOMPLETE, format!("`{team}/{source}` would be published without its `{}`", layout::PROJECT));
        sink.push(fault.at_file(layout::PROJECT, "not found").help("run this in the folder that holds it; is the checkout whole?"));
    }
}

fn has_project(files: &SourceFiles) -> bool {
    files.contains_key(layout::PROJECT)
}

/// Refuses to delete every workflow, and more than the grant lets go without saying so. Gives how many are deleted.
pub(crate) fn check_deletions(request: &Request<'_>, last: Option<&Lock>, desired: &Lock, authority: &Authority, sink: &mut Sink) -> usize {
    let (team, source) = (&request.team, &request.source);
    if desired.workflows.is_empty() {
        let fault = Diagnostic::error(&code::INCOMPLETE, format!("`{team}/{source}` would be left without any workflow"));
        sink.push(fault.at_file(layout::PROJECT, "").help("is the checkout whole, and does `workflows:` name the right folder?"));
        return 0;
    }
    let before: BTreeSet<&str> = last.iter().flat_map(|lock| lock.workflows.keys()).map(String::as_str).collect();
    let gone: Vec<&str> = before.iter().copied().filter(|name| !desired.workflows.contains_key(*name)).collect();
    let (count, limit) = (gone.len(), authority.deletions as usize);
    let over = count > limit || (count > 1 && count * 2 > before.len());
    let said = request.consent.deletions;
    let agreed = said.is_some_and(|said| said as usize == count);
    if over && !agreed {
        let title = format!("publishing `{team}/{source}` would delete {count} of its {} workflows", before.len());
        let why = if count > limit { format!("at most {limit} go without saying so") } else { "that is more than half".to_owned() };
        let fault = Diagnostic::error(&code::TOO_MANY_DELETIONS, title).at_file(layout::grant(team), why);
        let names = quoted_list(gone.iter().copied());
        sink.push(fault.help(format!("if {names} should go, run `freehold publish --allow-deletions {count}`")));
    }
    count
}
