//! Two repositories that publish to one source: whichever comes last deletes what the other has.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::{Grant, Repository};

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    for grant in grants {
        let mut first: BTreeMap<&str, &Repository> = BTreeMap::new();
        for repository in grant.repositories.iter().flatten() {
            let Repository { id, name, source, .. } = repository;
            let team = &grant.team.value;
            let other = *first.entry(source.value.as_str()).or_insert(repository);
            if other.id.value != id.value {
                let title = format!("`{}` and `{}` both publish to `{team}/{}`", other.name.value, name.value, source.value);
                let fault = Diagnostic::error(&code::SOURCE_BOUND_TWICE, title)
                    .at(source.span, "each publish would delete what the other one left")
                    .at(other.source.span, "bound here first");
                sink.push(fault.help("give each repository a source of its own, or delete the line of the one that is no longer used"));
            }
        }
    }
}
