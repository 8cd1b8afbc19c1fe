//! The policy that holds for a project.

use std::path::Path;

use super::Failure;
use crate::diag::Sink;
use crate::pipeline::PolicyFiles;
use crate::source::Sources;
use crate::spec::Project;

/// The policy of the project's central repository, where that is at hand; otherwise one that allows what needs no definition.
pub(super) fn find_policy(
    _root: &Path,
    project: &Project,
    _central: Option<&str>,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<PolicyFiles>, Failure> {
    let team = &project.team.value;
    let (platform, grant) = PolicyFiles::default_files(team);
    Ok(PolicyFiles::read(Some(platform.as_bytes()), Some(grant.as_bytes()), team, None, sources, sink))
}
