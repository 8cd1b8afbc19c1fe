//! What the checks look at.

use super::gitlab::Pipeline;
use super::host::Rules;
use super::owners::Owners;
use super::workflow::Workflow;
use super::{Central, host};
use crate::diag::Sink;
use crate::io::git::{GitError, Mode, ObjectId, Repository, Surroundings};
use crate::source::Sources;
use crate::yaml::{self, Node};

const WORKFLOWS: &str = ".github/workflows";
const PIPELINE: &str = ".gitlab-ci.yml";

/// A central repository with what is around it.
pub(super) struct Case<'a> {
    pub(super) branch: &'a str,
    pub(super) surroundings: &'a Surroundings,
    /// The files of the branch.
    pub(super) files: Files<'a>,
    /// Whether pushes end here, so that only a hook can refuse them.
    pub(super) is_server: bool,
    /// Whether a tag is called like the branch.
    pub(super) has_tag: bool,
    /// GitHub's workflows of the branch.
    pub(super) workflows: Vec<Workflow>,
    /// GitLab's pipeline of the branch.
    pub(super) pipeline: Option<Pipeline>,
    /// Who has to agree to which files.
    pub(super) owners: Owners,
    /// What the Git host enforces; `None` when nobody has asked it.
    pub(super) rules: Option<Rules>,
    /// Files that could not be read as YAML.
    unreadable: Vec<String>,
}

/// The files of one revision.
pub(super) struct Files<'a> {
    repository: &'a Repository,
    tree: ObjectId,
}

impl Files<'_> {
    /// The text of a regular file; `None` when there is none.
    pub(super) fn text(&self, path: &str) -> Result<Option<String>, GitError> {
        Ok(self.bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The content of a regular file; `None` when there is none.
    pub(super) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let entry = self.repository.entry(&self.tree, path)?.filter(|entry| entry.mode == Mode::File);
        entry.map(|entry| self.repository.blob(&entry.id)).transpose()
    }

    /// Paths of the regular files below a folder, from the root.
    pub(super) fn below(&self, folder: &str) -> Result<Vec<String>, GitError> {
        let entries = self.repository.below(&self.tree, folder)?;
        Ok(entries.into_iter().filter(|(_, entry)| entry.mode == Mode::File).map(|(path, _)| format!("{folder}/{path}")).collect())
    }
}

impl<'a> Case<'a> {
    /// Reads what the checks look at. The host's answers that cannot be understood are told.
    pub(super) fn load(central: &Central<'a>, sources: &Sources, sink: &mut Sink) -> Result<Self, GitError> {
        let Central { repository, surroundings, branch, answers } = *central;
        let files = Files { repository, tree: repository.tree_of(&tip(repository, branch)?)? };
        let mut unreadable = Vec::new();
        let mut read = |path: String| -> Result<Option<(String, Node)>, GitError> {
            let Some(text) = files.text(&path)? else { return Ok(None) };
            let id = sources.add(&*path, text);
            // Its faults are its host's to tell.
            let node = yaml::parse(id, &sources.file(id).text, &mut Sink::new());
            if node.is_none() {
                unreadable.push(path.clone());
            }
            Ok(node.map(|node| (path, node)))
        };
        let mut workflows = Vec::new();
        for path in files.below(WORKFLOWS)?.into_iter().filter(|path| is_workflow(path)) {
            workflows.extend(read(path)?.map(|(path, node)| Workflow { path, node }));
        }
        let pipeline = read(PIPELINE.to_owned())?.map(|(path, node)| Pipeline { path, node });
        Ok(Self {
            branch,
            surroundings,
            is_server: surroundings.is_bare && !is_mirror(surroundings),
            has_tag: repository.commit(&format!("refs/tags/{branch}")).is_ok(),
            workflows,
            pipeline,
            owners: Owners::read(&files)?,
            rules: host::read(answers, sources, sink),
            unreadable,
            files,
        })
    }

    /// What was looked at.
    pub(super) fn seen(&self, grants: usize) -> Vec<String> {
        let counted = |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
        let mut seen = vec![counted(grants, "grant")];
        if !self.workflows.is_empty() {
            seen.push(counted(self.workflows.len(), "workflow"));
        }
        if self.pipeline.is_some() {
            seen.push(format!("`{PIPELINE}`"));
        }
        seen.push(if self.is_server { "settings and hooks" } else { "settings" }.to_owned());
        if self.rules.is_some() {
            seen.push(format!("the host's rules for `{}`", self.branch));
        }
        seen
    }

    /// What could not be seen.
    pub(super) fn unseen(&self) -> Vec<String> {
        let mut unseen: Vec<String> =
            self.unreadable.iter().map(|path| format!("`{path}`, which is no YAML that can be read here")).collect();
        if !self.is_server && self.rules.is_none() {
            let name = self.surroundings.setting("remote.origin.url").and_then(name_of).unwrap_or_else(|| "OWNER/NAME".to_owned());
            let branch = self.branch;
            unseen.push(format!(
                "what the host enforces: `gh api repos/{name}/rules/branches/{branch} > rules.json`, then `freehold doctor --rules rules.json`"
            ));
        }
        unseen.push(format!("what the branch holds, which `freehold audit --rev {}` reads whole", self.branch));
        if self.is_server {
            unseen.push("who may log in to this machine, and with which rights".to_owned());
        }
        unseen
    }
}

/// The branch here, or the one that was fetched.
fn tip(repository: &Repository, branch: &str) -> Result<ObjectId, GitError> {
    match repository.commit(&format!("refs/heads/{branch}")) {
        Err(GitError::NoCommit(_)) => repository.commit(&format!("refs/remotes/origin/{branch}")).map_err(|error| match error {
            GitError::NoCommit(_) => GitError::NoCommit(branch.to_owned()),
            error => error,
        }),
        found => found,
    }
}

/// A mirror takes what its origin has, whatever a hook here says.
fn is_mirror(surroundings: &Surroundings) -> bool {
    let is_mirror = |key: &str| key.starts_with("remote.") && key.ends_with(".mirror");
    surroundings.own().any(|setting| is_mirror(&setting.key) && surroundings.is_set(&setting.key))
}

fn is_workflow(path: &str) -> bool {
    let name = path.strip_prefix(WORKFLOWS).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// `acme/dags` of `git@host:acme/dags.git` or `https://host/acme/dags`.
fn name_of(url: &str) -> Option<String> {
    let is_far = url.contains("://") || url.contains(':');
    let mut parts = url.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', ':']).filter(|part| !part.is_empty());
    let (name, owner) = (parts.next()?, parts.next()?);
    (is_far && !url.starts_with("file:") && !owner.contains('@')).then(|| format!("{owner}/{name}"))
}
