//! An account that lands what waits and has rights of its own besides: the machine that runs it holds the key to all of them.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::{Span, Spanned};
use crate::spec::{Grant, Platform};

/// Places that one finding points at; the title says how many there are.
const SHOWN: usize = 5;

pub(super) fn check(platform: &Platform, grants: &[Grant], sink: &mut Sink) {
    for account in platform.integrators.iter().flatten() {
        let is_it = |name: &&Spanned<String>| name.value == account.value;
        let members = grants.iter().flat_map(|grant| grant.members.iter().flatten().filter(is_it).map(move |member| (grant, member.span)));
        let mut rights: Vec<(String, Span)> =
            members.map(|(grant, span)| (format!("a member of team `{}`", grant.team.value), span)).collect();
        let administrators = platform.administrators.iter().flatten().filter(is_it);
        rights.extend(administrators.map(|name| ("an administrator of the platform".to_owned(), name.span)));
        let editors = platform.unmanaged.iter().flatten().flat_map(|unmanaged| unmanaged.editors.iter().flatten()).filter(is_it);
        rights.extend(editors.map(|name| ("an editor of hand-written files".to_owned(), name.span)));
        let Some((first, _)) = rights.first() else { continue };
        let more = if rights.len() == 1 { String::new() } else { format!(", and has {} more rights", rights.len() - 1) };
        let title = format!("`{}` lands what waits and is {first}{more}", account.value);
        let mut fault = Diagnostic::warning(&code::INTEGRATOR_WITH_RIGHTS, title);
        for (right, span) in rights.iter().take(SHOWN) {
            fault = fault.at(*span, right.clone());
        }
        let fault = fault.at(account.span, "to land what waits, this line is enough");
        sink.push(fault.help("take the account out of the other lists; let people have accounts of their own"));
    }
}
