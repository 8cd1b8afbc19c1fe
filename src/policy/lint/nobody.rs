//! A grant that lets nobody do anything.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::Grant;

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    for grant in grants {
        let Grant { team, repositories, members, .. } = grant;
        if repositories.as_ref().is_none_or(Vec::is_empty) && members.as_ref().is_none_or(Vec::is_empty) {
            let fault = Diagnostic::warning(&code::NOBODY, format!("nobody may publish for team `{}`", team.value));
            let fault = fault.at(team.span, "it has neither `repositories` nor `members`");
            sink.push(
                fault.help(format!("add `repositories: [{{ id: 1001, name: acme/{0}, source: {0} }}]`, or delete the file", team.value)),
            );
        }
    }
}
