//! UNMANAGED: hand-written files that the branch's policy leaves to be changed by hand, for as long as no team owns them.
//!
//! A path that the policy names is a team's all the same when its folder has a grant or a published source: what is said of it is void.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, file};
use super::place::Place;
use super::{Asker, Judged};
use crate::central::compiler::{Compiler, Unmanaged as Entry};
use crate::diag::{Diagnostic, codes as code};
use crate::io::git::{GitError, ObjectId, Repository};
use crate::name::{DagId, PathPattern, TeamName};

/// What the policy leaves to be changed by hand.
pub(super) struct Unmanaged<'a> {
    repository: &'a Repository,
    policy: Option<&'a ObjectId>,
    entries: Vec<Entry>,
    /// Folders below `dags/` that were looked at, and whether each is a team's.
    owned: RefCell<BTreeMap<String, bool>>,
}

impl<'a> Unmanaged<'a> {
    /// Reads `platform.yaml` of the tree that policy is read from.
    pub(super) fn of(judged: &Judged<'a>, compiler: &dyn Compiler) -> Result<Self, GitError> {
        let Judged { repository, policy, .. } = *judged;
        let file = policy.map(|policy| file(repository, policy, "platform.yaml")).transpose()?.flatten();
        let entries = file.map(|file| compiler.unmanaged(&file)).unwrap_or_default();
        Ok(Self { repository, policy, entries, owned: RefCell::default() })
    }

    /// The same of the tree that lands.
    pub(super) fn landed(&self, case: &Case<'a>) -> Result<Self, GitError> {
        let file = case.file(case.tree, "platform.yaml")?;
        let entries = file.map(|file| case.compiler.unmanaged(&file)).unwrap_or_default();
        Ok(Self { repository: self.repository, policy: Some(case.tree), entries, owned: RefCell::default() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Where a path is, which says by itself that it is at `place`.
    pub(super) fn place(&self, path: &str, place: Place) -> Result<Place, GitError> {
        let could_be = match &place {
            Place::Platform | Place::Nobody => true,
            // Two folders deep, nothing tells a team's file from another but the grant.
            Place::Compiled { .. } => path.starts_with("dags/"),
            Place::Policy | Place::Override { .. } | Place::Source { .. } | Place::Original { .. } | Place::Unmanaged => false,
        };
        // Opened to nobody, and the platform's to change: it has said that it knows of the file.
        if place == Place::Nobody && self.patterns().any(|pattern| pattern.keeps(path)) {
            return Ok(Place::Platform);
        }
        let is_named = could_be && self.entries.iter().any(|entry| is_in(entry, path));
        Ok(if is_named && !self.is_owned(path)? { Place::Unmanaged } else { place })
    }

    /// Whether a path is in a team's folder, letters' case aside.
    fn is_owned(&self, path: &str) -> Result<bool, GitError> {
        let parts: Vec<&str> = path.split('/').collect();
        let ["dags", folder, _, ..] = parts.as_slice() else { return Ok(false) };
        let folder = folder.to_ascii_lowercase();
        if let Some(known) = self.owned.borrow().get(&folder) {
            return Ok(*known);
        }
        let mut is_owned = false;
        if let (Ok(team), Some(policy)) = (TeamName::parse(&folder), self.policy) {
            for place in [format!("teams/{team}.yaml"), format!("sources/{team}")] {
                is_owned |= self.repository.entry(policy, &place)?.is_some();
            }
        }
        self.owned.borrow_mut().insert(folder, is_owned);
        Ok(is_owned)
    }

    /// Whether who asks may change a path: an account that the entry lets. A publish has the team's files only.
    pub(super) fn lets(&self, asker: &Asker, path: &str) -> bool {
        let Asker::Actor(actor) = asker else { return *asker == Asker::Anybody };
        let mut naming = self.entries.iter().filter(|entry| is_in(entry, path));
        naming.any(|entry| entry.editors.as_ref().is_none_or(|editors| editors.contains(actor)))
    }

    /// Whether a hand-written file has a DAG id, given in lower case.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids().any(|known| known.folded() == id)
    }

    fn patterns(&self) -> impl Iterator<Item = &PathPattern> {
        self.entries.iter().flat_map(|entry| &entry.paths)
    }

    fn ids(&self) -> impl Iterator<Item = &DagId> {
        self.entries.iter().flat_map(|entry| &entry.dag_ids)
    }

    /// DAG ids that another version of the policy does not have.
    pub(super) fn ids_beside(&self, other: &Self) -> Vec<DagId> {
        let known: BTreeSet<String> = other.ids().map(DagId::folded).collect();
        self.ids().filter(|id| !known.contains(&id.folded())).cloned().collect()
    }

    /// Tells of patterns that none of these paths is at.
    pub(super) fn without_files(&self, paths: &[&str]) -> Vec<Diagnostic> {
        let empty = self.patterns().filter(|pattern| !paths.iter().any(|path| pattern.matches(path) || pattern.keeps(path)));
        let tell = |pattern: &PathPattern| {
            let fault = Diagnostic::warning(&code::UNMANAGED_NOTHING, format!("no hand-written file is at `{pattern}` any more"));
            let fault = fault.at_file("platform.yaml", "`unmanaged` still names it");
            fault.help("delete the line, so that nothing new is written there by hand")
        };
        empty.map(tell).collect()
    }
}

fn is_in(entry: &Entry, path: &str) -> bool {
    entry.paths.iter().any(|pattern| pattern.matches(path))
}
