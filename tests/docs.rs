//! The pages say what the program does: their examples compile, and the reference is what the types say.
//!
//! Each `## ` section of a page is a project of its own, written as `tests/support/pages.rs` says; a block in an HTML comment is part of it
//! and not shown. `UPDATE_DOCS=1 cargo test --test docs` writes `docs/reference.md` anew.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod reference;
mod support;

use std::path::{Path, PathBuf};

use support::pages::{blocks, compile};

/// Pages of another kind: written by a test, or with changes of a central repository that other tests perform.
const OTHERS: [&str; 6] = ["cli.md", "reference.md", "identity.md", "ownership.md", "github.md", "gitlab.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let entries = fs_err::read_dir(root().join("docs")).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let is_other = |path: &PathBuf| OTHERS.iter().any(|name| path.ends_with(name));
    let mut found: Vec<PathBuf> = entries.filter(|path| is_page(path) && !is_other(path)).collect();
    found.push(root().join("README.md"));
    found
}

#[test]
fn the_examples_of_every_page_compile() {
    let mut compiled = 0;
    for path in pages() {
        let page = fs_err::read_to_string(&path).expect("read");
        for section in page.split("\n## ") {
            let files = blocks(section);
            let heading = section.lines().next().unwrap_or_default();
            if let Some(block) = section.lines().find(|line| line.starts_with("```yaml") && !line.contains("file=")) {
                panic!("{}: {heading}: {block} does not say which file it is", path.display());
            }
            if files.is_empty() {
                continue;
            }
            let told = compile(&files);
            assert!(told.is_empty(), "{}: {heading}: {told:#?}", path.display());
            compiled += 1;
        }
    }
    assert!(compiled > 0, "no page has an example");
}

#[test]
fn the_reference_is_what_the_types_say() {
    let page = reference::page();
    let path = root().join("docs/reference.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs_err::write(&path, &page).expect("written");
    }
    let written = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/reference.md is not current: run `UPDATE_DOCS=1 cargo test --test docs`");
}
