//! Settings of a server's repository that take what should be refused.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};

/// A setting that holds without the hook too, what it stops, and what else sets it.
const WANTED: [(&str, &str, &str, Option<&str>); 3] = [
    ("receive.denyNonFastForwards", "branches may be moved back", "a second lock beside the hook", None),
    ("receive.denyDeletes", "branches may be deleted", "a second lock beside the hook", None),
    (
        "receive.fsckObjects",
        "malformed objects are taken",
        "two programs may read one malformed tree in two ways",
        Some("transfer.fsckobjects"),
    ),
];

/// Settings by which people push without saying who they are.
const ANONYMOUS: [(&str, &str); 2] = [
    ("http.receivepack", "git's HTTP server then takes pushes without a login too"),
    ("daemon.receivepack", "git's daemon knows no logins"),
];

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    if !case.is_server {
        return;
    }
    for (key, title, why, other) in WANTED {
        let own = key.to_ascii_lowercase();
        // What the setting itself says goes before what the more general one says.
        let decides = other.filter(|_| case.surroundings.setting(&own).is_none()).unwrap_or(&own);
        if !case.surroundings.is_set(decides) {
            let fault = Diagnostic::warning(&code::RECEIVING, format!("{title}: `{key}` is not set")).at_file("config", why);
            sink.push(fault.help(format!("git config {key} true")));
        }
    }
    for (key, why) in ANONYMOUS {
        if case.surroundings.is_set(key) {
            let fault = Diagnostic::error(&code::RECEIVING, format!("anybody may push: `{key}` is set")).at_file("config", why);
            sink.push(fault.help(format!("git config --unset-all {key}")));
        }
    }
}
