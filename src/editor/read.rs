//! A text that somebody is typing in → its tree, without the lines that are not finished.

use std::ops::Range;

use super::cursor::open_brackets;
use crate::diag::Sink;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// Unfinished lines up to which a text is read.
const MOST: usize = 3;
/// Lines with an open bracket or quote that may be why a text cannot be read.
const OPEN: usize = 8;
/// Lines with something on them, up to where the reading stops, that may be why.
const NEAR: usize = 3;

/// Reads a text without those of its lines that keep it from being YAML. Everything else stands at the same bytes in the tree.
#[must_use]
pub fn read(text: &str) -> Option<Node> {
    read_around(text, None)
}

/// The same; the line that has a byte is left as it is.
pub(super) fn read_around(text: &str, kept: Option<usize>) -> Option<Node> {
    let mut stopped = match strictly(text) {
        Ok(root) => return Some(root),
        Err(at) => at,
    };
    let mut text = text.to_owned();
    for _ in 0..MOST {
        let mut best: Option<(usize, String)> = None;
        for attempt in attempts(&text, stopped, kept) {
            match strictly(&attempt) {
                Ok(root) => return Some(root),
                Err(at) if best.as_ref().is_none_or(|(furthest, _)| at > *furthest) => best = Some((at, attempt)),
                Err(_) => {}
            }
        }
        (stopped, text) = best.filter(|(at, _)| *at > stopped)?;
    }
    None
}

/// Reads a text that is YAML; of another the place at which the reading stops.
pub(super) fn strictly(text: &str) -> Result<Node, usize> {
    let mut sink = Sink::new();
    let root = yaml::parse(Sources::new().add("", text), text, &mut sink);
    let faults = sink.into_sorted();
    let at = || faults.iter().filter_map(|fault| fault.labels.first()?.place.span()).next().map_or(text.len(), |span| span.start as usize);
    root.ok_or_else(at)
}

/// Texts as long as one that cannot be read, each with a line changed that may be why: what loses least comes first.
fn attempts(text: &str, stopped: usize, kept: Option<usize>) -> impl Iterator<Item = String> {
    let is_kept = |line: &Range<usize>| kept.is_some_and(|at| (line.start..=line.end).contains(&at));
    let above: Vec<Range<usize>> = lines(text).take_while(|line| line.start <= stopped).filter(|line| !is_kept(line)).collect();
    let written = |line: &&Range<usize>| !text[(**line).clone()].trim().is_empty();
    let is_open = |line: &&Range<usize>| !open_brackets(&text[(**line).clone()]).is_empty();
    let near: Vec<Range<usize>> = above.iter().rev().filter(written).take(NEAR).cloned().collect();
    let open = above.iter().rev().filter(is_open).take(OPEN).cloned();
    let (whole, halves): (Vec<_>, Vec<_>) = near.into_iter().partition(|line| text[line.clone()].contains(':'));
    let blank = |line: Range<usize>| with(text, &line, &" ".repeat(line.len()));
    // What stands below a key that has no colon yet needs a key there, of whichever name.
    let keys = halves.clone().into_iter().filter_map(|line| {
        let word = text[line.clone()].trim_end();
        let (last, _) = word.char_indices().next_back()?;
        let colon = format!("{}:", &word[..last]);
        Some(with(text, &line, &format!("{colon:<width$}", width = colon.len() + line.len() - last - 1)))
    });
    let keys: Vec<String> = keys.collect();
    halves.into_iter().map(blank).chain(keys).chain(open.map(blank)).chain(whole.into_iter().map(blank)).collect::<Vec<_>>().into_iter()
}

/// A text with another in place of a part of it.
fn with(text: &str, part: &Range<usize>, other: &str) -> String {
    [&text[..part.start], other, &text[part.end..]].concat()
}

/// Where lines are, without what ends them.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_inclusive('\n').scan(0, |start, line| {
        let own = *start..*start + line.trim_end_matches(['\n', '\r']).len();
        *start += line.len();
        Some(own)
    })
}
