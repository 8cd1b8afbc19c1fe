//! Of long lines the part around what is marked, so that a terminal does not break them and set the marks below something else.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, NamedSource, SourceCode, SourceSpan, SpanContents};

/// Stands where something was cut away.
const CUT: &str = "…";
/// Columns that stand before a line, beside the digits of its number: spaces, a bar, and one to spare.
const FRAME: usize = 5;
/// The fewest columns for a line, however narrow the terminal is.
const LEAST: usize = 20;
/// What miette makes of a tab.
const TAB: usize = 4;

/// A file's text as it is shown.
pub(super) struct Excerpt {
    path: String,
    text: NamedSource<Arc<String>>,
    /// Characters that lines lack at their beginning, by the lines' indexes, so that columns are told as they are in the file.
    lost: BTreeMap<usize, usize>,
}

impl Excerpt {
    /// The text of a file, in which these marks stand. The first is the main one. Long lines are cut, and the marks moved.
    pub(super) fn of(path: &str, text: &Arc<String>, marks: &mut [Range<usize>], width: usize) -> Self {
        marks.iter_mut().for_each(|mark| *mark = sound(mark, text));
        let mut lines = Lines::of(text);
        let room = width.saturating_sub(FRAME + lines.digits(marks)).max(LEAST);
        lines.fit(marks, room);
        let Lines { text: _, starts: _, cuts, lost } = lines;
        if cuts.is_empty() {
            return Self { path: path.to_owned(), text: NamedSource::new(path, Arc::clone(text)), lost };
        }
        let (mut fitted, mut at) = (String::with_capacity(text.len()), 0);
        for cut in &cuts {
            fitted.push_str(&text[at..cut.start]);
            fitted.push_str(CUT);
            at = cut.end;
        }
        fitted.push_str(&text[at..]);
        marks.iter_mut().for_each(|mark| *mark = moved(mark, &cuts));
        Self { path: path.to_owned(), text: NamedSource::new(path, Arc::new(fitted)), lost }
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        if found.column() == 0 {
            return Ok(found);
        }
        // Miette counts bytes, and of what is shown.
        let (text, offset) = (self.text.inner(), span.offset());
        let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let column = text.get(start..offset).map_or(found.column(), |before| before.chars().count())
            + self.lost.get(&found.line()).copied().unwrap_or_default();
        let (data, shown, line, count) = (found.data(), *found.span(), found.line(), found.line_count());
        Ok(Box::new(MietteSpanContents::new_named(self.path.clone(), data, shown, line, column, count)))
    }
}

/// A mark that is inside of the text and parts no character.
fn sound(mark: &Range<usize>, text: &str) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let start = floor(mark.start);
    start..floor(mark.end).max(start)
}

/// Where a mark is once parts of the text are cut away. What is gone is where its stand-in is.
fn moved(mark: &Range<usize>, cuts: &[Range<usize>]) -> Range<usize> {
    let place = |offset: usize| {
        let before = cuts.iter().filter(|cut| cut.start < offset);
        before.fold(offset, |new, cut| if cut.end <= offset { new + CUT.len() - cut.len() } else { new - (offset - cut.start) })
    };
    place(mark.start)..place(mark.end)
}

struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    cuts: Vec<Range<usize>>,
    lost: BTreeMap<usize, usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, cuts: Vec::new(), lost: BTreeMap::new() }
    }

    /// The index of the line that a byte is on.
    fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn line(&self, index: usize) -> Range<usize> {
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        start..end
    }

    fn digits(&self, marks: &[Range<usize>]) -> usize {
        let last = marks.iter().map(|mark| self.at(mark.end)).max().unwrap_or_default();
        (last + 2).to_string().len()
    }

    /// Cuts the lines that are shown: those of marks, and one before and behind each.
    fn fit(&mut self, marks: &[Range<usize>], room: usize) {
        let around = |mark: &Range<usize>| self.at(mark.start).saturating_sub(1)..=(self.at(mark.end) + 1).min(self.starts.len() - 1);
        let mut shown: Vec<usize> = marks.iter().flat_map(around).collect();
        shown.sort_unstable();
        shown.dedup();
        for index in shown {
            let line = self.line(index);
            let inside = |mark: &&Range<usize>| mark.start <= line.end && mark.end >= line.start;
            let marks: Vec<Range<usize>> = marks
                .iter()
                .filter(inside)
                .map(|mark| mark.start.max(line.start) - line.start..mark.end.min(line.end) - line.start)
                .collect();
            let text = &self.text[line.clone()];
            let Some(window) = window(text, &marks, room) else { continue };
            if window.start > 0 {
                self.cuts.push(line.start..line.start + window.start);
                self.lost.insert(index, text[..window.start].chars().count() - 1);
            }
            if window.end < text.len() {
                self.cuts.push(line.start + window.end..line.end);
            }
        }
    }
}

/// The part of a line that is shown; `None` where there is room for all of it.
fn window(line: &str, marks: &[Range<usize>], room: usize) -> Option<Range<usize>> {
    let whole = columns(line);
    if whole <= room {
        return None;
    }
    // Where there is no room for all marks, the main one is shown.
    let hull = marks.iter().cloned().reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
    let focus = hull.filter(|hull| columns(&line[hull.clone()]) + 2 <= room).or_else(|| marks.first().cloned()).unwrap_or(0..0);
    let (first, last) = (columns(&line[..focus.start]), columns(&line[..focus.end]));
    let left = if last < room {
        0
    } else {
        let inner = room - 2;
        first.saturating_sub((inner - (last - first).min(inner)) / 2).min(whole - room + 1)
    };
    let start = byte_at(line, 0, left);
    // How wide a tab is depends on what stands before it.
    let first = usize::from(start > 0);
    let rest = &line[start..];
    let end = if columns_from(rest, first) <= room { line.len() } else { start + byte_at(rest, first, room - 1) };
    Some(start..end)
}

/// How wide a text is at the beginning of a line.
fn columns(text: &str) -> usize {
    columns_from(text, 0)
}

/// The column behind a text that starts at one.
fn columns_from(text: &str, first: usize) -> usize {
    text.chars().fold(first, |column, letter| column + wide(letter, column))
}

fn wide(letter: char, column: usize) -> usize {
    if letter == '\t' { TAB - column % TAB } else { textwrap::core::display_width(letter.encode_utf8(&mut [0; 4])) }
}

/// The last place in a text that starts at a column up to which there are no more columns than these.
fn byte_at(text: &str, first: usize, most: usize) -> usize {
    let mut column = first;
    for (at, letter) in text.char_indices() {
        column += wide(letter, column);
        if column > most {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mark there can be, between characters or in the middle of one.
    #[test]
    fn whatever_is_marked_fits_and_is_marked_still() {
        let line = "a: [ž, 猫,\tx, y, žluťoučký kůň, 🦀🦀, \u{fffd}, z, z, z]";
        let text = Arc::new(format!("# short\n{line}\n{line}{line}\n"));
        for (start, end) in (0..=text.len()).flat_map(|start| (start..=text.len()).step_by(3).map(move |end| (start, end))) {
            let mut marks = [start..end, 9..10];
            let excerpt = Excerpt::of("x", &text, &mut marks, 33);
            let shown = excerpt.text.inner();
            assert!(marks.iter().all(|mark| shown.get(mark.clone()).is_some()), "{start}..{end}: {marks:?} in {shown:?}");
            let (cut, whole) = (&shown[marks[0].clone()], &text[sound(&(start..end), &text)]);
            assert!(cut == whole || shown.contains(CUT), "{start}..{end}: {cut:?}");
            let read = excerpt.read_span(&(marks[0].start, marks[0].len()).into(), 0, 0);
            assert!(read.is_ok(), "{start}..{end}");
            let of_mark = Lines::of(shown).at(marks[0].start);
            assert!(columns(&shown[Lines::of(shown).line(of_mark)]) < 33 - FRAME, "{start}..{end}: {shown}");
        }
    }
}
