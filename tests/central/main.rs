//! Publishing and verifying against real repositories, with a compiler of four lines.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests run git and write files, and fail by panicking")]
#![allow(unreachable_pub, reason = "modules of a test are a crate of their own")]

mod adopting;
mod attacks;
mod codes;
mod compiler;
mod concurrency;
mod dag_ids;
mod ground;
mod handed;
mod identity;
mod integrating;
mod many;
mod mint;
mod model;
mod publishing;
mod remotes;
mod script;
mod standing;
mod surroundings;
mod threats;
mod threats_at_publish;
mod tokens;
mod unmanaged;
mod uses;
mod waiting;
