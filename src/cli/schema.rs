//! `freehold schema`: the JSON Schemas, for editors.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Output;
use super::{Ending, Failure};
use crate::diag::{quoted_list, suggest};
use crate::schema::published;

/// Print a JSON Schema, for editors and other tools
///
/// Without a name, lists all of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold schema\n  freehold schema workflow > workflow.v1.json\n  freehold schema -o .schemas")]
pub(super) struct Arguments {
    /// Its name, such as `workflow`.
    name: Option<String>,
    /// Write it, or all of them, into a folder, such as the `.schemas` that `init` made.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let stem = |file: &'static str| file.trim_end_matches(".v1.json");
    let Arguments { name, out } = arguments;
    let Some(asked) = name else {
        if let Some(out) = out {
            published().iter().try_for_each(|(file, text)| write(out, file, text))?;
            return Ok(Ending::Clean);
        }
        let list: String = published().iter().map(|(file, _)| format!("{}\n", stem(file))).collect();
        output.product(&list)?;
        return Ok(Ending::Clean);
    };
    if let Some((file, text)) = published().iter().find(|(file, _)| stem(file) == asked || file == asked) {
        match out {
            Some(out) => write(out, file, text)?,
            None => output.product(text)?,
        }
        return Ok(Ending::Clean);
    }
    let known: Vec<&str> = published().iter().map(|(file, _)| stem(file)).collect();
    let help = suggest(asked, known.iter().copied())
        .map_or_else(|| format!("known: {}", quoted_list(known.iter().copied())), |near| format!("did you mean `{near}`?"));
    Err(Failure::new(format!("there is no schema `{asked}`")).help(help))
}

fn write(folder: &Path, file: &str, text: &str) -> Result<(), Failure> {
    fs_err::create_dir_all(folder)?;
    Ok(fs_err::write(folder.join(file), text)?)
}
