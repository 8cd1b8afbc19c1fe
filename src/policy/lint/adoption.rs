//! Hand-written files that cannot be adopted as they are granted: two would take one file, or it is another team's.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::{TeamName, WorkflowName};
use crate::source::{Span, Spanned};
use crate::spec::{Adoption, Grant, HandWritten, Table};

/// Looks at grants together; those of one grant are told when it is read.
pub(crate) fn check(grants: &[Grant], sink: &mut Sink) {
    // Paths that differ by case only are one file to some file systems.
    let mut first: BTreeMap<String, (String, Span)> = BTreeMap::new();
    let teams: BTreeMap<&str, Span> = grants.iter().map(|grant| (grant.team.value.as_str(), grant.team.span)).collect();
    for (team, workflow, file) in grants.iter().flat_map(files) {
        let HandWritten(path) = &file.value;
        let taker = format!("{team}/{}", workflow.value);
        let (other, place) = first.entry(path.folded()).or_insert_with(|| (taker.clone(), file.span));
        if *place != file.span {
            let fault = Diagnostic::error(&code::ADOPTION, format!("`{other}` and `{taker}` would both adopt `{path}`"));
            let fault = fault.at(file.span, format!("for `{taker}`")).at(*place, format!("for `{other}`"));
            sink.push(fault.help("delete one of the two; a file that holds DAGs of two teams has to be divided first"));
        }
        let owner = path.folded().split('/').nth(1).and_then(|folder| teams.get_key_value(folder).map(|(name, span)| (*name, *span)));
        if let Some((owner, place)) = owner.filter(|(owner, _)| *owner != team.as_str()) {
            let fault = Diagnostic::error(&code::ADOPTION, format!("`{path}` is in the folder of team `{owner}`"));
            let fault = fault.at(file.span, format!("granted to team `{team}`")).at(place, "this team owns `dags/` of its name");
            sink.push(fault.help(format!("have team `{owner}` adopt it, and give it by `freehold transfer`")));
        }
    }
}

/// Tells what is wrong with the adoptions of one grant.
pub(crate) fn check_alone(grant: &Grant, sink: &mut Sink) {
    check(std::slice::from_ref(grant), sink);
    let compiled: BTreeMap<&WorkflowName, Span> =
        grant.dag_ids.iter().flat_map(Table::iter).map(|(workflow, _)| (&workflow.value, workflow.span)).collect();
    for (workflow, Adoption { file: _, sha256: _, dag_ids, span: _ }) in grant.adopt.iter().flat_map(Table::iter) {
        if dag_ids.is_empty() {
            let title = format!("the file that becomes `{}` would have no DAG", workflow.value);
            let fault = Diagnostic::error(&code::ADOPTION, title).at(workflow.span, "its `dag_ids` is empty");
            sink.push(fault.help("list the ids of all DAGs in it; a file without any, which others import, stays where it is"));
        }
        if let Some(other) = compiled.get(&workflow.value) {
            let fault = Diagnostic::error(&code::ADOPTION, format!("`{}` has its DAG ids in two places", workflow.value));
            let fault = fault.at(workflow.span, "those of the adopted file").at(*other, "and here");
            sink.push(fault.help("delete the line in the grant's own `dag_ids`"));
        }
    }
}

fn files(grant: &Grant) -> impl Iterator<Item = (&TeamName, &Spanned<WorkflowName>, &Spanned<HandWritten>)> {
    let adoptions = grant.adopt.iter().flat_map(Table::iter);
    adoptions.filter_map(|(workflow, adoption)| Some((&grant.team.value, workflow, adoption.file.as_ref()?)))
}
