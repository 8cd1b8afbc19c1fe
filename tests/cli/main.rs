//! The real binary, driven as a user would: exit codes, what goes to which stream, and what is left behind.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests run programs and write files, and fail by panicking")]
#![allow(unreachable_pub, reason = "modules of a test are a crate of their own")]

mod adopt;
mod bad_files;
mod blueprints;
mod centrals;
mod determinism;
mod docs;
mod doors;
mod focus;
mod forged;
mod ground;
mod hostile;
mod identity;
mod init;
mod integrators;
mod life;
mod page;
mod preview;
mod report;
mod repository;
mod schemas;
mod streams;
mod threats;
mod unseen;
mod watch;
mod way;
