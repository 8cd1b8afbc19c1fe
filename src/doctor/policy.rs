//! The policy of the branch: whether it can be read, and what its grants say together.

use super::case::Case;
use super::{example, unmanaged};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::TeamName;
use crate::pipeline::{PolicyFiles, check_grants};
use crate::source::Sources;

const PLATFORM: &str = "platform.yaml";
const TEAMS: &str = "teams";

/// Gives how many grants could be read.
pub(super) fn check(case: &Case<'_>, sources: &Sources, sink: &mut Sink) -> Result<usize, GitError> {
    let platform = case.files.bytes(PLATFORM)?;
    let read = PolicyFiles::read_platform(platform.as_deref(), sources, sink);
    for open in read.iter().flat_map(|platform| platform.unmanaged.iter().flatten()).filter(|unmanaged| unmanaged.editors.is_none()) {
        unmanaged::check(case, open.paths.iter().map(|path| (&path.value.0, path.span)), sink);
    }
    let mut grants = Vec::new();
    for path in case.files.below(TEAMS)? {
        match team_of(&path) {
            Some(team) => {
                if let Some(bytes) = case.files.bytes(&path)? {
                    example::check(&team, &bytes, sources, sink);
                    grants.push((team, bytes));
                }
            }
            None => {
                let fault = Diagnostic::warning(&code::NOBODY, format!("`{path}` grants nothing to anybody"));
                let fault = fault.at_file(&*path, "a grant is called `teams/<team>.yaml`");
                sink.push(fault.help("rename it, or delete it"));
            }
        }
    }
    if grants.is_empty() {
        let fault = Diagnostic::warning(&code::NOBODY, "no team has a grant").at_file(TEAMS, "without a grant nobody may publish");
        sink.push(fault.help("write `teams/churn.yaml`: `freehold init central` makes a first one"));
    }
    Ok(check_grants(platform.as_deref(), grants, sources, sink))
}

fn team_of(path: &str) -> Option<TeamName> {
    TeamName::parse(path.strip_prefix(TEAMS)?.strip_prefix('/')?.strip_suffix(".yaml")?).ok()
}
