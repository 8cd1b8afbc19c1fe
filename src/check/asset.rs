//! Assets that a task produces.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::Workflow;

/// Tells when a task that is repeated produces an asset: each of its items would start who waits for it.
pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    for (asset, repeated) in workflow.produced() {
        let Some(repeated) = repeated else { continue };
        let fault = Diagnostic::warning(&code::REPEATED_ASSET, format!("each item produces `{}` anew", asset.value));
        let fault = fault.at(asset.span, "whoever waits for it is started again and again").at(repeated.span, "repeated here");
        sink.push(fault.help("move `produces` to a task that is not repeated and needs this one"));
    }
}
