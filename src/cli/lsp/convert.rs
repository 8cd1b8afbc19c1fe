//! Between bytes and the protocol's lines and UTF-16 units, and from diagnostics to the protocol's.

use lsp_types::{
    Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Position, Range, Url,
};

use crate::diag::{Diagnostic, Label, Place, Severity};
use crate::source::{Sources, Span};

/// The position of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    Position { line: narrow(line), character: narrow(before[start..].encode_utf16().count()) }
}

/// The byte offset of a position; the end of a line for what is behind it.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        let Some(end) = text[start..].find('\n') else { return text.len() };
        start += end + 1;
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    let mut units = position.character as usize;
    for (at, character) in line.char_indices() {
        if units < character.len_utf16() {
            return start + at;
        }
        units -= character.len_utf16();
    }
    start + line.trim_end_matches('\r').len()
}

pub(super) fn range(text: &str, span: Span) -> Range {
    Range { start: position(text, span.start as usize), end: position(text, span.end as usize) }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A diagnostic and the file to show it in. What has no place in a file of the project is shown at `fallback`.
pub(super) fn diagnostic(found: &Diagnostic, sources: &Sources, fallback: &Url) -> (Url, LspDiagnostic) {
    let Diagnostic { code, severity, title, labels, help, allowed: _ } = found;
    let (main, others) = labels.split_first().map_or((None, &[][..]), |(main, others)| (Some(main), others));
    let place = main.and_then(|label| location(label, sources));
    let is_foreign = place.is_none();
    let Location { uri, range } = place.unwrap_or_else(|| Location { uri: fallback.clone(), range: Range::default() });
    let elsewhere = main.filter(|_| is_foreign).and_then(|label| written(label, sources));
    let why = main.map(|label| label.text.clone()).filter(|text| !text.is_empty());
    let help = help.as_ref().map(|help| format!("help: {help}"));
    let message: Vec<String> = [Some(title.clone()), elsewhere, why, help].into_iter().flatten().collect();
    let related = others.iter().filter_map(|label| {
        let message = if label.text.is_empty() { title.clone() } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location: location(label, sources)?, message })
    });
    let shown = LspDiagnostic {
        range,
        severity: Some(match severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Allowed => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(code.id.to_owned())),
        source: Some("freehold".to_owned()),
        message: message.join("\n"),
        related_information: Some(related.collect()),
        ..LspDiagnostic::default()
    };
    (uri, shown)
}

/// Where a label is, in a file that an editor can open.
fn location(label: &Label, sources: &Sources) -> Option<Location> {
    match &label.place {
        Place::Span(span) => {
            let file = sources.file(span.source);
            Some(Location { uri: Url::from_file_path(&file.path).ok()?, range: range(&file.text, *span) })
        }
        Place::File(path) => Some(Location { uri: Url::from_file_path(path).ok()?, range: Range::default() }),
    }
}

/// `path:line` of a label in a file that is not at hand.
fn written(label: &Label, sources: &Sources) -> Option<String> {
    match &label.place {
        Place::Span(span) => {
            let file = sources.file(span.source);
            Some(format!("{}:{}", file.path, file.positions(*span).0.line))
        }
        Place::File(path) => Some(path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf_16_units() {
        let text = "a: 1\nž𝄞: x\n";
        let x = text.find('x').expect("it is there");
        assert_eq!(position(text, x), Position { line: 1, character: 5 });
        for (at, _) in text.char_indices() {
            assert_eq!(offset(text, position(text, at)), at);
        }
        assert_eq!(offset(text, Position { line: 0, character: 99 }), 4);
        assert_eq!(offset(text, Position { line: 99, character: 0 }), text.len());
    }
}
