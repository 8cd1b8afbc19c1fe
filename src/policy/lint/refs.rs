//! Refs that everybody may make: then a branch that nobody reviewed publishes.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::matches_glob;
use crate::spec::Grant;

/// Refs that no protection covers, and what each stands for.
const OPEN: [(&str, &str); 3] = [
    ("refs/pull/7/merge", "any pull request, also a stranger's, may publish"),
    ("refs/heads/any-name-that-nobody-protects", "any branch may publish, and anybody with write access makes one"),
    ("refs/tags/any-name-that-nobody-protects", "any tag may publish, and anybody with write access makes one"),
];

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    let repositories = grants.iter().flat_map(|grant| grant.repositories.iter().flatten().map(move |each| (&grant.team.value, each)));
    for (team, repository) in repositories {
        for pattern in repository.refs.iter().flatten() {
            let Some((_, why)) = OPEN.iter().find(|(name, _)| matches_glob(&pattern.value.0, name)) else { continue };
            let title =
                format!("`{}` may publish to `{team}/{}` from `{}`", repository.name.value, repository.source.value, pattern.value.0);
            let fault = Diagnostic::warning(&code::OPEN_REFS, title).at(pattern.span, *why);
            sink.push(fault.help("name the protected branch: `refs: [refs/heads/main]`"));
        }
    }
}
