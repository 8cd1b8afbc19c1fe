//! Markdown for job summaries and comments on pull requests.

use super::{Input, MOST, counted};
use crate::diag::{Diagnostic, Place, Severity};

pub(super) fn render(input: &Input<'_>) -> String {
    let (errors, warnings) = (input.count(Severity::Error), input.count(Severity::Warning));
    let summary = input.summary;
    let seen = format!("{}, {}", counted(summary.workflows, "workflow"), counted(summary.tasks, "task"));
    let told = input.told().count();
    if told == 0 {
        return format!("**All good**: {seen}\n");
    }
    let mut out = format!("**{}, {}** ({seen})\n\n", counted(errors, "error"), counted(warnings, "warning"));
    out.push_str("| | where | what is wrong | what to type |\n|---|---|---|---|\n");
    out.extend(input.told().take(MOST).map(|diagnostic| row(diagnostic, input)));
    if let Some(rest) = told.checked_sub(MOST).filter(|rest| *rest > 0) {
        out.push_str(&format!("\n… and {rest} more\n"));
    }
    out
}

fn row(diagnostic: &Diagnostic, input: &Input<'_>) -> String {
    let Diagnostic { code, severity, title, labels, help, allowed: _ } = diagnostic;
    let mark = match severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Allowed => "ℹ️",
    };
    let places: Vec<String> = labels
        .iter()
        .map(|label| match &label.place {
            Place::File(path) => code_span(path),
            Place::Span(span) => {
                let file = input.sources.file(span.source);
                let at = file.position(span.start as usize);
                code_span(&format!("{}:{}:{}", file.path, at.line, at.column))
            }
        })
        .collect();
    format!("| {mark} {} | {} | {} | {} |\n", code.id, places.join("<br>"), cell(title), cell(help.as_deref().unwrap_or_default()))
}

/// Text in a cell. What stands in backticks stays code; elsewhere nothing of the user's is markup, a mention or a link.
fn cell(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(at, part): (usize, &&str)| if at.is_multiple_of(2) { plain(part) } else { code_span(part) };
    parts.iter().enumerate().map(part).collect()
}

fn plain(text: &str) -> String {
    let escape = |character: char| match character {
        '\n' | '\r' => " ".to_owned(),
        '<' | '>' | '&' | '@' | '|' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '\\' | '~' => format!("&#{};", u32::from(character)),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Code in a cell; as HTML, because a `|` in backticks ends the cell all the same.
fn code_span(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", plain(text)) }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_users_write_is_no_markup() {
        assert_eq!(cell("there is no `a|b`, <b> @all"), "there is no <code>a&#124;b</code>, &#60;b&#62; &#64;all");
        assert_eq!(cell("`a`b` [x](y)"), "&#96;a&#96;b&#96; &#91;x&#93;(y)");
    }
}
