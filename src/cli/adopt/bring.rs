//! The team's side: what is granted to it, from the central repository into the project, each file as a workflow.

use std::collections::BTreeMap;

use super::{Adopted, Arguments, Done};
use crate::central::{Lock, SourceFiles};
use crate::cli::bring::{project, write};
use crate::cli::output::Output;
use crate::cli::policy::{BRANCH, Tip};
use crate::cli::{Ending, Failure};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::io::ReadTree;
use crate::name::{DagId, SourceName, TeamName};
use crate::pipeline::{PolicyFiles, workflow_folder};
use crate::policy::sha256;
use crate::source::Sources;
use crate::spec::{Adoption, Grant, Table};

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let (root, project, branch) = project(&arguments.dir, arguments.central.as_deref(), output)?;
    let tip = Tip::open(&branch.central, BRANCH)?;
    let tree = tip.files();
    let team = project.team.value.clone();
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let grant = tree.read(&format!("teams/{team}.yaml")).map_err(|error| failed(&error))?;
    let Some(grant) = PolicyFiles::read_grant(grant.as_deref(), &team, None, &sources, &mut sink) else {
        let diagnostics = sink.into_sorted();
        return Done { team, adopted: Vec::new(), written: Vec::new(), diagnostics, sources }.tell(output);
    };
    check_names(&grant, &arguments.names)?;
    let folder = workflow_folder(&project).to_owned();
    let elsewhere = published_elsewhere(&tree, &team, &project.source.value)?;
    let (mut adopted, mut files) = (Vec::new(), SourceFiles::new());
    for (workflow, adoption) in grant.adopt.iter().flat_map(Table::iter) {
        let name = workflow.value.as_str();
        let (yaml, python) = (format!("{folder}/{name}.yaml"), format!("{folder}/{name}.py.txt"));
        let is_asked = arguments.names.iter().any(|asked| asked == name);
        if !is_asked && !arguments.names.is_empty() {
            continue;
        }
        let why = match elsewhere.get(name) {
            Some(source) => Some(format!("source `{source}` has it")),
            None => root.join(&yaml).symlink_metadata().is_ok().then(|| format!("{yaml} is there already")),
        };
        if let Some(why) = why {
            output.note(&format!("{name} is left alone: {why}"));
            continue;
        }
        match bytes_of(&tree, &team, name, adoption)? {
            Ok((file, bytes)) => {
                files.insert(yaml, format!("workflow: {name}\nadopted: {name}.py.txt\n").into_bytes());
                files.insert(python, bytes);
                adopted.push(adopted_of(name, file, adoption));
            }
            Err(fault) => sink.push(*fault),
        }
    }
    let mut done = Done { team, adopted, written: Vec::new(), diagnostics: sink.into_sorted(), sources };
    if !arguments.dry_run && !done.is_refused() {
        write(&root, &files, output)?;
        done.written = files.keys().cloned().collect();
    }
    let ending = done.tell(output)?;
    if ending == Ending::Clean && output.format.is_for_people() {
        say(&done, &files, arguments.dry_run, output)?;
    }
    Ok(ending)
}

fn failed(error: &crate::io::ReadError) -> Failure {
    Failure::new(error.to_string())
}

fn adopted_of(name: &str, file: String, adoption: &Adoption) -> Adopted {
    let dag_ids: Vec<DagId> = adoption.dag_ids.iter().map(|id| id.value.clone()).collect();
    Adopted { workflow: name.to_owned(), file, sha256: adoption.sha256.value.0.clone(), dag_ids }
}

fn check_names(grant: &Grant, names: &[String]) -> Result<(), Failure> {
    let granted: Vec<&str> = grant.adopt.iter().flat_map(Table::keys).collect();
    let Some(unknown) = names.iter().find(|name| !granted.contains(&name.as_str())) else { return Ok(()) };
    let failure = Failure::new(format!("no hand-written file is granted as workflow `{unknown}` to team `{}`", grant.team.value));
    Err(match (suggest(unknown, granted.iter().copied()), granted.is_empty()) {
        (Some(near), _) => failure.help(format!("did you mean `{near}`?")),
        (None, true) => failure.help("the platform's people grant one with `freehold adopt --team … FILE` in the central repository"),
        (None, false) => failure.help(format!("granted are {}", quoted_list(granted.iter().copied()))),
    })
}

/// Workflows that other sources of the team have published, with those.
fn published_elsewhere(tree: &dyn ReadTree, team: &TeamName, own: &SourceName) -> Result<BTreeMap<String, String>, Failure> {
    let folder = format!("sources/{team}");
    let mut found = BTreeMap::new();
    for path in tree.list(&folder).map_err(|error| failed(&error))?.iter().filter(|path| path.ends_with("/freehold.lock")) {
        let bytes = tree.read(path).map_err(|error| failed(&error))?.unwrap_or_default();
        let Some(lock) = Lock::parse(&bytes).ok().filter(|lock| lock.source != own.as_str()) else { continue };
        found.extend(lock.workflows.into_keys().map(|workflow| (workflow, lock.source.clone())));
    }
    Ok(found)
}

type Found = Result<(String, Vec<u8>), Box<Diagnostic>>;

/// The bytes that are granted: where the file was, or where it has moved to since.
fn bytes_of(tree: &dyn ReadTree, team: &TeamName, name: &str, adoption: &Adoption) -> Result<Found, Failure> {
    let compiled = format!("dags/{team}/{name}.py");
    let file = adoption.file.as_ref().map(|file| file.value.0.to_string());
    for path in file.iter().chain([&compiled]) {
        // A link, or a folder, is no file that can be had.
        let bytes = tree.read(path).ok().flatten();
        if let Some(bytes) = bytes.filter(|bytes| sha256(bytes) == adoption.sha256.value.0) {
            return Ok(Ok((path.clone(), bytes)));
        }
    }
    let shown = file.as_deref().unwrap_or(&compiled);
    let fault = Diagnostic::error(&code::ORIGINAL, format!("`{shown}` is not what the platform has granted as workflow `{name}`"));
    let fault = fault.at_file(shown, "it has been changed since, or is gone").at(adoption.sha256.span, "these bytes are granted");
    let help = format!("ask the platform's people to grant it as it is now: `freehold adopt --team {team} {shown}`");
    Ok(Err(Box::new(fault.help(help))))
}

fn say(done: &Done, files: &SourceFiles, is_dry: bool, output: &Output) -> Result<(), Failure> {
    if done.adopted.is_empty() {
        output.note("nothing to bring over: what is granted to the team is in a project already, or nothing is");
        return Ok(());
    }
    output.product(&format!("brought over, byte for byte:\n{}", done.table()))?;
    if is_dry {
        output.note("a dry run: nothing was written");
    }
    if files.values().any(|bytes| bytes.windows(2).any(|pair| pair == b"\r\n")) {
        output.note("some have Windows line ends: write `*.py.txt -text` into `.gitattributes`, so that Git leaves them as they are");
    }
    output.note("next: commit these files; `freehold plan` tells what moves, and `freehold publish` moves it");
    Ok(())
}
