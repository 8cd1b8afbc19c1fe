//! Whether this repository, ref, event and commit may publish to this source.

use super::compiler::{Authority, Binding, Compiler};
use super::layout;
use super::lock::Lock;
use super::request::{Ancestry, Request};
use super::team::TeamState;
use crate::diag::{Diagnostic, Severity, Sink, codes as code, quoted_list};
use crate::source::Sources;

/// Events that happen on a repository's own branches. Default deny: an event that is not here may carry a stranger's
/// commits, as GitHub's `pull_request_target` does.
const EVENTS: [&str; 10] =
    ["push", "workflow_dispatch", "schedule", "repository_dispatch", "release", "workflow_call", "web", "api", "trigger", "pipeline"];

/// Whether the answer is for planning only, or lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Nothing lands: a pull request's ref and event are told, not refused.
    Plan,
    /// A commit lands.
    Publish,
}

/// Reads the policy that holds. `None` when there is none or it cannot be read, which has been told.
pub(crate) fn read_authority(
    state: &TeamState,
    request: &Request<'_>,
    compiler: &dyn Compiler,
    sources: &Sources,
    sink: &mut Sink,
) -> Option<Authority> {
    let team = &request.team;
    let mut missing = |path: &str, help: String| {
        let fault = Diagnostic::error(&code::NO_GRANT, format!("the central repository has no `{path}`"));
        sink.push(fault.at_file(path, "policy is read from here, and without it nothing is allowed").help(help));
    };
    let grant = layout::grant(team);
    if state.platform.is_none() {
        missing(layout::PLATFORM, "ask the platform's people to run `freehold init central` there".to_owned());
    }
    if state.grant.is_none() {
        missing(&grant, format!("ask the platform's people to add `{grant}`, which says `team: {team}` and lists your repository"));
    }
    let (platform, grant) = (state.platform.as_ref()?, state.grant.as_ref()?);
    match compiler.authority(platform, grant, team, sources) {
        Ok(authority) => Some(authority),
        Err(faults) => {
            sink.extend(faults);
            let fault = Diagnostic::error(&code::NO_GRANT, format!("the policy for team `{team}` cannot be read"));
            sink.push(fault.at_file(layout::grant(team), "").help("ask the platform's people to mend it; until then nothing is published"));
            None
        }
    }
}

/// Checks repository, ref and event against the grant.
pub(crate) fn check_origin(authority: &Authority, request: &Request<'_>, purpose: Purpose, sink: &mut Sink) {
    let Some(binding) = find_binding(authority, request, purpose, sink) else { return };
    check_reference(binding, request, purpose, sink);
    check_event(request, purpose, sink);
}

fn find_binding<'a>(authority: &'a Authority, request: &Request<'_>, purpose: Purpose, sink: &mut Sink) -> Option<&'a Binding> {
    let Request { team, source, origin, .. } = request;
    let grant = layout::grant(team);
    let Some(repository) = &origin.repository else {
        let mut fault = Diagnostic::error(&code::NOT_BOUND, format!("nothing says which repository asks to publish to `{team}/{source}`"));
        fault.severity = severity(purpose);
        let granted = authority.repositories.iter().find(|binding| binding.source == *source);
        let (id, name) = granted.map_or((1, "acme/churn-model"), |binding| (binding.id, binding.name.as_str()));
        let help = format!("in CI the environment says it; by hand: `--repository-id {id} --repository {name}`");
        sink.push(fault.at_file(grant, "repositories that may publish are listed here").help(help));
        return None;
    };
    let bound = authority.repositories.iter().find(|binding| binding.id == repository.id && binding.source == *source);
    let Some(binding) = bound else {
        let (id, name) = (repository.id, &repository.name);
        let fault = Diagnostic::error(&code::NOT_BOUND, format!("repository `{name}` ({id}) may not publish to `{team}/{source}`"));
        // A name that is granted under another number was given up and registered again by somebody.
        let same_name = authority.repositories.iter().find(|binding| binding.name == *name && binding.source == *source);
        let label =
            same_name.map(|binding| format!("`{name}` is granted as number {}: this is another repository of that name", binding.id));
        let help =
            format!("if it should, ask the platform's people to add `{{ id: {id}, name: {name}, source: {source} }}` to `repositories`");
        sink.push(fault.at_file(grant, label.unwrap_or_else(|| "it is not listed here for this source".to_owned())).help(help));
        return None;
    };
    if binding.name != repository.name {
        let title = format!("repository {} is called `{}` now and `{}` in its grant", binding.id, repository.name, binding.name);
        let fault = Diagnostic::warning(&code::REPOSITORY_RENAMED, title).at_file(grant, "");
        sink.push(fault.help(format!("ask the platform's people to write `name: {}`", repository.name)));
    }
    Some(binding)
}

fn check_reference(binding: &Binding, request: &Request<'_>, purpose: Purpose, sink: &mut Sink) {
    let reference = request.origin.reference.as_deref().unwrap_or_default();
    if binding.allows(reference) {
        return;
    }
    let mut fault = match reference {
        "" => Diagnostic::error(&code::REF_NOT_GRANTED, "nothing says which branch asks to publish"),
        reference => {
            Diagnostic::error(&code::REF_NOT_GRANTED, format!("`{reference}` may not publish to `{}/{}`", request.team, request.source))
        }
    };
    fault.severity = severity(purpose);
    let allowed = quoted_list(binding.refs.iter().map(String::as_str));
    sink.push(fault.at_file(layout::grant(&request.team), format!("it grants {allowed}")).help("merge first, then publish from there"));
}

fn check_event(request: &Request<'_>, purpose: Purpose, sink: &mut Sink) {
    let Some(event) = request.origin.event.as_deref().filter(|event| !EVENTS.contains(event)) else { return };
    let mut fault = Diagnostic::error(&code::EVENT_NOT_ALLOWED, format!("a run that `{event}` started may not publish"));
    fault.severity = severity(purpose);
    sink.push(fault.help("run `freehold plan` there, and `freehold publish` on `push` to the granted branch"));
}

fn severity(purpose: Purpose) -> Severity {
    match purpose {
        Purpose::Plan => Severity::Warning,
        Purpose::Publish => Severity::Error,
    }
}

/// Checks that the commit comes after the last one that was published.
pub(crate) fn check_history(lock: Option<&Lock>, request: &Request<'_>, sink: &mut Sink) {
    let Some(published) = lock.and_then(|lock| lock.published.as_ref()) else { return };
    // Another repository has another history; the grant has said that it takes over.
    let moved = request.origin.repository.as_ref().is_some_and(|repository| repository.id != published.repository.id);
    let Some(last) = published.commit.as_deref().filter(|_| !moved && !request.consent.rollback) else { return };
    let ancestry = if request.origin.commit.is_some() { (request.is_ancestor)(last) } else { Ancestry::Unknown };
    let place = format!("{}/{}", layout::source(&request.team, &request.source), layout::LOCK);
    let short = last.get(..12).unwrap_or(last);
    match ancestry {
        Ancestry::Yes => {}
        Ancestry::No => {
            let fault = Diagnostic::error(&code::OLDER_COMMIT, format!("a commit that is not built on `{short}` would replace it"));
            let fault = fault.at_file(place, "this is the commit that was published last");
            sink.push(fault.help("publish from the tip of the branch, or say that you go back: `freehold publish --rollback`"));
        }
        Ancestry::Unknown => {
            let title = format!("whether this comes after `{short}` cannot be told");
            let fault = Diagnostic::error(&code::UNKNOWN_HISTORY, title).at_file(place, "this is the commit that was published last");
            let help = "fetch the whole history (`fetch-depth: 0` in GitHub's checkout, `git fetch --unshallow`), commit what you publish, \
                        or say that you go back: `freehold publish --rollback`";
            sink.push(fault.help(help));
        }
    }
}
