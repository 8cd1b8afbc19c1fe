//! Hand-written files that the platform leaves to others: never in a team's folder, and their DAG ids are nobody's else.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::{Grant, Platform, Table, Unmanaged, UnmanagedPaths};

/// Tells what is wrong with them by themselves.
pub(crate) fn check_alone(platform: &Platform, sink: &mut Sink) {
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    for id in platform.unmanaged.iter().flatten().flat_map(|unmanaged| unmanaged.dag_ids.iter().flatten()) {
        let place = *first.entry(id.value.folded()).or_insert(id.span);
        if place != id.span {
            let fault = Diagnostic::error(&code::UNMANAGED_DAG_ID, format!("the DAG id `{}` is in `unmanaged` twice", id.value));
            let fault = fault.at(id.span, "letters of both cases count as one").at(place, "it is here already");
            sink.push(fault.help("delete one of the two; two files with one DAG id hide each other in Airflow"));
        }
    }
}

/// Tells where they and grants clash.
pub(crate) fn check(platform: &Platform, grants: &[Grant], sink: &mut Sink) {
    for Unmanaged { paths, editors: _, dag_ids, span: _ } in platform.unmanaged.iter().flatten() {
        for path in paths {
            let UnmanagedPaths(pattern) = &path.value;
            let Some(folder) = pattern.dags_folder() else { continue };
            for grant in grants.iter().filter(|grant| grant.team.value.as_str() == folder) {
                let fault = Diagnostic::error(&code::UNMANAGED_PATHS, format!("`{pattern}` is in the folder of team `{folder}`"));
                let fault = fault.at(path.span, "nobody could be kept from changing the team's files");
                let fault = fault.at(grant.team.span, format!("it owns `dags/{folder}/`"));
                sink.push(fault.help("move the hand-written files to a folder that is no team's first, or have the team adopt them"));
            }
        }
        let known: BTreeMap<String, Span> = dag_ids.iter().flatten().map(|id| (id.value.folded(), id.span)).collect();
        for (workflow, id) in grants.iter().flat_map(|grant| grant.dag_ids.iter().flat_map(Table::iter)) {
            let Some(place) = known.get(&id.value.folded()) else { continue };
            let title = format!("`{}` would get the DAG id `{}` of a hand-written file", workflow.value, id.value);
            let fault =
                Diagnostic::error(&code::UNMANAGED_DAG_ID, title).at(id.span, "granted here").at(*place, "a file that is there has it");
            sink.push(fault.help("have the team adopt the file, or delete the file and then its id from `unmanaged`"));
        }
    }
}
