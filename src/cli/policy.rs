//! The policy that holds for a project.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Failure, central};
use crate::diag::Sink;
use crate::io::git::{Address, GitTree, ObjectId, Repository, Scratch};
use crate::io::{ReadError, ReadTree, Seen};
use crate::name::WorkflowName;
use crate::pipeline::{ParsedSource, PolicyFiles, Rest};
use crate::source::Sources;
use crate::spec::Project;

/// The branch whose policy holds.
pub(super) const BRANCH: &str = "main";

/// The tip of a branch of a central repository.
pub(super) struct Tip {
    place: Place,
    tree: ObjectId,
}

enum Place {
    Here(Repository),
    Fetched(Scratch),
}

impl Tip {
    /// The project's central repository, where that is at hand. A URL is asked only when the user named it in this call. `seen` is told on
    /// what it depends that the policy there is the one that holds.
    pub(super) fn at_hand(
        root: &Path,
        project: &Project,
        central: Option<&str>,
        seen: Option<&Arc<Seen>>,
    ) -> Result<Option<Self>, Failure> {
        let Some(found) = central::find(root, project, central)? else { return Ok(None) };
        if let (Some(seen), Address::Folder(folder)) = (seen, &found.address) {
            // A branch is a file of its own, or a line among others, in a bare repository or below a work tree.
            for git in [folder.clone(), folder.join(".git")] {
                [format!("refs/heads/{BRANCH}"), "packed-refs".to_owned()].iter().for_each(|file| seen.file(git.join(file)));
            }
        }
        let is_at_hand = found.is_named || matches!(found.address, Address::Folder(_));
        is_at_hand.then(|| Self::open(&found.address, BRANCH)).transpose()
    }

    /// A branch of a repository, wherever it is.
    pub(super) fn open(address: &Address, branch: &str) -> Result<Self, Failure> {
        let missing = || Failure::new(format!("{address} has no branch `{branch}`")).help("push the platform's files to it first");
        let (place, tip) = match address {
            Address::Folder(folder) => {
                let opened = Repository::open(folder)?;
                let tip = opened.commit(&format!("refs/heads/{branch}"))?;
                (Place::Here(opened), tip)
            }
            Address::Url(_) => {
                let scratch = Scratch::of(address)?;
                let tip = scratch.fetch(branch)?.ok_or_else(missing)?;
                (Place::Fetched(scratch), tip)
            }
        };
        let tree = place.repository().tree_of(&tip)?;
        Ok(Self { place, tree })
    }

    /// What it holds.
    pub(super) fn files(&self) -> GitTree<'_> {
        GitTree::new(self.place.repository(), &self.tree)
    }
}

impl Place {
    fn repository(&self) -> &Repository {
        match self {
            Self::Here(repository) => repository,
            Self::Fetched(scratch) => scratch.repository(),
        }
    }
}

/// A branch of a central repository that is fetched when something is read from it.
pub(super) struct Asked<'a> {
    address: Address,
    branch: &'a str,
    tip: OnceLock<Result<Tip, String>>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(address: Address, branch: &'a str) -> Self {
        Self { address, branch, tip: OnceLock::new() }
    }

    fn tip(&self) -> Result<&Tip, ReadError> {
        let open = || Tip::open(&self.address, self.branch).map_err(|failure| failure.message);
        self.tip.get_or_init(open).as_ref().map_err(|message| ReadError::Git(message.clone()))
    }
}

impl ReadTree for Asked<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.tip()?.files().read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.tip()?.files().list(folder)
    }
}

/// The policy at a tip of the central repository, and what the team has published there. Without one nothing is refused in the policy's
/// name, and `plan` will tell.
pub(super) fn read_policy(
    tip: Option<&Tip>,
    source: &ParsedSource,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<(PolicyFiles, Rest)>, Failure> {
    let project = &source.project;
    let team = &project.team.value;
    let Some(tip) = tip else {
        return Ok(PolicyFiles::assumed(team, sources, sink).map(|policy| (policy, Rest::Unknown)));
    };
    let tree = tip.files();
    let mut policy = PolicyFiles::read_in(&tree, &project.team, sources, sink).map_err(|error| Failure::new(error.to_string()))?;
    if let Some(policy) = &mut policy {
        policy.read_awaited(&tree, [source]).map_err(|error| Failure::new(error.to_string()))?;
    }
    let listed = tree.list(&format!("dags/{team}")).map_err(|error| Failure::new(error.to_string()))?;
    let name = |path: &String| WorkflowName::parse(path.rsplit('/').next()?.strip_suffix(".py")?).ok();
    Ok(policy.map(|policy| (policy, Rest::Known(listed.iter().filter_map(name).collect()))))
}
