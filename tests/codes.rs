//! Every code has a page, and the page's examples do what it says: the bad one is refused for that code alone, the good one is clean.
//! How they are written: `tests/support/pages.rs`.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod support;

use freehold::diag::codes;
use support::pages::{blocks, compile, section};

/// Codes whose examples are changes of a central repository, or what is around one: `tests/central/codes.rs` and
/// `tests/doctor/codes.rs` perform them.
fn is_about_central(id: &str) -> bool {
    ["FH07", "FH08", "FH09"].iter().any(|kind| id.starts_with(kind))
}

#[test]
fn the_bad_example_of_every_page_is_refused_for_that_code_alone_and_the_good_one_is_clean() {
    for code in codes().iter().filter(|code| !is_about_central(code.id)) {
        assert!(code.page.starts_with(&format!("# {}: ", code.id)), "{}: the page starts with its code", code.id);
        let bad = compile(&blocks(section(code.page, "## Bad")));
        assert!(!bad.is_empty(), "{}: the bad example is taken", code.id);
        for error in &bad {
            assert_eq!(error.code.id, code.id, "{}: {}", code.id, error.title);
            assert!(error.help.is_some(), "{}: it says what to type", code.id);
            assert!(!error.labels.is_empty(), "{}: it says where", code.id);
        }
        let good = compile(&blocks(section(code.page, "## Good")));
        assert!(good.is_empty(), "{}: the good example is refused: {good:#?}", code.id);
    }
}

#[test]
fn codes_are_sorted_and_unique_and_so_are_their_names() {
    let ids: Vec<&str> = codes().iter().map(|code| code.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    let names: std::collections::BTreeSet<&str> = codes().iter().map(|code| code.name).collect();
    assert_eq!(names.len(), ids.len());
}

#[test]
fn every_page_belongs_to_a_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes");
    for entry in fs_err::read_dir(folder).expect("the folder is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let id = name.trim_end_matches(".md");
        assert!(codes().iter().any(|code| code.id == id), "{name} explains no code");
    }
}
