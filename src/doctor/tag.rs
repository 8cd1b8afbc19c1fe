//! A tag that is called like the protected branch.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    if case.has_tag {
        let branch = case.branch;
        let fault = Diagnostic::warning(&code::TAG_LIKE_BRANCH, format!("a tag is called `{branch}`, like the protected branch"));
        let fault =
            fault.at_file(format!("refs/tags/{branch}"), format!("git takes `{branch}` for the tag, wherever a script says only that"));
        sink.push(fault.help(format!("git push origin :refs/tags/{branch}; git tag --delete {branch}")));
    }
}
