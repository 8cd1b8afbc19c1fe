//! A text that never gets longer than it may be.

/// Text that is put together from parts, each of which is taken whole or left out.
pub(super) struct Budget {
    text: String,
    most: usize,
}

impl Budget {
    pub(super) fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }

    /// Takes a part in if there is room for it.
    pub(super) fn take(&mut self, part: &str) -> bool {
        let fits = self.text.len() + part.len() <= self.most;
        if fits {
            self.text.push_str(part);
        }
        fits
    }

    /// Takes lines in until one does not fit, or there were `most`; gives how many.
    pub(super) fn take_lines(&mut self, lines: impl Iterator<Item = String>, most: usize) -> usize {
        lines.take(most).take_while(|line| self.take(line)).count()
    }

    /// Takes in the first `most` lines, without those that do not fit; gives how many it has.
    pub(super) fn take_fitting(&mut self, lines: impl Iterator<Item = String>, most: usize) -> usize {
        lines.take(most).filter(|line| self.take(line)).count()
    }

    /// From here on, the text may be so long.
    pub(super) fn extend(&mut self, most: usize) {
        self.most = most;
    }

    pub(super) fn left(&self) -> usize {
        self.most.saturating_sub(self.text.len())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
