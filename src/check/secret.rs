//! Secrets among what would be published: whoever can read the central repository could use them, and Git forgets nothing.
//!
//! Known kinds of tokens are found by how their issuers write them, anywhere in a file, comments too. What is only said to be a secret by
//! its name (`DB_PASSWORD: …`) is one when it looks random.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::{SourceId, Span};

/// How an issuer writes its tokens: what they start with, how many characters follow at least, and what they are.
const TOKENS: [(&str, usize, &str); 24] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 22, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("gldt-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xoxa-", 20, "a Slack token"),
    ("xapp-", 20, "a Slack token"),
    ("AIza", 35, "a Google API key"),
    ("ya29.", 20, "a Google access token"),
    ("sk_live_", 16, "a Stripe key"),
    ("rk_live_", 16, "a Stripe key"),
    ("npm_", 36, "an npm token"),
    ("pypi-AgEI", 40, "a PyPI token"),
    ("dop_v1_", 64, "a DigitalOcean token"),
    ("hvs.", 24, "a Vault token"),
    ("sk-ant-", 32, "an Anthropic API key"),
    ("dapi", 32, "a Databricks token"),
];
/// Words by which people name what is secret.
const NAMES: [&str; 8] = ["password", "passwd", "secret", "token", "api_key", "apikey", "access_key", "private_key"];
/// Bits of entropy a character above which a text looks random: hexadecimal digits have at most 4.
const RANDOM: f64 = 3.2;
/// The shortest text that is judged by its entropy.
const SHORTEST: usize = 16;

/// Looks for secrets in a file's text.
pub fn check_secrets(file: SourceId, text: &str, sink: &mut Sink) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((start, end, kind)) = find(line) {
            let fault = Diagnostic::error(&code::SECRET, format!("{kind} would be published, for everybody to read who can read DAGs"));
            let fault = fault.at(Span::new(file, at + start, at + end), "");
            sink.push(fault.help(
                "revoke it, put the new one into a Kubernetes secret, and write `env: { NAME: { secret: my-secret, key: my-key } }`",
            ));
        }
        at += line.len();
    }
}

fn find(line: &str) -> Option<(usize, usize, &'static str)> {
    if let Some(start) = line.find("-----BEGIN ").filter(|start| line[*start..].contains("PRIVATE KEY")) {
        return Some((start, line.trim_end().len(), "a private key"));
    }
    let words = words(line);
    let known = words.clone().find_map(|(start, word)| Some((start, start + word.len(), kind_of(word)?)));
    known.or_else(|| with_password(line)).or_else(|| named(line, words))
}

/// Words as tokens are written, with where they start.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '+' | '/');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + line[rest..].find(is_part)?;
        let end = line[start..].find(|letter| !is_part(letter)).map_or(line.len(), |length| start + length);
        rest = end;
        Some((start, &line[start..end]))
    })
}

fn kind_of(word: &str) -> Option<&'static str> {
    let follows = |prefix: &str| word.strip_prefix(prefix).map(|rest| rest.bytes().filter(u8::is_ascii_alphanumeric).count());
    let token = TOKENS.iter().find(|(prefix, least, _)| follows(prefix).is_some_and(|length| length >= *least) && has_digit(word));
    let parts: Vec<&str> = if word.starts_with("eyJ") { word.split('.').collect() } else { Vec::new() };
    let is_jwt = parts.len() == 3 && parts[1].starts_with("eyJ") && parts[2].len() > 20;
    token.map(|(.., kind)| *kind).or(is_jwt.then_some("a signed token"))
}

/// A password inside an address: `scheme://user:password@host`.
fn with_password(line: &str) -> Option<(usize, usize, &'static str)> {
    let after = line.find("://")? + 3;
    let authority = line[after..].split(['/', ' ', '"', '\'']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let start = after + name.len() + 1;
    let is_written_out = !password.is_empty() && !password.contains(['{', '$', '<', '*']);
    is_written_out.then_some((start, start + password.len(), "a password"))
}

/// A value that is called a secret and looks random.
fn named<'a>(line: &'a str, mut words: impl Iterator<Item = (usize, &'a str)>) -> Option<(usize, usize, &'static str)> {
    words.find_map(|(at, name)| {
        let lower = name.to_ascii_lowercase().replace('-', "_");
        NAMES.iter().any(|name| lower.contains(name)).then_some(())?;
        let after = line[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
        let after = after.strip_prefix([':', '='])?.trim_start().trim_start_matches(['"', '\'']);
        let value = after.split(['"', '\'', ' ', ',', '}', ']', '\n', '\r']).next()?;
        let start = line.len() - after.len();
        looks_random(value).then_some((start, start + value.len(), "a secret"))
    })
}

fn looks_random(text: &str) -> bool {
    let is_mixed = text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_hexadecimal = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_plain = !text.contains(['{', '$', '<']) && text.is_ascii();
    text.len() >= SHORTEST && is_plain && has_digit(text) && (is_mixed || is_hexadecimal) && entropy(text) > RANDOM
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Shannon's entropy of the bytes, in bits a byte.
#[expect(clippy::cast_precision_loss, reason = "lengths of one line")]
fn entropy(text: &str) -> f64 {
    let mut counts = [0_usize; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let share = |count: usize| count as f64 / text.len() as f64;
    counts.into_iter().filter(|count| *count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::find;

    /// Joined here, so that this file holds no token.
    fn token(prefix: &str) -> String {
        format!("{prefix}{}", "Zq3kT9vXb7LmP2sWc8RfYd4HnJg6Ua1EoKi5Zq3kT9vXb7LmP2sWc8RfYd4HnJg6Ua1E")
    }

    #[test]
    fn tokens_are_found_wherever_they_stand() {
        for prefix in ["AKIA", "ghp_", "github_pat_", "glpat-", "xoxb-", "AIza", "sk_live_", "npm_"] {
            let line = format!("  args: [run, --key, \u{e9}, \"{}\"]", token(prefix));
            let (start, end, _) = find(&line).unwrap_or_else(|| panic!("{prefix}"));
            assert_eq!(&line[start..end], token(prefix));
        }
        let jwt = format!("eyJ{0}.eyJ{0}.{0}", "hbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9");
        assert!(find(&format!("# {jwt}")).is_some());
        assert!(find("-----BEGIN RSA PRIVATE KEY-----").is_some());
        assert!(find("url: postgres://etl:hunter2@db/x").is_some());
        assert!(find(&format!("DB_PASSWORD: '{}'", &token("")[..20])).is_some());
        assert!(find(&format!("  - {{ name: API-TOKEN, value: x, api_key: {} }}", &token("")[..20])).is_some());
        assert!(find("secret_key = 0123456789abcdef0123456789abcdef").is_some());
    }

    #[test]
    fn what_only_speaks_of_secrets_is_none() {
        for line in [
            "env: { DB_PASSWORD: { secret: churn-db, key: password } }",
            "TOKEN: ${{ vars.token }}",
            "password: \"{{ conn.db.password }}\"",
            "image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn-token-service:1.4.2-a1b2c3d4",
            "token: my-service-account-token",
            "# the secret is called Churn-Db-2024",
            "url: https://example.com/a?x=1",
            "url: postgres://etl:$PASSWORD@db/x",
            "sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            "contact: mailto:a@example.com",
        ] {
            assert_eq!(find(line), None, "{line}");
        }
    }
}
