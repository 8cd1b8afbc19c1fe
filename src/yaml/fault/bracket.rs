//! Brackets that are open at a place, read as roughly as a person reads: only for messages, when the file is no YAML anyhow.

use super::{Words, line_end, line_start, quoted};

/// The innermost bracket that is open at a place.
pub(super) fn open_at(text: &str, at: usize) -> Option<usize> {
    let mut reader = Reader { open: Vec::new(), quote: None, before: None };
    let mut letters = text[..at].char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        if reader.skips_next(letter, next) {
            letters.next();
        } else if reader.quote.is_none() && letter == '#' && text[..place].ends_with(char::is_whitespace) {
            while letters.next_if(|(_, letter)| *letter != '\n').is_some() {}
        } else {
            reader.take(place, letter);
        }
    }
    reader.open.pop()
}

struct Reader {
    open: Vec<usize>,
    quote: Option<char>,
    /// The last character of the line that is no space.
    before: Option<char>,
}

impl Reader {
    /// An escape, or a doubled quote, which closes nothing.
    fn skips_next(&self, letter: char, next: Option<char>) -> bool {
        match self.quote {
            Some('"') => letter == '\\' && next.is_some(),
            Some(_) => letter == '\'' && next == Some('\''),
            None => false,
        }
    }

    fn take(&mut self, place: usize, letter: char) {
        let starts_value = self.before.is_none_or(|before| ":-[{,".contains(before));
        match (self.quote, letter) {
            (Some(quote), letter) => self.quote = Some(quote).filter(|quote| *quote != letter),
            (None, '"' | '\'') if starts_value => self.quote = Some(letter),
            (None, '[' | '{') if starts_value || !self.open.is_empty() => self.open.push(place),
            (None, ']' | '}') => drop(self.open.pop()),
            (None, _) => {}
        }
        match letter {
            '\n' => self.before = None,
            letter if letter.is_whitespace() => {}
            letter => self.before = Some(letter),
        }
    }
}

/// A value up to where it ends: in brackets at a comma or a bracket, elsewhere at a comment or the end of the line.
pub(super) fn value_at(text: &str, at: usize) -> &str {
    let line = &text[at..line_end(text, at)];
    let line = line.split(" #").next().unwrap_or_default();
    let end = if open_at(text, at).is_some() { line.find([',', ']', '}']).unwrap_or(line.len()) } else { line.len() };
    line[..end].trim_end()
}

/// A `:` where none can be, inside brackets: a comma is missing in the same line, or the bracket should have been closed before.
pub(super) fn of_colon(text: &str, at: usize) -> Words {
    let Some(open) = open_at(text, at) else {
        return ("a bracket before this is not closed".to_owned(), CLOSE.to_owned(), at..at + 1);
    };
    let start = line_start(text, at);
    if open < start {
        return not_closed(text, open);
    }
    let key = text[start..at].rfind([' ', ',', '{', '[', ';']).map_or(start, |before| start + before + 1);
    missing_comma(text, key..at)
}

/// Of the key that stands at a place.
pub(super) fn missing_comma(text: &str, place: std::ops::Range<usize>) -> Words {
    let (key, name) = (place.start, &text[place.clone()]);
    let help =
        format!("put a comma before it: `, {}`", text[key..].split([',', '}', ']', '\n']).next().unwrap_or_default().trim().escape_debug());
    (format!("a comma is missing before `{}`", name.escape_debug()), help, place)
}

const CLOSE: &str = "close `[` with `]` and `{` with `}`";

/// A bracket that nothing closes: perhaps because a `#` has made the end of its line a comment.
pub(super) fn not_closed(text: &str, open: usize) -> Words {
    let line = &text[open..line_end(text, open)];
    let title = format!("`{}` is not closed", &text[open..=open]);
    let place = open..open + 1;
    match line.split_once(" #") {
        Some((_, comment)) if !comment.starts_with([' ', '#']) && comment.contains([']', '}']) => {
            let written = comment.split([',', ']', '}']).next().unwrap_or_default().trim_end();
            (title, format!("` #` starts a comment: put the text in quotes, {}", quoted(&format!("#{written}"))), place)
        }
        Some(_) | None => (title, CLOSE.to_owned(), place),
    }
}

#[cfg(test)]
mod tests {
    use super::open_at;

    #[test]
    fn quotes_comments_and_plain_texts_open_no_bracket() {
        let open = |text: &str| open_at(text, text.len());
        assert_eq!(open("a: [x, {b: "), Some(7));
        assert_eq!(open("a: [x, {b: 1}"), Some(3));
        assert_eq!(open("a: [x]\nb: "), None);
        assert_eq!(open("a: 'it''s ['\nb: \"\\\"[\" # [\nc: it's [x and 'n {"), None);
    }
}
