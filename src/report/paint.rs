//! Colours of a terminal.

/// Paints text, or leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    colour: bool,
}

pub(crate) const GREEN: &str = "32";
pub(crate) const YELLOW: &str = "33";
pub(crate) const RED: &str = "31";
pub(crate) const BLUE: &str = "34";
pub(crate) const MAGENTA: &str = "35";
pub(crate) const CYAN: &str = "36";
pub(crate) const DIM: &str = "2";
pub(crate) const BOLD: &str = "1";

impl Paint {
    /// With or without colour.
    #[must_use]
    pub const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Whether it paints.
    #[must_use]
    pub const fn is_coloured(self) -> bool {
        self.colour
    }

    /// A text in the colour of an SGR code, such as `32`.
    #[must_use]
    pub fn with(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
