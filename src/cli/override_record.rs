//! `freehold override`: a record that lets one change break one rule.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::ToSpan as _;

use super::output::Output;
use super::workspace::Workspace;
use super::{Ending, Failure, today};
use crate::name::{SourceName, TeamName};

/// Write a record that lets one change of a source break one rule, once
///
/// For the platform's people, in a work tree of the central repository. It lands in a change of its own; the change that needs it takes it
/// away. FRAME, file modes and REDERIVE cannot be lifted.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  freehold override --source churn/churn-model --rule guard --path dags/churn/weekly.py --reason 'the pool is gone' \\\n      --approved-by ada --approved-by bob"
)]
pub(super) struct Arguments {
    /// The central work tree.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The source that may: `<team>/<source>`.
    #[arg(long, value_name = "TEAM/SOURCE")]
    source: String,
    /// The rule.
    #[arg(long, value_enum)]
    rule: Rule,
    /// A file that it is about, from the root; may be given several times.
    #[arg(long, value_name = "PATH", required = true)]
    path: Vec<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who agreed; two people where workflows are deleted.
    #[arg(long, value_name = "NAME", required = true)]
    approved_by: Vec<String>,
    /// Days that it holds.
    #[arg(long, value_name = "N", default_value = "7", value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rule {
    /// Deleting what is protected or waited for, or too much at once.
    Guard,
    /// Taking a whole source away.
    Complete,
    /// Forgetting what was published, or by whom.
    Mono,
    /// Files that are too large, or too many.
    Limits,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { repo, source, rule, path, reason, approved_by, days } = arguments;
    let Workspace::Central(root) = Workspace::find(repo)? else {
        return Err(Failure::new(format!("{} is no central work tree", repo.display())).help("run this where `platform.yaml` is"));
    };
    let parts = source.split_once('/').map(|(team, source)| (TeamName::parse(team), SourceName::parse(source)));
    let Some((Ok(team), Ok(source))) = parts else {
        return Err(Failure::new(format!("`{source}` names no source")).help("write `<team>/<source>`"));
    };
    // Accounts are the same in capitals.
    let people: BTreeMap<String, &String> = approved_by.iter().map(|name| (name.trim().to_lowercase(), name)).collect();
    if matches!(rule, Rule::Guard | Rule::Complete) && people.len() < 2 {
        return Err(Failure::new("two people have to agree where workflows are deleted").help("add another `--approved-by NAME`"));
    }
    let word = match rule {
        Rule::Guard => "guard",
        Rule::Complete => "complete",
        Rule::Mono => "mono",
        Rule::Limits => "limits",
    };
    let expires = today().checked_add(i64::from(*days).days()).map_err(|error| Failure::new(error.to_string()))?;
    let name = format!("overrides/{team}/{expires}-{source}-{word}.yaml");
    let full = root.join(&name);
    if full.symlink_metadata().is_ok() {
        return Err(
            Failure::new(format!("`{name}` is there already")).help("add the paths to that one, or choose another number of `--days`")
        );
    }
    let expires = expires.to_string();
    let mut record: BTreeMap<&str, serde_json::Value> = BTreeMap::new();
    record.insert("source", source.as_str().into());
    record.insert("rule", word.into());
    record.insert("paths", path.clone().into());
    record.insert("reason", reason.clone().into());
    record.insert("approved_by", people.into_values().cloned().collect::<Vec<_>>().into());
    record.insert("expires", expires.into());
    let text = serde_yaml::to_string(&record).map_err(|error| Failure::new(error.to_string()))?;
    full.parent().map_or(Ok(()), fs_err::create_dir_all)?;
    fs_err::write(&full, text)?;
    output.note(&format!(
        "wrote {name}; land it in a change of its own, and the change that needs it deletes it (`publish` does so by itself)"
    ));
    Ok(Ending::Clean)
}
