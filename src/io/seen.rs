//! What was read from folders, so that it can be asked whether any of it has changed since.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::tree::list_regular;

/// What tells a file from itself after a change. Editors write into a file, or put another one in its place: both differ in one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
}

impl Stamp {
    /// `None` where there is nothing.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs_err::symlink_metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), size: metadata.len() })
    }
}

/// Files and folders that were asked for, each as it was right before: what changes while it is read counts as changed. What is not there
/// is remembered too, because it may come.
///
/// It is looked at again and again in place of being told by the operating system, which does not tell of network file systems, or of
/// folders that are mounted into a container. A project of 1,000 workflows is looked at in a few milliseconds.
#[derive(Debug, Default)]
pub struct Seen {
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    files: BTreeMap<PathBuf, Option<Stamp>>,
    /// By root and folder in it.
    folders: BTreeMap<(PathBuf, String), Vec<String>>,
}

impl Seen {
    /// Remembers a file that is about to be read.
    pub fn file(&self, path: PathBuf) {
        let stamp = Stamp::of(&path);
        self.asked().files.entry(path).or_insert(stamp);
    }

    /// Remembers a folder that is about to be listed.
    pub(super) fn folder(&self, root: &Path, folder: &str) {
        let listed = list_regular(root, folder);
        self.asked().folders.entry((root.to_path_buf(), folder.to_owned())).or_insert(listed);
    }

    /// Whether any of it is not as it was.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let asked = self.asked();
        let Asked { files, folders } = &*asked;
        files.iter().any(|(path, stamp)| Stamp::of(path) != *stamp)
            || folders.iter().any(|((root, folder), listed)| list_regular(root, folder) != *listed)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        // Nothing is left half done in it.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{Disk, ReadTree};

    /// Whether something that is done to a folder is noticed.
    fn notices(change: impl FnOnce(&Path)) -> bool {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        fs_err::create_dir_all(root.join("workflows/deep")).expect("made");
        for path in ["freehold.yaml", "workflows/a.yaml", "workflows/deep/b.yaml", "notes.txt"] {
            fs_err::write(root.join(path), "one").expect("written");
        }
        let seen = Arc::new(Seen::default());
        let disk = Disk::remembering(root, Some(&seen));
        for path in ["freehold.yaml", "workflows/a.yaml", "workflows/deep/b.yaml", "data/customers.csv"] {
            disk.read(path).expect("read");
        }
        disk.list("workflows").expect("listed");
        disk.list("blueprints").expect("listed");
        assert!(!seen.has_changed());
        change(root);
        seen.has_changed()
    }

    #[test]
    fn what_was_read_is_noticed_when_it_changes_goes_or_comes() {
        assert!(notices(|root| fs_err::write(root.join("workflows/a.yaml"), "other").expect("written")));
        assert!(notices(|root| fs_err::remove_file(root.join("freehold.yaml")).expect("deleted")));
        assert!(notices(|root| fs_err::write(root.join("workflows/deep/c.yaml"), "new").expect("written")));
        assert!(notices(|root| fs_err::rename(root.join("workflows/deep"), root.join("workflows/far")).expect("renamed")));
        for (folder, file) in [("data", "data/customers.csv"), ("blueprints", "blueprints/load.yaml")] {
            assert!(notices(|root| {
                fs_err::create_dir(root.join(folder)).expect("made");
                fs_err::write(root.join(file), "new").expect("written");
            }));
        }
    }

    /// As editors save: the text goes into another file, which then takes the place of the old one.
    #[test]
    fn a_file_in_the_place_of_another_is_noticed() {
        assert!(notices(|root| {
            fs_err::write(root.join("workflows/.a.yaml.swp"), "two").expect("written");
            let later = SystemTime::now() + std::time::Duration::from_secs(2);
            let file = fs_err::File::open(root.join("workflows/.a.yaml.swp")).expect("opened");
            file.set_modified(later).expect("set");
            fs_err::rename(root.join("workflows/.a.yaml.swp"), root.join("workflows/a.yaml")).expect("renamed");
        }));
    }

    #[test]
    fn what_was_not_read_is_not_noticed() {
        assert!(!notices(|root| fs_err::write(root.join("notes.txt"), "other").expect("written")));
        assert!(!notices(|root| fs_err::write(root.join("workflows/.a.yaml.swp"), "hidden").expect("written")));
    }
}
