//! How much text a page takes: what is generated has no bound, and a browser has one.

use crate::delta::grouped;

/// Bytes of generated files and pods in a page.
const TEXTS: usize = 12 * 1024 * 1024;
/// Bytes of one of them.
const TEXT: usize = 512 * 1024;
/// Workflows in a page.
pub const WORKFLOWS: usize = 300;

/// What is left of a page.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { left: TEXTS }
    }

    /// A text as far as there is room, with how much of it is missing in words.
    pub(super) fn take(&mut self, text: String) -> (String, Option<String>) {
        let most = self.left.min(TEXT);
        if text.len() <= most {
            self.left -= text.len();
            return (text, None);
        }
        let boundary = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let end = text[..boundary].rfind('\n').map_or(0, |line| line + 1);
        self.left -= end;
        let missing = text[end..].lines().count() as u64;
        (text[..end].to_owned(), Some(format!("Lines that are left out: {}.", grouped(missing))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_ends_with_a_whole_line() {
        let mut room = Room { left: 12 };
        assert_eq!(room.take("čas\nčas\nčas\n".to_owned()), ("čas\nčas\n".to_owned(), Some("Lines that are left out: 1.".to_owned())));
        assert_eq!(room.take("a\n".to_owned()), ("a\n".to_owned(), None));
        assert_eq!(room.take("b\n".to_owned()), (String::new(), Some("Lines that are left out: 1.".to_owned())));
    }
}
