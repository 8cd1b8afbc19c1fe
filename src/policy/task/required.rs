//! Settings that every task must have.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::TaskWord;

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let words = case.policy.platform.require.as_ref().and_then(|required| required.tasks.as_ref());
    for word in words.into_iter().flatten() {
        let is_there = match word.value {
            TaskWord::Description => case.written.description.is_some(),
            TaskWord::Retries => case.strongest(|settings| settings.retries.as_ref()).is_some(),
            TaskWord::Pool => case.strongest(|settings| settings.pool.as_ref()).is_some(),
            // What only a pod has is not asked of a task that runs none.
            _ if case.pod().is_none() => true,
            TaskWord::ExecutionTimeout => case.strongest(|settings| settings.execution_timeout.as_ref()).is_some(),
            TaskWord::StartupTimeout => case.strongest(|settings| settings.startup_timeout.as_ref()).is_some(),
            TaskWord::Profile => case.strongest(|settings| settings.profile.as_ref()).is_some(),
        };
        if !is_there {
            let key = word.value.as_str();
            let fault = Diagnostic::error(&code::REQUIRED, format!("task `{}` has no `{key}`", case.name.value)).at(case.name.span, "");
            let fault = fault.at(word.span, "the platform requires it");
            sink.push(match word.value {
                TaskWord::Description => fault.help("add `description:` with what it does, in a sentence"),
                TaskWord::Retries | TaskWord::Pool | TaskWord::ExecutionTimeout | TaskWord::StartupTimeout | TaskWord::Profile => {
                    fault.help(format!("add `{key}:` to the task, or to `defaults:` for all tasks"))
                }
            });
        }
    }
}
