//! What a finding is known by from one run to the next, in formats for programs that keep a list of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Input;
use crate::diag::Diagnostic;

/// What stays the same when lines above are added: code, file and title, and which of several alike it is (section 3.27.17).
pub(super) fn fingerprint(diagnostic: &Diagnostic, input: &Input<'_>, seen: &mut BTreeMap<String, usize>) -> String {
    let path = diagnostic.labels.first().map(|label| label.place.path(input.sources));
    let path = path.map(|path| (input.locate)(&path).unwrap_or(path));
    let identity = format!("{}\0{}\0{}", diagnostic.code.id, path.unwrap_or_default(), diagnostic.title);
    let count = seen.entry(identity.clone()).or_default();
    *count += 1;
    let digest = Sha256::digest(format!("{identity}\0{count}"));
    digest.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
