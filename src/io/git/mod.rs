//! Git, by its own command.
//!
//! In go revisions, trees and files; out come objects and pushed commits. Objects are read by one `git cat-file`
//! process and trees are compared here, entry by entry, so nothing detects renames, reads attributes or runs a hook.
//! Nothing here knows what the files mean, and nothing forces a push.

mod address;
mod batch;
mod command;
mod committed;
mod diff;
mod entries;
mod history;
mod object;
mod repository;
mod revision;
mod scratch;
mod surroundings;
mod tree;
mod write;

pub use address::Address;
pub use command::{GitError, taken_lock};
pub use committed::{Origin, origin};
pub use diff::TreeChange;
pub use history::{Landing, Merge};
pub use object::{Entry, Mode, ObjectFormat, ObjectId};
pub use repository::Repository;
pub use scratch::{Pushed, Scratch, init_bare};
pub use surroundings::{Hook, Setting, Surroundings};
pub use tree::GitTree;
pub use write::{Edit, NewCommit};
