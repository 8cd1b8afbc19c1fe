//! Environments that workflows speak of.

use super::Policy;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Spanned;

/// Tells an environment that the platform does not have. Where the platform has not said which there are, only a slip in the name of the
/// one that this is.
pub fn check_environments(named: &[Spanned<String>], policy: &Policy<'_>, sink: &mut Sink) {
    let this = policy.environment();
    for name in named.iter().filter(|name| name.value != this) {
        let title = || format!("the platform has no environment `{}`", name.value);
        let Some(known) = &policy.platform.environments else {
            if let Some(near) = suggest(&name.value, [this]).filter(|_| !policy.is_assumed) {
                let fault =
                    Diagnostic::warning(&code::UNKNOWN_ENVIRONMENT, format!("`{}` is not `{near}`, which this branch is", name.value));
                let fault =
                    fault.at(name.span, "").at_if(policy.platform.environment.as_ref().map(|this| this.span), "the platform's word");
                sink.push(fault.help(format!("write `{near}`, or have the platform list its `environments:`")));
            }
            continue;
        };
        if known.iter().any(|known| known.value == name.value) {
            continue;
        }
        let names = || known.iter().map(|known| known.value.as_str()).chain([this]);
        let fault = Diagnostic::error(&code::UNKNOWN_ENVIRONMENT, title()).at(name.span, "");
        let fault = fault.at_if(known.first().map(|first| first.span), "those that it has");
        sink.push(fault.help(match suggest(&name.value, names()) {
            Some(near) => format!("write `{near}`"),
            None => format!("write one of {}", quoted_list(names())),
        }));
    }
}
