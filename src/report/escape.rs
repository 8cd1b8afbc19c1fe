//! Texts that somebody else wrote, as Markdown that says them and nothing more.
//!
//! What a fork's pull request brings is shown to people who trust the page: nothing of it may become markup, a link, an image, a
//! reference to an issue, or a mention that notifies somebody. GitHub looks for mentions and references in the finished page, so a
//! character reference alone does not stop them; a zero width space behind the `@` or `#` does
//! (github.github.com/gfm, and docs.github.com on mentions and autolinked references).

/// Text outside of code. What stands in backticks becomes code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(at, part): (usize, &&str)| if at.is_multiple_of(2) { plain(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Text outside of code, backticks and all.
pub(super) fn plain(text: &str) -> String {
    escaped(text, "&#8203;")
}

/// Code within a line or a cell; as HTML, because a `|` in backticks ends the cell all the same. Nobody is mentioned in code, and what
/// keeps an address from becoming a link is not copied with it.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escaped(text, "<wbr>")) }
}

/// `gap` is what stands behind characters that would make a link of the word behind them.
fn escaped(text: &str, gap: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let before = &text[..at];
        let reference = format!("&#{};", u32::from(character));
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            // Within a word it is no markup, and names are full of it.
            '_' if is_in_word(before, &text[at..]) => out.push('_'),
            '<' | '>' | '&' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '$' => out.push_str(&reference),
            '@' | '#' => out.push_str(&(reference + gap)),
            // `GH-7` refers to an issue, `https://` and `www.` begin a link.
            '-' if before.ends_with("GH") || before.ends_with("gh") => out.push_str(&(reference + gap)),
            ':' if text[at..].starts_with(":/") => out.push_str(&reference),
            '.' if before.ends_with(['w', 'W']) => out.push_str(&reference),
            character if is_odd(character) => out.push_str(&format!("&#92;{}", name(character))),
            character => out.push(character),
        }
    }
    out
}

fn is_in_word(before: &str, from: &str) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    is_word(before.trim_end_matches('_').chars().next_back()) && is_word(from.trim_start_matches('_').chars().next())
}

/// Characters that are not seen, that look like a space and are none, or that turn around how the rest is seen.
fn is_odd(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        )
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}')
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e01ef}')
}

/// What is written for such a character, behind a backslash: `u{200b}`.
fn name(character: char) -> String {
    format!("u{{{:x}}}", u32::from(character))
}

/// A block of code in a language, whatever the text holds.
pub(super) fn block(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let is_shown = |character| matches!(character, '\n' | '\t') || !is_odd(character);
    let visible: String =
        text.chars().map(|character| if is_shown(character) { character.to_string() } else { format!("\\{}", name(character)) }).collect();
    format!("{fence}{language}\n{}\n{fence}\n", visible.trim_end_matches('\n'))
}

/// The address of a file, or of a line of it: `base` is ours, and the path is anybody's.
#[must_use]
pub fn address(base: &str, path: &str, line: Option<usize>) -> String {
    let part = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let line = line.map(|line| format!("#L{line}")).unwrap_or_default();
    format!("{base}{}{line}", path.bytes().map(part).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_write_is_no_markup() {
        assert_eq!(prose("there is no `a|b`, <b>"), "there is no <code>a&#124;b</code>, &#60;b&#62;");
        assert_eq!(prose("`a`b` [x](y)"), "&#96;a&#96;b&#96; &#91;x&#93;(y)");
        assert_eq!(plain("![i](https://x.example/i.png)"), "!&#91;i&#93;(https&#58;//x.example/i.png)");
        assert_eq!(plain("a\r\n**b** $c$"), "a  &#42;&#42;b&#42;&#42; &#36;c&#36;");
        assert_eq!(plain("churn__daily_1 _a_ __b"), "churn__daily_1 &#95;a&#95; &#95;&#95;b");
    }

    #[test]
    fn nobody_is_mentioned_and_no_issue_referred_to() {
        assert_eq!(prose("@acme/all"), "&#64;&#8203;acme/all");
        assert_eq!(plain("ada@acme.example, acme/dags#7, GH-8"), "ada&#64;&#8203;acme.example, acme/dags&#35;&#8203;7, GH&#45;&#8203;8");
        assert_eq!(code("churn@sha256:1"), "<code>churn&#64;<wbr>sha256:1</code>");
        assert_eq!(plain("www.x.example"), "www&#46;x.example");
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        assert_eq!(plain("a\u{202e}b\u{1b}[31m\u{200b}"), "a&#92;u{202e}b&#92;u{1b}&#91;31m&#92;u{200b}");
        assert_ne!(code("a b"), code("a\u{a0}b"));
        assert_eq!(block("diff", "a\u{a0}\tb\u{3164}"), "```diff\na\\u{a0}\tb\\u{3164}\n```\n");
    }

    #[test]
    fn a_block_ends_where_it_should() {
        assert_eq!(block("diff", "a\n````\n</details>\n"), "`````diff\na\n````\n</details>\n`````\n");
        assert_eq!(block("diff", "a"), "```diff\na\n```\n");
    }

    #[test]
    fn a_path_cannot_leave_its_link() {
        assert_eq!(
            address("https://git.example/a/blob/1/", "x) [y](z/ž.yaml", Some(3)),
            "https://git.example/a/blob/1/x%29%20%5By%5D%28z/%C5%BE.yaml#L3"
        );
    }
}
