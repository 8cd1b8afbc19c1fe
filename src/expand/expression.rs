//! `${{ with.x }}` in a text.

use std::ops::Range;

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// An argument that a text refers to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// Where the whole expression stands in the text.
    pub(super) range: Range<usize>,
    /// The parameter's name.
    pub(super) name: String,
    /// Keys behind it.
    pub(super) path: Vec<String>,
}

/// Every argument that a text refers to. What else stands between `${{` and `}}` is left to those who know it.
pub(super) fn arguments(text: &str) -> Vec<Argument> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(OPEN).map(|start| at + start) {
        let inside = start + OPEN.len();
        let Some(end) = find_close(&text[inside..]).map(|end| inside + end) else { break };
        at = end + CLOSE.len();
        let mut words = text[inside..end].split('.').map(|word| word.trim().to_owned());
        if words.next().as_deref() == Some("with")
            && let Some(name) = words.next()
        {
            found.push(Argument { range: start..at, name, path: words.collect() });
        }
    }
    found
}

/// Whether a text says something that is known later only.
pub(super) fn has_expression(text: &str) -> bool {
    text.contains(OPEN)
}

/// Where the `}}` is that is not inside a quoted text.
fn find_close(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| {
        quoted ^= character == '\'';
        (!quoted && text[at..].starts_with(CLOSE)).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_and_nothing_else() {
        let names = |text| arguments(text).into_iter().map(|found| (found.range, found.name, found.path.join("."))).collect::<Vec<_>>();
        assert_eq!(names("${{ with.a }}"), [(0..13, "a".to_owned(), String::new())]);
        assert_eq!(names("ž${{with.a.b}}-${{ run.date }}"), [(2..15, "a".to_owned(), "b".to_owned())]);
        for text in ["", "${{ with }}", "${{ '${{ with.a }}' }}", "${{ with.a", "{{ with.a }}", "$ {{ with.a }}"] {
            assert_eq!(names(text), [], "{text}");
        }
    }
}
