//! An account that speaks for very many teams: one lost token, and all of them are open.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::Grant;

/// Teams that one account may be a member of without a word: a person works in a few.
const MANY: usize = 5;
/// Places that one finding points at; the title says how many there are.
const SHOWN: usize = 5;

pub(super) fn check(grants: &[Grant], sink: &mut Sink) {
    let mut teams: BTreeMap<&str, Vec<(&str, Span)>> = BTreeMap::new();
    for grant in grants {
        for member in grant.members.iter().flatten() {
            let of = teams.entry(&member.value).or_default();
            if of.last().is_none_or(|(team, _)| *team != grant.team.value.as_str()) {
                of.push((grant.team.value.as_str(), member.span));
            }
        }
    }
    for (account, of) in teams.into_iter().filter(|(_, of)| of.len() > MANY) {
        let mut fault = Diagnostic::warning(&code::ACCOUNT_OF_MANY, format!("`{account}` speaks for {} teams", of.len()));
        for (team, span) in of.iter().take(SHOWN) {
            fault = fault.at(*span, format!("team `{team}`"));
        }
        sink.push(fault.help("list it in its own team; the platform's people ask as the platform, and need no membership"));
    }
}
