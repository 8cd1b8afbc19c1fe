//! Every page about surroundings shows what weakens the promise and what does not.

use freehold::diag::{Code, codes};

use crate::ground::Ground;

fn about_surroundings() -> impl Iterator<Item = &'static Code> {
    codes().iter().copied().filter(|code| code.id.starts_with("FH09"))
}

fn example(code: &Code, heading: &str) -> String {
    let (_, rest) = code.page.split_once(heading).unwrap_or_else(|| panic!("{} has no {heading}", code.id));
    let (_, rest) = rest.split_once("```text surroundings\n").expect("a block follows");
    rest.split_once("```").expect("it is closed").0.to_owned()
}

#[test]
fn a_bad_example_yields_its_code_and_no_other() {
    for code in about_surroundings() {
        assert!(code.page.starts_with(&format!("# {}: ", code.id)), "{}", code.id);
        let found = Ground::of(&example(code, "## Bad")).findings();
        assert!(!found.is_empty(), "{}: nothing was found", code.id);
        for finding in &found {
            assert_eq!(finding["code"], code.id, "{finding:#}");
            assert!(finding["help"].is_string(), "{}: it says what to type", code.id);
            assert!(!finding["labels"].as_array().expect("a list").is_empty(), "{}: it says where", code.id);
        }
    }
}

#[test]
fn a_good_example_yields_nothing() {
    for code in about_surroundings() {
        let found = Ground::of(&example(code, "## Good")).findings();
        assert!(found.is_empty(), "{}: {found:#?}", code.id);
    }
}
