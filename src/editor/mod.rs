//! What an editor asks about a file: what is written here, what could be, and where it comes from.
//!
//! In go a file's text, a place in it, and the names that the project and the platform have; out come texts and spans. It knows
//! no protocol and does no I/O. A file that is being typed is rarely whole: lines that are not finished are left
//! out, and completion reads it with a word put in at the place.

mod catalog;
mod complete;
mod cursor;
mod define;
mod expression;
mod hover;
mod names;
mod outline;
mod read;
mod rename;
#[cfg(test)]
mod tests;

pub use complete::{Completion, Sort, complete};
pub use cursor::{Cursor, Spot, Step, locate};
pub use define::{Target, define};
pub use hover::{Hover, hover};
pub use names::{Known, Names};
pub use outline::{Part, Symbol, outline, references};
pub use read::read;
pub use rename::{Renamed, rename, renamed};
