//! What is still hand-written in a central repository, and what is to become of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::cli::hand_written::{HandWritten, find};
use crate::cli::output::Output;
use crate::cli::{Ending, Failure};
use crate::diag::Sink;
use crate::io::git::{GitTree, Repository};
use crate::io::{ReadError, ReadTree};
use crate::name::TeamName;
use crate::pipeline::PolicyFiles;
use crate::source::Sources;
use crate::spec::{Table, Unmanaged, UnmanagedPaths};

/// One file, as programs are told of it.
#[derive(Serialize)]
struct Listed {
    file: String,
    /// Ids that its text shows.
    dag_ids: Vec<String>,
    /// Whether a DAG is in it whose id its text does not show.
    has_other_dags: bool,
    /// Whether it may be changed by hand.
    unmanaged: bool,
    /// The workflow that it is granted to become, `team/workflow`.
    granted: Option<String>,
}

pub(super) fn run(root: &Path, output: &Output) -> Result<Ending, Failure> {
    let repository = Repository::open(root)?;
    let tree = repository.tree_of(&repository.commit("HEAD")?)?;
    let committed = GitTree::new(&repository, &tree);
    let failed = |error: ReadError| Failure::new(error.to_string());
    let platform = committed.read("platform.yaml").map_err(failed)?;
    let platform = platform.and_then(|bytes| PolicyFiles::read_platform(Some(&bytes), &Sources::new(), &mut Sink::new()));
    let unmanaged: Vec<Unmanaged> = platform.and_then(|platform| platform.unmanaged).unwrap_or_default();
    let granted = granted(&committed).map_err(failed)?;
    let list = |HandWritten { path, shown }: HandWritten| Listed {
        unmanaged: unmanaged.iter().any(|unmanaged| unmanaged.paths.iter().any(|at| matches(&at.value, &path))),
        granted: granted.get(&path).cloned(),
        dag_ids: shown.ids,
        has_other_dags: shown.has_other_dags,
        file: path,
    };
    let listed: Vec<Listed> = find(&committed)?.into_iter().map(list).collect();
    if !output.format.is_for_people() {
        let document = serde_json::json!({ "schema_version": 1, "hand_written": listed });
        output.product(&format!("{document:#}\n"))?;
    } else if listed.is_empty() {
        output.note("nothing below `dags/` is hand-written any more");
    } else {
        output.product(&table(&listed))?;
        output.note("next: `freehold adopt --team NAME FILE` grants a file to a team, and says what the team does then");
    }
    Ok(Ending::Clean)
}

fn matches(UnmanagedPaths(pattern): &UnmanagedPaths, path: &str) -> bool {
    pattern.matches(path)
}

/// Files that grants name, with what each is to become. A grant that cannot be read names none: `doctor` tells of it.
fn granted(tree: &dyn ReadTree) -> Result<BTreeMap<String, String>, ReadError> {
    let mut found = BTreeMap::new();
    for path in tree.list("teams")? {
        let Some(team) = path.strip_prefix("teams/").and_then(|name| TeamName::parse(name.strip_suffix(".yaml")?).ok()) else { continue };
        let grant = PolicyFiles::read_grant(tree.read(&path)?.as_deref(), &team, None, &Sources::new(), &mut Sink::new());
        for (workflow, adoption) in grant.iter().flat_map(|grant| grant.adopt.iter().flat_map(Table::iter)) {
            found.extend(adoption.file.as_ref().map(|file| (file.value.0.to_string(), format!("{team}/{}", workflow.value))));
        }
    }
    Ok(found)
}

fn table(listed: &[Listed]) -> String {
    let rows: Vec<[String; 3]> = listed.iter().map(|listed| [listed.file.clone(), dags(listed), fate(listed)]).collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (file, dags) = (widest(0), widest(1));
    rows.iter().map(|row| format!("  {:<file$}  {:<dags$}  {}\n", row[0], row[1], row[2])).collect()
}

fn dags(Listed { dag_ids, has_other_dags, .. }: &Listed) -> String {
    let ids = dag_ids.join(", ");
    match (ids.is_empty(), has_other_dags) {
        (true, false) => "no DAG in its text".to_owned(),
        (true, true) => "DAGs whose ids its text does not show".to_owned(),
        (false, false) => ids,
        (false, true) => format!("{ids}, and others"),
    }
}

fn fate(Listed { unmanaged, granted, .. }: &Listed) -> String {
    match (granted, unmanaged) {
        (Some(workflow), _) => format!("granted as {workflow}"),
        (None, true) => "changed by hand".to_owned(),
        (None, false) => "nobody may change it".to_owned(),
    }
}
