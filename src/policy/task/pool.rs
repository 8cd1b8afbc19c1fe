//! Pools that the team's grant names.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::policy::names::DEFAULT_POOL;

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(granted) = &case.policy.grant.pools else { return };
    let Some(pool) = case.strongest(|settings| settings.pool.as_ref()) else { return };
    if pool.value == DEFAULT_POOL || granted.iter().any(|name| name.value == pool.value) {
        return;
    }
    let title = format!("team `{}` may not use pool `{}`", case.policy.team(), pool.value);
    let fault = Diagnostic::error(&code::POOL_NOT_GRANTED, title).at(pool.span, "");
    let fault = fault.at(granted.first().map_or(case.policy.grant.span, |first| first.span), "what the team may use");
    let names = granted.iter().map(|name| name.value.as_str()).chain([DEFAULT_POOL]);
    sink.push(fault.help(format!("write one of {}, or leave `pool` out", quoted_list(names))));
}
