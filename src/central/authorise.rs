//! Whether this repository, ref, event and commit may publish to this source.

use super::compiler::{Authority, Binding, Compiler};
use super::identity::Settled;
use super::layout;
use super::lock::{Lock, RepositoryId};
use super::request::{Ancestry, Origin, Request};
use super::team::TeamState;
use crate::diag::{Diagnostic, Severity, Sink, codes as code, quoted_list};
use crate::source::Sources;

/// Events that happen on a repository's own branches. Default deny: an event that is not here may carry a stranger's
/// commits, as GitHub's `pull_request_target` does, or GitLab's `parent_pipeline` below a merge request.
pub(crate) const EVENTS: [&str; 10] =
    ["push", "workflow_dispatch", "schedule", "repository_dispatch", "release", "workflow_call", "web", "api", "trigger", "pipeline"];

/// Whether the answer is for planning only, or lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Nothing lands: a pull request's ref and event are told, not refused.
    Plan,
    /// A commit lands.
    Publish,
    /// A commit lands that has waited on a branch.
    Integrate,
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

/// Checks repository, owner, ref and event against the grant.
pub(crate) fn check_origin(authority: &Authority, request: &Request<'_>, settled: &Settled, purpose: Purpose, sink: &mut Sink) {
    let Some(binding) = find_binding(authority, request, settled, purpose, sink) else { return };
    check_owner(binding, request, settled, purpose, sink);
    check_reference(binding, request, &settled.origin, purpose, sink);
    check_event(&settled.origin, purpose, sink);
}

fn find_binding<'a>(
    authority: &'a Authority,
    request: &Request<'_>,
    settled: &Settled,
    purpose: Purpose,
    sink: &mut Sink,
) -> Option<&'a Binding> {
    let Request { team, source, .. } = request;
    let grant = layout::grant(team);
    let Some(repository) = &settled.origin.repository else {
        let mut fault = Diagnostic::error(&code::NOT_BOUND, format!("nothing says which repository asks to publish to `{team}/{source}`"));
        fault.severity = severity(purpose);
        let granted = authority.repositories.iter().find(|binding| binding.source == *source);
        let help = match granted {
            Some(Binding { id, name, .. }) => format!("in CI the environment says it; by hand: `--repository-id {id} --repository {name}`"),
            None => format!("no repository is granted the source `{source}`: ask the platform for a line with `source: {source}`"),
        };
        sink.push(fault.at_file(grant, "repositories that may publish are listed here").help(help));
        return None;
    };
    let granted = || authority.repositories.iter().filter(|binding| binding.source == *source);
    // Each issuer counts its own repositories, so a number says nothing without it.
    let is_numbered_so = |binding: &Binding| {
        settled.publisher.as_ref().is_none_or(|publisher| {
            let issuer = publisher.claims().issuer.as_str();
            authority.identity.is_numbered_by(binding.issuer.as_deref(), issuer)
        })
    };
    let bound = granted().find(|binding| binding.id == repository.id && is_numbered_so(binding));
    let Some(binding) = bound else {
        let RepositoryId { id, name } = repository;
        let fault = Diagnostic::error(&code::NOT_BOUND, format!("repository `{name}` ({id}) may not publish to `{team}/{source}`"));
        let same_number = granted().find(|binding| binding.id == *id).map(|_| format!("number {id} is granted as another issuer's"));
        // A name that is granted under another number was given up and registered again by somebody.
        let same_name = granted().find(|binding| binding.name == *name);
        let label = same_number.or_else(|| {
            same_name.map(|binding| format!("`{name}` is granted as number {}: this is another repository of that name", binding.id))
        });
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

/// A repository can be given to somebody else with its number; only a token tells whose it is now.
fn check_owner(binding: &Binding, request: &Request<'_>, settled: &Settled, purpose: Purpose, sink: &mut Sink) {
    let (Some(granted), Some(publisher)) = (binding.owner_id, &settled.publisher) else { return };
    let owner = publisher.claims().owner_id;
    if owner != granted {
        let title = format!("repository `{}` belongs to owner {owner} now", publisher.claims().repository);
        let mut fault = Diagnostic::error(&code::IDENTITY_CONTRADICTION, title);
        fault.severity = severity(purpose);
        let fault = fault.at_file(layout::grant(&request.team), format!("it is granted as one of owner {granted}"));
        sink.push(fault.help(format!("if that is right, ask the platform's people to write `owner_id: {owner}`")));
    }
}

fn check_reference(binding: &Binding, request: &Request<'_>, origin: &Origin, purpose: Purpose, sink: &mut Sink) {
    let reference = origin.reference.as_deref().unwrap_or_default();
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

fn check_event(origin: &Origin, purpose: Purpose, sink: &mut Sink) {
    let Some(event) = origin.event.as_deref().filter(|event| !EVENTS.contains(event)) else { return };
    let mut fault = Diagnostic::error(&code::EVENT_NOT_ALLOWED, format!("a run that `{event}` started may not publish"));
    fault.severity = severity(purpose);
    sink.push(fault.help("run `freehold plan` there, and `freehold publish` on `push` to the granted branch"));
}

pub(crate) fn severity(purpose: Purpose) -> Severity {
    match purpose {
        Purpose::Plan => Severity::Warning,
        Purpose::Publish | Purpose::Integrate => Severity::Error,
    }
}

/// Checks that the commit comes after the last one that was published.
pub(crate) fn check_history(lock: Option<&Lock>, request: &Request<'_>, origin: &Origin, sink: &mut Sink) {
    let Some(published) = lock.and_then(|lock| lock.published.as_ref()) else { return };
    // Another repository has another history; the grant has said that it takes over.
    let moved = origin.repository.as_ref().is_some_and(|repository| repository.id != published.repository.id);
    let Some(last) = published.commit.as_deref().filter(|_| !moved && !request.consent.rollback) else { return };
    let ancestry = if origin.commit.is_some() { (request.is_ancestor)(last) } else { Ancestry::Unknown };
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
