//! The platform's side: files of a work tree of the central repository, as they are committed, into a team's grant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::insert::{block, insert};
use super::{Adopted, Arguments, Done};
use crate::central::{Lock, Shown, look};
use crate::cli::output::Output;
use crate::cli::{Ending, Failure};
use crate::diag::{Diagnostic, Place, Sink, codes as code};
use crate::io::git::{GitError, Mode, ObjectId, Repository};
use crate::io::{Disk, ReadTree};
use crate::name::{DagId, RepoPath, TeamName, WorkflowName};
use crate::pipeline::{PolicyFiles, check_grants};
use crate::policy::sha256;
use crate::source::Sources;
use crate::spec::Table;

/// The commit that is checked out: what a pin is about is in a commit, whatever an editor or Git made of the files on disk.
struct Committed {
    repository: Repository,
    tree: ObjectId,
}

impl Committed {
    fn of(root: &Path) -> Result<Self, Failure> {
        let repository = Repository::open(root)?;
        let tree = repository.tree_of(&repository.commit("HEAD")?)?;
        Ok(Self { repository, tree })
    }

    /// The bytes of a regular file.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let entry = self.repository.entry(&self.tree, path)?;
        let file = entry.filter(|entry| matches!(entry.mode, Mode::File | Mode::Executable));
        file.map(|entry| self.repository.blob(&entry.id)).transpose()
    }

    /// What the publishes of every team have left among the compiled files.
    fn published(&self) -> Result<BTreeSet<String>, GitError> {
        let locks = self.repository.below(&self.tree, "sources")?.into_iter().filter(|(path, _)| path.ends_with("/freehold.lock"));
        let mut found = BTreeSet::new();
        for (_, entry) in locks {
            found.extend(Lock::parse(&self.repository.blob(&entry.id)?).into_iter().flat_map(|lock| lock.compiled.into_keys()));
        }
        Ok(found)
    }
}

pub(super) fn run(root: &Path, team: &str, arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let team = TeamName::parse(team).map_err(|reason| Failure::new(format!("`{team}` is no team's name: {reason}")))?;
    let grant = format!("teams/{team}.yaml");
    let missing =
        || Failure::new(format!("there is no `{grant}`")).help("add it first; it says whose repositories may publish for the team");
    let text = Disk::new(root).read(&grant).map_err(|error| Failure::new(error.to_string()))?.ok_or_else(missing)?;
    let text = String::from_utf8(text).map_err(|_| Failure::new(format!("`{grant}` is no text")))?;
    let committed = Committed::of(root)?;
    let (files, again) = granted_before(files(root, &committed, arguments)?, (&team, &text), &committed, arguments)?;
    let Again { same, changed, text } = again;
    same.iter().for_each(|Adopted { file, workflow, .. }| output.note(&format!("{file} is granted already, as workflow {workflow}")));
    if files.is_empty() && changed.is_empty() {
        return Ok(Ending::Clean);
    }
    let (fresh, mut diagnostics) = look_at(&committed, &team, &files, arguments)?;
    let inserted = if fresh.is_empty() { Some(text) } else { insert(&text, &fresh) };
    let adopted: Vec<Adopted> = changed.into_iter().chain(fresh).collect();
    let inserted = inserted.filter(|_| !adopted.is_empty());
    let sources = Sources::new();
    if let Some(new) = &inserted {
        diagnostics.extend(judge(root, &team, new, &sources)?);
    }
    let mut done = Done { team, adopted, written: Vec::new(), diagnostics, sources };
    if let (Some(new), false) = (&inserted, arguments.dry_run || done.is_refused()) {
        fs_err::write(root.join(&grant), new)?;
        done.written.push(grant.clone());
    }
    let ending = done.tell(output)?;
    if ending == Ending::Clean && output.format.is_for_people() {
        say(&done, &grant, inserted.is_some(), arguments.dry_run, output)?;
    }
    Ok(ending)
}

/// Files that the grant has already.
struct Again {
    /// With the bytes that it has.
    same: Vec<Adopted>,
    /// With other bytes.
    changed: Vec<Adopted>,
    /// The grant's text, with the new bytes' SHA-256 in place of the old.
    text: String,
}

/// Takes out what the grant has already. A grant that cannot be read is told when it is judged.
fn granted_before(
    mut files: BTreeMap<String, bool>,
    (team, text): (&TeamName, &str),
    committed: &Committed,
    arguments: &Arguments,
) -> Result<(BTreeMap<String, bool>, Again), Failure> {
    let mut again = Again { same: Vec::new(), changed: Vec::new(), text: text.to_owned() };
    if arguments.workflow.is_some() || !arguments.dag_id.is_empty() {
        return Ok((files, again));
    }
    let grant = PolicyFiles::read_grant(Some(text.as_bytes()), team, None, &Sources::new(), &mut Sink::new());
    for (workflow, adoption) in grant.iter().flat_map(|grant| grant.adopt.iter().flat_map(Table::iter)) {
        let Some(file) = adoption.file.as_ref().map(|file| file.value.0.to_string()) else { continue };
        if files.remove(&file).is_none() {
            continue;
        }
        let Some(bytes) = committed.read(&file)? else { continue };
        let (old, sha256) = (&adoption.sha256.value.0, sha256(&bytes));
        let dag_ids = adoption.dag_ids.iter().map(|id| id.value.clone()).collect();
        let adopted = Adopted { workflow: workflow.value.to_string(), file, sha256, dag_ids };
        if *old == adopted.sha256 {
            again.same.push(adopted);
        } else {
            again.text = again.text.replacen(old, &adopted.sha256, 1);
            again.changed.push(adopted);
        }
    }
    Ok((files, again))
}

/// The paths of what was named, from the root: each file, and below a folder each Python file that no publish made.
fn files(root: &Path, committed: &Committed, arguments: &Arguments) -> Result<BTreeMap<String, bool>, Failure> {
    if arguments.names.is_empty() {
        return Err(Failure::new("no file is named").help("name hand-written files, or a folder of them: `dags/old`"));
    }
    let published = committed.published()?;
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for name in &arguments.names {
        let path = from_root(root, name)?;
        let below = committed.repository.below(&committed.tree, &path)?;
        for inside in below.keys().filter(|inside| inside.ends_with(".py")).map(|inside| format!("{path}/{inside}")) {
            if !published.contains(&inside) {
                found.entry(inside).or_insert(false);
            }
        }
        if below.is_empty() {
            if published.contains(&path) {
                return Err(Failure::new(format!("`{path}` is compiled, and not hand-written")).help("leave it out"));
            }
            found.insert(path, true);
        }
    }
    let is_one = found.len() == 1;
    if !is_one && (arguments.workflow.is_some() || !arguments.dag_id.is_empty()) {
        let failure = Failure::new(format!("`--workflow` and `--dag-id` are about one file, and {} are named", found.len()));
        return Err(failure.help("run this once for each file that needs them"));
    }
    Ok(found)
}

/// A path as it was typed, where one stands or below the root, from the root.
fn from_root(root: &Path, name: &str) -> Result<String, Failure> {
    let typed = std::path::absolute(name)?;
    // A link is itself, and not what it points at.
    let full = match (typed.symlink_metadata().is_ok(), typed.parent(), typed.file_name()) {
        (true, Some(folder), Some(file)) => fs_err::canonicalize(folder)?.join(file),
        _ => root.join(name),
    };
    let inside = full.strip_prefix(root).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
    let inside = inside.filter(|path| path.starts_with("dags/") || path == "dags");
    inside.ok_or_else(|| Failure::new(format!("`{name}` is not below `dags/` of the central repository")).help("name a file there"))
}

/// What each file shows. One that was not named itself and shows no DAG stays where it is.
fn look_at(
    committed: &Committed,
    team: &TeamName,
    files: &BTreeMap<String, bool>,
    arguments: &Arguments,
) -> Result<(Vec<Adopted>, Vec<Diagnostic>), Failure> {
    let (mut adopted, mut diagnostics): (Vec<Adopted>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for (file, is_named) in files {
        let Some(bytes) = committed.read(file)? else {
            let failure = Failure::new(format!("`{file}` is no file of the commit that is checked out"));
            return Err(failure.help("commit it first: what is granted is what the branch holds"));
        };
        let shown = look(&String::from_utf8_lossy(&bytes));
        if !is_named && shown.ids.is_empty() && !shown.has_other_dags {
            continue;
        }
        let ids = match ids(file, &shown, &arguments.dag_id)? {
            Ok(ids) => ids,
            Err(fault) => {
                diagnostics.push(*fault);
                continue;
            }
        };
        let workflow = workflow_of(file, arguments.workflow.as_deref())?;
        if let Some(other) = taken.insert(workflow.to_string(), file.clone()) {
            let failure = Failure::new(format!("`{other}` and `{file}` would both become workflow `{workflow}`"));
            return Err(failure.help("run this for one of them alone, with `--workflow NAME`"));
        }
        let to = format!("dags/{team}/{workflow}.py");
        let is_there = |path: &str| committed.repository.entry(&committed.tree, path).map(|entry| entry.is_some());
        diagnostics.extend(shown.left_behind(file, &to, is_there)?);
        diagnostics.extend(shown.not_granted(file, &format!("teams/{team}.yaml"), ids.iter().map(DagId::as_str)));
        adopted.push(Adopted { workflow: workflow.to_string(), file: file.clone(), sha256: sha256(&bytes), dag_ids: ids });
    }
    if !files.is_empty() && adopted.is_empty() && diagnostics.is_empty() {
        return Err(
            Failure::new("no file with a DAG is there").help("name one, with `--dag-id ID` for each DAG that its text does not show")
        );
    }
    Ok((adopted, diagnostics))
}

/// The ids that are said, or else those that the text shows; a fault when it does not show them all.
fn ids(file: &str, shown: &Shown, said: &[String]) -> Result<Result<Vec<DagId>, Box<Diagnostic>>, Failure> {
    let parse = |text: &String| {
        DagId::parse(text).map_err(|reason| Failure::new(format!("`{text}`, in `{file}`, is no DAG id that can be granted: {reason}")))
    };
    if !said.is_empty() {
        return said.iter().map(parse).collect::<Result<_, _>>().map(Ok);
    }
    if !shown.has_other_dags && !shown.ids.is_empty() {
        return shown.ids.iter().map(parse).collect::<Result<_, _>>().map(Ok);
    }
    let title = if shown.ids.is_empty() {
        format!("the text of `{file}` does not show the ids of its DAGs")
    } else {
        format!("the text of `{file}` does not show the ids of all its DAGs")
    };
    let fault = Diagnostic::error(&code::UNNAMED_DAG, title).at_file(file, "an id is put together, or a DAG is made elsewhere");
    let known: String = shown.ids.iter().map(|id| format!(" --dag-id {id}")).collect();
    Ok(Err(Box::new(fault.help(format!(
        "run this for it alone with each of the ids that Airflow lists for it: `freehold adopt … {file}{known} --dag-id ID`"
    )))))
}

/// The name that was said, or the file's with `-` for what a name cannot have.
fn workflow_of(file: &str, said: Option<&str>) -> Result<WorkflowName, Failure> {
    let stem = file.rsplit('/').next().and_then(|name| name.strip_suffix(".py")).unwrap_or_default();
    let folded = stem.to_ascii_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_', "-");
    let parts: Vec<&str> = folded.split(['-', '_']).filter(|part| !part.is_empty()).collect();
    let joined = if folded.contains('-') { parts.join("-") } else { parts.join("_") };
    let name = said.unwrap_or(&joined);
    if let Err(reason) = RepoPath::parse(file) {
        return Err(Failure::new(format!("`{file}` is no path of a file that can be granted: {reason}")).help("rename it first"));
    }
    let wrong = |reason| {
        Failure::new(format!("`{name}`, for `{file}`, is no workflow's name: {reason}"))
            .help("run this for it alone, with `--workflow NAME`")
    };
    WorkflowName::parse(name).map_err(wrong)
}

/// What is wrong with the grant as it would be, by itself and beside all others.
fn judge(root: &Path, team: &TeamName, new: &str, sources: &Sources) -> Result<Vec<Diagnostic>, Failure> {
    let disk = Disk::new(root);
    let failed = |error: crate::io::ReadError| Failure::new(error.to_string());
    let mut grants = Vec::new();
    for path in disk.list("teams").map_err(failed)? {
        let name = path.strip_prefix("teams/").and_then(|rest| TeamName::parse(rest.strip_suffix(".yaml")?).ok());
        if let Some(name) = name.filter(|name| name != team)
            && let Some(bytes) = disk.read(&path).map_err(failed)?
        {
            grants.push((name, bytes));
        }
    }
    grants.push((team.clone(), new.as_bytes().to_vec()));
    let mut sink = Sink::new();
    let platform = disk.read("platform.yaml").map_err(failed)?;
    check_grants(platform.as_deref(), grants, sources, &mut sink);
    let own = format!("teams/{team}.yaml");
    let is_ours = |found: &Diagnostic| {
        found.severity == crate::diag::Severity::Error
            && found.labels.iter().any(|label| match &label.place {
                Place::Span(span) => sources.file(span.source).path == own,
                Place::File(path) => *path == own,
            })
    };
    Ok(sink.into_sorted().into_iter().filter(is_ours).collect())
}

fn say(done: &Done, grant: &str, is_inserted: bool, is_dry: bool, output: &Output) -> Result<(), Failure> {
    let team = &done.team;
    if is_inserted {
        output.product(&format!("granted to team {team}, byte for byte:\n{}", done.table()))?;
        output.note(&if is_dry { format!("a dry run: {grant} was not written") } else { format!("wrote {grant}") });
    } else {
        output.note(&format!("`{grant}` is written so that nothing can be put in; write this into it:"));
        output.product(&block(&done.adopted))?;
    }
    output.note(&format!(
        "check the DAG ids: they are what the texts show, and nothing else looks for them (`airflow dags list` knows them all)\n\
         next: land this in a change of its own; then team {team} runs `freehold adopt` in its project and publishes"
    ));
    Ok(())
}
