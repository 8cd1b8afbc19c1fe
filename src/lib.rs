//! Freehold: a DAG factory with property rights.
//!
//! Teams describe workflows in YAML, in their own repositories. This library turns those files into
//! namespaced workflow manifests and merges them into the one central repository that the
//! orchestrator syncs from, so that no team's commit can change or erase another team's tasks.
//!
//! ```text
//! discover → parse → expand → schema → spec → check → resolve → ir → backend → artifacts → central plan → apply
//! ```
//!
//! Each arrow is a function from one type to another. A stage reports every fault that it finds, with
//! byte spans, and does no I/O of its own; the files come from [`io`]. Which module may use which is a
//! table in `tests/architecture.rs`.

// The tests of `central` that need its inside share the ground of those in `tests/central`, which knows the crate by its name.
#[cfg(test)]
extern crate self as freehold;

pub mod artifact;
pub mod backend;
pub mod central;
pub mod check;
pub mod cli;
pub mod delta;
pub mod diag;
pub mod doctor;
pub mod editor;
pub mod expand;
pub mod identity;
pub mod io;
pub mod ir;
pub mod name;
pub mod page;
pub mod pipeline;
pub mod policy;
pub mod report;
pub mod resolve;
pub mod schema;
pub mod source;
pub mod spec;
pub mod yaml;
