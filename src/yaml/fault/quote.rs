//! Quotes that are closed too early.

use super::bracket::{missing_comma, open_at, value_at};
use super::{Words, line_end, line_start, quoted};

/// Text goes on behind a closing quote: the place is where it does.
pub(super) fn of_text_behind(text: &str, at: usize) -> Words {
    // `{ image: "x" retries: 2 }`: the next key follows.
    if let Some((key, _)) = text[at..line_end(text, at)].split_once(": ").filter(|(key, _)| !key.contains([' ', ',', ']', '}']))
        && open_at(text, at).is_some()
    {
        return missing_comma(text, at..at + key.len());
    }
    let title = "a quote is closed, and text goes on behind it".to_owned();
    let start = line_start(text, at);
    let opened = text[..at].trim_end().chars().next_back().and_then(|quote| text[start..at].find(quote)).map(|place| start + place);
    let help = match opened {
        Some(opened) => format!("put the whole text in one pair of quotes: {}", quoted(&whole(value_at_quotes(text, opened, at)))),
        None => "put the whole text in one pair of quotes, and double a `'` inside single ones".to_owned(),
    };
    (title, help, at..line_end(text, at))
}

/// The value from its first quote on; commas inside the quotes are part of it.
fn value_at_quotes(text: &str, opened: usize, at: usize) -> &str {
    &text[opened..at + value_at(text, at).len()]
}

/// What was meant: without the quotes when they stand around all of it, and with them when they stand around a part.
fn whole(written: &str) -> String {
    let quote = written.chars().next().unwrap_or_default();
    let inner = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner.unwrap_or(written).to_owned()
}
