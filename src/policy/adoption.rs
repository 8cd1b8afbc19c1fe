//! Hand-written files that become workflows: only those that the platform has pinned, with the bytes that it has pinned.

use sha2::{Digest as _, Sha256};

use super::Policy;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::{TeamName, WorkflowName};
use crate::source::{Span, Spanned};
use crate::spec::{AdoptedPath, Adoption, Workflow};

/// Tells when the platform has not consented to a file with these bytes as this workflow. `adopted` is where the workflow names the file.
pub fn check_adopted(workflow: &Workflow, adopted: &Spanned<AdoptedPath>, bytes: &[u8], policy: &Policy<'_>, sink: &mut Sink) {
    if policy.is_assumed {
        return;
    }
    let (team, name) = (policy.team(), &workflow.workflow.value);
    let digest = sha256(bytes);
    let Some(pin) = policy.dag_ids.adoption(team, name) else {
        let title = format!("the platform has not granted a hand-written file as workflow `{name}` of team `{team}`");
        let fault = Diagnostic::error(&code::NOT_PINNED, title).at(adopted.span, format!("its bytes have the SHA-256 {digest}"));
        let fault = match &policy.grant.adopt {
            Some(_) => fault.at(policy.grant.span, "nothing in `adopt` has this name"),
            None => fault.at(policy.grant.team.span, "the grant has no `adopt`"),
        };
        let help = format!("ask the platform's people to run `freehold adopt --team {team}` on the file, or write the workflow in YAML");
        sink.push(fault.help(help));
        return;
    };
    if pin.sha256.value.0 != digest {
        let title = format!("`{}` is not the file that the platform has granted as workflow `{name}`", adopted.value.0);
        let fault = Diagnostic::error(&code::NOT_PINNED, title).at(adopted.span, format!("its bytes have the SHA-256 {digest}"));
        sink.push(fault.at(pin.sha256.span, "these bytes are granted").help(remedy(bytes, pin)));
    }
}

/// Whether a wait for a workflow is for one DAG; a hand-written file may hold several, which is told.
pub fn check_awaited_file(place: Span, (team, workflow): (&TeamName, &WorkflowName), policy: &Policy<'_>, sink: &mut Sink) -> bool {
    let ids = policy.dag_ids.adoption(team, workflow).map_or(&[][..], |adoption| adoption.dag_ids.as_slice());
    if ids.len() <= 1 {
        return true;
    }
    let title = format!("`{team}/{workflow}` is an adopted file with {} DAGs, and a wait is for one", ids.len());
    let names = quoted_list(ids.iter().map(|id| id.value.as_str()));
    let fault = Diagnostic::error(&code::ADOPTED_AND_MORE, title).at(place, format!("which of {names} is not said"));
    sink.push(fault.help(format!("have team `{team}` write the DAG in YAML, as a workflow of its own, and wait for that")));
    false
}

/// The SHA-256 of bytes, as `sha256sum` prints it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Git may have changed nothing but the ends of lines when it checked the file out.
fn remedy(bytes: &[u8], pin: &Adoption) -> String {
    let is_pinned = |bytes: &[u8]| sha256(bytes) == pin.sha256.value.0;
    let text = String::from_utf8_lossy(bytes);
    let unix = text.replace("\r\n", "\n");
    if is_pinned(unix.as_bytes()) || is_pinned(unix.replace('\n', "\r\n").as_bytes()) {
        return "only the ends of its lines differ: write `*.py.txt -text` into `.gitattributes`, and check the file out again".to_owned();
    }
    "bring the granted bytes back; to change the file, ask the platform's people to grant the new ones, or write the workflow in YAML"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn a_digest_is_what_sha256sum_prints() {
        assert_eq!(sha256(b"test"), "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    }
}
