//! The stages in a row: files in, artifacts out.
//!
//! In go trees of files (a team repository, or what teams have published), out come parsed sources, resolved workflows and
//! artifacts. Files are worked on in parallel; ids and diagnostics do not depend on the order in which threads finish.

mod adopted;
mod assemble;
mod compile;
mod config;
mod dag_ids;
mod grants;
mod library;
mod load;
mod place;
mod references;
mod salvage;
mod shelf;
mod team;
mod together;
mod touched;
mod uses;

pub use crate::resolve::Rest;
pub use adopted::AdoptedFile;
pub use compile::{Compiled, Keep, Unit, compile_team};
pub use config::{PolicyFiles, backend_of, read_config};
pub use dag_ids::DAG_IDS;
pub use grants::check_grants;
pub use library::Library;
pub(crate) use load::beside;
pub use load::{ParsedSource, ParsedWorkflow, load_project, load_source, workflow_folder};
pub use references::REFERENCES;
pub use shelf::Borrowed;
pub use team::{FORMAT_VERSION, OwnSource, TeamCompiler};
pub use touched::{Foreseen, resolve_published, resolve_touched};
pub use uses::USES;

/// The project file's name.
pub const PROJECT_FILE: &str = "freehold.yaml";
