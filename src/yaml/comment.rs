//! Comments, and which lines they are about.

use std::ops::Range;

use granit_parser::{Event, Parser, Placement};

use crate::source::{SourceId, Span};

/// A comment.
#[derive(Debug)]
pub struct Comment {
    /// Where, with its `#`.
    pub span: Span,
    /// Bytes of the line that it is about: its own, when something stands before it, and otherwise the next one that says something.
    pub covers: Range<u32>,
}

/// The comments of a file that hold `mark`. Those behind a fault of the file are left out.
#[must_use]
pub fn comments(file: SourceId, text: &str, mark: &str) -> Vec<Comment> {
    // Reading a file again costs as much as reading it, and few have such a comment.
    if !text.contains(mark) {
        return Vec::new();
    }
    let comment = |(event, place): (Event<'_>, granit_parser::Span)| {
        let Event::Comment(written, placement) = event else { return None };
        let range = place.byte_range().filter(|_| written.contains(mark))?;
        let covers = if placement == Placement::Right { line_of(text, range.start) } else { next_line(text, range.end) };
        let covers = Span::new(file, covers.start, covers.end);
        Some(Comment { span: Span::new(file, range.start, range.end), covers: covers.start..covers.end })
    };
    Parser::new_from_str(text).map_while(Result::ok).filter_map(comment).collect()
}

fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    start..text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

/// The first line behind `at` that holds more than a comment.
fn next_line(text: &str, at: usize) -> Range<usize> {
    let mut start = at + text[at..].find('\n').map_or(text.len() - at, |newline| newline + 1);
    for line in text[start..].split_inclusive('\n') {
        let said = line.trim();
        if !said.is_empty() && !said.starts_with('#') {
            return start..start + line.trim_end().len();
        }
        start += line.len();
    }
    text.len()..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn found(text: &str) -> Vec<(&str, &str)> {
        let slice = |range: Range<u32>| &text[range.start as usize..range.end as usize];
        let comments = comments(Sources::new().add("a.yaml", text), text, "mark:");
        comments.into_iter().map(|comment| (slice(comment.span.start..comment.span.end), slice(comment.covers))).collect()
    }

    #[test]
    fn a_comment_is_about_its_own_line_or_the_next_one_that_says_something() {
        let text = "# ž mark: a\r\n\r\n# other\na: 1  # mark: b\nb:\n  # mark: c\n\n  - 2\n# mark: d\n";
        assert_eq!(
            found(text),
            [("# ž mark: a", "a: 1  # mark: b"), ("# mark: b", "a: 1  # mark: b"), ("# mark: c", "  - 2"), ("# mark: d", "")]
        );
    }

    #[test]
    fn what_stands_in_a_text_is_no_comment() {
        assert_eq!(found("a: 'x # mark: a'\nb: |\n  # mark: b\nc: x#mark: d\n"), []);
        assert_eq!(found("a: \"# mark: x\"\nb: >-\n  text # mark: y\n  # mark: z\n"), []);
    }
}
