//! Where what was put into a workflow comes from, for those who find a fault in it.

use super::uses::Call;
use crate::diag::{Diagnostic, Label, Place};
use crate::source::{SourceId, Span};

/// Places of an argument that are shown.
const SHOWN: usize = 3;

/// Where what was put into a workflow comes from.
#[derive(Debug, Default)]
pub struct Origins {
    calls: Vec<Origin>,
    /// Arguments, and where in the blueprint each of them went.
    arguments: Vec<(Span, Span)>,
}

#[derive(Debug)]
struct Origin {
    blueprint: SourceId,
    name: String,
    at: Span,
}

impl Origins {
    pub(super) fn used(&mut self, call: &Call) {
        self.calls.push(Origin { blueprint: call.source(), name: call.reference.to_string(), at: call.at });
    }

    pub(super) fn handed_over(&mut self, argument: Span, place: Span) {
        self.arguments.push((argument, place));
    }

    /// The blueprints' files.
    pub fn sources(&self) -> impl Iterator<Item = SourceId> {
        self.calls.iter().map(|call| call.blueprint)
    }

    /// Adds to what was found where the blueprint was brought in, or for an argument where in the blueprint it went.
    #[must_use]
    pub fn explain(&self, mut fault: Diagnostic) -> Diagnostic {
        let Some(Label { place: Place::Span(span), .. }) = fault.labels.first() else { return fault };
        let mut span = *span;
        let around = self.arguments.iter().filter(|(argument, _)| holds(*argument, span));
        if let Some((argument, first)) = around.min_by_key(|(argument, _)| argument.end - argument.start) {
            // One argument may go to several places, and only whoever found the fault knows at which of them it is one.
            let places = self.arguments.iter().filter(|(other, _)| other == argument).map(|(_, place)| *place);
            for place in places.take(SHOWN) {
                add(&mut fault, place, "where the blueprint puts it".to_owned());
            }
            span = *first;
        }
        // A blueprint may have been brought in by another one; a ring has been refused.
        while let Some(call) = self.calls.iter().find(|call| call.blueprint == span.source) {
            let others = self.calls.iter().filter(|other| other.blueprint == span.source && other.at != call.at).count();
            let more = match others {
                0 => String::new(),
                1 => ", as in one other place".to_owned(),
                _ => format!(", as in {others} other places"),
            };
            if !add(&mut fault, call.at, format!("`{}` is used here{more}", call.name)) {
                break;
            }
            span = call.at;
        }
        fault
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// `false` when the place has a label already.
fn add(fault: &mut Diagnostic, at: Span, text: String) -> bool {
    let is_new = !fault.labels.iter().any(|label| label.place == Place::Span(at));
    if is_new {
        fault.labels.push(Label { place: Place::Span(at), text });
    }
    is_new
}
