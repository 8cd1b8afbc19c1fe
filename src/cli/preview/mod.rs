//! `freehold preview`: what would be generated, before anything is.

mod choice;
mod diff;
mod graph;
mod html;
pub(in crate::cli) mod layers;
mod manifest;
mod pods;
mod policy;
mod runs;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use super::change::moment;
use super::output::Output;
use super::watch::watch;
use super::workspace::{Compilation, Workspace, compile};
use super::{Ending, Failure};
use crate::diag::Severity;
use crate::io::Seen;
use crate::ir::Workflow;
use crate::pipeline::Keep;
use crate::report::counted;
use choice::{Choice, choose};

/// Show what a project's workflows become: files, pods, the graph, the next runs
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold preview\n  freehold preview daily-retrain --what graph\n  freehold preview . daily-retrain --what graph --watch\n  freehold preview . daily-retrain --task train --what layers\n  freehold preview . daily-retrain --what runs --count 10\n  freehold preview --what diff\n  freehold preview . daily-retrain --environment staging\n  freehold preview --html preview.html --watch"
)]
pub(super) struct Arguments {
    /// The project, or a central work tree; or else a workflow of the folder that you are in, by its name or its file.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// One workflow; all, without it. In a central work tree `<team>/<workflow>` too.
    workflow: Option<String>,
    /// What to show; `manifest`, without it.
    #[arg(long, value_name = "WHAT")]
    what: Option<What>,
    /// One task, with `--what layers` or `--what pods`: its name, `group.task`, or one pod's own name, such as `group.item.task`.
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// How to draw the graph, which is what is shown then; `text`, without it.
    #[arg(long, value_name = "FORMAT")]
    graph_format: Option<GraphFormat>,
    /// How many runs to show of each workflow.
    #[arg(long, value_name = "N", default_value_t = 5)]
    count: usize,
    /// Show the runs after this moment, such as `2026-03-28T06:00:00Z`, or after the midnight, in UTC, of this day, such as `2026-03-28`;
    /// now, without it.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Show what would be in another environment than the one that the central branch is. What `platform.yaml` says stays this branch's.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Write all of it, but the diff, as one page for a browser, which needs nothing beside it; `-` is standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["what", "task", "graph_format", "count"])]
    html: Option<PathBuf>,
    /// The central repository whose policy holds: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
    /// Show it again at each change of the project's files, or of a central repository on this machine, until Ctrl-C.
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The generated files.
    Manifest,
    /// The final pods, as YAML (`--format json` for JSON).
    Pods,
    /// What waits for what, layer by layer: all that a task waits for stands above it. `-v` leaves nothing out of a large one.
    Graph,
    /// Which layer gave each value of a task, and what it overrode.
    Layers,
    /// What a publish would do to workflows: when they run and what they ask for, before and after (`--format json` for JSON).
    Diff,
    /// What the platform's own rules see, as JSON.
    Policy,
    /// The next runs, in the workflow's own time zone.
    Runs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// For a terminal.
    Text,
    /// Mermaid, which Markdown viewers draw.
    Mermaid,
    /// Graphviz.
    Dot,
}

impl Arguments {
    fn what(&self) -> What {
        let unsaid = if self.graph_format.is_some() { What::Graph } else { What::Manifest };
        self.what.unwrap_or(unsaid)
    }

    /// An option that what is shown does not heed would be passed over without a word.
    fn refuse_contradictions(&self) -> Result<(), Failure> {
        let what = self.what();
        if self.graph_format.is_some() && what != What::Graph {
            return Err(Failure::new("`--graph-format` is for graphs alone").help("write `--what graph`, or leave it out"));
        }
        if self.task.is_some() && !matches!(what, What::Layers | What::Pods) {
            return Err(
                Failure::new("`--task` is for layers and pods alone").help("write `--what layers` or `--what pods`, or leave it out")
            );
        }
        Ok(())
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    arguments.html.as_deref().map_or(Ok(()), html::refuse)?;
    arguments.refuse_contradictions()?;
    let asked = asked(arguments);
    let workspace = Workspace::find(asked.folder)?;
    if arguments.watch {
        return watch(output, |seen| show(arguments, &asked, &workspace, Some(seen), output));
    }
    show(arguments, &asked, &workspace, None, output)
}

/// Which workflows are to be shown.
struct Asked<'a> {
    /// Where to look for their project.
    folder: &'a Path,
    /// The one of this name.
    name: Option<&'a str>,
    /// The one of this file.
    file: Option<&'a Path>,
}

/// A name alone is a workflow's where no path is called so.
fn asked(arguments: &Arguments) -> Asked<'_> {
    let (dir, name) = (arguments.dir.as_path(), arguments.workflow.as_deref());
    let is_word = dir.components().count() == 1 && dir.extension().is_none();
    match (name, dir.to_str()) {
        (None, Some(word)) if is_word && !dir.exists() && Workspace::find(Path::new(".")).is_ok() => {
            Asked { folder: Path::new("."), name: Some(word), file: None }
        }
        (None, _) if dir.is_file() => Asked { folder: dir, name: None, file: Some(dir) },
        (name, _) => Asked { folder: dir, name, file: None },
    }
}

fn show(
    arguments: &Arguments,
    asked: &Asked<'_>,
    workspace: &Workspace,
    seen: Option<&Arc<Seen>>,
    output: &Output,
) -> Result<Ending, Failure> {
    let options = (arguments.central.as_deref(), arguments.environment.as_deref());
    let done = compile([workspace], options, Keep::Workflows, seen)?;
    let Choice { shown, told, elsewhere } = choose(&done, asked, workspace)?;
    let is_refused = told.iter().any(|found| found.severity == Severity::Error);
    // A document has one kind of content. What a publish would do is not known of a project that has errors: it takes all or nothing.
    let is_whole = !output.format.is_for_people() || arguments.what == Some(What::Diff);
    if !is_refused || !(shown.is_empty() || is_whole) {
        show_chosen(arguments, (&done, &shown), workspace, output)?;
    }
    if !told.is_empty() {
        output.diagnostics(&told, &done.sources, &done.summary)?;
    }
    if elsewhere > 0 {
        output.note(&format!("{} elsewhere in the project: `freehold check` shows what", counted(elsewhere, "error")));
    }
    if output.format.is_for_people() {
        done.unseen_notes_but_unset().iter().for_each(|note| output.note(note));
    }
    Ok(if is_refused { Ending::Refused } else { Ending::Clean })
}

fn show_chosen(
    arguments: &Arguments,
    (done, chosen): (&Compilation, &[&Workflow]),
    workspace: &Workspace,
    output: &Output,
) -> Result<(), Failure> {
    if let Some(file) = arguments.html.as_deref() {
        let from = moment(arguments.from.as_deref())?;
        return html::write(done, chosen, &html::Asked { file, environment: arguments.environment.as_deref(), from }, output);
    }
    let task = arguments.task.as_deref();
    let text = match arguments.what() {
        What::Manifest => manifest::show(done, chosen, output),
        What::Pods => pods::show(done, chosen, task, output)?,
        What::Graph => graph::show(chosen, arguments.graph_format.unwrap_or(GraphFormat::Text), output),
        What::Layers => layers::show(done, chosen, task, output)?,
        What::Diff => diff::show(done, chosen, workspace, (arguments.central.as_deref(), arguments.from.as_deref()), output)?,
        What::Policy => policy::show(done, chosen)?,
        What::Runs => runs::show(chosen, arguments.count, arguments.from.as_deref())?,
    };
    output.product(&text)
}
