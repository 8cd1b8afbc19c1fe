//! How a file differs, line by line, folded.

use similar::{ChangeTag, TextDiff};

use super::ComparedFile;
use super::window::around_difference;
use crate::delta::grouped;
use crate::report::escape::{block, code};
use crate::report::shortened;

/// Lines of both sides together that are compared: what makes comparing slow is many lines that are alike.
const LONGEST: usize = 50_000;
/// Characters of a line.
const COLUMNS: usize = 400;
/// Bytes of all lines.
const BYTES: usize = 16_000;
/// Lines around what differs.
const AROUND: usize = 3;

/// A file's difference in at most so many lines.
pub(super) fn difference(ComparedFile { path, contents }: &ComparedFile, most: usize) -> String {
    let path = code(&shortened(path, 200));
    let Some([old, new]) = contents else {
        return format!("\n{path} cannot be compared here: it is too large, no text, or no regular file\n");
    };
    if old == new {
        return format!("\n{path}: no line differs: it is empty, or its mode or bytes that are no text change\n");
    }
    if old.lines().count() + new.lines().count() > LONGEST {
        return format!("\n{path} has too many lines to be compared here\n");
    }
    let all = lines(old, new);
    let mut bytes = 0;
    let fits = |line: &&String| {
        bytes += line.len() + 1;
        bytes <= BYTES
    };
    let shown: Vec<&str> = all.iter().take(most).take_while(fits).map(String::as_str).collect();
    let more = all.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!("\n… and {} more lines\n", grouped(more as u64)) };
    format!("\n<details><summary>{path}</summary>\n\n{}{more}\n</details>\n", block("diff", &shown.join("\n")))
}

/// The lines of a unified difference. Two lines in each other's place are cut around what differs.
fn lines(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        lines.push(hunk.header().to_string());
        let mut replaced = Replaced::default();
        for change in hunk.iter_changes() {
            let text = visible(change.value());
            match change.tag() {
                ChangeTag::Equal => {
                    replaced.tell(&mut lines);
                    lines.push(format!(" {}", shortened(&text, COLUMNS)));
                }
                ChangeTag::Delete => replaced.gone.push(text),
                ChangeTag::Insert => replaced.new.push(text),
            }
        }
        replaced.tell(&mut lines);
    }
    lines
}

/// A line without its end. A carriage return is shown: to Python a line ends there, and to a reader it would not.
fn visible(line: &str) -> String {
    match line.strip_suffix('\n') {
        Some(line) => line.replace('\r', "␍"),
        None if line.ends_with('\r') => line.replace('\r', "␍"),
        None => format!("{line} ⏎?"),
    }
}

/// Lines that go, and those that come in their place.
#[derive(Default)]
struct Replaced {
    gone: Vec<String>,
    new: Vec<String>,
}

impl Replaced {
    fn tell(&mut self, lines: &mut Vec<String>) {
        let (gone, new) = (std::mem::take(&mut self.gone), std::mem::take(&mut self.new));
        let other = |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or_default();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for at in 0..gone.len().max(new.len()) {
            let [old, now] = around_difference(&other(&gone, at), &other(&new, at), COLUMNS);
            before.extend((at < gone.len()).then(|| format!("-{old}")));
            after.extend((at < new.len()).then(|| format!("+{now}")));
        }
        lines.extend(before);
        lines.extend(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        lines(old, new).split_off(1)
    }

    #[test]
    fn what_python_takes_for_the_end_of_a_line_is_one() {
        assert_eq!(told("a\n", "# tidy\rimport os\n"), ["-a", "+# tidy␍", "+import os"]);
        assert_eq!(told("a\r\n", "a\n"), ["-a␍", "+a"]);
        assert_eq!(told("a\n", "a"), ["-a", "+a ⏎?"]);
    }

    #[test]
    fn lines_that_differ_look_different_however_far_behind() {
        let [old, new] = ["", "; import os"].map(|end| format!("pass{}{end}\n", " ".repeat(420)));
        let found = told(&old, &new);
        assert!(found[0].chars().count() <= COLUMNS + 1 && found[1].contains("; import os") && found[0] != found[1], "{found:?}");
    }

    #[test]
    fn a_difference_has_its_bounds_in_lines_and_in_bytes() {
        let file = |old: &str, new: &str| ComparedFile { path: "a.py".to_owned(), contents: Some([old.to_owned(), new.to_owned()]) };
        let long = difference(&file("", &format!("{}\n", "€".repeat(390)).repeat(60)), 100);
        assert!(long.len() < BYTES + 300 && long.contains("more lines"), "{}", long.len());
        assert!(difference(&file("x\n", "y\n"), 2).contains("… and 1 more lines"));
        assert!(difference(&file("", ""), 9).contains("its mode or bytes"));
        assert!(difference(&file("", &"a\n".repeat(LONGEST + 1)), 9).contains("too many lines"));
    }
}
