//! The page of a code on a terminal: headings stand out, and examples are set in under the name of their file.

use super::paint::{BOLD, DIM, Paint};

/// Sets a page for a terminal. Elsewhere it stays the Markdown that it is.
#[must_use]
pub fn page(markdown: &str, colour: bool) -> String {
    let paint = Paint::new(colour);
    let mut is_example = false;
    let mut out = String::new();
    for line in markdown.lines() {
        let set = match line.strip_prefix("```") {
            Some(info) => {
                is_example = !is_example;
                info.split_once('=').map(|(kind, path)| format!("  {}\n", paint.with(DIM, &format!("── {path}{}", note(kind)))))
            }
            None if is_example => Some(format!("    {line}")),
            None => Some(
                line.strip_prefix('#')
                    .map_or_else(|| line.to_owned(), |heading| paint.with(BOLD, heading.trim_start_matches('#').trim_start())),
            ),
        };
        if let Some(set) = set {
            out.push_str(set.trim_end_matches(' '));
            out.push('\n');
        }
    }
    out
}

/// What a block's kind says beside the path: the word before `=` of its info line.
fn note(kind: &str) -> &'static str {
    match kind.rsplit(' ').next() {
        Some("absent") => " (is missing)",
        Some("link") => " (a symbolic link)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn examples_are_set_in_under_the_name_of_their_file() {
        let text = "# FH0001: x\n\nWhy `a`.\n\n## Bad\n\n```yaml file=workflows/a.yaml\n# ž\na: 1\n```\n\n```text absent=b.yaml\n```\n";
        assert_eq!(
            page(text, false),
            "FH0001: x\n\nWhy `a`.\n\nBad\n\n  ── workflows/a.yaml\n\n    # ž\n    a: 1\n\n  ── b.yaml (is missing)\n\n"
        );
        assert!(page(text, true).starts_with("\u{1b}[1mFH0001: x\u{1b}[0m\n"));
    }
}
