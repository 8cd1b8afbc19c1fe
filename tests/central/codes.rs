//! Every page about publishing or about a rule of the verifier shows what is refused and what is not.

use std::sync::LazyLock;

use freehold::diag::{Code, Diagnostic, Place, codes};

use crate::script::perform;

/// What is found where each bad example ends. Performing all of them takes a minute, so it is done once.
static FOUND: LazyLock<Vec<(&Code, Vec<Diagnostic>)>> =
    LazyLock::new(|| about_changes().map(|code| (code, perform(&example(code, "## Bad")))).collect());

fn about_changes() -> impl Iterator<Item = &'static Code> {
    codes().iter().copied().filter(|code| code.id.starts_with("FH07") || code.id.starts_with("FH08"))
}

fn example(code: &Code, heading: &str) -> String {
    let (_, rest) = code.page.split_once(heading).unwrap_or_else(|| panic!("{} has no {heading}", code.id));
    let (_, rest) = rest.split_once("```text change\n").expect("a block follows");
    rest.split_once("```").expect("it is closed").0.to_owned()
}

#[test]
fn every_page_starts_with_its_code() {
    for code in about_changes() {
        assert!(code.page.starts_with(&format!("# {}: ", code.id)), "{}", code.id);
    }
}

#[test]
fn a_bad_example_yields_its_code_and_no_other() {
    for (code, found) in &*FOUND {
        assert!(!found.is_empty(), "{}: nothing was found", code.id);
        for diagnostic in found {
            assert_eq!(diagnostic.code.id, code.id, "{diagnostic:#?}");
            assert!(diagnostic.help.is_some(), "{}: it says what to type", code.id);
        }
    }
}

#[test]
fn a_good_example_yields_nothing() {
    for code in about_changes() {
        let found = perform(&example(code, "## Good"));
        assert!(found.is_empty(), "{}: {found:#?}", code.id);
    }
}

/// `UPDATE_EXPECTED=1 cargo test --test central refusal` writes them anew: read what changed.
#[test]
fn what_a_refusal_says_is_what_was_read_and_committed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/central/refusals");
    for (code, found) in &*FOUND {
        let said: String = found.iter().map(text).collect();
        let path = folder.join(format!("{}.txt", code.id));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs_err::create_dir_all(&folder).expect("made");
            fs_err::write(&path, &said).expect("written");
        }
        let expected = fs_err::read_to_string(&path).unwrap_or_default();
        assert_eq!(said, expected, "{}", path.display());
    }
}

/// What a person is told, without the lines of files. Ids of commits differ from run to run.
fn text(found: &Diagnostic) -> String {
    let severity = format!("{:?}", found.severity).to_lowercase();
    let mut text = format!("{} {severity}: {}\n", found.code.id, found.title);
    for label in &found.labels {
        let place = match &label.place {
            Place::File(path) => path.as_str(),
            Place::Span(_) => "(a line)",
        };
        text += &format!("  at {place}: {}\n", label.text);
    }
    text += &found.help.iter().map(|help| format!("  help: {help}\n")).collect::<String>();
    without_ids(&text)
}

fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        word.len() >= 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) && word.bytes().any(|byte| byte.is_ascii_digit())
    };
    let words = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            if is_id(bare) { word.replacen(bare, "<id>", 1) } else { word.to_owned() }
        })
        .collect()
}
