//! Tokens that must be believed, and tokens that must not.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use freehold::central::Compiler as _;
use freehold::identity::{Claims, Policy, Untrusted, verify};
use freehold::source::Sources;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::compiler::Small;
use crate::mint::{GITHUB, GITLAB, NOW, but, commit, github, gitlab, part, platform, public_key, sign, sign_as, sign_with};

static POLICY: LazyLock<Policy> = LazyLock::new(|| policy(&platform("")));

fn policy(platform: &str) -> Policy {
    Small { format: 1 }.identity(platform.as_bytes(), &Sources::new()).expect("it can be read")
}

fn judge(token: &str) -> Result<Claims, Untrusted> {
    verify(token, &POLICY, NOW)
}

#[track_caller]
fn refused(token: &str) -> Untrusted {
    judge(token).expect_err("it is believed")
}

#[test]
fn a_token_of_github_says_who_asks() {
    let claims = judge(&sign(&github())).expect("trusted");
    assert_eq!((claims.repository_id, claims.repository.as_str(), claims.owner_id), (1001, "acme/churn-model", 77));
    assert_eq!((claims.reference.as_str(), claims.event.as_str()), ("refs/heads/main", "push"));
    assert_eq!((claims.issuer.as_str(), claims.commit), (GITHUB, commit("c2")));
    assert_eq!((claims.issued_at, claims.expires_at), (NOW - 10, NOW + 290));
}

#[test]
fn a_token_of_gitlab_says_who_asks() {
    let claims = judge(&sign(&gitlab())).expect("trusted");
    assert_eq!((claims.repository_id, claims.repository.as_str(), claims.owner_id), (1001, "acme/churn-model", 77));
    assert_eq!((claims.reference.as_str(), claims.event.as_str(), claims.issuer.as_str()), ("refs/heads/main", "push", GITLAB));
    let tag = judge(&sign(&but(but(gitlab(), "ref", "v1"), "ref_type", "tag"))).expect("trusted");
    assert_eq!(tag.reference, "refs/tags/v1");
}

#[test]
fn a_newline_after_a_token_is_no_part_of_it() {
    assert!(judge(&format!("{}\n", sign(&gitlab()))).is_ok());
}

#[test]
fn a_token_is_believed_within_its_time_and_a_minute_around_it() {
    let at = |now: u64| verify(&sign(&gitlab()), &POLICY, now);
    let (iat, exp) = (NOW - 10, NOW + 3590);
    for now in [iat - 60, iat, exp, exp + 59] {
        assert!(at(now).is_ok(), "{now}");
    }
    assert_eq!(at(exp + 60), Err(Untrusted::Expired(60)));
    assert_eq!(at(iat - 61), Err(Untrusted::Early(61)));
    assert_eq!(refused(&sign(&but(gitlab(), "nbf", NOW + 61))), Untrusted::Early(61));
    assert!(at(0).is_err() && at(u64::MAX).is_err());
    assert!(judge(&sign(&but(gitlab(), "exp", u64::MAX))).is_ok());
}

#[test]
fn a_token_without_times_is_refused() {
    for name in ["exp", "iat"] {
        assert_eq!(refused(&sign(&but(gitlab(), name, Value::Null))), Untrusted::Missing(name));
        for odd in [json!("1800000000"), json!(-1), json!(1.5), json!([])] {
            assert_eq!(refused(&sign(&but(gitlab(), name, odd))), Untrusted::Odd(name));
        }
    }
    assert!(judge(&sign(&but(gitlab(), "nbf", Value::Null))).is_ok(), "the standard lets it be left out");
    assert_eq!(refused(&sign(&but(gitlab(), "nbf", "soon"))), Untrusted::Odd("nbf"));
}

#[test]
fn a_token_for_another_audience_is_refused() {
    for audience in [json!("sts.amazonaws.com"), json!(["freehold", "vault"]), json!([]), json!("Freehold"), json!(7)] {
        assert_eq!(refused(&sign(&but(gitlab(), "aud", audience))), Untrusted::Audience("freehold".to_owned()));
    }
    assert_eq!(refused(&sign(&but(gitlab(), "aud", Value::Null))), Untrusted::Missing("aud"));
    assert!(judge(&sign(&but(gitlab(), "aud", json!(["freehold"])))).is_ok());
}

#[test]
fn a_key_speaks_for_its_own_issuer_only() {
    assert_eq!(refused(&sign_with(&github(), "tests-ec")), Untrusted::Issuer);
    assert_eq!(refused(&sign_with(&but(gitlab(), "iss", "https://evil.example"), "tests-ec")), Untrusted::Issuer);
    assert_eq!(refused(&sign_with(&but(gitlab(), "iss", format!("{GITLAB}/")), "tests-ec")), Untrusted::Issuer);
    assert_eq!(refused(&sign_with(&but(gitlab(), "iss", Value::Null), "tests-ec")), Untrusted::Missing("iss"));
}

#[test]
fn an_unsigned_token_is_refused() {
    for header in [json!({"alg": "none"}), json!({"alg": "none", "kid": "tests-rsa"}), json!({"alg": "NONE"}), json!({"kid": "tests-rsa"})]
    {
        for signature in ["", "AAAA"] {
            assert_eq!(refused(&format!("{}.{}.{signature}", part(&header), part(&github()))), Untrusted::Malformed, "{header}");
        }
    }
    let signed = sign(&github());
    let (message, _) = signed.rsplit_once('.').expect("three parts");
    assert_eq!(refused(&format!("{message}.")), Untrusted::Signature("tests-rsa".to_owned()));
    assert_eq!(refused(message), Untrusted::Malformed);
}

#[test]
fn a_token_that_takes_the_public_key_for_a_secret_is_refused() {
    let key = public_key("tests-rsa");
    let (modulus, text) = (key["n"].as_str().expect("a text").as_bytes(), key.to_string());
    for secret in [modulus, text.as_bytes(), b""] {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let token = sign_as(&github(), algorithm, Some("tests-rsa"), &EncodingKey::from_secret(secret));
            assert_eq!(refused(&token), Untrusted::Algorithm("tests-rsa".to_owned()));
        }
    }
}

#[test]
fn a_key_is_for_one_algorithm_only() {
    let rsa = EncodingKey::from_rsa_der(include_bytes!("keys/rsa.der"));
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        assert_eq!(refused(&sign_as(&github(), algorithm, Some("tests-rsa"), &rsa)), Untrusted::Algorithm("tests-rsa".to_owned()));
    }
    assert_eq!(refused(&sign_as(&github(), Algorithm::RS256, Some("tests-ec"), &rsa)), Untrusted::Algorithm("tests-ec".to_owned()));
}

#[test]
fn a_token_of_an_unknown_key_is_refused() {
    let rsa = EncodingKey::from_rsa_der(include_bytes!("keys/rsa.der"));
    let unknown = |id| refused(&sign_as(&github(), Algorithm::RS256, id, &rsa));
    assert_eq!(unknown(None), Untrusted::NoKey);
    assert_eq!(unknown(Some("old")), Untrusted::UnknownKey("old".to_owned()));
    assert_eq!(unknown(Some("\u{1b}[31m")), Untrusted::UnknownKey("\\u{1b}[31m".to_owned()), "it is shown without its effects");
}

#[test]
fn a_token_cannot_bring_its_own_key_nor_say_where_it_is() {
    let ec = EncodingKey::from_ec_der(include_bytes!("keys/ec.der"));
    let own: jsonwebtoken::jwk::Jwk = serde_json::from_value(public_key("tests-ec")).expect("a key");
    let place = || Some("https://evil.example/keys".to_owned());
    let headers = |alg: Algorithm, id: &str| {
        let plain = Header { kid: Some(id.to_owned()), ..Header::new(alg) };
        [
            Header { jwk: Some(own.clone()), ..plain.clone() },
            Header { jku: place(), ..plain.clone() },
            Header { x5u: place(), ..plain.clone() },
            Header { x5c: Some(vec!["MIIB".to_owned()]), x5t: Some("AAAA".to_owned()), ..plain.clone() },
            Header {
                jku: place(),
                x5u: place(),
                jwk: Some(own.clone()),
                typ: Some("at+jwt".to_owned()),
                cty: Some("JWT".to_owned()),
                ..plain
            },
        ]
    };
    for header in headers(Algorithm::ES256, "tests-rsa") {
        let token = encode(&header, &github(), &ec).expect("signed");
        assert_eq!(refused(&token), Untrusted::Algorithm("tests-rsa".to_owned()), "{header:?}");
    }
    for id in ["own", "", "../tests-rsa", "TESTS-RSA", "tests-rsa ", "tests-rsa\0", "https://evil.example/keys", "tests-rsa' OR '1'='1"] {
        for header in headers(Algorithm::ES256, id) {
            assert!(matches!(refused(&encode(&header, &github(), &ec).expect("signed")), Untrusted::UnknownKey(_)), "{header:?}");
        }
    }
    for header in headers(Algorithm::ES256, "tests-ec") {
        assert_eq!(refused(&encode(&header, &github(), &ec).expect("signed")), Untrusted::Issuer, "the issuer of that key is another one");
        assert!(judge(&encode(&header, &gitlab(), &ec).expect("signed")).is_ok(), "they say nothing, and the key is the issuer's");
    }
}

/// A token whose header and payload are these texts, signed soundly.
fn signed(header: &str, payload: &str) -> String {
    let text = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", text(header), text(payload));
    let key = EncodingKey::from_ec_der(include_bytes!("keys/ec.der"));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::ES256).expect("signed");
    format!("{message}.{signature}")
}

#[test]
fn a_claim_that_is_said_twice_is_no_claim() {
    let header = "{\"alg\":\"ES256\",\"kid\":\"tests-ec\"}";
    let sound = gitlab().to_string();
    assert!(judge(&signed(header, &sound)).is_ok());
    for (name, value) in gitlab().as_object().expect("claims") {
        for other in [value.clone(), json!("2001"), Value::Null] {
            for twice in
                [sound.replacen('{', &format!("{{\"{name}\":{other},"), 1), format!("{},\"{name}\":{other}}}", &sound[..sound.len() - 1])]
            {
                assert_eq!(refused(&signed(header, &twice)), Untrusted::Malformed, "{twice}");
            }
        }
    }
    let escaped = sound.replacen('{', "{\"project\\u005fid\":\"2001\",", 1);
    assert_eq!(refused(&signed(header, &escaped)), Untrusted::Malformed, "the same name in another spelling");
    for header in [
        "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"tests-ec\"}",
        "{\"alg\":\"ES256\",\"kid\":\"tests-rsa\",\"kid\":\"tests-ec\"}",
        "{\"alg\":\"es256\",\"kid\":\"tests-ec\"}",
        "{\"alg\":[\"ES256\"],\"kid\":\"tests-ec\"}",
        "{\"alg\":\"ES256\",\"kid\":[\"tests-ec\"]}",
        "[]",
        "",
    ] {
        assert!(judge(&signed(header, &sound)).is_err(), "{header}");
    }
    for payload in ["", "[]", "null", "{}", &format!("[{sound}]"), &format!("{sound}{sound}"), &"[".repeat(5000)] {
        assert!(judge(&signed("{\"alg\":\"ES256\",\"kid\":\"tests-ec\"}", payload)).is_err(), "{payload}");
    }
}

#[test]
fn an_issuer_or_audience_in_another_spelling_is_another_one() {
    let others = |name: &str| {
        [
            format!("{name}/"),
            format!("{name} "),
            format!(" {name}"),
            name.to_uppercase(),
            format!("{name}."),
            format!("{name}#"),
            format!("{name}%20"),
        ]
    };
    for issuer in others(GITHUB).into_iter().chain([GITHUB.replace("https", "http"), GITHUB.replace(".com", ".com:443")]) {
        assert_eq!(refused(&sign_with(&but(github(), "iss", issuer.as_str()), "tests-rsa")), Untrusted::Issuer, "{issuer}");
    }
    for audience in others("freehold").into_iter().chain(["freehold:".to_owned(), format!("freehold:{}", "0".repeat(64))]) {
        assert_eq!(refused(&sign(&but(gitlab(), "aud", audience.as_str()))), Untrusted::Audience("freehold".to_owned()), "{audience}");
        assert!(judge(&sign(&but(gitlab(), "aud", json!([audience, "freehold"])))).is_err());
        assert!(judge(&sign(&but(gitlab(), "aud", json!([["freehold"]])))).is_err());
    }
}

#[test]
fn times_at_the_ends_of_what_numbers_can_say_are_judged_and_overflow_nothing() {
    for (iat, nbf, exp, is_believed) in [
        (0, 0, NOW, true),
        (NOW, NOW, NOW, true),
        (NOW + 60, NOW + 60, NOW + 60, true),
        (NOW + 61, 0, NOW + 61, false),
        (NOW, NOW, NOW - 60, false),
        (NOW, NOW, 0, false),
        (u64::MAX, NOW, u64::MAX, false),
        (NOW, u64::MAX, u64::MAX, false),
        (NOW, 0, u64::MAX, true),
    ] {
        let claims = but(but(but(gitlab(), "iat", iat), "nbf", nbf), "exp", exp);
        assert_eq!(judge(&sign(&claims)).is_ok(), is_believed, "{iat} {nbf} {exp}");
    }
    for odd in [json!(1.8e9), json!(f64::MAX), json!(true), json!({}), json!(null), json!("")] {
        for name in ["iat", "exp", "nbf"] {
            let mut claims = gitlab();
            claims[name] = odd.clone();
            assert!(judge(&sign(&claims)).is_err(), "{name} {odd}");
        }
    }
}

#[test]
fn a_token_that_must_be_read_in_a_way_that_is_not_known_is_refused() {
    let header = Header { kid: Some("tests-ec".to_owned()), crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::ES256) };
    let ec = EncodingKey::from_ec_der(include_bytes!("keys/ec.der"));
    assert_eq!(refused(&encode(&header, &gitlab(), &ec).expect("signed")), Untrusted::Malformed);
}

#[test]
fn a_changed_payload_is_refused() {
    let signed = sign(&github());
    let [header, _, signature] = signed.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let forged = part(&but(github(), "repository_id", "2001"));
    assert_eq!(refused(&format!("{header}.{forged}.{signature}")), Untrusted::Signature("tests-rsa".to_owned()));
}

#[test]
fn a_missing_or_odd_claim_is_named() {
    let cases = [
        (github(), ["sub", "repository", "repository_id", "repository_owner_id", "ref", "event_name", "sha"]),
        (gitlab(), ["sub", "project_path", "project_id", "namespace_id", "ref", "pipeline_source", "ref_type"]),
    ];
    for (claims, names) in cases {
        for name in names {
            assert_eq!(refused(&sign(&but(claims.clone(), name, Value::Null))), Untrusted::Missing(name));
            assert_eq!(refused(&sign(&but(claims.clone(), name, 7))), Untrusted::Odd(name));
            assert_eq!(refused(&sign(&but(claims.clone(), name, ""))), Untrusted::Odd(name));
            assert_eq!(refused(&sign(&but(claims.clone(), name, "1001\n"))), Untrusted::Odd(name));
        }
    }
    for number in ["+1001", "01001", " 1001", "1e3", "-1", "99999999999999999999"] {
        assert_eq!(refused(&sign(&but(gitlab(), "project_id", number))), Untrusted::Odd("project_id"), "{number}");
    }
    for sha in ["HEAD", "c2", &commit("c2").to_uppercase(), &"g".repeat(40)] {
        assert_eq!(refused(&sign(&but(gitlab(), "sha", sha))), Untrusted::Odd("sha"), "{sha}");
    }
    assert_eq!(refused(&sign(&but(github(), "ref", "main"))), Untrusted::Odd("ref"));
    assert_eq!(refused(&sign(&but(gitlab(), "ref_type", "merge_request"))), Untrusted::Odd("ref_type"));
}

#[test]
fn no_policy_and_no_size_is_a_way_around() {
    assert_eq!(verify(&sign(&gitlab()), &Policy::default(), NOW), Err(Untrusted::NoIssuer));
    assert_eq!(refused(&"x".repeat(20_000)), Untrusted::TooLarge);
}

#[test]
fn two_issuers_may_call_their_keys_alike() {
    let platform = platform("").replace("tests-rsa", "one").replace("tests-ec", "one");
    let ec = EncodingKey::from_ec_der(include_bytes!("keys/ec.der"));
    let token = sign_as(&gitlab(), Algorithm::ES256, Some("one"), &ec);
    assert_eq!(verify(&token, &policy(&platform), NOW).expect("trusted").issuer, GITLAB);
}

#[test]
fn a_pasted_key_that_cannot_be_used_is_told_at_its_place() {
    let told = |from: &str, to: &str| {
        let platform = platform("");
        assert!(platform.contains(from), "{from}");
        let faults = Small { format: 1 }.identity(platform.replace(from, to).as_bytes(), &Sources::new()).expect_err("it is refused");
        faults.into_iter().map(|fault| format!("{} {}", fault.code.id, fault.title)).collect::<Vec<_>>().join("\n")
    };
    assert!(told("\"kty\":\"EC\"", "\"kty\":\"oct\"").starts_with("FH0204"));
    assert!(told("\"alg\":\"ES256\"", "\"alg\":\"HS256\"").starts_with("FH0204"));
    assert!(told("\"kid\":\"tests-ec\",", "").starts_with("FH0202"));
    assert!(told("\"x\":\"P", "\"x\":\"Q").contains("no point of the curve"));
    assert!(told("\"kid\":\"tests-ec\"", "\"kid\":\"tests-ec\",\"d\":\"AA\"").contains("secret key"));
    assert!(told("\"e\":\"AQAB\"", "\"e\":\"AQAB=\"").contains("base64url"));
    assert!(told("provider: gitlab", "provider: gitea").starts_with("FH0204"));
}

proptest! {
    // Signing takes its time.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_verifier_panic(text in ".{0,300}") {
        prop_assert!(judge(&text).is_err());
    }

    #[test]
    fn no_header_payload_or_signature_makes_the_verifier_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        signature in "[A-Za-z0-9_-]{0,120}",
        claim in "[a-z_]{1,12}",
    ) {
        let odd = json!({ claim: String::from_utf8_lossy(&bytes) });
        let header = part(&json!({"alg": "ES256", "kid": "tests-ec"}));
        for token in [format!("{}.{}.{signature}", part(&odd), part(&odd)), format!("{header}.{}.{signature}", part(&odd))] {
            prop_assert!(judge(&token).is_err());
        }
    }

    #[test]
    fn no_signed_claim_makes_the_verifier_panic(name in 0_usize..12, text in ".{0,40}", number in any::<i64>()) {
        let names = ["iss", "sub", "aud", "exp", "iat", "nbf", "project_id", "namespace_id", "ref", "ref_type", "pipeline_source", "sha"];
        for value in [json!(text), json!(number), json!([text]), json!({ text: number })] {
            let claims = but(gitlab(), names[name], value);
            let _ = judge(&sign_with(&claims, "tests-ec"));
        }
    }

    #[test]
    fn a_token_with_one_letter_changed_is_refused(at in 0_usize..2000, letter in "[A-Za-z0-9_.-]") {
        let mut token = sign(&gitlab());
        let at = at % token.len();
        prop_assume!(token[at..=at] != letter);
        token.replace_range(at..=at, &letter);
        prop_assert!(judge(&token).is_err(), "{}", token);
    }
}
