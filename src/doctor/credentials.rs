//! Passwords and tokens in the repository's own settings, where every program that can read files finds them.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::Setting;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    let config = if case.surroundings.is_bare { "config" } else { ".git/config" };
    for setting in case.surroundings.own() {
        if let Some((what, help)) = found(setting) {
            let fault = Diagnostic::warning(&code::CREDENTIALS, format!("{what} is written in the repository's settings"));
            let fault = fault
                .at_file(config, format!("every program that reads this file can push as its owner: `{}`", without_secret(&setting.key)));
            sink.push(fault.help(format!("{help}; then revoke it, and use a credential helper")));
        }
    }
}

/// What is written there, never its value, and how to take it out.
fn found(setting: &Setting) -> Option<(&'static str, String)> {
    let key = setting.key.as_str();
    let value = setting.value.as_deref().unwrap_or_default();
    let name = key.rsplit('.').next().unwrap_or_default();
    let is_header = key.starts_with("http.") && name == "extraheader" && value.to_ascii_lowercase().contains("authorization");
    if is_header {
        return Some(("a login", format!("git config --unset-all {key}")));
    }
    if key.starts_with("remote.") && matches!(name, "url" | "pushurl") && secret(value).is_some() {
        return Some(("a password", format!("git config {key} {}", without_secret(value))));
    }
    // `url.<with password>.insteadOf`: the secret is in the key.
    (key.starts_with("url.") && secret(key).is_some()).then(|| ("a password", "take the section out of the file".to_owned()))
}

/// The password of `https://user:password@host/…`, or the user when that is a token.
fn secret(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (login, _) = rest.split('/').next()?.rsplit_once('@')?;
    const TOKENS: [&str; 8] = ["ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "gldt-"];
    match login.split_once(':') {
        Some((_, password)) if !password.is_empty() => Some(password),
        Some((user, _)) => is_token(user, &TOKENS),
        None => is_token(login, &TOKENS),
    }
}

fn is_token<'a>(user: &'a str, tokens: &[&str]) -> Option<&'a str> {
    tokens.iter().any(|start| user.starts_with(start)).then_some(user)
}

/// A URL, or a key with one in it, without what stands before the `@`.
fn without_secret(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://").filter(|_| secret(text).is_some()) else { return text.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_and_never_shown() {
        for (url, shown) in [
            ("https://ada:hunter2@git.example.com/acme/dags.git", "https://git.example.com/acme/dags.git"),
            ("https://x-access-token:abc@github.com/acme/dags", "https://github.com/acme/dags"),
            ("https://ghp_abc@github.com/acme/dags", "https://github.com/acme/dags"),
            ("https://glpat-abc:@gitlab.com/acme/dags", "https://gitlab.com/acme/dags"),
        ] {
            assert!(secret(url).is_some(), "{url}");
            assert_eq!(without_secret(url), shown);
        }
        for url in ["https://ada@git.example.com/x", "ssh://git@host/x", "git@host:acme/x.git", "https://host/a@b:c"] {
            assert_eq!(secret(url), None, "{url}");
        }
    }
}
