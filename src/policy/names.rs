//! Names that the platform defines: profiles, pools and notifiers.

use super::Policy;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::ProfileName;
use crate::source::Spanned;
use crate::spec::{Notifier, Settings};

/// The pool that every Airflow has.
pub(super) const DEFAULT_POOL: &str = "default_pool";

/// The settings of a profile; tells when there is none of that name, or the team may not use it.
pub fn check_profile<'a>(name: &Spanned<ProfileName>, policy: &Policy<'a>, sink: &mut Sink) -> Option<&'a Settings> {
    let defined = policy.platform.profiles.as_ref();
    let found = defined.and_then(|profiles| profiles.get(name.value.as_str()));
    let Some(settings) = found else {
        if policy.is_assumed {
            return None;
        }
        let fault = Diagnostic::error(&code::UNKNOWN_PROFILE, format!("the platform has no profile `{}`", name.value)).at(name.span, "");
        sink.push(fault.help(help_for_profile(name.value.as_str(), policy)));
        return None;
    };
    if let Some(granted) = &policy.grant.profiles
        && !granted.iter().any(|profile| profile.value == name.value)
    {
        let team = policy.team();
        let fault =
            Diagnostic::error(&code::PROFILE_NOT_GRANTED, format!("team `{team}` may not use profile `{}`", name.value)).at(name.span, "");
        let fault = match granted.first() {
            Some(first) => fault.at(first.span, "what the team may use"),
            None => fault,
        };
        let granted: Vec<&str> = granted.iter().map(|profile| profile.value.as_str()).collect();
        sink.push(fault.help(if granted.is_empty() {
            none_granted(policy)
        } else {
            near_or_all(name.value.as_str(), &granted, "profile")
        }));
    }
    Some(settings)
}

/// What to type instead of a profile that is none. The one that was meant may be one that the team may not use.
fn help_for_profile(name: &str, policy: &Policy<'_>) -> String {
    let defined: Vec<&str> = policy.platform.profiles.iter().flat_map(|profiles| profiles.keys()).collect();
    let Some(granted) = &policy.grant.profiles else { return near_or_all(name, &defined, "profile") };
    let usable: Vec<&str> = granted.iter().map(|profile| profile.value.as_str()).filter(|profile| defined.contains(profile)).collect();
    let meant = suggest(name, defined).filter(|near| !usable.contains(near));
    match (meant, usable.as_slice()) {
        (None, [_, ..]) => near_or_all(name, &usable, "profile"),
        (None, []) => none_granted(policy),
        (Some(meant), []) => format!("`{meant}` is not granted to team `{}`: ask the platform's people for it", policy.team()),
        (Some(meant), [_, ..]) => {
            let usable = quoted_list(usable);
            format!("write one of {usable}; `{meant}` is not granted to team `{}`", policy.team())
        }
    }
}

fn none_granted(policy: &Policy<'_>) -> String {
    format!("ask the platform's people for a profile: team `{}` may use none", policy.team())
}

/// Tells when there is no such pool: Airflow would take the task and never start it.
pub fn check_pool(name: &Spanned<String>, policy: &Policy<'_>, sink: &mut Sink) {
    let mut known: Vec<&str> = policy.platform.pools.iter().flat_map(|pools| pools.keys()).collect();
    if !known.contains(&DEFAULT_POOL) {
        known.push(DEFAULT_POOL);
    }
    if !policy.is_assumed && !known.contains(&name.value.as_str()) {
        let fault = Diagnostic::error(&code::UNKNOWN_POOL, format!("the platform has no pool `{}`", name.value))
            .at(name.span, "Airflow would never start the task");
        sink.push(fault.help(near_or_all(&name.value, &known, "pool")));
    }
}

/// A notifier; tells when there is none of that name.
pub fn check_notifier<'a>(name: &Spanned<String>, policy: &Policy<'a>, sink: &mut Sink) -> Option<&'a Notifier> {
    let defined = policy.platform.notifiers.as_ref();
    let found = defined.and_then(|notifiers| notifiers.get(&name.value));
    if found.is_none() && !policy.is_assumed {
        let known: Vec<&str> = defined.into_iter().flat_map(|notifiers| notifiers.keys()).collect();
        let fault = Diagnostic::error(&code::UNKNOWN_NOTIFIER, format!("the platform has no notifier `{}`", name.value)).at(name.span, "");
        let first = defined.and_then(|notifiers| notifiers.entries.first()).map(|(key, _)| key.span);
        let fault = fault.at_if(first, if known.len() > 1 { "what the platform has starts here" } else { "what the platform has" });
        sink.push(fault.help(near_or_all(&name.value, &known, "notifier")));
    }
    found
}

fn near_or_all(typed: &str, known: &[&str], what: &str) -> String {
    match suggest(typed, known.iter().copied()) {
        Some(near) if near != typed => format!("write `{near}`"),
        Some(_) | None if known.is_empty() => {
            format!("leave it out, or have the platform's people add it below `{what}s` in `platform.yaml`, which has none yet")
        }
        Some(_) | None => format!("write one of {}", quoted_list(known.iter().copied())),
    }
}
