//! A race: 64 publishers of 16 teams at once against one bare repository, killed at random moments, some with a full disk.
//!
//! At the end everything that reported success is there, nothing else changed, and the next round goes through. More rounds:
//! `FREEHOLD_RACE_ROUNDS=20 cargo test --test race`; other moments: `FREEHOLD_RACE_SEED=7`.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests run programs and write files, and fail by panicking")]
#![allow(clippy::print_stdout, reason = "what a race took is worth telling: `-- --nocapture` shows it")]
#![allow(unreachable_pub, reason = "modules of a test are a crate of their own")]

mod chance;
mod company;
mod publisher;
mod rounds;
mod stale;
