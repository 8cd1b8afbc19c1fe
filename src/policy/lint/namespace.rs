//! Two teams in one Kubernetes namespace: their objects, secrets and service accounts are each other's.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::Grant;

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    let mut first: BTreeMap<&str, (&Grant, Span)> = BTreeMap::new();
    for grant in grants {
        let team = &grant.team.value;
        let written = grant.kubernetes_namespace.as_ref();
        let (namespace, span) = written.map_or((team.as_str(), grant.team.span), |name| (name.value.0.as_str(), name.span));
        let (other, place) = *first.entry(namespace).or_insert((grant, span));
        if other.team.value != *team {
            // A warning: DAG ids stay apart by their team, and a company's first Airflow often has one namespace for all.
            let title = format!("teams `{}` and `{team}` run in one Kubernetes namespace, `{namespace}`", other.team.value);
            let text = |grant: &Grant| match grant.kubernetes_namespace {
                Some(_) => String::new(),
                None => "without `kubernetes_namespace` it is the team's name".to_owned(),
            };
            let fault = Diagnostic::warning(&code::NAMESPACE_SHARED, title).at(span, text(grant)).at(place, text(other));
            sink.push(fault.help("give each team its own: pods can read every secret that their namespace holds"));
        }
    }
}
