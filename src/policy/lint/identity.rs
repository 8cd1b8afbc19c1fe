//! A number under two names, or a name under two numbers: one of the lines lets a repository in that nobody meant.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::{Grant, Repository};

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    let mut by_number: BTreeMap<u64, &Repository> = BTreeMap::new();
    let mut by_name: BTreeMap<String, &Repository> = BTreeMap::new();
    for repository in grants.iter().flat_map(|grant| grant.repositories.iter().flatten()) {
        let Repository { id, name, .. } = repository;
        let other = *by_number.entry(id.value).or_insert(repository);
        // Git hosts take names that differ by case for one.
        if !other.name.value.eq_ignore_ascii_case(&name.value) {
            let title = format!("repository {} is called `{}` and `{}`", id.value, other.name.value, name.value);
            let fault = Diagnostic::error(&code::REPOSITORY_IDENTITY, title).at(id.span, "the number decides, whatever the name says");
            let help = format!("look the number up: `gh api repos/{} --jq .id`", name.value);
            sink.push(fault.at(other.id.span, "the same number").help(help));
            continue;
        }
        let other = *by_name.entry(name.value.to_ascii_lowercase()).or_insert(repository);
        if other.id.value != id.value {
            let title = format!("repository `{}` has the numbers {} and {}", name.value, other.id.value, id.value);
            let fault = Diagnostic::error(&code::REPOSITORY_IDENTITY, title).at(id.span, "one of them is another repository's");
            let help = format!("look the number up: `gh api repos/{} --jq .id`", name.value);
            sink.push(fault.at(other.id.span, "the other one").help(help));
        }
    }
}
