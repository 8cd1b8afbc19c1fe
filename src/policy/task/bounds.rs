//! Bounds: between what retries and timeouts must lie.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::policy::bound::{self, Side};
use crate::source::{Span, Spanned};
use crate::spec::{CountBounds, Settings, TimeBounds, Timespan};

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(bounds) = &case.policy.platform.bounds else { return };
    if let Some(CountBounds { minimum, maximum, span }) = &bounds.retries {
        match case.strongest(|settings| settings.retries.as_ref()) {
            Some(written) => {
                let sides = [(Side::Least, minimum), (Side::Most, maximum)];
                bound::check("retries", &u32::from(written.value), written.span, sides, sink);
            }
            None => sink.push(missing(case, "retries", "1", *span)),
        }
    }
    if case.pod().is_some() {
        check_time(case, "execution_timeout", bounds.execution_timeout.as_ref(), |settings| settings.execution_timeout.as_ref(), sink);
        check_time(case, "startup_timeout", bounds.startup_timeout.as_ref(), |settings| settings.startup_timeout.as_ref(), sink);
    }
}

fn check_time<'a>(
    case: &TaskCase<'a>,
    setting: &str,
    bounds: Option<&TimeBounds>,
    field: impl Fn(&'a Settings) -> Option<&'a Spanned<Timespan>>,
    sink: &mut Sink,
) {
    let Some(TimeBounds { minimum, maximum, span }) = bounds else { return };
    match case.strongest(field) {
        Some(written) => bound::check(setting, &written.value, written.span, [(Side::Least, minimum), (Side::Most, maximum)], sink),
        None => {
            let example = maximum.as_ref().or(minimum.as_ref()).map_or_else(|| "1h".to_owned(), |bound| bound.value.to_string());
            sink.push(missing(case, setting, &example, *span));
        }
    }
}

fn missing(case: &TaskCase<'_>, setting: &str, example: &str, bound: Span) -> Diagnostic {
    let title = format!("task `{}` has no `{setting}`, and the platform bounds it", case.name.value);
    let fault = Diagnostic::error(&code::REQUIRED, title).at(case.name.span, "").at(bound, "the platform's bounds");
    fault.help(format!("add `{setting}: {example}` to the task, or to `defaults:` for all tasks"))
}
