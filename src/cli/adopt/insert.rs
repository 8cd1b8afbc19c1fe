//! Adoptions put into the text of a grant, which keeps its comments and its layout.

use super::Adopted;
use crate::name::DagId;
use crate::source::Sources;
use crate::yaml::{self, Node, Value};

/// The grant's text with these adoptions; `None` when it is written in a way that they cannot be put into.
pub(super) fn insert(text: &str, adopted: &[Adopted]) -> Option<String> {
    let sources = Sources::new();
    let id = sources.add("grant.yaml".to_owned(), text.to_owned());
    let root = yaml::parse(id, text, &mut crate::diag::Sink::new())?;
    is_block(&root, text).then_some(())?;
    let Some(entry) = root.entry("adopt") else {
        let gap = if text.ends_with('\n') { "" } else { "\n" };
        let ends = text.lines().any(|line| line.trim_end() == "...");
        return (!ends).then(|| format!("{text}{gap}{}", block(adopted)));
    };
    let adopt = &entry.value;
    is_block(adopt, text).then_some(())?;
    let Value::Map(entries) = &adopt.value else { return None };
    let (first, last) = (entries.first()?, entries.last()?);
    let (start, end) = (first.key.span.start as usize, last.value.span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indentation = &text[line..start];
    indentation.chars().all(|letter| letter == ' ').then_some(())?;
    let end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    let (before, after) = text.split_at(end);
    let gap = if before.ends_with('\n') { "" } else { "\n" };
    let lines: String = adopted.iter().map(|adopted| entry_of(adopted, indentation)).collect();
    Some(format!("{before}{gap}{lines}{after}"))
}

/// What to paste where nothing could be put in.
pub(super) fn block(adopted: &[Adopted]) -> String {
    let entries: String = adopted.iter().map(|adopted| entry_of(adopted, "  ")).collect();
    format!("adopt:\n{entries}")
}

/// Whether a map is written with a line for each key, and not in braces.
fn is_block(node: &Node, text: &str) -> bool {
    matches!(node.value, Value::Map(_)) && !text[node.span.start as usize..].starts_with('{')
}

fn entry_of(Adopted { workflow, file, sha256, dag_ids }: &Adopted, indentation: &str) -> String {
    let ids: Vec<String> = dag_ids.iter().map(|id| scalar(DagId::as_str(id))).collect();
    let (workflow, sha256, ids) = (scalar(workflow), scalar(sha256), ids.join(", "));
    format!("{indentation}{workflow}:\n{indentation}  file: {file}\n{indentation}  sha256: {sha256}\n{indentation}  dag_ids: [{ids}]\n")
}

/// A name or an id as YAML reads it back: in quotes where it would be taken for something else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let is_plain = text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && !WORDS.contains(&&*text.to_ascii_lowercase());
    let is_hash = text.len() == 64 && text.parse::<f64>().is_err();
    if is_plain || is_hash { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adopted(workflow: &str, id: &str) -> Adopted {
        let dag_ids = vec![DagId::parse(id).expect("an id")];
        Adopted { workflow: workflow.to_owned(), file: "dags/old/x.py".to_owned(), sha256: "a".repeat(64), dag_ids }
    }

    fn inserted(text: &str) -> Option<String> {
        insert(text, &[adopted("train", "1e5")]).map(|text| text.replace(&"a".repeat(64), "SHA"))
    }

    const ENTRY: &str = "  train:\n    file: dags/old/x.py\n    sha256: SHA\n    dag_ids: [\"1e5\"]\n";

    #[test]
    fn a_grant_without_adoptions_gets_them_at_its_end() {
        assert_eq!(inserted("# ours\nteam: churn # yes\n"), Some(format!("# ours\nteam: churn # yes\nadopt:\n{ENTRY}")));
        assert_eq!(inserted("team: churn"), Some(format!("team: churn\nadopt:\n{ENTRY}")));
    }

    #[test]
    fn one_with_adoptions_gets_more_behind_the_last_as_it_indents_them() {
        let text =
            "team: churn\nadopt:\n    old:\n        file: dags/x.py # here\n        dag_ids: [x] # one\n\n# people\nmembers: [ada]\n";
        let entry = ENTRY.replace("  train", "    train").replace("\n    ", "\n      ");
        let expected = text.replace("# one\n", &format!("# one\n{entry}"));
        assert_eq!(inserted(text), Some(expected));
    }

    #[test]
    fn what_is_written_in_braces_is_left_alone() {
        for text in
            ["{ team: churn }\n", "team: churn\nadopt: { old: { dag_ids: [x] } }\n", "team: churn\nadopt:\n", "team: churn\n...\n", "- x\n"]
        {
            assert_eq!(inserted(text), None, "{text}");
        }
    }
}
