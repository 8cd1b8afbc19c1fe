//! Object ids, file modes and tree entries.

use std::fmt;

use sha1::Digest as _;

/// How a repository names its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// Forty hexadecimal digits.
    Sha1,
    /// Sixty-four hexadecimal digits.
    Sha256,
}

impl ObjectFormat {
    /// Git's name of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// Bytes of an id inside a tree object.
    pub(super) fn id_length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The id that Git gives a file of this content.
    #[must_use]
    pub fn blob_id(self, content: &[u8]) -> ObjectId {
        let header = format!("blob {}\0", content.len());
        match self {
            Self::Sha1 => ObjectId::from_bytes(&sha1::Sha1::new().chain_update(header).chain_update(content).finalize()),
            Self::Sha256 => ObjectId::from_bytes(&sha2::Sha256::new().chain_update(header).chain_update(content).finalize()),
        }
    }

    /// The format that an id of this many digits belongs to.
    #[must_use]
    pub fn of(id: &ObjectId) -> Self {
        if id.as_str().len() == 64 { Self::Sha256 } else { Self::Sha1 }
    }
}

/// The name of a Git object: 40 or 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ObjectId(Box<str>);

impl ObjectId {
    /// Reads an id; `None` when the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (digits && matches!(text.len(), 40 | 64)).then(|| Self(text.into()))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is all zeros, by which Git's hooks say that there is no object.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a tree's entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// A regular file, 100644.
    File,
    /// A file that can be run, 100755.
    Executable,
    /// A symbolic link, 120000.
    Link,
    /// A commit of another repository, 160000.
    Submodule,
    /// A folder, 40000.
    Folder,
    /// Anything else: no git of today writes it.
    Other,
}

impl Mode {
    pub(super) fn parse(digits: &[u8]) -> Self {
        match digits {
            b"100644" => Self::File,
            b"100755" => Self::Executable,
            b"120000" => Self::Link,
            b"160000" => Self::Submodule,
            b"40000" => Self::Folder,
            _ => Self::Other,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::File => "a regular file",
            Self::Executable => "an executable file",
            Self::Link => "a symbolic link",
            Self::Submodule => "a submodule",
            Self::Folder => "a folder",
            Self::Other => "an entry of an unknown mode",
        }
    }
}

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// Its object.
    pub id: ObjectId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_gets_the_id_that_git_gives_it() {
        assert_eq!(ObjectFormat::Sha1.blob_id(b"hello\n").as_str(), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(ObjectFormat::Sha256.blob_id(b"").as_str(), "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
    }

    #[test]
    fn an_id_is_whole_and_lower_case() {
        assert!(ObjectId::parse(&"a".repeat(40)).is_some());
        for text in ["", "a", &"A".repeat(40), &format!("{}\n", "a".repeat(40)), &"g".repeat(64)] {
            assert!(ObjectId::parse(text).is_none(), "{text:?}");
        }
    }
}
