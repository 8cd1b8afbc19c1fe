//! Ceilings: how much a container, and a pod, may ask for.

use std::collections::BTreeMap;

use super::{TaskCase, literal};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{self, amount};
use crate::source::{Span, Spanned};
use crate::spec::{Quantity, Table};

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(ceilings) = &case.policy.platform.ceilings else { return };
    for container in case.containers() {
        let name = literal(container, "name").unwrap_or_default();
        for (resource, ceiling) in ceilings.container.iter().flat_map(Table::iter) {
            judge(case, &format!("container `{name}`"), &resource.value, asked(container, &resource.value), ceiling, sink);
        }
    }
    let Some(spec) = case.pod().and_then(|pod| pod.get("spec")) else { return };
    for (resource, ceiling) in ceilings.pod.iter().flat_map(Table::iter) {
        judge(case, "the pod", &resource.value, asked_together(spec, &resource.value), ceiling, sink);
    }
}

/// What a container may use of a resource: its limit, or its request where there is none.
enum Asked {
    /// An amount, and how it was written when one container alone asks for it.
    Amount(f64, Option<String>),
    /// Without a limit and a request it takes what there is.
    Everything,
}

/// Resources of which a container without a limit takes what there is. Of any other, such as a GPU, it gets none.
const SHARED: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn asked(container: &ir::Value, resource: &str) -> Asked {
    let resources = container.get("resources");
    let of = |kind: &str| resources?.get(kind).and_then(|amounts| literal(amounts, resource));
    // A request above its limit is told elsewhere, but not when the platform's own overlay has it.
    let written = [of("limits"), of("requests")].into_iter().flatten().find_map(|text| Some((amount(text)?, text)));
    match written {
        Some((amount, text)) => Asked::Amount(amount, Some(text.to_owned())),
        None if SHARED.contains(&resource) => Asked::Everything,
        None => Asked::Amount(0.0, None),
    }
}

/// What a pod needs at once, as Kubernetes reckons it: its containers and sidecars together, or one init container with the sidecars
/// started before it, whichever is more.
fn asked_together(spec: &ir::Value, resource: &str) -> Asked {
    let (mut sidecars, mut most) = (0.0, 0.0_f64);
    for container in spec.get("initContainers").map(ir::Value::items).unwrap_or_default() {
        let Asked::Amount(amount, _) = asked(container, resource) else { return Asked::Everything };
        most = most.max(sidecars + amount);
        if literal(container, "restartPolicy") == Some("Always") {
            sidecars += amount;
        }
    }
    let mut together = sidecars;
    for container in spec.get("containers").map(ir::Value::items).unwrap_or_default() {
        let Asked::Amount(amount, _) = asked(container, resource) else { return Asked::Everything };
        together += amount;
    }
    Asked::Amount(most.max(together), None)
}

fn judge(case: &TaskCase<'_>, who: &str, resource: &str, asked: Asked, ceiling: &Spanned<Quantity>, sink: &mut Sink) {
    let Some(most) = amount(&ceiling.value.0) else { return };
    let allowed = &ceiling.value.0;
    let fault = match asked {
        Asked::Amount(amount, _) if amount <= most => return,
        Asked::Amount(_, Some(text)) => {
            let title = format!("{who} asks for `{text}` of {resource}, and the platform allows `{allowed}`");
            Diagnostic::error(&code::CEILING, title).at(place(case, resource), "").help(format!("write at most `{allowed}`"))
        }
        Asked::Amount(amount, None) => {
            let title = format!("{who} asks for {} of {resource} altogether, and the platform allows `{allowed}`", shown(amount, resource));
            Diagnostic::error(&code::CEILING, title).at(place(case, resource), "").help("let some of its containers ask for less")
        }
        Asked::Everything => {
            let title = format!("{who} of task `{}` may take any amount of {resource}", case.name.value);
            let fault = Diagnostic::error(&code::CEILING, title).at(case.name.span, "no layer says how much it needs");
            // The short form is that of the task's own container.
            let whose = if who == "container `base`" { "" } else { " to each of its containers, in `pod:`" };
            fault.help(format!("add `resources: {{ limits: {{ {resource}: {allowed} }} }}`{whose}, or less"))
        }
    };
    sink.push(fault.at(ceiling.span, "the platform's ceiling"));
}

/// An amount as a person writes it.
fn shown(amount: f64, resource: &str) -> String {
    let units = BTreeMap::from([("Gi", 1_073_741_824.0), ("Mi", 1_048_576.0)]);
    let fitting = units.into_iter().find(|(_, size)| resource != "cpu" && amount >= *size);
    fitting.map_or_else(|| format!("`{amount}`"), |(unit, size)| format!("`{}{unit}`", (amount / size * 10.0).round() / 10.0))
}

/// Where the strongest layer says how much.
fn place(case: &TaskCase<'_>, resource: &str) -> Span {
    let short = case.strongest(|settings| {
        let resources = settings.resources.as_ref()?;
        let of = |amounts: &Option<Table<String, Spanned<Quantity>>>| Some(amounts.as_ref()?.get(resource)?.span);
        of(&resources.limits).or_else(|| of(&resources.requests))
    });
    short.unwrap_or_else(|| case.place_of_key(resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_units_that_people_write() {
        assert_eq!(shown(3.5, "cpu"), "`3.5`");
        assert_eq!(shown(161_061_273_600.0, "memory"), "`150Gi`");
        assert_eq!(shown(4.0, "nvidia.com/gpu"), "`4`");
    }
}
