//! The parser's errors in our words.

use granit_parser::{ErrorKind, ScanError};

use crate::diag::{Diagnostic, codes as code};
use crate::source::{SourceId, Span};

pub(super) fn of_scan_error(error: &ScanError, file: SourceId, text: &str) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let span = Span::new(file, at, line_end.max(at));
    if let ErrorKind::RecursionLimitExceeded = error.kind() {
        let fault = Diagnostic::error(&code::BUDGET, format!("the file is nested more than {} levels deep", super::MAX_DEPTH));
        return fault.at(span, "").help("flatten it: no workflow needs that depth");
    }
    let (title, help) = words(error.kind(), &text[at..line_end])
        .unwrap_or_else(|| (format!("this is no YAML: {}", error.info()), "check quotes, brackets and indentation around this place"));
    Diagnostic::error(&code::YAML_SYNTAX, title).at(span, "").help(help)
}

fn words(kind: &ErrorKind, rest: &str) -> Option<(String, &'static str)> {
    let (title, help) = match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabAtBlockScalarStart => {
            ("a tab indents this line", "indent with spaces")
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quote is not closed", "close it with the quote that opened it")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("a quote is closed, and text goes on behind it", "put the whole text in quotes, and double a `'` inside single ones")
        }
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidUnicodeEscape => {
            ("a backslash in double quotes starts an escape that YAML does not have", "use single quotes, or write `\\\\` for a backslash")
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => ("a bracket is not closed", "close `[` with `]` and `{` with `}`"),
        ErrorKind::MismatchedFlowCollectionEnd { .. } | ErrorKind::MisplacedFlowCollectionEnd => {
            ("a bracket is closed that was not opened so", "match `[` with `]` and `{` with `}`")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            ("a comma is missing, or a text with `{`, `[` or `,` stands without quotes", "put the text in quotes: `\"${{ run.date }}\"`")
        }
        ErrorKind::UnknownAnchor => {
            ("an alias refers to no anchor", "define it before, with `&name`; put a text that starts with `*` in quotes")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("a `:` stands where no key can be", "put a text that holds `: ` in quotes, and check the indentation")
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey | ErrorKind::ExpectedBlockMappingKey => {
            ("a key without a `:`", "write `key: value`, indented like its neighbours")
        }
        ErrorKind::InvalidIndentation => ("the indentation fits nothing above", "indent it like its neighbours"),
        ErrorKind::UnexpectedCharacter { .. } if rest.starts_with(['@', '`']) => {
            ("a text cannot start with this character", "put it in quotes")
        }
        ErrorKind::MultipleDocumentsUnsupported => ("the file holds several documents", "keep one workflow in each file"),
        _ => return None,
    };
    Some((title.to_owned(), help))
}
