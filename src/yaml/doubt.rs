//! Plain texts that are sound YAML and most probably not what was meant: told as warnings.

use crate::diag::{Diagnostic, codes as code};
use crate::source::Span;

/// What is doubtful about a plain text, if anything; `text` is the file's, and `is_item` tells of an item of a list without brackets.
pub(super) fn find(value: &str, span: Span, text: &str, is_item: bool) -> Option<Diagnostic> {
    comment_in_text(value, span, text).or_else(|| item_in_text(span, text).filter(|_| is_item)).or_else(|| curly_quotes(value, span))
}

/// `Retrain model #3`: what follows ` #` is a comment. Who means one writes a space behind the `#`, or has no text of several words.
fn comment_in_text(value: &str, span: Span, text: &str) -> Option<Diagnostic> {
    let end = span.end as usize;
    let behind = text[end..].split('\n').next().unwrap_or_default();
    let comment = behind.trim_start();
    let is_close = behind.len() == comment.len() + 1;
    let next = comment.strip_prefix('#')?.chars().next().filter(|next| next.is_alphanumeric())?;
    if !is_close || !(value.contains(' ') || next.is_ascii_digit()) || comment.starts_with("#freehold:") {
        return None;
    }
    let comment = comment.trim_end();
    let place = Span::new(span.source, end + 1, end + 1 + comment.len());
    let shown = comment.escape_debug();
    let fault = Diagnostic::warning(&code::COMMENT_IN_TEXT, format!("`{shown}` is a comment, and no part of the text")).at(place, "");
    let quoted =
        if value.contains(['"', '\\', '\'']) { "put the whole text in quotes".to_owned() } else { format!("write `\"{value} {shown}\"`") };
    Some(fault.help(format!("{quoted}; for a comment, write a space behind the `#`")))
}

/// A `- ` deeper than the items above it goes on with the text of the last one.
fn item_in_text(span: Span, text: &str) -> Option<Diagnostic> {
    let written = &text[span.start as usize..span.end as usize];
    let mut at = span.start as usize;
    let (start, item) = written.split_inclusive('\n').find_map(|line| {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        (start > span.start as usize && line.trim_start().starts_with("- ")).then_some((start, line.trim()))
    })?;
    let fault = Diagnostic::warning(&code::ITEM_IN_TEXT, format!("`{}` is part of the text above it", item.escape_debug()));
    let fault = fault.at(Span::new(span.source, start, start + item.len()), "it is indented deeper than the item before it");
    Some(fault.help("put each `-` of a list in the same column; if one text is meant, put all of it in quotes"))
}

/// Quotes that a word processor has curled are letters to YAML.
fn curly_quotes(value: &str, span: Span) -> Option<Diagnostic> {
    let inner = value.strip_prefix(['“', '„', '”', '‘', '‚', '’'])?.strip_suffix(['”', '“', '’', '‘'])?;
    let fault = Diagnostic::warning(&code::CURLY_QUOTES, "curly quotes are part of the text").at(span, "");
    Some(fault.help(format!("write straight ones: `\"{}\"`", inner.escape_debug())))
}
