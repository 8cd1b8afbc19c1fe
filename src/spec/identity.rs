//! `identity:` in `platform.yaml`: whose tokens are trusted, and what takes one.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, json};

use super::decode::{Context, Decode};
use super::leaf::Timespan;
use super::record::{inline_schema, record};
use crate::identity::{Level, Operation, Provider};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

record! {
    /// How it is known who asks. When it is left out, the environment variables of the CI system are believed.
    pub struct Identity {
        /// Git hosts whose signed tokens are trusted. Repository numbers in grants are those of the first, unless the grant says otherwise.
        issuers: Option<Vec<Issuer>>,
        /// For each operation the weakest level that is accepted: `environment` or `token`, and for `integrate` `branch` or `token`. What is not listed takes a `token` as soon as there is an issuer; `integrate` takes what `publish` does.
        accept: Option<Accept>,
        /// How long a publish may wait on its branch with its token, such as `12h`; a day when it is left out.
        waiting_time: Option<Spanned<Timespan>>,
    }
}

record! {
    /// A Git host whose signed tokens are trusted.
    pub struct Issuer {
        /// Its address, exactly as its tokens name it: `https://token.actions.githubusercontent.com` for GitHub, your server's address for GitLab.
        issuer: Spanned<String>,
        /// Whose names its claims have: `github` or `gitlab`.
        provider: Provider,
        /// What a token must have been asked for, such as `freehold`. A token for anything else is refused.
        audience: Spanned<String>,
        /// Its public keys: the list `keys` of its JSON Web Key Set, pasted, so that verifying needs no network. GitHub's is at `<issuer>/.well-known/jwks`, GitLab's at `<issuer>/oauth/discovery/keys`. Paste the set again when the host gets new keys.
        keys: Vec<PublicKey>,
    }
}

/// One key of a JSON Web Key Set (RFC 7517).
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// The key.
    pub key: crate::identity::Key,
    /// Where it stands.
    pub span: Span,
}

impl Decode for PublicKey {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let Value::Map(entries) = node.value else {
            context.invalid(span, "a map is expected here", "write `key: value` pairs");
            return None;
        };
        if let Some(private) = entries.iter().find(|entry| matches!(entry.key.value.as_str(), "d" | "k")) {
            context.invalid(
                private.key.span,
                "this is a secret key, and everybody can read it now",
                "replace the key; list public ones only",
            );
            return None;
        }
        let id = text(&entries, "kid");
        let key = match text(&entries, "kty") {
            "EC" => crate::identity::Key::ec(id, text(&entries, "x"), text(&entries, "y")),
            _ => crate::identity::Key::rsa(id, text(&entries, "n"), text(&entries, "e")),
        };
        match key {
            Ok(key) => Some(Self { key, span }),
            Err(reason) => {
                context.invalid(span, format!("this is no key: {reason}"), "paste the key as the issuer publishes it");
                None
            }
        }
    }
}

fn text<'a>(entries: &'a [Entry], name: &str) -> &'a str {
    entries.iter().find(|entry| entry.key.value == name).and_then(|entry| entry.value.as_str()).unwrap_or_default()
}

// Not closed: a pasted set brings certificates and thumbprints along, and RFC 7517 says to ignore what one does not know.
impl JsonSchema for PublicKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PublicKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let required =
            |kind: &str, fields: &[&str]| json!({ "if": { "properties": { "kty": { "const": kind } } }, "then": { "required": fields } });
        let text = |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
        schemars::json_schema!({
            "type": "object",
            "description": "One key of a JSON Web Key Set: RSA of 2048 to 4096 bits for RS256, or of the curve P-256 for ES256. What else the set holds is ignored.",
            "properties": {
                "kty": { "type": "string", "enum": ["RSA", "EC"], "description": "The kind of key." },
                "kid": text("The name that tokens call the key by."),
                "alg": { "type": "string", "enum": ["RS256", "ES256"], "description": "The algorithm: RS256 for RSA, ES256 for EC." },
                "use": { "type": "string", "enum": ["sig"], "description": "What it is for: signatures." },
                "n": text("The modulus of an RSA key, base64url."),
                "e": text("The exponent of an RSA key, base64url; mostly `AQAB`."),
                "crv": { "type": "string", "enum": ["P-256"], "description": "The curve of an EC key." },
                "x": text("One coordinate of an EC key, base64url."),
                "y": text("The other coordinate of an EC key, base64url."),
            },
            "required": ["kty", "kid"],
            "allOf": [required("RSA", &["n", "e"]), required("EC", &["crv", "x", "y"])],
        })
    }
}

/// The weakest level that each operation accepts.
#[derive(Debug, Clone, Default)]
pub struct Accept(pub Vec<(Operation, Spanned<Level>)>);

impl Decode for Accept {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let Value::Map(entries) = node.value else {
            context.invalid(node.span, "a map is expected here", "write `key: value` pairs");
            return None;
        };
        let named = |entry: Entry| {
            let operation = Operation::ALL.into_iter().find(|operation| operation.as_str() == entry.key.value)?;
            Some((operation, Spanned::decode(entry.value, context)?))
        };
        Some(Self(entries.into_iter().filter_map(named).collect()))
    }
}

impl JsonSchema for Accept {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Accept".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let describe = |operation: Operation| match operation {
            Operation::Publish => "To publish a source.",
            Operation::Rollback => "To replace what was published by an older commit, or one of another line of history: `--rollback`.",
            Operation::Repair => "To overwrite what somebody edited in the central repository: `--repair`.",
            Operation::Transfer => "To hand a workflow over to another owner.",
            Operation::Override => "To set a rule aside, once.",
            Operation::Integrate => {
                "To land what waits on a branch: a `token` that was asked for this very publish, or with `branch` the word of whoever may push the branch."
            }
        };
        let property = |operation: Operation| {
            let levels = operation.levels().map(Level::as_str);
            let schema = json!({ "type": "string", "enum": levels, "description": describe(operation) });
            (operation.as_str().to_owned(), schema)
        };
        let properties: Map<String, serde_json::Value> = Operation::ALL.into_iter().map(property).collect();
        schemars::json_schema!({
            "type": "object",
            "description": "For each operation the weakest level that is accepted.",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// A word of a closed list; the schema has refused any other.
fn word<T: Copy>(node: Node, words: &[(&str, T)], context: &mut Context<'_>) -> Option<T> {
    let span = node.span;
    let text = String::decode(node, context)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let known = crate::diag::quoted_list(words.iter().map(|(word, _)| *word));
        context.invalid(span, format!("`{text}` is not known here"), format!("write one of {known}"));
    }
    found
}

impl Decode for Level {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        word(node, &Self::ALL.map(|level| (level.as_str(), level)), context)
    }
}

impl Decode for Provider {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        word(node, &Self::ALL.map(|provider| (provider.as_str(), provider)), context)
    }
}

inline_schema! { Level "Level" { "type": "string", "enum": ["environment", "branch", "token"] } }
inline_schema! { Provider "Provider" { "type": "string", "enum": ["github", "gitlab"] } }
