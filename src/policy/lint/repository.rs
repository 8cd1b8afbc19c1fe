//! One repository that publishes for several teams: who may push to it speaks for all of them.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TeamName;
use crate::source::Span;
use crate::spec::Grant;

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    let mut first: BTreeMap<u64, (&TeamName, Span)> = BTreeMap::new();
    for grant in grants {
        let team = &grant.team.value;
        for repository in grant.repositories.iter().flatten() {
            let (other, place) = *first.entry(repository.id.value).or_insert((team, repository.id.span));
            if other != team {
                // A warning: one repository for several teams is a way to work, and its own review then keeps them apart.
                let title = format!("repository `{}` publishes for teams `{other}` and `{team}`", repository.name.value);
                let fault = Diagnostic::warning(&code::REPOSITORY_SHARED, title)
                    .at(repository.id.span, "whoever may push to it changes both teams' files")
                    .at(place, format!("team `{other}`"));
                sink.push(fault.help("give each team a repository of its own, or have that repository's code owners keep them apart"));
            }
        }
    }
}
