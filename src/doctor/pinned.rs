//! Actions by a name that can be moved: whoever moves it runs in the central repository.

use super::case::Case;
use super::workflow::Workflow;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;

/// Places that one finding points at; the title says how many there are.
const SHOWN: usize = 5;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    for workflow in &case.workflows {
        let loose = loose(workflow);
        let Some((first, _)) = loose.first() else { continue };
        let more = if loose.len() == 1 { String::new() } else { format!(" and {} more", loose.len() - 1) };
        let mut fault = Diagnostic::warning(&code::UNPINNED_ACTION, format!("action `{first}`{more} may become another program overnight"));
        for (at, (_, span)) in loose.iter().take(SHOWN).enumerate() {
            fault = fault.at(*span, if at == 0 { "a tag or a branch can be moved" } else { "" });
        }
        let name = first.split('@').next().unwrap_or(first);
        let help = match name.strip_prefix("docker://") {
            Some(image) => format!("write the digest: `docker://{image}@sha256:…`"),
            None => format!("write the commit, and the version behind it: `{name}@<40 digits> # v4`"),
        };
        sink.push(fault.help(help));
    }
}

fn loose(workflow: &Workflow) -> Vec<(&str, Span)> {
    let steps = workflow.jobs().flat_map(|job| job.steps().map(|step| step.node).chain([job.node]).collect::<Vec<_>>());
    let used = steps.filter_map(|node| node.get("uses")).filter_map(|uses| Some((uses.as_str()?, uses.span)));
    used.filter(|(action, _)| !is_pinned(action)).collect()
}

/// A commit or a digest; an action of this repository moves with the branch itself.
fn is_pinned(action: &str) -> bool {
    let version = action.rsplit_once('@').map(|(_, version)| version).unwrap_or_default();
    let is_commit = matches!(version.len(), 40 | 64) && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    action.starts_with("./") || is_commit || version.starts_with("sha256:")
}
