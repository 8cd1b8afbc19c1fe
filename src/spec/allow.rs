//! `# freehold: allow CODE because REASON`: comments that allow what would be told of a line.

use crate::diag::{Allowance, Code, Diagnostic, Sink, codes as code, suggest};
use crate::source::{SourceId, Span};
use crate::yaml::{self, Comment};

const MARK: &str = "freehold:";
const FORM: &str = "write `# freehold: allow FH0605 because the pool bounds it`";
/// What other tools call it.
const WRONG_VERBS: [&str; 9] = ["allow", "allows", "allowed", "ignore", "disable", "suppress", "skip", "noqa", "nolint"];

/// Reads the comments of a file that allow something; what is wrong with one is told.
pub fn read_allowances(file: SourceId, text: &str, sink: &mut Sink) -> Vec<Allowance> {
    yaml::comments(file, text, MARK).iter().flat_map(|comment| read(comment, text, sink)).collect()
}

fn read(comment: &Comment, text: &str, sink: &mut Sink) -> Vec<Allowance> {
    let Comment { span, covers } = comment;
    let Some(said) = Piece::of(*span, text).behind(MARK) else { return Vec::new() };
    let (verb, rest) = said.split_word();
    if verb.text != "allow" {
        // Any other remark that names Freehold is only a remark.
        if verb.text.len() > 2 && suggest(verb.text, WRONG_VERBS).is_some() {
            sink.push(unreadable(format!("`{}` allows nothing", verb.text.escape_debug())).at(verb.span(), "").help(FORM));
        }
        return Vec::new();
    }
    let (named, reason) = match rest.split_at_word("because") {
        Some((named, reason)) => (named, reason.text.trim()),
        None => (rest, ""),
    };
    let allowed: Vec<Allowance> = named
        .items()
        .filter_map(|item| {
            let code = find(item, sink)?;
            Some(Allowance { code, span: item.span(), reason: reason.to_owned(), covers: covers.clone() })
        })
        .collect();
    if named.items().next().is_none() {
        sink.push(unreadable("no code is allowed here".to_owned()).at(*span, "").help(FORM));
    } else if reason.is_empty() {
        let listed: Vec<&str> = named.items().map(|item| item.text).collect();
        let fault = unreadable(format!("no reason is given for {}", crate::diag::quoted_list(listed.iter().copied()))).at(*span, "");
        sink.push(fault.help(format!("write why it is right here: `# freehold: allow {} because …`", listed.join(", "))));
    }
    allowed
}

fn unreadable(title: String) -> Diagnostic {
    Diagnostic::error(&code::ALLOWANCE, title)
}

fn find(item: Piece<'_>, sink: &mut Sink) -> Option<&'static Code> {
    let written = item.text;
    let found = Code::find(written);
    if found.is_none() {
        let fault = unreadable(format!("there is no code `{}`", written.escape_debug())).at(item.span(), "");
        let near = Code::suggest(written);
        sink.push(fault.help(near.map_or_else(
            || "write the code that the message shows, and `because` before the reason".to_owned(),
            |near| format!("write `{near}`"),
        )));
    }
    found
}

/// A part of a comment, and where it starts.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    start: usize,
    file: SourceId,
}

impl<'a> Piece<'a> {
    fn of(span: Span, text: &'a str) -> Self {
        Self { text: text.get(span.start as usize..span.end as usize).unwrap_or_default(), start: span.start as usize, file: span.source }
    }

    fn span(self) -> Span {
        Span::new(self.file, self.start, self.start + self.text.len())
    }

    fn part(self, start: usize, end: usize) -> Self {
        Self { text: &self.text[start..end], start: self.start + start, file: self.file }
    }

    fn from(self, start: usize) -> Self {
        self.part(start, self.text.len())
    }

    /// What stands behind a mark that the comment starts with.
    fn behind(self, mark: &str) -> Option<Self> {
        let said = self.text.trim_start_matches('#').trim_start();
        let start = self.text.len() - said.len();
        said.starts_with(mark).then(|| self.from(start + mark.len()))
    }

    fn split_word(self) -> (Self, Self) {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text[start..].find(char::is_whitespace).map_or(self.text.len(), |length| start + length);
        (self.part(start, end), self.from(end))
    }

    fn split_at_word(self, word: &str) -> Option<(Self, Self)> {
        let mut rest = self;
        loop {
            let (first, behind) = rest.split_word();
            if first.text.is_empty() {
                return None;
            }
            if first.text == word {
                return Some((self.part(0, first.start - self.start), behind));
            }
            rest = behind;
        }
    }

    /// Its words, with commas or spaces between them.
    fn items(self) -> impl Iterator<Item = Self> {
        let is_between = |letter: char| letter == ',' || letter.is_whitespace();
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at + self.text[at..].find(|letter| !is_between(letter))?;
            let end = self.text[start..].find(is_between).map_or(self.text.len(), |length| start + length);
            at = end;
            Some(self.part(start, end))
        })
    }
}
