//! Two values beside each other, of which only so much can be shown.

use crate::report::shortened;

/// Both in at most so many characters, around the first one in which they differ.
pub(super) fn around_difference(before: &str, after: &str, most: usize) -> [String; 2] {
    let fits = |text: &str| text.chars().count() <= most;
    let alike = before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count();
    let skipped = if fits(before) && fits(after) { 0 } else { alike.saturating_sub(most / 3) };
    let part = |text: &str| {
        if skipped == 0 {
            return shortened(text, most);
        }
        let rest: String = text.chars().skip(skipped).collect();
        format!("…{}", shortened(&rest, most - 1))
    };
    [part(before), part(after)]
}

#[cfg(test)]
mod tests {
    use super::around_difference;

    #[test]
    fn what_differs_is_seen_however_long_both_are() {
        let (start, end) = ("é".repeat(500), "z".repeat(500));
        let (before, after) = (format!("{start}one{end}"), format!("{start}two{end}"));
        let [old, new] = around_difference(&before, &after, 30);
        assert_eq!(old, format!("…{}one{}…", "é".repeat(10), "z".repeat(15)));
        assert_eq!(new, format!("…{}two{}…", "é".repeat(10), "z".repeat(15)));
        let [old, new] = around_difference(&before, &start, 30);
        assert_eq!(new, format!("…{}", "é".repeat(10)));
        assert!(old.contains("one"), "{old}");
    }

    #[test]
    fn short_values_are_shown_whole() {
        assert_eq!(around_difference("abc", "abd", 3), ["abc", "abd"]);
        assert_eq!(around_difference("", "a long text", 5), ["", "a lo…"]);
    }
}
