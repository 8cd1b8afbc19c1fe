//! Annotations of GitHub Actions: workflow commands, one a line.
//!
//! Follows "Workflow commands for GitHub Actions": data and properties are percent-encoded, so that no title can start a command.

use super::Input;
use crate::diag::{Diagnostic, Place, Severity};

pub(super) fn render(input: &Input<'_>) -> String {
    let mut out: String = input.told().map(|diagnostic| line(diagnostic, input)).collect();
    let hidden: usize = [Severity::Error, Severity::Warning].into_iter().map(|severity| input.count(severity).saturating_sub(SHOWN)).sum();
    if hidden > 0 {
        out.push_str(&format!("::notice title=Freehold::{hidden} more stand in the log of this step only%0AGitHub shows {SHOWN} errors and {SHOWN} warnings of a step\n"));
    }
    out
}

/// Annotations of one kind that GitHub shows of a step ("Usage limits", in its documentation of annotations).
const SHOWN: usize = 10;

fn line(diagnostic: &Diagnostic, input: &Input<'_>) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Allowed => "notice",
    };
    let located = |path: &str| (input.locate)(path).unwrap_or_else(|| path.to_owned());
    let place = diagnostic.labels.first().map_or_else(String::new, |label| match &label.place {
        Place::File(path) => format!("file={},", property(&located(path))),
        Place::Span(span) => {
            let file = input.sources.file(span.source);
            let (start, end) = file.positions(*span);
            let columns = if start.line == end.line { format!("col={},endColumn={},", start.column, end.column) } else { String::new() };
            format!("file={},line={},endLine={},{columns}", property(&located(&file.path)), start.line, end.line)
        }
    });
    let why = diagnostic.labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
    let message: Vec<&str> = [Some(diagnostic.title.as_str()), why, diagnostic.help.as_deref()].into_iter().flatten().collect();
    format!(
        "::{command} {place}title={}::{}\n",
        property(&format!("{} {}", diagnostic.code.id, diagnostic.code.name)),
        data(&message.join("\n"))
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_start_a_command() {
        assert_eq!(data("a\n::error::b"), "a%0A::error::b");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
