//! Trees of files, read only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Seen;

/// Reading a tree failed, and not because a file is missing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// Something is there, but it is no regular file: a symbolic link, a device, a submodule.
    #[error("{path} is {kind}, and only regular files are read")]
    NotRegular {
        /// The file.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// A file larger than the reader takes.
    #[error("{path} has {size} bytes and {limit} are allowed")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Git failed.
    #[error("{0}")]
    Git(String),
}

/// A tree of files: a folder, a Git tree, or a map in memory. Paths are relative, with `/` between parts.
pub trait ReadTree: Sync {
    /// The bytes of a regular file; `None` when there is none of that path.
    ///
    /// # Errors
    /// [`ReadError`] when something is there and cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError>;

    /// Paths of all regular files below a folder, at any depth, sorted; none when there is no such folder.
    /// Hidden files and folders (`.git`) are left out.
    ///
    /// # Errors
    /// [`ReadError`] when a folder cannot be listed, or holds something that is neither a regular file nor a folder.
    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError>;
}

/// The largest file that is read, in bytes: data files of a fan-out may be this large, configs may not.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A folder of the file system.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    seen: Option<Arc<Seen>>,
}

impl Disk {
    /// The folder `root`; it need not exist.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), seen: None }
    }

    /// The same, which tells what is asked of it, when somebody wants to know.
    #[must_use]
    pub fn remembering(root: impl Into<PathBuf>, seen: Option<&Arc<Seen>>) -> Self {
        Self { root: root.into(), seen: seen.cloned() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Disk {
    /// A linked folder on the way leads out of what was reviewed.
    fn refuse_links_above(&self, path: &str) -> Result<(), ReadError> {
        let mut folder = self.root.clone();
        let (above, _) = path.rsplit_once('/').unwrap_or_default();
        for part in above.split('/').filter(|part| !part.is_empty()) {
            folder.push(part);
            if folder.is_symlink() {
                return Err(ReadError::NotRegular { path: above.to_owned(), kind: "a symbolic link" });
            }
        }
        Ok(())
    }
}

impl ReadTree for Disk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let full = self.root.join(path);
        self.seen.iter().for_each(|seen| seen.file(full.clone()));
        let io = |error| ReadError::Io { path: path.to_owned(), error };
        self.refuse_links_above(path)?;
        let metadata = match fs_err::symlink_metadata(&full) {
            Ok(metadata) => metadata,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        if !metadata.is_file() {
            return Err(ReadError::NotRegular { path: path.to_owned(), kind: kind(metadata.file_type()) });
        }
        if metadata.len() > LARGEST {
            return Err(ReadError::TooLarge { path: path.to_owned(), size: metadata.len(), limit: LARGEST });
        }
        fs_err::read(&full).map(Some).map_err(io)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        self.seen.iter().for_each(|seen| seen.folder(&self.root, folder));
        let mut found = Vec::new();
        self.refuse_links_above(&format!("{folder}/."))?;
        if self.root.join(folder).is_dir() {
            list_below(&self.root, folder, &mut found)?;
        }
        found.sort();
        Ok(found)
    }
}

/// What `list` finds in a folder of a root; nothing where it fails.
pub(super) fn list_regular(root: &Path, folder: &str) -> Vec<String> {
    Disk::new(root).list(folder).unwrap_or_default()
}

fn list_below(root: &Path, folder: &str, found: &mut Vec<String>) -> Result<(), ReadError> {
    let io = |error| ReadError::Io { path: folder.to_owned(), error };
    for entry in fs_err::read_dir(root.join(folder)).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let file_type = entry.file_type().map_err(io)?;
        if file_type.is_dir() {
            list_below(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn kind(file_type: std::fs::FileType) -> &'static str {
    match file_type {
        link if link.is_symlink() => "a symbolic link",
        folder if folder.is_dir() => "a folder",
        _ => "a device, a pipe or a socket",
    }
}

/// Files in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }
}

impl ReadTree for Memory {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Ok(self.files.keys().filter(|path| path.starts_with(&prefix)).cloned().collect())
    }
}

/// A folder some of whose files are not on disk yet, such as those that an editor has open.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The folder.
    pub disk: Disk,
    /// What is to be read in place of, or beside, the files on disk.
    pub files: Memory,
}

impl ReadTree for Edited {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.files.read(path)?.map_or_else(|| self.disk.read(path), |bytes| Ok(Some(bytes)))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let mut paths = [self.disk.list(folder)?, self.files.list(folder)?].concat();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_edited_stands_before_what_is_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs_err::write(folder.path().join("a.yaml"), "old").expect("written");
        fs_err::write(folder.path().join("b.yaml"), "b").expect("written");
        let edited = Edited { disk: Disk::new(folder.path()), files: [("a.yaml", "new"), ("c.yaml", "c")].into_iter().collect() };
        assert_eq!(edited.read("a.yaml").expect("read").as_deref(), Some(b"new".as_slice()));
        assert_eq!(edited.read("b.yaml").expect("read").as_deref(), Some(b"b".as_slice()));
        assert_eq!(edited.list("").expect("listed"), ["a.yaml", "b.yaml", "c.yaml"]);
    }

    #[test]
    fn a_folder_is_listed_sorted_and_without_hidden_files() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in ["b/2.yaml", "b/1.yaml", "b/.hidden", "a.yaml"] {
            let full = folder.path().join(path);
            fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
            fs_err::write(full, "x").expect("written");
        }
        let disk = Disk::new(folder.path());
        assert_eq!(disk.list("b").expect("listed"), ["b/1.yaml", "b/2.yaml"]);
        assert_eq!(disk.list("none").expect("listed"), Vec::<String>::new());
        assert_eq!(disk.read("none.yaml").expect("read"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("x.yaml")).expect("linked");
        assert!(matches!(Disk::new(folder.path()).read("x.yaml"), Err(ReadError::NotRegular { kind: "a symbolic link", .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_folder_is_not_followed() {
        let (folder, outside) = (tempfile::tempdir().expect("a temporary folder"), tempfile::tempdir().expect("another"));
        fs_err::write(outside.path().join("secret.yaml"), "x").expect("written");
        std::os::unix::fs::symlink(outside.path(), folder.path().join("workflows")).expect("linked");
        let disk = Disk::new(folder.path());
        assert!(matches!(disk.read("workflows/secret.yaml"), Err(ReadError::NotRegular { .. })));
        assert!(matches!(disk.list("workflows"), Err(ReadError::NotRegular { .. })));
    }
}
