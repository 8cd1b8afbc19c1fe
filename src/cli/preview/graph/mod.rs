//! What waits for what, drawn.

mod dot;
mod text;

use super::GraphFormat;
use crate::cli::output::Output;
use crate::delta::Graph;
use crate::ir::Workflow;
use crate::report::{Bounds, Paint, mermaid};

pub(super) fn show(chosen: &[&Workflow], format: GraphFormat, output: &Output) -> String {
    let look = text::Look { paint: Paint::new(output.is_product_coloured()), width: output.product_width(), is_whole: output.verbose };
    let draw = |workflow: &Workflow| match format {
        GraphFormat::Text => text::text(workflow, look),
        GraphFormat::Mermaid => mermaid(&Graph::of_workflow(workflow), Bounds::OF_MERMAID),
        GraphFormat::Dot => dot::dot(workflow),
    };
    chosen.iter().map(|workflow| draw(workflow)).collect::<Vec<_>>().join("\n")
}
