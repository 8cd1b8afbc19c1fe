//! One DAG id for two workflows: Airflow would show whichever of them it read last.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::{DagId, WorkflowName};
use crate::source::{Span, Spanned};
use crate::spec::{Grant, Table};

/// Looks at grants together; those of one grant are told when it is read, and it is not looked at with others then.
pub(crate) fn check(grants: &[Grant], sink: &mut Sink) {
    // Some databases, and the file systems of macOS and Windows, take letters of both cases for one.
    let mut first: BTreeMap<String, (String, Span)> = BTreeMap::new();
    for grant in grants {
        for (workflow, id) in given(grant) {
            let holder = format!("{}/{workflow}", grant.team.value);
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

/// The ids that a grant gives, each with its workflow: to one that is compiled, or to a hand-written file.
fn given(grant: &Grant) -> impl Iterator<Item = (&WorkflowName, &Spanned<DagId>)> {
    let compiled = grant.dag_ids.iter().flat_map(Table::iter).map(|(workflow, id)| (&workflow.value, id));
    let adopted = grant.adopt.iter().flat_map(Table::iter);
    compiled.chain(adopted.flat_map(|(workflow, adoption)| adoption.dag_ids.iter().map(|id| (&workflow.value, id))))
}
