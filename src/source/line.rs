//! Byte offsets to lines and columns.

use super::{SourceFile, Span};

/// A place as people count: line and column from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl SourceFile {
    /// The line and column of a byte offset. An offset past the end is the end; one inside a character is that
    /// character's.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let starts = self.line_starts.get_or_init(|| line_starts(&self.text));
        let offset = self.floor_boundary(offset);
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        Position { line: line + 1, column: self.text[starts[line]..offset].chars().count() + 1 }
    }

    /// The first and the end position of a span of this file.
    #[must_use]
    pub fn positions(&self, span: Span) -> (Position, Position) {
        (self.position(span.start as usize), self.position(span.end as usize))
    }

    fn floor_boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Sources;

    #[test]
    fn columns_count_characters_and_not_bytes() {
        let sources = Sources::new();
        let file = sources.file(sources.add("a.yaml", "# žluťoučký\nkůň: 1\n"));
        let at = file.text.find(": 1").expect("it is there");
        assert_eq!((file.position(at).line, file.position(at).column), (2, 4));
        assert_eq!((file.position(at - 1).line, file.position(at - 1).column), (2, 3), "inside a character is its start");
        assert_eq!(file.position(9_999).line, 3);
    }
}
