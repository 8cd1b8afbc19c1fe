//! From an offset in a text to a place in its tree.

use super::read::{read_around, strictly};
use crate::source::Span;
use crate::yaml::Node;

/// One step from the root of a file to a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list, from 0.
    Item(usize),
}

impl Step {
    /// The key, when it is one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Item(_) => None,
        }
    }
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The key that the last step goes by.
    Key(Span),
    /// A value that holds no other, or the room between the values of one that does.
    Value(Span),
}

/// A place in a file's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The way to it.
    pub steps: Vec<Step>,
    /// What is there.
    pub spot: Spot,
}

/// The place of a byte offset; `None` outside of the tree.
#[must_use]
pub fn locate(root: &Node, offset: usize) -> Option<Cursor> {
    let holds = |span: Span| (span.start as usize..=span.end as usize).contains(&offset);
    let mut steps = Vec::new();
    let mut node = root;
    if !holds(node.span) {
        return None;
    }
    loop {
        if let Some(entry) = node.entries().iter().find(|entry| holds(entry.key.span)) {
            steps.push(Step::Key(entry.key.value.clone()));
            return Some(Cursor { steps, spot: Spot::Key(entry.key.span) });
        }
        let entry = node.entries().iter().find(|entry| holds(entry.value.span));
        let item = node.items().iter().enumerate().find(|(_, item)| holds(item.span));
        node = match (entry, item) {
            (Some(entry), _) => {
                steps.push(Step::Key(entry.key.value.clone()));
                &entry.value
            }
            (None, Some((at, item))) => {
                steps.push(Step::Item(at));
                item
            }
            (None, None) => return Some(Cursor { steps, spot: Spot::Value(node.span) }),
        };
    }
}

/// The node that steps lead to, as far as they go.
pub(super) fn follow<'a>(root: &'a Node, steps: &[Step]) -> Option<&'a Node> {
    steps.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Item(at) => node.items().get(*at),
    })
}

/// What is being typed at an offset.
pub(super) struct Typed {
    /// The way to what is typed: for a key, to the map that it would be in.
    pub(super) steps: Vec<Step>,
    /// Whether a key is being typed.
    pub(super) is_key: bool,
    /// The word so far, which the answer replaces.
    pub(super) word: std::ops::Range<usize>,
    /// The file with a word put in at the place.
    pub(super) root: Node,
}

/// Stands for the word that is being typed. No file has it.
const MARK: &str = "freehold_is_typed_here";

/// Readings of a text as if a key, or a word, stood at an offset: with all of the text, then without other lines that are not finished, and
/// then without what follows.
pub(super) fn typed(text: &str, offset: usize) -> impl Iterator<Item = Typed> {
    let word = word_at(text, offset);
    let (before, after) = (&text[..word.start], &text[word.end..]);
    let (rest, following) = after.split_at(after.find(['\r', '\n']).unwrap_or(after.len()));
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let all = format!("{rest}{following}");
    let closed = format!("{rest}{}{following}", open_brackets(&format!("{line}{rest}")));
    let (alone, cut) = (format!("{rest}\n"), format!("{}\n", open_brackets(line)));
    let ways = [(&all, false), (&closed, false), (&all, true), (&closed, true), (&alone, true), (&cut, true)];
    let candidates = ways.map(|(behind, is_lenient)| {
        let candidate = |is_key: bool| (format!("{before}{MARK}{}{behind}", if is_key { ": x" } else { "" }), is_key, is_lenient);
        [candidate(true), candidate(false)]
    });
    candidates.into_iter().flatten().filter_map(move |(candidate, is_key, is_lenient)| {
        let root = if is_lenient { read_around(&candidate, Some(word.start)) } else { strictly(&candidate).ok() }?;
        let steps = find_mark(&root, is_key)?;
        Some(Typed { steps, is_key, word: word.clone(), root })
    })
}

/// The word around an offset: what the answer of a completion replaces.
fn word_at(text: &str, offset: usize) -> std::ops::Range<usize> {
    let is_word = |character: char| character.is_alphanumeric() || "_-./@".contains(character);
    let before = text[..offset].trim_end_matches(is_word).len();
    // A list's dash is no part of a word.
    let dashes = text[before..offset].len() - text[before..offset].trim_start_matches('-').len();
    let after = text[offset..].len() - text[offset..].trim_start_matches(is_word).len();
    before + dashes..offset + after
}

/// What closes the brackets that a line leaves open.
pub(super) fn open_brackets(line: &str) -> String {
    let mut open = Vec::new();
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(mark), character) if mark == character => quote = None,
            (None, '{') => open.push('}'),
            (None, '[') => open.push(']'),
            (None, '}' | ']') => drop(open.pop()),
            _ => {}
        }
    }
    quote.into_iter().chain(open.into_iter().rev()).collect()
}

/// The way to the mark: for a key to the map that has it.
fn find_mark(node: &Node, is_key: bool) -> Option<Vec<Step>> {
    if is_key && node.get(MARK).is_some() {
        return Some(Vec::new());
    }
    if !is_key && node.as_str().is_some_and(|text| text.contains(MARK)) {
        return Some(Vec::new());
    }
    let behind = |step: Step, node: &Node| {
        let mut steps = find_mark(node, is_key)?;
        steps.insert(0, step);
        Some(steps)
    };
    let entries = node.entries().iter().map(|entry| (Step::Key(entry.key.value.clone()), &entry.value));
    let items = node.items().iter().enumerate().map(|(at, item)| (Step::Item(at), item));
    entries.chain(items).find_map(|(step, node)| behind(step, node))
}
