//! `freehold explain`: the page of a diagnostic's code.

use clap::Args;

use super::output::Output;
use super::{Ending, Failure};
use crate::diag::{Code, codes};

/// Explain a diagnostic: why it is refused, with a bad and a good example
///
/// Without a code, lists all of them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold explain FH0203\n  freehold explain unknown-field")]
pub(super) struct Arguments {
    /// The code or the name that stands in the message, such as `FH0203` (`203` for short) or `unknown-field`.
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Some(asked) = &arguments.code else {
        let width = codes().iter().map(|code| code.name.len()).max().unwrap_or_default();
        let row = |code: &&Code| format!("{}  {:width$}  {}\n", code.id, code.name, code.heading());
        let list: String = codes().iter().map(row).collect();
        output.product(&list)?;
        return Ok(Ending::Clean);
    };
    // A number alone is what stands behind the letters.
    let whole = asked.parse::<u16>().map_or_else(|_| asked.clone(), |number| format!("FH{number:04}"));
    if let Some(code) = Code::find(&whole) {
        output.page(code.page)?;
        return Ok(Ending::Clean);
    }
    let near = Code::suggest(&whole);
    let failure = Failure::new(format!("there is no code `{asked}`"));
    Err(failure.help(near.map_or_else(|| "run `freehold explain` for a list".to_owned(), |near| format!("did you mean `{near}`?"))))
}
