//! Generated Python and YAML in a terminal.

use hl_lite::{Kind, Lang, highlight};

use super::human::sanitise;
use super::paint::{BLUE, CYAN, DIM, GREEN, MAGENTA, Paint, YELLOW};

/// In what a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// YAML.
    Yaml,
}

impl Language {
    /// That of a file, by its path.
    #[must_use]
    pub fn of_file(path: &str) -> Self {
        if path.ends_with(".py") { Self::Python } else { Self::Yaml }
    }

    fn lexer(self) -> Lang {
        match self {
            Self::Python => Lang::Python,
            Self::Yaml => Lang::Yaml,
        }
    }
}

/// A text as a terminal shows it, with or without colours. What the terminal would obey or hide is replaced by a mark.
#[must_use]
pub fn code(text: &str, language: Language, colour: bool) -> String {
    let text = sanitise(text);
    let paint = Paint::new(colour);
    if !paint.is_coloured() {
        return text;
    }
    highlight(language.lexer(), &text).into_iter().map(|span| in_lines(span.text, |line| painted(paint, span.kind, line))).collect()
}

/// A pager takes each line by itself, so that a colour ends with its line.
fn in_lines(text: &str, paint: impl Fn(&str) -> String) -> String {
    text.split('\n').map(paint).collect::<Vec<_>>().join("\n")
}

fn painted(paint: Paint, kind: Kind, text: &str) -> String {
    match kind {
        Kind::Comment => paint.with(DIM, text),
        Kind::String => paint.with(GREEN, text),
        Kind::Keyword | Kind::Tag | Kind::Attribute => paint.with(MAGENTA, text),
        Kind::Number | Kind::Constant => paint.with(YELLOW, text),
        Kind::Property | Kind::Function => paint.with(BLUE, text),
        Kind::Type | Kind::Variable => paint.with(CYAN, text),
        Kind::Plain | Kind::Operator | Kind::Punctuation => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text without the codes of colours.
    fn plain(coloured: &str) -> String {
        let mut parts = coloured.split("\u{1b}[");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').expect("a colour").1)
    }

    #[test]
    fn kinds_of_words_have_their_colours() {
        let yaml = code("# a\nname: \"ž\" # b\nmost: 12\n", Language::Yaml, true);
        assert_eq!(
            yaml,
            "\u{1b}[2m# a\u{1b}[0m\n\u{1b}[34mname\u{1b}[0m: \u{1b}[32m\"ž\"\u{1b}[0m \u{1b}[2m# b\u{1b}[0m\n\u{1b}[34mmost\u{1b}[0m: \u{1b}[33m12\u{1b}[0m\n"
        );
        let python = code("from a import b\n", Language::Python, true);
        assert_eq!(python, "\u{1b}[35mfrom\u{1b}[0m a \u{1b}[35mimport\u{1b}[0m b\n");
    }

    #[test]
    fn colours_change_no_text_and_end_with_their_line() {
        let text = "text = \"\"\"a\nb # no comment\n\"\"\"\nnot_closed = '";
        let coloured = code(text, Language::Python, true);
        assert_eq!(plain(&coloured), text);
        assert!(coloured.lines().all(|line| line.matches("\u{1b}[").count() % 2 == 0), "{coloured:?}");
    }

    #[test]
    fn a_terminal_is_told_nothing_but_colours() {
        let hostile = "a: \"x\u{1b}[2J\u{7}\u{9b}31m\u{202e}y\r\"\n";
        for coloured in [false, true] {
            let shown = plain(&code(hostile, Language::Yaml, coloured));
            assert_eq!(shown, "a: \"x?[2J???31m\u{fffd}y \"\n");
        }
    }
}
