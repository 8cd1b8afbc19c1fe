//! The parser's errors, and what the tree cannot hold, in our words.

mod bracket;
mod quote;

use granit_parser::{ErrorKind, ScanError, Tag};

use crate::diag::{Diagnostic, codes as code};
use crate::source::{SourceId, Span};

pub(super) fn of_depth(span: Span) -> Diagnostic {
    let fault = Diagnostic::error(&code::BUDGET, format!("the file is nested more than {} levels deep", super::MAX_DEPTH));
    fault.at(span, "").help("flatten it: no workflow needs that depth")
}

pub(super) fn of_tag(tag: &Tag, place: Span) -> Diagnostic {
    let name = tag.original();
    let title = if tag.is_yaml_core_schema() { "does not fit this value" } else { "is not known here" };
    let fault = Diagnostic::error(&code::TAG, format!("tag `{}` {title}", name.escape_debug())).at(place, "");
    fault.help("delete the tag; put a text that starts with `!` in quotes")
}

pub(super) fn of_key_that_is_no_text(text: &str, span: Span) -> Diagnostic {
    let (title, help) = if text.is_empty() {
        ("a key is missing".to_owned(), "write a key before the `:`".to_owned())
    } else {
        (format!("the key `{text}` is no text"), format!("put it in quotes: `\"{text}\":`"))
    };
    Diagnostic::error(&code::KEY_TYPE, title).at(span, "").help(help)
}

/// A list or a map where a key belongs: almost always `{{ … }}` without quotes.
pub(super) fn of_collection_as_key(start: Span, text: &str) -> Diagnostic {
    let at = start.start as usize;
    if let Some(braces) = [at.saturating_sub(1), at].into_iter().find(|at| text.as_bytes()[*at..].starts_with(b"{{")) {
        return of_braces(start.source, braces, text);
    }
    let fault = Diagnostic::error(&code::YAML_SYNTAX, "a list or a map cannot be a key").at(start, "");
    fault.help("put a text that starts with `{` or `[` in quotes")
}

/// Braces of an expression that YAML takes for a map.
fn of_braces(file: SourceId, at: usize, text: &str) -> Diagnostic {
    let line = &text[at..line_end(text, at)];
    let length = line.find("}}").or_else(|| line.find("%}")).map_or(line.len(), |end| end + 2);
    let written = &line[..length];
    let fault = Diagnostic::error(&code::YAML_SYNTAX, "braces without quotes start a map").at(Span::new(file, at, at + length), "");
    let meant = if written.starts_with("{{") { format!("${written}") } else { written.to_owned() };
    fault.help(format!("put the whole text in quotes: {}", quoted(&meant)))
}

/// Title, help and the range of bytes of a fault.
type Words = (String, String, std::ops::Range<usize>);

pub(super) fn of_scan_error(error: &ScanError, file: SourceId, text: &str) -> Diagnostic {
    let at = boundary(text, error.marker().byte_offset().unwrap_or(text.len()));
    let end = line_end(text, at);
    let rest = &text[at..end];
    let is_expression = rest.starts_with("{{") && text[..at].ends_with('$');
    let is_block = rest.starts_with('%') && text[..at].ends_with('{');
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => return of_depth(Span::new(file, at, boundary(text, at + 1))),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator if is_expression => {
            return of_braces(file, at - 1, text);
        }
        ErrorKind::UnexpectedCharacter { .. } if is_block => return of_braces(file, at - 1, text),
        _ => {}
    }
    let (title, help, range) = of_colon(error.kind(), text, at).or_else(|| of_character(error.kind(), text, at)).unwrap_or_else(|| {
        let (title, help) = words(error.kind())
            .map_or_else(|| (format!("this is no YAML: {}", error.info()), CHECK), |(title, help)| (title.to_owned(), help));
        (title, help.to_owned(), at..end)
    });
    Diagnostic::error(&code::YAML_SYNTAX, title).at(Span::new(file, range.start, range.end), "").help(help)
}

const CHECK: &str = "check quotes, brackets and indentation around this place";

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the visible part of a line ends.
fn line_end(text: &str, at: usize) -> usize {
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.trim_end().len()
}

/// A `:` where none can be: its reason is mostly on the line before.
fn of_colon(kind: &ErrorKind, text: &str, at: usize) -> Option<Words> {
    let is_in_brackets = match kind {
        ErrorKind::MappingValueNotAllowed => false,
        ErrorKind::InvalidColonPlacement | ErrorKind::ExpectedFlowMappingSeparator if text[at..].starts_with(':') => true,
        _ => return None,
    };
    if is_in_brackets {
        return Some(bracket::of_colon(text, at));
    }
    let colon = at..at + 1;
    let start = line_start(text, at);
    if let Some(first) = text[start..at].find(": ") {
        let key = text[start..start + first].trim();
        let value = text[start + first + 1..line_end(text, start)].trim();
        let help = format!("put the value in quotes: `{}: \"{}\"`", key.escape_debug(), escaped(value));
        return Some(("a second `: ` in one line".to_owned(), help, colon));
    }
    let before = text[..start].trim_end();
    let from = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before[from..].trim_start();
    let range = before.len() - line.len()..before.len();
    if line.is_empty() || line.starts_with(['#', '"', '\'']) || line.contains(": ") || line.ends_with(':') {
        let help = "indent it like the key that it stands beside; a value that goes on in a second line needs quotes";
        return Some(("the line before has a value, and this one is indented below it".to_owned(), help.to_owned(), colon));
    }
    Some(missing_colon(line, range))
}

/// A line that should have been a key and a value.
fn missing_colon(line: &str, range: std::ops::Range<usize>) -> Words {
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
        let help = "keep one of the two sides, and delete the lines that start with `<<<<<<<`, `=======` and `>>>>>>>`";
        return ("two changes were not merged here".to_owned(), help.to_owned(), range);
    }
    if let Some((key, value)) = line.split_once('\u{ff1a}') {
        let fixed = format!("{key}: {}", value.trim());
        return ("`\u{ff1a}` is not the `:` that follows a key".to_owned(), format!("write `{}`", fixed.trim_end().escape_debug()), range);
    }
    if let Some((key, value)) = line.split_once(':').filter(|(_, value)| !value.is_empty()) {
        let help = format!("write `{}: {}`", key.escape_debug(), value.escape_debug());
        return ("no space follows the `:`".to_owned(), help, range);
    }
    let (key, value) = line.split_once(' ').unwrap_or((line, ""));
    let fixed = format!("{}: {value}", key.trim_end_matches(';'));
    ("a key without a `:`".to_owned(), format!("write `{}`", fixed.trim_end().escape_debug()), range)
}

/// Faults that one character, or one line, is the whole reason of.
fn of_character(kind: &ErrorKind, text: &str, at: usize) -> Option<Words> {
    let end = line_end(text, at);
    let first = text[at..end].chars().next();
    let one = at..at + first.map_or(0, char::len_utf8);
    match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabAtBlockScalarStart => {
            let start = line_start(text, at);
            let line = &text[start..];
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            let tab = line[..indentation].find('\t').map_or(at, |tab| start + tab);
            Some(("a tab indents this line".to_owned(), "indent with spaces".to_owned(), tab..tab + 1))
        }
        ErrorKind::UnclosedFlowCollection { .. } => Some(bracket::not_closed(text, at)),
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            let (title, help) = words(kind)?;
            Some((title.to_owned(), help.to_owned(), one))
        }
        ErrorKind::UnexpectedCharacter { .. } | ErrorKind::MissingAnchorOrAliasName => Some(of_first(text, at, one)),
        ErrorKind::UnknownAnchor => Some(of_alias(text, at)),
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => {
            Some(("a `-` alone is no text here".to_owned(), format!("put it in quotes: {}", quoted("-")), one))
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            Some(quote::of_text_behind(text, at))
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation | ErrorKind::BlockSequenceEntryNotAllowed
            if text[line_start(text, at)..end].trim_start().starts_with("- ") =>
        {
            let start = line_start(text, at);
            let item = start + text[start..end].find('-').unwrap_or_default()..end;
            let help = "put each `-` of a list in the same column: that of the key above it, or deeper";
            Some(("this item belongs to no list".to_owned(), help.to_owned(), item))
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation if first == Some(',') => {
            Some(("a comma stands behind a value".to_owned(), "delete it: outside of brackets a line ends its value".to_owned(), one))
        }
        ErrorKind::SimpleKeyExpected => Some(missing_colon(&text[at..end], at..end)),
        _ => None,
    }
}

/// A character that YAML does not let a text start with.
fn of_first(text: &str, at: usize, range: std::ops::Range<usize>) -> Words {
    let character = text[range.clone()].to_owned();
    let written = bracket::value_at(text, at);
    let shown = if character == "`" { "a backtick".to_owned() } else { format!("`{}`", character.escape_debug()) };
    (format!("a text cannot start with {shown}"), format!("put it in quotes: {}", quoted(written)), range)
}

/// `*name`: an alias when it looks like a name, and else a text, most often a schedule.
fn of_alias(text: &str, at: usize) -> Words {
    let written = bracket::value_at(text, at);
    let is_name = written.len() > 1 && written[1..].chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'));
    if !is_name {
        return of_first(text, at, at..at + 1);
    }
    let help = format!("write `&{}` before the value that it repeats; if a text is meant, {}", &written[1..], quoted(written));
    (format!("nothing above is called `&{}`", &written[1..]), help, at..at + written.len())
}

/// A text in quotes and backticks, as it can be typed: in single quotes when it holds double ones.
fn quoted(text: &str) -> String {
    let has_escapes = text.contains(['"', '\\']) && !text.contains(char::is_control);
    if has_escapes { format!("`'{}'`", text.replace('\'', "''")) } else { format!("`\"{}\"`", escaped(text)) }
}

/// Text inside double quotes.
fn escaped(text: &str) -> String {
    text.escape_debug().to_string().replace("\\'", "'")
}

fn words(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quote is not closed", "close it with the quote that opened it")
        }
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidUnicodeEscape => {
            ("a backslash in double quotes starts an escape that YAML does not have", "use single quotes, or write `\\\\` for a backslash")
        }
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a bracket is not closed, or a comma is missing or too many",
            "put one comma between two items, and a text that holds `{`, `[` or `,` in quotes",
        ),
        ErrorKind::MismatchedFlowCollectionEnd { .. } => ("a bracket is closed by another kind", "close `[` with `]` and `{` with `}`"),
        ErrorKind::MisplacedFlowCollectionEnd => {
            ("a bracket is closed that was not opened", "delete it, or put a text that starts with it in quotes")
        }
        ErrorKind::InvalidSimpleKey => ("a key without a `:`", "write `key: value`, indented like its neighbours"),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation => {
            ("the indentation fits nothing above", "indent it like the keys that it stands beside")
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            ("a list goes on without a `-`", "start each item with `- `, or indent this line like the key above the list")
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            ("a list cannot start here", "start each `- item` on a line of its own, or write `[a, b]`")
        }
        ErrorKind::InvalidBlockScalarHeader => (
            "text follows `|` or `>` in the same line",
            "start the text on the next line, indented; put a text that starts with `|` or `>` in quotes",
        ),
        ErrorKind::MultipleDocumentsUnsupported => ("the file holds several documents", "keep one in each file"),
        _ => return None,
    })
}
