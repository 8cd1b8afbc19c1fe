//! What could be written at a place.

use std::collections::BTreeSet;

use super::catalog::Catalog;
use super::cursor::{Step, Typed, follow, typed};
use super::expression;
use super::names::{Known, Names, behind};
use crate::schema::Kind;
use crate::yaml::Node;

/// What a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A key of the language.
    Key,
    /// One of the texts that may stand here.
    Word,
    /// Something that the project or the platform has.
    Name,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it is.
    pub sort: Sort,
    /// What the list shows.
    pub label: String,
    /// What replaces the word.
    pub insert: String,
    /// What it is for, as Markdown; may be empty.
    pub about: String,
    /// The bytes of the text that it replaces.
    pub word: std::ops::Range<usize>,
}

/// What could be written at a byte offset of a text. Nothing when the text around it makes no sense yet.
#[must_use]
pub fn complete(kind: Kind, text: &str, offset: usize, names: &Names) -> Vec<Completion> {
    typed(text, offset).map(|typed| proposals(kind, text, offset, &typed, names)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// What one reading of the text leads to.
fn proposals(kind: Kind, text: &str, offset: usize, typed: &Typed, names: &Names) -> Vec<Completion> {
    let named = |known: Known| Completion {
        sort: Sort::Name,
        label: known.name.clone(),
        insert: known.name,
        about: known.about,
        word: typed.word.clone(),
    };
    if let Some(before) = expression::before(text, offset) {
        return expression::known(&typed.root, &typed.steps, names, before).into_iter().map(named).collect();
    }
    let catalog = Catalog::at(kind, &typed.steps);
    let keys = || keys(&catalog, follow(&typed.root, &typed.steps), &typed.word);
    if typed.is_key {
        return keys();
    }
    let words = catalog.texts().into_iter().map(|text| Completion {
        sort: Sort::Word,
        label: text.to_owned(),
        insert: text.to_owned(),
        about: String::new(),
        word: typed.word.clone(),
    });
    let in_list = |steps: &[Step]| matches!(steps.last(), Some(Step::Item(_)));
    let is_need = typed.steps.iter().rev().find_map(Step::key) == Some("needs");
    let behind = if is_need { behind(&typed.root, &typed.steps) } else { BTreeSet::new() };
    let names = names.at(&typed.root, &typed.steps).into_iter().filter(|known| !behind.contains(&known.name));
    // A list that is not open yet: `needs: pu` becomes `needs: [pull]`.
    let wants_list = catalog.has_type("array") && !catalog.has_type("string") && !in_list(&typed.steps);
    let names = names.map(named).map(|name| if wants_list { Completion { insert: format!("[{}]", name.insert), ..name } } else { name });
    // A key on a line of its own below another reads as a text until its colon is there.
    let nested = if stands_alone(text, typed.word.start) && catalog.has_type("object") { keys() } else { Vec::new() };
    names.chain(words).chain(nested).collect()
}

/// The keys that a map does not have yet.
fn keys(catalog: &Catalog, map: Option<&Node>, word: &std::ops::Range<usize>) -> Vec<Completion> {
    let is_free = |name: &str| map.is_none_or(|map| map.get(name).is_none());
    let proposal = |(name, value): (&'static str, Catalog)| Completion {
        sort: Sort::Key,
        label: name.to_owned(),
        insert: format!("{name}: "),
        about: value.about().unwrap_or_default().to_owned(),
        word: word.clone(),
    };
    catalog.keys().into_iter().filter(|(name, _)| is_free(name)).map(proposal).collect()
}

fn stands_alone(text: &str, start: usize) -> bool {
    let line = &text[text[..start].rfind('\n').map_or(0, |at| at + 1)..start];
    line.trim_start_matches([' ', '-']).is_empty()
}
