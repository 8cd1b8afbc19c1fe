//! Identity tokens, signed with the keys of the tests as a Git host signs them.

use freehold::central::Token;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The time in these tests: Friday, 15 January 2027, 08:00:00 UTC.
pub const NOW: u64 = 1_800_000_000;
pub const GITHUB: &str = "https://token.actions.githubusercontent.com";
pub const GITLAB: &str = "https://gitlab.acme.example";
const KEYS: &str = include_str!("keys/jwks.json");
const RSA: &[u8] = include_bytes!("keys/rsa.der");
const EC: &[u8] = include_bytes!("keys/ec.der");

/// The public key of a name, as its issuer publishes it.
pub fn public_key(id: &str) -> Value {
    let set: Value = serde_json::from_str(KEYS).expect("JSON");
    set["keys"].as_array().expect("a list").iter().find(|key| key["kid"] == id).expect("it is listed").clone()
}

/// `platform.yaml` of a platform that trusts GitHub, with the RSA key, and GitLab, with the other one.
pub fn platform(accept: &str) -> String {
    let issuer = |name: &str, provider: &str, key: &str| {
        format!("    - issuer: {name}\n      provider: {provider}\n      audience: freehold\n      keys: [{}]\n", public_key(key))
    };
    let issuers = issuer(GITHUB, "github", "tests-rsa") + &issuer(GITLAB, "gitlab", "tests-ec");
    format!("{}identity:\n  issuers:\n{issuers}  accept: {{{accept}}}\n", super::ground::PLATFORM)
}

/// The whole id of a commit that the tests call `c0` to `c3`.
pub fn commit(name: &str) -> String {
    name.repeat(20)
}

/// What GitHub says of a push to `acme/churn-model`, commit `c2`.
pub fn github() -> Value {
    json!({
        "iss": GITHUB, "aud": "freehold", "sub": "repo:acme/churn-model:ref:refs/heads/main", "jti": "a5f1",
        "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 290,
        "repository": "acme/churn-model", "repository_id": "1001", "repository_owner": "acme", "repository_owner_id": "77",
        "ref": "refs/heads/main", "ref_type": "branch", "event_name": "push", "sha": commit("c2"), "run_id": "42",
        "job_workflow_ref": "acme/churn-model/.github/workflows/publish.yaml@refs/heads/main",
    })
}

/// What GitLab says of the same.
pub fn gitlab() -> Value {
    json!({
        "iss": GITLAB, "aud": "freehold", "sub": "project_path:acme/churn-model:ref_type:branch:ref:main", "jti": "b6e2",
        "iat": NOW - 10, "nbf": NOW - 15, "exp": NOW + 3590,
        "project_id": "1001", "project_path": "acme/churn-model", "namespace_id": "77", "namespace_path": "acme",
        "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main", "pipeline_source": "push", "sha": commit("c2"),
    })
}

/// The same claims, but for one; `null` takes it away.
pub fn but(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    let object = claims.as_object_mut().expect("claims");
    match value.into() {
        Value::Null => drop(object.remove(name).expect("it was there")),
        value => drop(object.insert(name.to_owned(), value)),
    }
    claims
}

/// The key of the claims' issuer: GitHub has the RSA key, GitLab the other one.
pub fn key_of(claims: &Value) -> &'static str {
    if claims["iss"] == GITLAB { "tests-ec" } else { "tests-rsa" }
}

/// Signs claims as their issuer does.
pub fn sign(claims: &Value) -> String {
    sign_with(claims, key_of(claims))
}

/// Signs claims with a key of the tests.
pub fn sign_with(claims: &Value, id: &str) -> String {
    match id {
        "tests-rsa" => sign_as(claims, Algorithm::RS256, Some(id), &EncodingKey::from_rsa_der(RSA)),
        "tests-ec" => sign_as(claims, Algorithm::ES256, Some(id), &EncodingKey::from_ec_der(EC)),
        other => panic!("{other} is no key"),
    }
}

/// Signs claims in any way, and says any name of a key.
pub fn sign_as(claims: &Value, algorithm: Algorithm, id: Option<&str>, key: &EncodingKey) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).expect("signed")
}

/// A value as a part of a token.
pub fn part(value: &Value) -> String {
    let token = sign_as(value, Algorithm::HS256, None, &EncodingKey::from_secret(b"x"));
    token.split('.').nth(1).expect("three parts").to_owned()
}

/// A token that is handed over now.
pub fn token(text: impl Into<String>) -> Token {
    Token { text: text.into(), now: NOW, checked_out: None, is_sent: false, waits_with: None }
}
