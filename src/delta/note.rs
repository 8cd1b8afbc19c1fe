//! What there is to say of a task or a group in a few words.

use super::grouped;
use crate::ir::{FanOut, Node, Row, Task, TaskKind, Wait};
use crate::spec::Timespan;

/// How often something is repeated, as the two halves of what one says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// `× 1,000`, `× 20 batches`, or `× each customer`.
    pub count: String,
    /// `(customer)`, or `of list`.
    pub over: String,
}

impl Times {
    /// Of a fan-out.
    #[must_use]
    pub fn of(fan_out: &FanOut) -> Self {
        match fan_out {
            FanOut::Static { variables, rows } => {
                let batches = if rows.first().is_some_and(Row::is_batch) { " batches" } else { "" };
                Self { count: format!("× {}{batches}", grouped(rows.len() as u64)), over: format!("({})", variables.join(", ")) }
            }
            FanOut::Mapped { variable, task, path: _, key: _, batch } => {
                let each = batch.map_or_else(|| "each".to_owned(), |size| format!("every {size}"));
                Self { count: format!("× {each} {variable}"), over: format!("of {task}") }
            }
        }
    }
}

/// What there is to say of a task or a group beside its name: `× 1,000 (customer)`.
#[must_use]
pub fn note(node: &Node) -> String {
    let times = node.fan_out().map(|fan_out| {
        let Times { count, over } = Times::of(fan_out);
        format!("{count} {over}")
    });
    let kind = match node {
        Node::Task(task) => kind_of(task),
        Node::Group(_) => None,
    };
    times.into_iter().chain(kind).collect::<Vec<_>>().join(" ")
}

/// What a task is where it runs no pod: an operator's name, or for whom it waits.
#[must_use]
pub fn kind_of(task: &Task) -> Option<String> {
    match &task.kind {
        TaskKind::Container(_) => None,
        TaskKind::Operator(operator) => Some(operator.class.class().to_owned()),
        TaskKind::Wait(Wait { team, workflow, dag_id: _, offset, within: _ }) => {
            let earlier = if offset.is_zero() { String::new() } else { format!(", {} earlier", Timespan(*offset)) };
            Some(format!("waits for {team}/{workflow}{earlier}"))
        }
    }
}
