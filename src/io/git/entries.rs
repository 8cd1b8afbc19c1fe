//! What stands in trees: the entries of a folder, of a path, and of all below a folder.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::command::GitError;
use super::diff::DEEPEST;
use super::object::{Entry, Mode, ObjectFormat, ObjectId};
use super::repository::{Repository, odd};

/// A tree's entries by name.
type Tree = BTreeMap<Vec<u8>, Entry>;

/// Trees that are kept once a path was looked up in them.
const KEPT: usize = 16;

/// The most entries of one that is kept.
const MOST_KEPT: usize = 100_000;

/// Files and folders below one folder that are looked at: some ten times what the largest team has.
const MOST_BELOW: usize = 500_000;

/// The trees in which paths were looked up last, the latest at the end: many paths of one change lie in one folder. An object's id says
/// what it holds, so none can be stale.
#[derive(Debug, Default)]
pub(super) struct LookedUp(Mutex<VecDeque<(ObjectId, Arc<Tree>)>>);

impl LookedUp {
    fn find(&self, tree: &ObjectId) -> Option<Arc<Tree>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(id, _)| id == tree)?;
        let found = kept.remove(at)?;
        let entries = Arc::clone(&found.1);
        kept.push_back(found);
        Some(entries)
    }

    fn keep(&self, tree: &ObjectId, entries: &Arc<Tree>) {
        if entries.len() > MOST_KEPT {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((tree.clone(), Arc::clone(entries)));
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}

impl Repository {
    /// The entries of a tree by name.
    ///
    /// # Errors
    /// When the object is missing, is no tree, or is one that Git would not have written: out of order, or with a
    /// name twice, which different tools read in different ways.
    pub fn entries(&self, tree: &ObjectId) -> Result<Tree, GitError> {
        parse_tree(tree, &self.object(tree, "tree")?, self.format())
    }

    /// The entry of a path below a tree; `None` when there is none.
    ///
    /// # Errors
    /// When a tree on the way is missing.
    pub fn entry(&self, tree: &ObjectId, path: &str) -> Result<Option<Entry>, GitError> {
        let mut at = Entry { mode: Mode::Folder, id: tree.clone() };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if at.mode != Mode::Folder {
                return Ok(None);
            }
            match self.looked_up(&at.id)?.get(part.as_bytes()) {
                Some(entry) => at = entry.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// The entries of a tree, which the next look-up finds again.
    fn looked_up(&self, tree: &ObjectId) -> Result<Arc<Tree>, GitError> {
        if let Some(entries) = self.looked_up.find(tree) {
            return Ok(entries);
        }
        let entries = Arc::new(self.entries(tree)?);
        self.looked_up.keep(tree, &entries);
        Ok(entries)
    }

    /// The entries of many paths below a tree, for those that there are. Each folder is read once.
    ///
    /// # Errors
    /// When a tree on the way is missing.
    pub fn entries_at<'p>(&self, tree: &ObjectId, paths: impl IntoIterator<Item = &'p str>) -> Result<BTreeMap<&'p str, Entry>, GitError> {
        let mut folders: BTreeMap<&str, Vec<(&str, &'p str)>> = BTreeMap::new();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            folders.entry(folder).or_default().push((name, path));
        }
        let mut found = BTreeMap::new();
        for (folder, wanted) in folders {
            let Some(folder) = self.entry(tree, folder)?.filter(|entry| entry.mode == Mode::Folder) else { continue };
            let mut entries = self.entries(&folder.id)?;
            found.extend(wanted.into_iter().filter_map(|(name, path)| Some((path, entries.remove(name.as_bytes())?))));
        }
        Ok(found)
    }

    /// All that is not a folder below `folder`, at any depth, by its path from there. Names that are not UTF-8 are
    /// shown with replacement characters.
    ///
    /// # Errors
    /// When a tree is missing, or when there is more than any team has: a few small trees can name any number of paths.
    pub fn below(&self, tree: &ObjectId, folder: &str) -> Result<BTreeMap<String, Entry>, GitError> {
        let mut found = BTreeMap::new();
        if let Some(entry) = self.entry(tree, folder)?.filter(|entry| entry.mode == Mode::Folder) {
            self.collect(&entry.id, "", &mut 0, &mut found)?;
        }
        Ok(found)
    }

    fn collect(&self, tree: &ObjectId, prefix: &str, read: &mut usize, found: &mut BTreeMap<String, Entry>) -> Result<(), GitError> {
        for (name, entry) in self.entries(tree)? {
            let path = format!("{prefix}{}", String::from_utf8_lossy(&name));
            // Folders count, because they need not hold any file.
            *read += 1;
            if *read > MOST_BELOW {
                return Err(odd(tree, &format!("more than {MOST_BELOW} files and folders are below it")));
            }
            if entry.mode == Mode::Folder {
                if prefix.matches('/').count() >= DEEPEST {
                    return Err(odd(tree, &format!("it is nested more than {DEEPEST} folders deep")));
                }
                self.collect(&entry.id, &format!("{path}/"), read, found)?;
            } else {
                found.insert(path, entry);
            }
        }
        Ok(())
    }
}

fn parse_tree(id: &ObjectId, bytes: &[u8], format: ObjectFormat) -> Result<BTreeMap<Vec<u8>, Entry>, GitError> {
    let mut entries = BTreeMap::new();
    let mut last: Option<Vec<u8>> = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (entry, name, after) = split_entry(rest, format).ok_or_else(|| odd(id, "this tree is cut off"))?;
        // Git sorts a folder as if its name ended in `/`.
        let mut key = name.to_vec();
        if entry.mode == Mode::Folder {
            key.push(b'/');
        }
        let sound = !name.is_empty() && !name.contains(&b'/') && last.as_ref().is_none_or(|last| *last < key);
        if !sound || entries.insert(name.to_vec(), entry).is_some() {
            return Err(odd(id, &format!("this tree has `{}` twice, out of order, or misnamed", String::from_utf8_lossy(name))));
        }
        last = Some(key);
        rest = after;
    }
    Ok(entries)
}

fn split_entry(bytes: &[u8], format: ObjectFormat) -> Option<(Entry, &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let nul = space + bytes[space..].iter().position(|byte| *byte == 0)?;
    let end = nul + 1 + format.id_length();
    let id = ObjectId::from_bytes(bytes.get(nul + 1..end)?);
    Some((Entry { mode: Mode::parse(&bytes[..space]), id }, &bytes[space + 1..nul], &bytes[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| [b"100644 ", name.as_bytes(), b"\0", &[7; 20]].concat()).collect()
    }

    #[test]
    fn a_tree_with_a_name_twice_or_out_of_order_is_refused() {
        let id = ObjectFormat::Sha1.blob_id(b"");
        assert!(parse_tree(&id, &tree(&["a", "b"]), ObjectFormat::Sha1).is_ok());
        for names in [["a", "a"], ["b", "a"], ["a/b", "c"], ["", "c"]] {
            assert!(parse_tree(&id, &tree(&names), ObjectFormat::Sha1).is_err(), "{names:?}");
        }
        assert!(parse_tree(&id, &tree(&["a"])[..20], ObjectFormat::Sha1).is_err(), "cut off");
    }
}
