//! Reading and writing: the traits that the pure stages are handed, the real ones and the in-memory ones.
//!
//! Clock, environment, network, random numbers and processes live here and in `cli`, nowhere else.

#![allow(clippy::disallowed_methods, reason = "this is where the outside world is")]

pub mod git;
mod seen;
mod tree;
mod wait;

pub use seen::Seen;
pub use tree::{Disk, Edited, Memory, ReadError, ReadTree};
pub use wait::{Tries, wait_with_jitter};
