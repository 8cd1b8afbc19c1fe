//! A value between a least and a most.

use std::fmt::Display;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::{Span, Spanned};

/// Which end a bound is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    /// The value may not be less.
    Least,
    /// The value may not be more.
    Most,
}

/// Tells a value that is not between its bounds, with both places.
pub(super) fn check<T: PartialOrd + Display>(
    setting: &str,
    value: &T,
    place: Span,
    sides: [(Side, &Option<Spanned<T>>); 2],
    sink: &mut Sink,
) {
    for (side, bound) in sides.into_iter().filter_map(|(side, bound)| Some((side, bound.as_ref()?))) {
        let (is_fine, word) = match side {
            Side::Least => (*value >= bound.value, "least"),
            Side::Most => (*value <= bound.value, "most"),
        };
        if !is_fine {
            let title = format!("`{setting}` is `{value}`, and the platform allows `{}` at {word}", bound.value);
            let fault = Diagnostic::error(&code::BOUND, title).at(place, "").at(bound.span, "the platform's bound");
            sink.push(fault.help(format!("write `{setting}: {}`", bound.value)));
        }
    }
}
