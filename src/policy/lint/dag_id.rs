//! One DAG id for two workflows: Airflow would show whichever of them it read last.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::Grant;

/// Looks at grants together; those of one grant are told when it is read, and it is not looked at with others then.
pub(crate) fn check(grants: &[Grant], sink: &mut Sink) {
    // Some databases, and the file systems of macOS and Windows, take letters of both cases for one.
    let mut first: BTreeMap<String, (String, Span)> = BTreeMap::new();
    for grant in grants {
        for (workflow, id) in grant.dag_ids.iter().flat_map(|ids| ids.iter()) {
            let holder = format!("{}/{}", grant.team.value, workflow.value);
            let (other, place) = first.entry(id.value.folded()).or_insert_with(|| (holder.clone(), id.span));
            if *place != id.span {
                let fault =
                    Diagnostic::error(&code::DAG_ID_TWICE, format!("`{other}` and `{holder}` are both given the DAG id `{}`", id.value));
                let fault = fault.at(id.span, format!("for `{holder}`")).at(*place, format!("for `{other}`"));
                sink.push(fault.help("delete the line of the one that gives the id up"));
            }
        }
    }
}
