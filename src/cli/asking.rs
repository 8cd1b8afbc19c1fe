//! What `plan` and `publish` have in common: the source, who asks, and for which central repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::central::{self, LOCAL_ID, LOCAL_NAME};
use super::output::Output;
use super::policy::{Asked, BRANCH, refuse_unstarted};
use super::workspace::{Workspace, prefix};
use super::{Ending, Failure, identity, today};
use crate::central::{Ancestry, Branch, Consent, Origin, Plan, RepositoryId, Request, Token, TokenFor};
use crate::diag::{Diagnostic, Label, Place, Severity, Sink};
use crate::io::Disk;
use crate::name::{SourceName, TeamName, WorkflowName};
use crate::pipeline::{Library, OwnSource, TeamCompiler, load_project, load_source};
use crate::report::{self, Summary};
use crate::source::Sources;

/// Options of `plan` and `publish`.
#[derive(Debug, Args)]
pub(super) struct AskingOptions {
    /// The project's folder: a project is published as a whole.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The central repository: a work tree, a bare repository or a Git URL. The project file's, or an embedded one, without it.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
    /// The central repository's branch.
    #[arg(long, default_value = BRANCH)]
    branch: String,
    /// Number of the repository that asks.
    #[arg(long, value_name = "ID", env = "GITHUB_REPOSITORY_ID")]
    repository_id: Option<u64>,
    /// Full name of the repository that asks, such as `acme/churn-model`.
    #[arg(long, value_name = "NAME", env = "GITHUB_REPOSITORY")]
    repository: Option<String>,
    /// Full ref that asks, such as `refs/heads/main`.
    #[arg(long = "ref", value_name = "REF", env = "GITHUB_REF")]
    reference: Option<String>,
    /// What started the run, such as `push`.
    #[arg(long, value_name = "EVENT", env = "GITHUB_EVENT_NAME")]
    event: Option<String>,
    /// The commit that asks.
    #[arg(long, value_name = "COMMIT", env = "GITHUB_SHA")]
    commit: Option<String>,
    /// File with a signed identity token of the run, which says all of this so that nobody need be believed. The variable
    /// FREEHOLD_IDENTITY_TOKEN may hold the token itself instead.
    #[arg(long, value_name = "FILE")]
    identity_token: Option<PathBuf>,
    /// Hand the identity token to the server with the push (`git push --push-option`), for its `pre-receive` hook to judge by.
    #[arg(long)]
    send_token: bool,
    /// Let an older commit, or one of another line of history, replace what was published.
    #[arg(long)]
    rollback: bool,
    /// Overwrite files that somebody edited by hand in the central repository.
    #[arg(long)]
    repair: bool,
}

/// A source that has been read, and who asks to publish it where.
pub(super) struct Asking {
    pub(super) sources: Sources,
    pub(super) branch: Branch,
    pub(super) compiler: TeamCompiler,
    root: PathBuf,
    prefix: String,
    team: TeamName,
    source: SourceName,
    files: crate::central::SourceFiles,
    /// The workflow in each file.
    workflows: BTreeMap<String, WorkflowName>,
    origin: Origin,
    consent: Consent,
    summary: Summary,
}

impl Asking {
    /// Reads the project. `None` when it cannot be read, which has been told.
    pub(super) fn read(options: &AskingOptions, output: &Output) -> Result<Option<Self>, Failure> {
        let Workspace::Project(root) = Workspace::whole(&options.dir)? else {
            return Err(Failure::new(format!("{} is a central repository, and its teams publish to it", options.dir.display()))
                .help("name a team's project"));
        };
        let (sources, mut sink) = (Sources::new(), Sink::new());
        let prefix = prefix(&root)?;
        let disk = Disk::new(&root);
        // Which central repository is meant is said in the project's file, which is read again, with its faults, with the rest.
        let project = load_project(&disk, &prefix, &Sources::new(), &mut Sink::new());
        let found = project.map_or(Ok(None), |project| central::find(&root, &project, options.central.as_deref()))?;
        found.as_ref().map_or(Ok(()), |found| refuse_unstarted(&found.address, &options.branch))?;
        let asked = found.as_ref().map(|found| Asked::new(found.address.clone(), &options.branch));
        let library = asked.as_ref().map_or_else(Library::not_at_hand, |asked| Library::of(asked));
        let Some(source) = load_source(&disk, &prefix, &library, &sources, &mut sink) else {
            output.diagnostics(&sink.into_sorted(), &sources, &Summary::default())?;
            return Ok(None);
        };
        let (team, name) = (source.project.team.value.clone(), source.project.source.value.clone());
        let is_embedded = found.as_ref().is_none_or(|found| found.is_embedded);
        let branch = match found {
            Some(found) => Branch { central: found.address, name: options.branch.clone() },
            None => {
                output.note("no central repository is set: using an embedded one, .freehold/central.git");
                central::make_embedded(&root, &options.branch, &team, &name)?
            }
        };
        // Nothing is trusted in the embedded repository, and nobody else can publish to it.
        let token = if is_embedded { None } else { identity::find_token(options.identity_token.as_deref())? };
        let mut origin = origin(options, &root, is_embedded, token);
        if is_embedded {
            // Nobody's history is kept there: what is tried comes from no commit, and comes after whatever was tried before.
            origin.commit = None;
        } else if let Some(changed) = uncommitted(&root, source.files.keys()) {
            let commit = origin.commit.as_deref().and_then(|commit| commit.get(..12)).unwrap_or("the commit");
            let failure = Failure::new(format!("`{changed}` is not committed, and {commit} would be recorded as where it comes from"));
            return Err(failure.help("commit it, or put it aside with `git stash -u`"));
        }
        let asking = Self {
            branch,
            files: source.files.clone(),
            workflows: source.workflows.iter().map(|workflow| (workflow.file.clone(), workflow.spec.workflow.value.clone())).collect(),
            origin,
            consent: Consent { rollback: options.rollback || is_embedded, repair: options.repair },
            summary: Summary { files: source.files.len(), workflows: source.found, tasks: 0 },
            compiler: TeamCompiler::with_source(OwnSource { name: name.clone(), source, diagnostics: sink.into_sorted() }),
            sources,
            root,
            prefix,
            team,
            source: name,
        };
        Ok(Some(asking))
    }

    /// Hands the request to `then`.
    pub(super) fn request<T>(&self, then: impl FnOnce(&Request<'_>) -> T) -> T {
        let commit = self.origin.commit.as_deref();
        let is_ancestor = |last: &str| commit.map_or(Ancestry::Unknown, |commit| ancestry(&self.root, last, commit));
        let endpoint = identity::TokenEndpoint::of_run();
        let token_for = endpoint.as_ref().map(|endpoint| |audience: &str| endpoint.ask(audience));
        let has_changed_since = |last: &str| commit.is_some_and(|commit| has_changed(&self.root, last, commit, self.files.keys()));
        then(&Request {
            team: self.team.clone(),
            source: self.source.clone(),
            files: self.files.clone(),
            origin: self.origin.clone(),
            is_ancestor: &is_ancestor,
            has_changed_since: &has_changed_since,
            token_for: token_for.as_ref().map(|ask| ask as &TokenFor<'_>),
            consent: self.consent,
            today: Some(today()),
        })
    }

    /// Tells what is refused; whether anything is.
    pub(super) fn tell(&self, plan: &Plan, output: &Output) -> Result<Ending, Failure> {
        let told = self.told(plan);
        let has_words = output.format.is_for_people() && !told.is_empty();
        if has_words || !output.format.is_general() {
            output.diagnostics(&told, &self.sources, &self.summary)?;
        }
        Ok(if plan.is_refused() { Ending::Refused } else { Ending::Clean })
    }

    /// What people are told of a plan.
    pub(super) fn told(&self, plan: &Plan) -> Vec<Diagnostic> {
        plan.diagnostics.iter().filter(|found| self.is_about_us(found)).cloned().collect()
    }

    /// Whether a path of a message is one of the project's own files.
    pub(super) fn has(&self, path: &str) -> bool {
        path.strip_prefix(&self.prefix).is_some_and(|path| self.files.contains_key(path))
    }

    /// Whether a message is about workflows of the project, and about none but such.
    pub(super) fn is_only_about(&self, found: &Diagnostic, is_such: impl Fn(&str) -> bool) -> bool {
        let workflow = |label: &Label| match &label.place {
            Place::Span(span) => {
                self.sources.file(span.source).path.strip_prefix(&self.prefix).and_then(|path| self.workflows.get(path)).cloned()
            }
            Place::File(path) => path.strip_prefix(&self.prefix).and_then(|path| self.workflows.get(path)).cloned(),
        };
        let mut about = found.labels.iter().filter_map(workflow).peekable();
        about.peek().is_some() && about.all(|workflow| is_such(workflow.as_str()))
    }

    /// Where paths of messages are in the project's repository: the folder that the user stands in, with `/` behind it. `None` where there
    /// is no repository.
    pub(super) fn folder(&self) -> Option<String> {
        let here = if self.prefix.is_empty() { self.root.clone() } else { std::env::current_dir().ok()? };
        let root = git(&here, &["rev-parse", "--show-toplevel"])?;
        Some(git(&here, &["rev-parse", "--show-prefix"]).unwrap_or_default()).filter(|_| !root.is_empty())
    }

    /// Not a warning about another source of the team: whoever owns that one has been told.
    fn is_about_us(&self, found: &Diagnostic) -> bool {
        let is_elsewhere = |label: &Label| match &label.place {
            Place::Span(span) => {
                let path = &self.sources.file(span.source).path;
                let is_ours = path.strip_prefix(&self.prefix).is_some_and(|path| self.files.contains_key(path));
                path.starts_with("sources/") && !is_ours
            }
            Place::File(_) => false,
        };
        found.severity == Severity::Error || !found.labels.first().is_some_and(is_elsewhere)
    }

    /// A plan as JSON, with what is refused.
    pub(super) fn json(&self, plan: &Plan) -> serde_json::Value {
        let mut json = serde_json::to_value(plan).unwrap_or_default();
        if let Some(object) = json.as_object_mut() {
            object.insert("diagnostics".to_owned(), report::json_list(&plan.diagnostics, &self.sources).into());
        }
        json
    }
}

/// Who asks: options and the environment first, then what git knows.
fn origin(options: &AskingOptions, root: &Path, is_embedded: bool, token: Option<Token>) -> Origin {
    if let Some(token) = token {
        return stated(options, root, token);
    }
    let local = is_embedded.then_some((LOCAL_ID, LOCAL_NAME.to_owned()));
    let name = options.repository.clone().or_else(|| git(root, &["config", "--get", "remote.origin.url"]).and_then(|url| name_of(&url)));
    let repository = match options.repository_id {
        Some(id) => Some((id, name.unwrap_or_else(|| LOCAL_NAME.to_owned()))),
        None => git(root, &["config", "--get", "freehold.repositoryid"]).and_then(|id| Some((id.parse().ok()?, name?))).or(local),
    };
    let on_branch = || git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    let reference = options.reference.clone().or_else(on_branch).or_else(|| is_embedded.then(|| format!("refs/heads/{BRANCH}")));
    Origin {
        repository: repository.map(|(id, name)| RepositoryId { id, name }),
        reference,
        event: options.event.clone(),
        commit: options.commit.clone().or_else(|| head(root)),
        token: None,
    }
}

/// What was said beside a token. Nothing is guessed: a guess that differs from the token would only be in its way.
fn stated(options: &AskingOptions, root: &Path, token: Token) -> Origin {
    let checked_out = head(root);
    Origin {
        repository: options.repository_id.map(|id| RepositoryId { id, name: options.repository.clone().unwrap_or_default() }),
        reference: options.reference.clone(),
        event: options.event.clone(),
        commit: options.commit.clone().or_else(|| checked_out.clone()),
        token: Some(Token { checked_out, is_sent: options.send_token, ..token }),
    }
}

fn head(root: &Path) -> Option<String> {
    git(root, &["rev-parse", "--verify", "--quiet", "HEAD"])
}

/// `acme/churn-model` of `git@host:acme/churn-model.git` or `https://host/acme/churn-model`.
fn name_of(url: &str) -> Option<String> {
    let path = url.trim_end_matches('/').trim_end_matches(".git");
    let mut parts = path.rsplit(['/', ':']).filter(|part| !part.is_empty());
    let (last, owner) = (parts.next()?, parts.next()?);
    Some(format!("{owner}/{last}"))
}

fn ancestry(root: &Path, last: &str, commit: &str) -> Ancestry {
    // A lock can be edited: what it calls a commit is looked up only when it is an id, which no branch can move.
    if crate::io::git::ObjectId::parse(last).is_none() {
        return Ancestry::Unknown;
    }
    let is_known = |commit: &str| git(root, &["rev-parse", "--verify", "--quiet", &format!("{commit}^{{commit}}")]).is_some();
    if !is_known(last) || !is_known(commit) {
        return Ancestry::Unknown;
    }
    let status = git_in(root).args(["merge-base", "--is-ancestor", last, commit]).status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => Ancestry::Yes,
        Ok(Some(1)) => Ancestry::No,
        Ok(_) | Err(_) => Ancestry::Unknown,
    }
}

/// The first of the files that differs from what is committed; `None` also where there is no repository.
fn uncommitted<'a>(root: &Path, files: impl Iterator<Item = &'a String>) -> Option<String> {
    let files: BTreeSet<&str> = files.map(String::as_str).collect();
    // Folders, not files: there may be more files than a command line holds.
    let places: BTreeSet<String> = files.iter().map(|file| format!(":(literal){}", file.split('/').next().unwrap_or(file))).collect();
    let mut arguments = vec!["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--"];
    arguments.extend(places.iter().map(String::as_str));
    let output = git_in(root).args(&arguments).output().ok().filter(|output| output.status.success())?;
    let prefix = git(root, &["rev-parse", "--show-prefix"]).unwrap_or_default();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let changed = text.split('\0').filter_map(|line| line.get(3..)?.strip_prefix(prefix.as_str()));
    changed.into_iter().find(|path| files.contains(path)).map(str::to_owned)
}

/// Whether a commit between two touched one of the files.
fn has_changed<'a>(root: &Path, last: &str, commit: &str, files: impl Iterator<Item = &'a String>) -> bool {
    let places: BTreeSet<&str> = files.map(|file| file.split('/').next().unwrap_or(file)).collect();
    let between = format!("{last}..{commit}");
    let mut arguments = vec!["rev-list", "--full-history", "--max-count=1", &between, "--"];
    arguments.extend(places);
    git(root, &arguments).is_some()
}

/// Git in the project. It only looks: a run that is killed leaves no lock behind.
fn git_in(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root).env("GIT_OPTIONAL_LOCKS", "0");
    command
}

/// One line that git says of the project's repository; `None` when it says nothing.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = git_in(root).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_repositorys_name_is_read_from_its_address() {
        for url in [
            "git@git.example.com:acme/churn-model.git",
            "https://git.example.com/acme/churn-model",
            "ssh://git@git.example.com/acme/churn-model.git/",
        ] {
            assert_eq!(name_of(url).as_deref(), Some("acme/churn-model"), "{url}");
        }
    }
}
