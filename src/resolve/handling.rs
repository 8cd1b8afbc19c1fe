//! How the target deals with a task's pod, from all layers.

use super::container::literal;
use super::layers::Layers;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::ir::{Handling, LoggedContainers, Value};
use crate::source::Spanned;
use crate::spec::{self, ExitCodes};

/// The handling of a pod that is otherwise complete; containers that it does not have are told.
pub(super) fn resolve_handling(layers: &Layers<'_>, pod: &Value, sink: &mut Sink) -> Handling {
    let flag = |pick: fn(&spec::PodSettings) -> Option<&Spanned<bool>>| layers.last(|settings| pick(&settings.pods)).map(|flag| flag.value);
    let exit_codes = layers.last(|settings| settings.pods.skip_on_exit_code.as_ref());
    let mut logged = |pick: fn(&spec::PodSettings) -> Option<&Spanned<spec::LoggedContainers>>, key| {
        layers.last(|settings| pick(&settings.pods)).and_then(|logged| resolve_logged(logged, pod, key, sink))
    };
    Handling {
        container_logs: logged(|pods| pods.container_logs.as_ref(), "containers"),
        init_container_logs: logged(|pods| pods.init_container_logs.as_ref(), "initContainers"),
        deferrable: flag(|pods| pods.deferrable.as_ref()),
        on_finish_action: layers.last(|settings| settings.pods.on_finish_action.as_ref()).map(|action| action.value),
        skip_on_exit_code: exit_codes.map(|Spanned { value: ExitCodes(codes), span: _ }| codes.clone()).unwrap_or_default(),
        get_logs: flag(|pods| pods.get_logs.as_ref()),
        log_events_on_failure: flag(|pods| pods.log_events_on_failure.as_ref()),
        log_pod_spec_on_failure: flag(|pods| pods.log_pod_spec_on_failure.as_ref()),
    }
}

/// The containers below `key` whose output is wanted; `None` when it is left to the target.
fn resolve_logged(logged: &Spanned<spec::LoggedContainers>, pod: &Value, key: &str, sink: &mut Sink) -> Option<LoggedContainers> {
    let names = match &logged.value {
        spec::LoggedContainers::All(all) => return all.then_some(LoggedContainers::All),
        spec::LoggedContainers::Named(names) => names,
    };
    let containers = pod.get("spec").and_then(|spec| spec.get(key)).map(Value::items).unwrap_or_default();
    let known: Vec<&str> = containers.iter().filter_map(|container| literal(container, "name")).collect();
    let kind = if key == "containers" { "container" } else { "init container" };
    for name in names.iter().filter(|name| !known.contains(&name.value.as_str())) {
        let fault = Diagnostic::error(&code::UNKNOWN_CONTAINER, format!("the pod has no {kind} `{}`", name.value));
        let fault = fault.at(name.span, "");
        sink.push(match suggest(&name.value, known.iter().copied()) {
            Some(near) => fault.help(format!("write `{near}`")),
            None if known.is_empty() => fault.help(format!("delete it, or add the container to `pod: {{ {key}: [...] }}`")),
            None => fault.help(format!("write one of {}", quoted_list(known.iter().copied()))),
        });
    }
    Some(LoggedContainers::Named(names.iter().map(|name| name.value.clone()).collect()))
}
