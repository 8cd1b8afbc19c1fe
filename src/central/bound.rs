//! What the identity token of a publish that waits is made for: that very publish.
//!
//! Whoever can read the central repository can read the token, so it must be good for nothing else. Its audience holds a digest of all that
//! `integrate` takes from the waiting branch, and of what it is asked of; another publish has another digest.

use sha2::{Digest as _, Sha256};

use super::compiler::SourceFiles;
use super::request::Consent;
use crate::name::{SourceName, TeamName};

/// A publish that waits, or will.
pub(crate) struct Bound<'a> {
    /// What the central repository calls itself: two of one company may trust one issuer.
    pub(crate) central: &'a str,
    pub(crate) team: &'a TeamName,
    pub(crate) source: &'a SourceName,
    /// Which publish of the source it is.
    pub(crate) serial: u64,
    pub(crate) consent: Consent,
    pub(crate) files: &'a SourceFiles,
}

impl Bound<'_> {
    /// The digest, as it stands in an audience.
    pub(crate) fn digest(&self) -> String {
        let Self { central, team, source, serial, consent: Consent { rollback, repair }, files } = self;
        let mut hash = Sha256::new();
        // Each part with its length before it, so that no two lists of parts are one text.
        let mut take = |part: &[u8]| {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        };
        take(b"freehold publish 1");
        take(central.as_bytes());
        take(team.as_str().as_bytes());
        take(source.as_str().as_bytes());
        take(&serial.to_be_bytes());
        take(&[u8::from(*rollback), u8::from(*repair)]);
        for (path, bytes) in *files {
            take(path.as_bytes());
            take(bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_differs_makes_another_digest() {
        let (team, source) = (TeamName::parse("churn").expect("a name"), SourceName::parse("model").expect("a name"));
        let (other_team, other_source) = (TeamName::parse("ads").expect("a name"), SourceName::parse("extra").expect("a name"));
        let files = |all: &[(&str, &str)]| all.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let (some, other): (SourceFiles, SourceFiles) = (files(&[("a", "bc")]), files(&[("a", "bd")]));
        let (moved, joined): (SourceFiles, SourceFiles) = (files(&[("ab", "c")]), files(&[("a", "b"), ("c", "")]));
        let (consent, rollback) = (Consent::default(), Consent { rollback: true, repair: false });
        let repair = Consent { rollback: false, repair: true };
        let bound = || Bound { central: "acme/production", team: &team, source: &source, serial: 3, consent, files: &some };
        let all = [
            bound(),
            Bound { central: "acme/staging", ..bound() },
            Bound { team: &other_team, ..bound() },
            Bound { source: &other_source, ..bound() },
            Bound { serial: 4, ..bound() },
            Bound { consent: rollback, ..bound() },
            Bound { consent: repair, ..bound() },
            Bound { files: &other, ..bound() },
            Bound { files: &moved, ..bound() },
            Bound { files: &joined, ..bound() },
        ];
        let digests: std::collections::BTreeSet<String> = all.iter().map(Bound::digest).collect();
        assert_eq!(digests.len(), all.len());
        assert_eq!(bound().digest(), bound().digest());
    }
}
