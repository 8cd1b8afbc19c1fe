//! Patterns in which `*` stands for any text: of images and of refs.

/// Whether `*` in `glob`, standing for any text, makes it equal to `text`.
#[must_use]
pub fn matches_glob(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_the_rest_for_itself() {
        assert!(matches_glob("a/*", "a/b/c"));
        assert!(matches_glob("*/x", "a/x"));
        assert!(matches_glob("a*b*c", "a-b-b-c"));
        assert!(matches_glob("same", "same"));
        assert!(!matches_glob("a/*", "evil/a/b"));
        assert!(!matches_glob("a*b", "ab-"));
        assert!(!matches_glob("same", "same2"));
    }
}
