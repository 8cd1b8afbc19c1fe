//! How large a workflow may become: what is too much is not made.
//!
//! A file is small, and what it describes need not be: fan-outs that are each small enough multiply, and a long value of `defaults` or
//! `vars` stands in every task.

use std::cell::Cell;

use super::fan_out::{ResolvedFanOut, too_many};
use crate::diag::{Diagnostic, codes as code};
use crate::ir::MOST_TASKS;
use crate::spec::Workflow;

/// The most bytes of text in all tasks of one workflow: some hundred times what a large one has.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// What a workflow may still take. Once it is spent, nothing more of the workflow is resolved.
pub(super) struct Room {
    /// Tasks; `None` once more were asked for than there are.
    tasks: Cell<Option<usize>>,
    /// Bytes of text, likewise.
    text: Cell<Option<usize>>,
}

impl Room {
    /// The room of one workflow.
    pub(super) fn new() -> Self {
        Self { tasks: Cell::new(Some(MOST_TASKS)), text: Cell::new(Some(MOST_TEXT)) }
    }

    /// Takes the room of a task that these fan-outs repeat; `None` when there is not so much.
    pub(super) fn take_tasks(&self, repeated: &[&ResolvedFanOut]) -> Option<()> {
        take(&self.tasks, repeated.iter().map(|fan_out| fan_out.count()).fold(1, usize::saturating_mul))
    }

    /// Takes the room of a text of so many bytes; `None` when there is not so much.
    pub(super) fn take_text(&self, bytes: usize) -> Option<()> {
        take(&self.text, bytes)
    }

    /// Whether more was asked for than there is.
    pub(super) fn is_spent(&self) -> bool {
        self.tasks.get().is_none() || self.text.get().is_none()
    }

    /// What a workflow asks too much of.
    pub(super) fn fault(&self, workflow: &Workflow) -> Option<Diagnostic> {
        let name = &workflow.workflow;
        if self.tasks.get().is_none() {
            let title = format!("workflow `{}` would have more than {MOST_TASKS} tasks", name.value);
            let widest = workflow.fan_outs().next().map_or(name.span, |for_each| for_each.span);
            return Some(too_many(title, widest));
        }
        self.text.get().is_none().then(|| {
            let most = MOST_TEXT / 1024 / 1024;
            let fault = Diagnostic::error(&code::BUDGET, format!("the tasks of workflow `{}` would hold more than {most} MiB", name.value));
            let fault = fault.at(name.span, "what `defaults`, `vars` and profiles give stands in every task");
            fault.help("put long values into a file that the tasks read, such as one of the image or of a config map")
        })
    }
}

fn take(room: &Cell<Option<usize>>, much: usize) -> Option<()> {
    room.set(room.get().and_then(|left| left.checked_sub(much)));
    room.get().map(|_| ())
}
