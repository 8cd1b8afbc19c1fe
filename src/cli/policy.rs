//! The policy that holds for a project.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::workspace::PLATFORM_FILE;
use super::{Failure, central};
use crate::diag::Sink;
use crate::io::git::{Address, GitError, GitTree, ObjectId, Repository, Scratch};
use crate::io::{ReadError, ReadTree, Seen};
use crate::name::WorkflowName;
use crate::pipeline::{ParsedSource, PolicyFiles, Rest};
use crate::report::one_line;
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

/// Why no policy is looked at.
pub(super) enum Unseen {
    /// No central repository is set, and there is no embedded one yet.
    Unset,
    /// It is somewhere else, at this address, and the user did not name it in this call.
    Elsewhere(String),
    /// The folder that the project file names is no central repository yet.
    Unstarted(Failure),
}

impl Unseen {
    /// What to tell whoever may think that all is checked.
    pub(super) fn note(&self) -> String {
        let why = match self {
            Self::Unset => "no central repository is set, and `freehold plan` makes one of your own, to try".to_owned(),
            Self::Elsewhere(url) => {
                let url = one_line(url);
                format!("`freehold plan` asks {url} for it, as `--central {url}` does here")
            }
            Self::Unstarted(Failure { message, help: None }) => message.clone(),
            Self::Unstarted(Failure { message, help: Some(help) }) => format!("{message}\n  help: {help}"),
        };
        format!("note: profiles, pools and images were not checked against a policy: {why}")
    }
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
        match Self::look(root, project, central, seen)? {
            Ok(tip) => Ok(Some(tip)),
            Err(Unseen::Unstarted(failure)) => Err(failure),
            Err(Unseen::Unset | Unseen::Elsewhere(_)) => Ok(None),
        }
    }

    /// The same, or why it is not at hand.
    pub(super) fn look(
        root: &Path,
        project: &Project,
        central: Option<&str>,
        seen: Option<&Arc<Seen>>,
    ) -> Result<Result<Self, Unseen>, Failure> {
        let Some(found) = central::find(root, project, central)? else { return Ok(Err(Unseen::Unset)) };
        if let (Some(seen), Address::Folder(folder)) = (seen, &found.address) {
            // A branch is a file of its own, or a line among others, in a bare repository or below a work tree.
            for git in [folder.clone(), folder.join(".git")] {
                [format!("refs/heads/{BRANCH}"), "packed-refs".to_owned()].iter().for_each(|file| seen.file(git.join(file)));
            }
        }
        match &found.address {
            Address::Url(url) if !found.is_named => Ok(Err(Unseen::Elsewhere(url.clone()))),
            Address::Folder(folder) if !found.is_named => match Self::of_folder(folder, BRANCH) {
                Ok(tip) => Ok(Ok(tip)),
                Err(error) if is_start_missing(&error) => Ok(Err(Unseen::Unstarted(not_opened(folder, BRANCH, error)))),
                Err(error) => Err(error.into()),
            },
            address => Self::open(address, BRANCH).map(Ok),
        }
    }

    fn of_folder(folder: &Path, branch: &str) -> Result<Self, GitError> {
        let opened = Repository::open(folder)?;
        let tip = opened.commit(&format!("refs/heads/{branch}"))?;
        let tree = opened.tree_of(&tip)?;
        Ok(Self { place: Place::Here(opened), tree })
    }

    /// A branch of a repository, wherever it is.
    pub(super) fn open(address: &Address, branch: &str) -> Result<Self, Failure> {
        let missing = || Failure::new(format!("{address} has no branch `{branch}`")).help("push the platform's files to it first");
        match address {
            Address::Folder(folder) => Self::of_folder(folder, branch).map_err(|error| not_opened(folder, branch, error)),
            Address::Url(_) => {
                let scratch = Scratch::of(address)?;
                let tip = scratch.fetch(branch)?.ok_or_else(missing)?;
                let tree = scratch.repository().tree_of(&tip)?;
                Ok(Self { place: Place::Fetched(scratch), tree })
            }
        }
    }

    /// What it holds.
    pub(super) fn files(&self) -> GitTree<'_> {
        GitTree::new(self.place.repository(), &self.tree)
    }
}

/// Whether a folder is not yet what a central repository is: there is no repository, or not its branch.
fn is_start_missing(error: &GitError) -> bool {
    matches!(error, GitError::NotARepository(_) | GitError::NoCommit(_))
}

/// What to do for a folder that is no central repository yet.
fn not_opened(folder: &Path, branch: &str, error: GitError) -> Failure {
    let shown = folder.display();
    let land = format!("`git -C {shown} add --all`, then `git -C {shown} commit --message \"Start\"`");
    match error {
        GitError::NoCommit(_) => Failure::new(format!("{shown} has no branch `{branch}`"))
            .help(format!("commit the platform's files, which `freehold init central` writes, to it: {land}")),
        GitError::NotARepository(_) if folder.join(PLATFORM_FILE).is_file() => Failure::new(format!("{shown} is no git repository yet"))
            .help(format!("make it one: `git -C {shown} init --initial-branch={branch}`, {land}")),
        GitError::NotARepository(_) if !folder.exists() => Failure::new(format!("{shown} is no git repository: there is no such folder"))
            .help("name the central repository: a work tree, a bare repository or a Git URL"),
        error => error.into(),
    }
}

/// Tells of a folder that is no repository, before anything is read. Whether one has the branch is seen when it is read.
pub(super) fn refuse_unstarted(address: &Address, branch: &str) -> Result<(), Failure> {
    match address {
        Address::Folder(folder) if !folder.join(".git").exists() && !folder.join("HEAD").exists() => {
            Err(not_opened(folder, branch, GitError::NotARepository(folder.clone())))
        }
        Address::Folder(_) | Address::Url(_) => Ok(()),
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
