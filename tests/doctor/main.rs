//! `freehold doctor` on real repositories: the examples of its pages, and what it says and leaves alone.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests run programs and write files, and fail by panicking")]
#![allow(unreachable_pub, reason = "modules of a test are a crate of their own")]

mod codes;
mod ground;
mod patient;
