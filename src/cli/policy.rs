//! The policy that holds for a project.

use std::path::Path;

use super::{Failure, central};
use crate::diag::Sink;
use crate::io::ReadTree;
use crate::io::git::{Address, GitTree, Repository, Scratch};
use crate::name::WorkflowName;
use crate::pipeline::{PolicyFiles, Rest};
use crate::source::Sources;
use crate::spec::Project;

/// The branch whose policy holds.
pub(super) const BRANCH: &str = "main";

/// The policy of the project's central repository, where that is at hand. A URL is asked only when the user named it in this call;
/// otherwise nothing is refused in the policy's name, and `plan` will tell. With it comes what the team has published there.
pub(super) fn find_policy(
    root: &Path,
    project: &Project,
    central: Option<&str>,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<(PolicyFiles, Rest)>, Failure> {
    let team = &project.team.value;
    let found = central::find(root, project, central)?;
    let Some(found) = found.filter(|found| found.is_named || matches!(found.address, Address::Folder(_))) else {
        return Ok(PolicyFiles::assumed(team, sources, sink).map(|policy| (policy, Rest::Unknown)));
    };
    let scratch;
    let opened;
    let (repository, tip): (&Repository, _) = match &found.address {
        Address::Folder(folder) => {
            opened = Repository::open(folder)?;
            let tip = opened.commit(&format!("refs/heads/{BRANCH}"))?;
            (&opened, tip)
        }
        Address::Url(_) => {
            scratch = Scratch::of(&found.address)?;
            let missing =
                || Failure::new(format!("{} has no branch `{BRANCH}`", found.address)).help("push the platform's files to it first");
            let tip = scratch.fetch(BRANCH)?.ok_or_else(missing)?;
            (scratch.repository(), tip)
        }
    };
    let tree_id = repository.tree_of(&tip)?;
    let tree = GitTree::new(repository, &tree_id);
    let read = |path: &str| tree.read(path).map_err(|error| Failure::new(error.to_string()));
    let (platform, grant) = (read("platform.yaml")?, read(&format!("teams/{team}.yaml"))?);
    let policy = PolicyFiles::read(platform.as_deref(), grant.as_deref(), team, Some(project.team.span), sources, sink);
    let listed = tree.list(&format!("dags/{team}")).map_err(|error| Failure::new(error.to_string()))?;
    let name = |path: &String| WorkflowName::parse(path.rsplit('/').next()?.strip_suffix(".py")?).ok();
    Ok(policy.map(|policy| (policy, Rest::Known(listed.iter().filter_map(name).collect()))))
}
