//! What Python takes for a name, and what it reserves for itself.

/// Words that Python takes for no name: <https://docs.python.org/3/reference/lexical_analysis.html#keywords>.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield",
];

/// Whether Python reserves the word.
#[must_use]
pub fn is_python_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Whether Python takes the text for a name; ASCII only, because Python folds other letters into each other.
#[must_use]
pub fn is_python_name(text: &str) -> bool {
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts_well && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !is_python_keyword(text)
}
