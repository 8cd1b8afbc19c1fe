//! For people at a terminal, by miette.

mod excerpt;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use textwrap::{WordSeparator, WordSplitter, core::Word};

use super::{Input, MOST, counted};
use crate::diag::{Diagnostic, Place, Severity};
use crate::source::{SourceId, Span};
use excerpt::Excerpt;

/// The longest line that is shown with its text, in characters; of longer ones only the place is told.
const LONGEST_LINE: usize = 400;

/// How it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour.
    pub colour: bool,
    /// Columns.
    pub width: usize,
}

pub(super) fn render(input: &Input<'_>) -> String {
    let theme = if input.style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(input.style.width).with_links(false).with_context_lines(1);
    let handler = handler.with_word_separator(WordSeparator::Custom(words)).with_word_splitter(WordSplitter::NoHyphenation);
    let mut texts = Texts { input, files: HashMap::new() };
    let mut out = String::new();
    let told = input.told().count();
    for diagnostic in input.told().take(MOST) {
        let shown = Shown::of(diagnostic, &mut texts);
        for part in std::iter::once(&shown).chain(&shown.elsewhere) {
            // Writing into a string does not fail.
            let _ = handler.render_report(&mut out, part);
            out.push('\n');
        }
    }
    if let Some(rest) = told.checked_sub(MOST).filter(|rest| *rest > 0) {
        out.push_str(&format!("… and {rest} more: mend these first, or see all of them with `--format json`\n\n"));
    }
    out.push_str(&last_line(input));
    out
}

/// The longest piece in backticks that is kept on one line, in bytes.
const LONGEST_PIECE: usize = 70;

/// The words of a line, between which it may be broken: what somebody is to type stands in backticks, and is one.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        let (word, behind) = rest.split_at(end_of_word(rest));
        rest = behind;
        (!word.is_empty()).then(|| Word::from(word))
    }))
}

/// Where the first word of a text ends, the spaces behind it included.
fn end_of_word(text: &str) -> usize {
    let behind = |end: usize| text.len() - text[end..].trim_start_matches(' ').len();
    let (mut is_quoted, mut first) = (false, None);
    for (at, letter) in text.char_indices() {
        is_quoted ^= letter == '`';
        match (letter, first) {
            (' ', _) if !is_quoted => return behind(at),
            (' ', None) => first = Some(at),
            (_, Some(first)) if at > LONGEST_PIECE => return behind(first),
            _ => {}
        }
    }
    text.len()
}

fn last_line(input: &Input<'_>) -> String {
    let (errors, warnings) = (input.count(Severity::Error), input.count(Severity::Warning));
    let summary = input.summary;
    let seen: Vec<String> = [(summary.workflows, "workflow"), (summary.tasks, "task")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
    let allowed = match input.count(Severity::Allowed) {
        0 => String::new(),
        allowed => format!(", and {allowed} allowed by a comment"),
    };
    let place = format!("{}{allowed}", place_of_all(input));
    match (errors, warnings) {
        (0, 0) if seen.is_empty() => format!("all good{allowed}\n"),
        (0, 0) => format!("all good: {}{allowed}\n", seen.join(", ")),
        (0, _) => format!("{}{place}\n", counted(warnings, "warning")),
        (_, 0) => format!("{}{place}\n", counted(errors, "error")),
        (_, _) => format!("{} and {}{place}\n", counted(errors, "error"), counted(warnings, "warning")),
    }
}

/// In how many files what is told is, and of how many workflows.
fn place_of_all(input: &Input<'_>) -> String {
    let files: BTreeSet<String> = input.told().filter_map(|found| Some(found.labels.first()?.place.path(input.sources))).collect();
    match (files.len(), input.summary.workflows) {
        (_, 0) => String::new(),
        (0, workflows) => format!(" in {}", counted(workflows, "workflow")),
        (files, 1) if files <= 1 => " in 1 workflow".to_owned(),
        (files, workflows) => format!(" in {}, {} checked", counted(files, "file"), counted(workflows, "workflow")),
    }
}

/// Files' texts, made safe for a terminal once.
struct Texts<'a> {
    input: &'a Input<'a>,
    files: HashMap<SourceId, (String, Arc<String>)>,
}

impl Texts<'_> {
    /// What is shown of a file with marks in it; the marks are moved to where they are then.
    fn excerpt(&mut self, id: SourceId, marks: &mut [Range<usize>]) -> Excerpt {
        let (path, text) = self.files.entry(id).or_insert_with(|| {
            let file = self.input.sources.file(id);
            (one_line(&file.path), Arc::new(sanitise(&file.text)))
        });
        Excerpt::of(path, text, marks, self.input.style.width)
    }

    /// The place alone when a line at or beside it is too long to show.
    fn place_instead(&self, span: Span) -> Option<String> {
        let file = self.input.sources.file(span.source);
        let (start, end) = file.positions(span);
        let shown = file.text.lines().skip(start.line.saturating_sub(2)).take(end.line - start.line + 3);
        let is_too_long = shown.into_iter().any(|line| line.len() > LONGEST_LINE && line.chars().count() > LONGEST_LINE);
        is_too_long.then(|| format!("{}:{}:{}", file.path, start.line, start.column))
    }
}

/// Replaces what a terminal would obey or hide, at equal length in bytes, so that spans stay right.
pub(super) fn sanitise(text: &str) -> String {
    let is_odd = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|character| if is_odd(character) { replacement(character) } else { character.to_string() }).collect()
}

/// A text in one line, without what a terminal would obey or hide: a path, a title, a value.
#[must_use]
pub fn one_line(text: &str) -> String {
    sanitise(text).replace('\n', " ")
}

fn replacement(character: char) -> String {
    match (character, character.len_utf8()) {
        ('\r', _) => " ".to_owned(),
        (_, 3) => "\u{fffd}".to_owned(),
        (_, length) => "?".repeat(length),
    }
}

/// A diagnostic as miette wants it: one file. Labels in other files are shown behind it, each as a note of its own.
struct Shown {
    title: String,
    code: Option<String>,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Shown>,
}

impl Shown {
    fn of(diagnostic: &Diagnostic, texts: &mut Texts<'_>) -> Self {
        let Diagnostic { code, severity, title, labels, help, allowed: _ } = diagnostic;
        let mut shown = Self {
            title: one_line(title),
            code: Some(format!("{} {}", code.id, code.name)),
            severity: match severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Allowed => miette::Severity::Advice,
            },
            help: help.clone(),
            source: None,
            labels: Vec::new(),
            elsewhere: Vec::new(),
        };
        let mut main: Option<SourceId> = None;
        let (mut marks, mut texts_of_marks) = (Vec::new(), Vec::new());
        for (at, label) in labels.iter().enumerate() {
            match &label.place {
                Place::File(path) => shown.add_line(path, &label.text),
                Place::Span(span) => match texts.place_instead(*span) {
                    Some(place) => shown.add_line(&place, &label.text),
                    None if main.is_none_or(|main| main == span.source) => {
                        main = Some(span.source);
                        marks.push(range(*span));
                        texts_of_marks.push((label.text.as_str(), at == 0));
                    }
                    None => shown.elsewhere.push(Self::elsewhere(*span, &label.text, texts)),
                },
            }
        }
        shown.source = main.map(|main| texts.excerpt(main, &mut marks));
        shown.labels = marks.into_iter().zip(texts_of_marks).map(|(mark, (text, is_main))| underline(mark, text, is_main)).collect();
        shown
    }

    /// A place that no text is shown of, below the title.
    fn add_line(&mut self, place: &str, text: &str) {
        let text = if text.is_empty() { String::new() } else { format!(": {text}") };
        self.title.push('\n');
        self.title.push_str(&one_line(&format!("{place}{text}")));
    }

    /// A place in another file than the main one.
    fn elsewhere(span: Span, text: &str, texts: &mut Texts<'_>) -> Self {
        let mut note = Self::note(if text.is_empty() { "see also".to_owned() } else { one_line(text) });
        let mut marks = [range(span)];
        note.source = Some(texts.excerpt(span.source, &mut marks));
        note.labels.extend(marks.map(|mark| underline(mark, "", true)));
        note
    }

    fn note(title: String) -> Self {
        Self { title, code: None, severity: miette::Severity::Advice, help: None, source: None, labels: Vec::new(), elsewhere: Vec::new() }
    }
}

fn range(span: Span) -> Range<usize> {
    let (start, end) = (span.start as usize, span.end as usize);
    start..end.max(start)
}

fn underline(range: Range<usize>, text: &str, is_main: bool) -> LabeledSpan {
    let text = Some(one_line(text)).filter(|text| !text.is_empty());
    if is_main { LabeledSpan::new_primary_with_span(text, range) } else { LabeledSpan::new_with_span(text, range) }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display + 'a>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(sanitise(help)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_is_to_be_typed_is_one_word_unless_it_is_long() {
        let read = |text| words(text).map(|word| word.word.to_owned()).collect::<Vec<_>>();
        assert_eq!(read("write `{ a: b }`, or  go"), ["write", "`{ a: b }`,", "or", "go"]);
        assert_eq!(read("`a b"), ["`a b"]);
        assert_eq!(read(""), [""; 0]);
        let long = format!("`{}`", "word ".repeat(40));
        assert_eq!(read(&long).len(), 41);
    }
}
