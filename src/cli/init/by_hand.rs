//! Hand-written DAGs that are there before Freehold is: left to be changed by hand until teams adopt them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::hand_written::{HandWritten, find};
use super::{Failure, listed, quote};
use crate::io::Disk;
use crate::name::{DagId, PathPattern, TeamName};

/// What Airflow leaves out: the platform keeps the file, once it names it.
const IGNORED: &str = "dags/.airflowignore";

/// What is there.
pub(super) struct ByHand {
    /// How many Python files are left to be changed by hand.
    pub(super) files: usize,
    /// How many lie in the folder of the first team, whose own that is.
    pub(super) in_the_teams_folder: usize,
    patterns: BTreeSet<String>,
    /// Ids in the texts, by themselves in lower case.
    ids: BTreeMap<String, String>,
    /// Files whose texts do not show all their ids.
    others: Vec<String>,
}

impl ByHand {
    /// Looks below `dags/` of a work tree.
    pub(super) fn of(root: &Path, team: &TeamName) -> Result<Self, Failure> {
        let mut by_hand = Self { files: 0, in_the_teams_folder: 0, patterns: BTreeSet::new(), ids: BTreeMap::new(), others: Vec::new() };
        for HandWritten { path, shown } in find(&Disk::new(root))? {
            let Some(pattern) = pattern(&path) else { continue };
            if pattern.dags_folder().is_some_and(|folder| folder == team.as_str()) {
                by_hand.in_the_teams_folder += 1;
                continue;
            }
            by_hand.files += 1;
            by_hand.patterns.insert(pattern.to_string());
            let ids = shown.ids.into_iter().filter_map(|id| DagId::parse(&id).ok());
            by_hand.ids.extend(ids.map(|id| (id.folded(), id.to_string())));
            by_hand.others.extend(shown.has_other_dags.then_some(path));
        }
        if root.join(IGNORED).is_file() {
            by_hand.patterns.insert(IGNORED.to_owned());
        }
        Ok(by_hand)
    }

    /// The lines of `platform.yaml` that leave them as they are, to these accounts if there are any; none when nothing is there.
    pub(super) fn lines(&self, editors: &[String]) -> Result<String, Failure> {
        if self.patterns.is_empty() {
            return Ok(String::new());
        }
        let list = |texts: &mut dyn Iterator<Item = &String>| -> Result<String, Failure> {
            texts.map(|text| Ok(format!("      - {}\n", quote(text)?))).collect()
        };
        let mut lines = "\n# Hand-written DAGs that were here before: pull requests change them until teams adopt them. `freehold adopt` lists them.\nunmanaged:\n  - paths:\n".to_owned();
        lines += &list(&mut self.patterns.iter())?;
        if !self.ids.is_empty() {
            lines += &format!("    dag_ids:\n{}", list(&mut self.ids.values())?);
        }
        if !editors.is_empty() {
            lines += &format!("    editors: [{}]\n", listed(editors)?);
        }
        if !self.others.is_empty() {
            lines += "    # Add the ids that these texts do not show, as `airflow dags list` has them:\n";
            lines.extend(self.others.iter().map(|path| format!("    #   {}\n", path.escape_debug())));
        }
        Ok(lines)
    }

    /// The lines of CODEOWNERS by which somebody has to agree to a change of them: the editors, or the platform's people where there are
    /// none. What is everybody's is the platform's in any case.
    pub(super) fn owner_lines(&self, editors: &str, owners: &str) -> String {
        if self.patterns.is_empty() {
            return String::new();
        }
        let line = |pattern: &String| {
            let folder = pattern.strip_suffix("**").unwrap_or(pattern).replace(' ', "\\ ");
            format!("\n/{folder} {}", if pattern == IGNORED || editors.is_empty() { owners } else { editors })
        };
        format!("\n# Hand-written DAGs, as `unmanaged` in platform.yaml has them.{}", self.patterns.iter().map(line).collect::<String>())
    }

    /// What to tell people.
    pub(super) fn next(&self, team: &TeamName) -> Vec<String> {
        let files = |count: usize| if count == 1 { "1 hand-written file".to_owned() } else { format!("{count} hand-written files") };
        let mut lines = Vec::new();
        if self.files > 0 {
            let what = "below `dags/` stay as they are, and pull requests go on changing them";
            lines.push(format!("look over `unmanaged` in `platform.yaml`: {} {what}", files(self.files)));
        }
        if self.in_the_teams_folder > 0 {
            let what = format!("in `dags/{team}/`, which is the team's own now");
            lines.push(format!("name team `{team}` otherwise, or have it adopt what is there: {} {what}", files(self.in_the_teams_folder)));
        }
        lines
    }
}

/// A pattern for the folder below `dags/` that a file is in, or for the files in `dags/` itself.
fn pattern(path: &str) -> Option<PathPattern> {
    let text = match path.split('/').collect::<Vec<_>>().as_slice() {
        [dags, _] => format!("{dags}/*.py"),
        [dags, folder, ..] => format!("{dags}/{folder}/**"),
        _ => return None,
    };
    PathPattern::parse(&text).ok()
}
