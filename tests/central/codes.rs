//! Every page about publishing or about a rule of the verifier shows what is refused and what is not.

use freehold::diag::{Code, codes};

use crate::script::perform;

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
    for code in about_changes() {
        let found = perform(&example(code, "## Bad"));
        assert!(!found.is_empty(), "{}: nothing was found", code.id);
        for diagnostic in &found {
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
