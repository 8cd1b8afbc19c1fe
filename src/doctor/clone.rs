//! A repository that lacks commits or files, or a git that lacks commands: judging there fails or takes the network.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};

/// The first git with `merge-tree --write-tree`, which makes the tree that landing would make.
const OLDEST: (u32, u32) = (2, 38);

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    let surroundings = case.surroundings;
    let place = if surroundings.is_bare { "shallow" } else { ".git/shallow" };
    if surroundings.is_shallow {
        let fault = Diagnostic::warning(&code::INCOMPLETE_CLONE, "older commits are missing in this repository");
        let fault = fault.at_file(place, "a change whose history is not here cannot be judged");
        sink.push(fault.help("git fetch --unshallow; in GitHub's checkout: `fetch-depth: 0`"));
    }
    let is_promisor = |key: &str| key.starts_with("remote.") && key.ends_with(".promisor");
    let partial = surroundings.own().find(|setting| setting.key == "extensions.partialclone" || is_promisor(&setting.key));
    if let Some(setting) = partial {
        let config = if surroundings.is_bare { "config" } else { ".git/config" };
        let fault = Diagnostic::warning(&code::INCOMPLETE_CLONE, "files are missing in this repository");
        let fault =
            fault.at_file(config, format!("`{}`: they would be fetched one by one, and judging does not use the network", setting.key));
        sink.push(fault.help("clone it anew, without `--filter`"));
    }
    if let Some((major, minor)) = surroundings.git_version.filter(|version| *version < OLDEST) {
        let fault = Diagnostic::error(&code::INCOMPLETE_CLONE, format!("git {major}.{minor} cannot judge a pull request"));
        sink.push(fault.help(format!("install git {}.{} or newer", OLDEST.0, OLDEST.1)));
    }
}
