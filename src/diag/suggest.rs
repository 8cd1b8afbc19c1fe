//! Did-you-mean.

/// The one of `known` that `typed` was most probably meant to be; `None` when none is near.
///
/// Nearness is Jaro-Winkler above 0.82 after folding case and `-`/`_`: enough for a dropped, doubled or swapped
/// letter, too strict for another word.
#[must_use]
pub fn suggest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let typed = fold(typed);
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(&typed, &fold(name)), name));
    let best = scored.max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.cmp(left)))?;
    (best.0 > 0.82).then_some(best.1)
}

/// Names in backticks with commas between them, at most thirty: `` `a`, `b` and 3 more ``.
#[must_use]
pub fn quoted_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 30;
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(SHOWN) {
        Some(rest) if rest > 0 => format!("{} and {rest} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

/// The files beside the one that is named: `` and 3 more files``, nothing when there are none.
#[must_use]
pub fn more_files(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " and 1 more file".to_owned(),
        more => format!(" and {more} more files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let known = ["retries", "retry_delay", "image", "resources"];
        assert_eq!(suggest("retrys", known), Some("retries"));
        assert_eq!(suggest("retryDelay", known), Some("retry_delay"));
        assert_eq!(suggest("imgae", known), Some("image"));
        assert_eq!(suggest("queue", known), None);
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let names: Vec<String> = (0..32).map(|n| format!("n{n}")).collect();
        assert!(quoted_list(names.iter().map(String::as_str)).ends_with("`n29` and 2 more"));
        assert_eq!(quoted_list(["a", "b"]), "`a`, `b`");
    }
}
