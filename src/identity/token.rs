//! A token's text to claims: the signature first, then for whom and when it was made, then what it says.

use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::claims::{Claims, Payload};
use super::policy::{Issuer, Policy};
use crate::diag::{Diagnostic, codes as code};

/// Bytes of a token. GitHub's have some 2 KB.
const LARGEST: usize = 16 * 1024;
/// Seconds by which two clocks may differ.
const LEEWAY: u64 = 60;
/// The file that lists whom to trust.
const PLATFORM: &str = "platform.yaml";

/// Why a token cannot be trusted, in words that complete "the identity token cannot be trusted: …". None of them holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The policy trusts no issuer.
    #[error("no issuer is trusted")]
    NoIssuer,
    /// More bytes than a token has.
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    /// Not three parts, or a header or a payload that cannot be read.
    #[error("it is no signed token")]
    Malformed,
    /// Another algorithm than that of the key.
    #[error("it is not signed in the way that key `{0}` is for")]
    Algorithm(String),
    /// The header names no key.
    #[error("it does not say which key has signed it")]
    NoKey,
    /// The header names a key that the policy does not list.
    #[error("it says that it is signed with key `{0}`, which is not listed")]
    UnknownKey(String),
    /// The signature is not that of the key over this text.
    #[error("its signature is not that of key `{0}`")]
    Signature(String),
    /// Signed by one issuer, and says another.
    #[error("the key that has signed it is not one of its issuer's")]
    Issuer,
    /// Made for somebody else.
    #[error("it was made for another audience than `{0}`")]
    Audience(String),
    /// Its time is over.
    #[error("it has expired {0} seconds ago")]
    Expired(u64),
    /// Its time has not come.
    #[error("it is valid in {0} seconds only")]
    Early(u64),
    /// It waits with a publish and was not made for that one.
    #[error("it was not made for this very publish")]
    Unbound,
    /// It waits with a publish, and has waited too long.
    #[error("it has waited for {0} seconds, and may for {1}")]
    Waited(u64, u64),
    /// A claim is not there.
    #[error("it has no claim `{0}`")]
    Missing(&'static str),
    /// A claim is of another type, or holds something that it cannot hold.
    #[error("its claim `{0}` is not what the issuer writes there")]
    Odd(&'static str),
}

/// Verifies a token. `now` is the time in seconds since 1970.
///
/// # Errors
/// [`Untrusted`] for every token that must not be believed.
pub fn verify(text: &str, policy: &Policy, now: u64) -> Result<Claims, Untrusted> {
    read(text, policy, None, now)
}

/// Verifies a token that waits with a publish, by its digest. It holds for as long as the policy lets it wait, and not for as long as it
/// says itself: it says nothing but this publish.
///
/// # Errors
/// [`Untrusted`] for every token that must not be believed.
pub fn verify_waiting(text: &str, policy: &Policy, digest: &str, now: u64) -> Result<Claims, Untrusted> {
    read(text, policy, Some(digest), now)
}

fn read(text: &str, policy: &Policy, digest: Option<&str>, now: u64) -> Result<Claims, Untrusted> {
    if policy.issuers.is_empty() {
        return Err(Untrusted::NoIssuer);
    }
    if text.len() > LARGEST {
        return Err(Untrusted::TooLarge);
    }
    let (issuer, payload) = check_signature(text.trim(), policy)?;
    let payload = Payload(&payload);
    if payload.text("iss")? != issuer.name {
        return Err(Untrusted::Issuer);
    }
    match digest {
        None => {
            check_audience(&payload, &issuer.audience)
                .map_err(|odd| odd.unwrap_or_else(|| Untrusted::Audience(issuer.audience.clone())))?;
            check_time(&payload, now)?;
        }
        Some(digest) => {
            check_audience(&payload, &issuer.bound_audience(digest)).map_err(|odd| odd.unwrap_or(Untrusted::Unbound))?;
            check_wait(&payload, now, policy.waiting_time())?;
        }
    }
    payload.claims(issuer.provider)
}

/// Finds the key by its name and lets it judge; nothing of the payload is read before.
fn check_signature<'a>(text: &str, policy: &'a Policy) -> Result<(&'a Issuer, Map<String, Value>), Untrusted> {
    // An algorithm that the library does not know, such as `none`, makes the header unreadable.
    let header = decode_header(text).map_err(|_| Untrusted::Malformed)?;
    // Extensions that a reader has to know to understand the token: none are known here (RFC 7515, section 4.1.11).
    if header.crit.is_some() {
        return Err(Untrusted::Malformed);
    }
    let id = header.kid.ok_or(Untrusted::NoKey)?;
    let shown: String = id.escape_debug().take(80).collect();
    let keys = policy.issuers.iter().flat_map(|issuer| issuer.keys.iter().map(move |key| (issuer, key)));
    let mut last = Untrusted::UnknownKey(shown.clone());
    // Two issuers may call their keys alike: the one that has signed decides whose token it is.
    for (issuer, key) in keys.filter(|(_, key)| key.id == id) {
        if header.alg != key.algorithm {
            last = Untrusted::Algorithm(shown.clone());
            continue;
        }
        let mut validation = Validation::new(key.algorithm);
        // The library would read the clock. What it leaves undone is done by `check_audience` and `check_time`.
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        validation.required_spec_claims.clear();
        match decode::<Unique>(text, &key.key, &validation) {
            Ok(data) => return Ok((issuer, data.claims.0)),
            // Read after the signature was found to be right.
            Err(error) if matches!(error.kind(), ErrorKind::Json(_)) => return Err(Untrusted::Malformed),
            Err(_) => last = Untrusted::Signature(shown.clone()),
        }
    }
    Err(last)
}

/// Claims, each said once: of one that is said twice, two readers may take different ones (RFC 7519, section 4).
struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Claims;
        impl<'de> Visitor<'de> for Claims {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims, each once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique, A::Error> {
                let mut claims = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim is said twice"));
                    }
                }
                Ok(Unique(claims))
            }
        }
        deserializer.deserialize_map(Claims)
    }
}

/// A token for two audiences may be handed on by one of them, so it must be for this one alone. `Err(None)` when it is for another one.
fn check_audience(payload: &Payload<'_>, expected: &str) -> Result<(), Option<Untrusted>> {
    let audience = payload.0.get("aud").ok_or(Some(Untrusted::Missing("aud")))?;
    let only = audience.as_array().map_or(Some(audience), |list| list.first().filter(|_| list.len() == 1));
    if only.and_then(Value::as_str) == Some(expected) { Ok(()) } else { Err(None) }
}

fn check_time(payload: &Payload<'_>, now: u64) -> Result<(), Untrusted> {
    let ends = payload.moment("exp")?;
    if now >= ends.saturating_add(LEEWAY) {
        return Err(Untrusted::Expired(now - ends));
    }
    check_begin(payload, now).map(drop)
}

fn check_wait(payload: &Payload<'_>, now: u64, most: u64) -> Result<(), Untrusted> {
    payload.moment("exp")?;
    let waited = now.saturating_sub(check_begin(payload, now)?);
    if waited > most.saturating_add(LEEWAY) { Err(Untrusted::Waited(waited, most)) } else { Ok(()) }
}

/// Gives when it was made.
fn check_begin(payload: &Payload<'_>, now: u64) -> Result<u64, Untrusted> {
    let made = payload.moment("iat")?;
    let starts = if payload.0.contains_key("nbf") { payload.moment("nbf")? } else { made };
    let begins = made.max(starts);
    if begins > now.saturating_add(LEEWAY) {
        return Err(Untrusted::Early(begins - now));
    }
    Ok(made)
}

impl Untrusted {
    /// The fault as people are told it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let fault = Diagnostic::error(&code::IDENTITY_TOKEN, format!("the identity token cannot be trusted: {self}"));
        let listed = |fault: Diagnostic| fault.at_file(PLATFORM, "`identity.issuers` lists who is trusted, and with which keys");
        let waiting = |fault: Diagnostic| Diagnostic { code: &code::WAITING_TOKEN, ..fault };
        match self {
            Self::NoIssuer => listed(fault).help("ask the platform's people to add the issuer, or leave the token out"),
            Self::TooLarge | Self::Malformed | Self::NoKey => {
                fault.help("hand over the ID token itself: three texts with dots between them, signed with RS256 or ES256")
            }
            Self::Algorithm(_) | Self::Signature(_) => fault.help("get a new token from the Git host; never make or change one"),
            Self::UnknownKey(_) | Self::Issuer => {
                listed(fault).help("if the issuer has new keys, ask the platform's people to paste its JSON Web Key Set again")
            }
            Self::Audience(audience) => listed(fault).help(format!("ask the Git host for a token with the audience `{audience}`")),
            Self::Expired(_) | Self::Early(_) => {
                fault.help("get a new token right before it is used; if this goes on, set the machine's clock")
            }
            Self::Unbound => waiting(fault).help("publish again: what waits was changed, or its token is that of another publish"),
            Self::Waited(..) => {
                let fault = waiting(fault).at_file(PLATFORM, "`identity.waiting_time` says how long, or a day when it is left out");
                fault.help("publish again")
            }
            Self::Missing(_) | Self::Odd(_) => listed(fault).help("is `provider` that of the Git host which gives the tokens?"),
        }
    }
}
