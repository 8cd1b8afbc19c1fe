//! What the platform gives to every pod stays as it gave it.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::{Settings, Table};

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(enforced) = &case.policy.platform.enforce else { return };
    let ours = case.policy.platform.span.source;
    let theirs = || case.layers.iter().copied();
    for (key, _) in enforced.env.iter().flat_map(Table::iter) {
        let name = crate::spec::Key::as_key(&key.value);
        let places = theirs().filter_map(|settings| variable(settings, name)).filter(|place| place.source != ours);
        places.for_each(|place| sink.push(fault("environment variable", name, place, key.span)));
    }
    for (key, _) in enforced.labels.iter().flat_map(Table::iter) {
        let written = theirs().filter_map(|settings| Some(settings.labels.as_ref()?.entry(&key.value)?.0.span));
        written.filter(|place| place.source != ours).for_each(|place| sink.push(fault("label", &key.value, place, key.span)));
    }
    for (key, _) in enforced.annotations.iter().flat_map(Table::iter) {
        let written = theirs().filter_map(|settings| Some(settings.annotations.as_ref()?.entry(&key.value)?.0.span));
        written.filter(|place| place.source != ours).for_each(|place| sink.push(fault("annotation", &key.value, place, key.span)));
    }
}

fn fault(what: &str, key: &str, place: Span, ours: Span) -> Diagnostic {
    let title = format!("the {what} `{key}` is the platform's");
    Diagnostic::error(&code::ENFORCED, title).at(place, "").at(ours, "what every pod gets").help("delete it, or choose another name")
}

/// Where settings write an environment variable, in either way.
fn variable(settings: &Settings, name: &str) -> Option<Span> {
    let short = settings.env.as_ref().and_then(|env| env.entry(name)).map(|(key, _)| key.span);
    short.or_else(|| {
        let pod = &settings.pod.as_ref()?.node;
        let containers = ["initContainers", "containers"].into_iter().filter_map(|list| pod.get(list));
        containers
            .flat_map(|list| list.items())
            .find_map(|container| container.get("env")?.items().iter().find_map(|variable| variable.get("name")?.place_of_text(name)))
    })
}
