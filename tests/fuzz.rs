//! The fixtures, and the corpus of `cargo fuzz`, are fed again without its instruments: what was found once stays mended.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests read folders, and fail by panicking")]

mod support;

#[path = "../fuzz/src/lib.rs"]
#[allow(missing_docs, unreachable_pub, reason = "it is a crate of its own")]
mod targets;

use std::path::Path;

fn fed(target: &str, feed: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [root.join("fixtures"), root.join("fuzz/corpus").join(target)] {
        let files = support::files(&folder);
        assert!(!files.is_empty(), "there is nothing in {}", folder.display());
        for (name, bytes) in files {
            assert!(std::panic::catch_unwind(|| feed(&bytes)).is_ok(), "{}/{name}", folder.display());
        }
    }
}

#[test]
fn any_bytes_are_read_as_yaml_or_refused() {
    fed("parse", targets::parse);
}

#[test]
fn any_workflow_is_judged() {
    fed("check", targets::check);
}

#[test]
fn any_project_compiles_to_python_or_is_refused() {
    fed("compile", targets::compile);
}
