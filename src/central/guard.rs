//! What a publish may not lose.

use std::collections::BTreeMap;

use super::compiler::{Authority, OverrideRule};
use super::departure::{Departure, Fate};
use super::exempt::Exemptions;
use super::layout;
use super::lock::Lock;
use super::request::Request;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};

/// Refuses a source that is not whole: what is missing from it would be deleted.
pub(crate) fn check_complete(request: &Request<'_>, sink: &mut Sink) {
    let Request { team, source, files, .. } = request;
    if !files.contains_key(layout::PROJECT) {
        let fault = Diagnostic::error(&code::INCOMPLETE, format!("`{team}/{source}` would be published without its `{}`", layout::PROJECT));
        sink.push(fault.at_file(layout::PROJECT, "not found").help("run this in the folder that holds it; is the checkout whole?"));
    }
}

/// What decides whether workflows may go.
pub(crate) struct Guard<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) last: Option<&'a Lock>,
    pub(crate) desired: &'a Lock,
    pub(crate) departures: &'a [Departure<'a>],
    pub(crate) authority: &'a Authority,
    /// Workflows that wait for one that goes, `<team>/<workflow>`, by its name.
    pub(crate) users: &'a BTreeMap<String, Vec<String>>,
    pub(crate) exemptions: &'a Exemptions,
}

impl Guard<'_> {
    /// Refuses to empty a source, to delete what is protected or waited for, and to delete more than the grant lets go without
    /// a word; unless a record of the platform's lets it.
    pub(crate) fn check(&self, sink: &mut Sink) {
        if self.departures.is_empty() && !self.desired.workflows.is_empty() {
            return;
        }
        self.check_emptied(sink);
        self.check_protected(sink);
        self.check_users(sink);
        self.check_count(sink);
    }

    fn check_emptied(&self, sink: &mut Sink) {
        let Request { team, source, .. } = self.request;
        let is_said = |gone: &Departure<'_>| !matches!(gone.fate, Fate::Unsaid);
        if !self.desired.workflows.is_empty() || (self.last.is_some() && self.departures.iter().all(is_said)) {
            return;
        }
        let fault = Diagnostic::error(&code::INCOMPLETE, format!("`{team}/{source}` would be left without any workflow"));
        let unsaid = self.departures.iter().filter(|gone| !is_said(gone)).map(|gone| gone.name);
        let help = match quoted_list(unsaid) {
            names if names.is_empty() => "is the checkout whole, and does `workflows:` name the right folder?".to_owned(),
            names => format!("is the checkout whole? If {names} should really go, name them in `retire`"),
        };
        sink.push(fault.at_file(layout::PROJECT, "").help(help));
    }

    fn check_protected(&self, sink: &mut Sink) {
        for gone in self.departures.iter().filter(|gone| gone.workflow.protect && !self.is_exempt(gone)) {
            let verb = if matches!(gone.fate, Fate::Renamed(_)) { "rename" } else { "delete" };
            let fault = Diagnostic::error(&code::PROTECTED, format!("workflow `{}` is protected and would be {verb}d", gone.name));
            let fault = fault.at_file(self.lock(), "the last publish said `protect: true`");
            sink.push(fault.help(format!("bring it back with `protect: false`, publish that, and {verb} it after that")));
        }
    }

    fn check_users(&self, sink: &mut Sink) {
        for gone in self.departures.iter().filter(|gone| !self.is_exempt(gone)) {
            let Some(users) = self.users.get(gone.name).filter(|users| !users.is_empty()) else { continue };
            let named = quoted_list(users.iter().map(String::as_str));
            let title = format!("workflow `{}` would go, and {named} would wait for it for ever", gone.name);
            let fault = Diagnostic::error(&code::WAITED_FOR, title).at_file(self.lock(), "");
            sink.push(fault.help(format!("ask the owners of {named} to take their `wait_for` out first")));
        }
    }

    fn check_count(&self, sink: &mut Sink) {
        let Request { team, source, .. } = self.request;
        let before = self.last.map_or(0, |lock| lock.workflows.len());
        let unsaid: Vec<&Departure<'_>> = self.departures.iter().filter(|gone| matches!(gone.fate, Fate::Unsaid)).collect();
        let (count, limit) = (unsaid.len(), self.authority.deletions as usize);
        let share = self.authority.deletion_share;
        let over = count > limit || (count > 1 && count * 100 > before * share as usize);
        if !over || self.desired.workflows.is_empty() || unsaid.iter().all(|gone| self.is_exempt(gone)) {
            return;
        }
        let title = format!("publishing `{team}/{source}` would delete {count} of its {before} workflows");
        let why = if count > limit { format!("at most {limit} go without a word") } else { format!("that is more than {share} % of them") };
        let fault = Diagnostic::error(&code::TOO_MANY_DELETIONS, title).at_file(layout::grant(team), why);
        let names: Vec<&str> = unsaid.iter().map(|gone| gone.name).collect();
        sink.push(fault.help(format!("if they should go, write `retire: [{}]` in `{}`", names.join(", "), layout::PROJECT)));
    }

    fn is_exempt(&self, gone: &Departure<'_>) -> bool {
        let folder = layout::source(&self.request.team, &self.request.source);
        let file = format!("{folder}/{}", gone.workflow.file);
        let paths = gone.workflow.compiled.iter().map(String::as_str).chain([file.as_str()]);
        self.exemptions.excuse(OverrideRule::Guard, &self.request.source, paths)
    }

    fn lock(&self) -> String {
        format!("{}/{}", layout::source(&self.request.team, &self.request.source), layout::LOCK)
    }
}
