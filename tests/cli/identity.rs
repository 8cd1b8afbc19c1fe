//! The binary with identity tokens, signed now by the keys of `tests/central/keys`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::ground::{Ground, Ran, run};

const ISSUER: &str = "https://gitlab.acme.example";

/// A central repository that takes tokens of a GitLab, and a project with a commit.
fn ground() -> Ground {
    let ground = Ground::with_project();
    let keys: Value = serde_json::from_str(include_str!("../central/keys/jwks.json")).expect("JSON");
    let issuer = json!({ "issuer": ISSUER, "provider": "gitlab", "audience": "freehold", "keys": keys["keys"] });
    ground.write("seed/platform.yaml", format!("platform: acme\ntarget: {{ airflow: \"3.1\" }}\nidentity: {{ issuers: [{issuer}] }}\n"));
    ground.write(
        "seed/teams/my-models.yaml",
        "team: my-models\nrepositories: [{ id: 7, name: acme/my-models, owner_id: 3, source: my-models }]\n",
    );
    ground.commit("seed", "Grant a team its place");
    ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
    ground.commit("my-models", "Start");
    ground
}

/// A token of a push of the project's commit.
fn token(ground: &Ground) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": "freehold", "sub": "project_path:acme/my-models:ref_type:branch:ref:main",
        "iat": now, "nbf": now, "exp": now + 300,
        "project_id": "7", "project_path": "acme/my-models", "namespace_id": "3",
        "ref": "main", "ref_type": "branch", "pipeline_source": "push", "sha": ground.git("my-models", &["rev-parse", "HEAD"]),
    });
    let header = Header { kid: Some("tests-ec".to_owned()), ..Header::new(Algorithm::ES256) };
    encode(&header, &claims, &EncodingKey::from_ec_der(include_bytes!("../central/keys/ec.der"))).expect("signed")
}

fn publish(ground: &Ground, arguments: &[&str]) -> Ran {
    ground.run(&[&["publish", "my-models", "--central", "dags.git"], arguments].concat())
}

#[test]
fn a_token_in_a_file_or_in_the_environment_says_who_publishes() {
    let ground = ground();
    ground.ask(&["publish"]).expect_refusal("FH0716");
    let token = token(&ground);
    ground.write("token", format!("{token}\n"));
    publish(&ground, &["--identity-token", "token", "--dry-run"]).expect_code(0);
    let ran = run(ground.binary().args(["publish", "my-models", "--central", "dags.git"]).env("FREEHOLD_IDENTITY_TOKEN", &token));
    ran.expect_code(0);
    let lock = ground.git("dags.git", &["show", "main:sources/my-models/my-models/freehold.lock"]);
    assert!(lock.contains("\"id\": 7") && lock.contains(&ground.git("my-models", &["rev-parse", "HEAD"])), "{lock}");
}

#[test]
fn a_token_beside_other_words_or_of_another_commit_is_refused_and_never_printed() {
    let ground = ground();
    let token = token(&ground);
    ground.write("token", &token);
    let mut said = vec![publish(&ground, &["--identity-token", "token", "--repository-id", "8"]).expect_refusal("FH0717")];
    ground.write("forged", token.replacen('.', ".e", 1));
    said.push(publish(&ground, &["--identity-token", "forged"]).expect_refusal("FH0715"));
    ground.write("my-models/README.md", "More.\n");
    ground.commit("my-models", "More");
    said.push(publish(&ground, &["--identity-token", "token"]).expect_refusal("FH0717"));
    for ran in said {
        assert!(token.split('.').all(|part| !ran.stderr.contains(part) && !ran.stdout.contains(part)));
    }
    publish(&ground, &["--identity-token", "nowhere"]).expect_failure("nowhere");
}

#[test]
fn verify_judges_a_change_as_the_repository_of_a_token() {
    let ground = ground();
    ground.write("token", token(&ground));
    let base = ground.git("dags.git", &["rev-parse", "main"]);
    publish(&ground, &["--identity-token", "token"]).expect_code(0);
    let verify = |who: &[&str]| ground.run(&[&["verify", "--repo", "dags.git", "--base", &base, "--head", "main"], who].concat());
    verify(&["--identity-token", "token"]).expect_code(0);
    verify(&["--team", "my-models"]).expect_refusal("FH0821");
    ground.write("forged", "x.y.z");
    verify(&["--identity-token", "forged"]).expect_refusal("FH0715");
    verify(&["--identity-token", "token", "--platform"]).expect_code(2);
}

#[test]
fn a_token_that_is_handed_to_the_server_is_what_its_hook_judges_by() {
    use std::os::unix::fs::PermissionsExt as _;
    let ground = ground();
    let token = token(&ground);
    ground.write("token", &token);
    let binary = assert_cmd::cargo::cargo_bin!("freehold");
    ground.write("dags.git/hooks/pre-receive", format!("#!/bin/sh\nexec '{}' hook pre-receive\n", binary.display()));
    fs_err::set_permissions(ground.path("dags.git/hooks/pre-receive"), std::fs::Permissions::from_mode(0o755)).expect("set");
    ground.git("dags.git", &["config", "receive.advertisePushOptions", "true"]);
    publish(&ground, &["--identity-token", "token"]).expect_failure("does not say who pushes");
    let ran = publish(&ground, &["--identity-token", "token", "--send-token"]).expect_code(0);
    assert!(token.split('.').all(|part| !ran.stderr.contains(part) && !ran.stdout.contains(part)));
    // The same token speaks for its own source, and for nothing else.
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    ground.write("clone/README.md", "mine\n");
    ground.commit("clone", "beyond");
    let option = format!("--push-option=freehold-token={token}");
    let push = |option: &str| {
        let mut command = std::process::Command::new("git");
        command.args(["-C", &ground.path("clone").to_string_lossy(), "push", option, "origin", "main"]);
        run(command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("FREEHOLD_ACTOR"))
    };
    let ran = push(&option);
    assert!(ran.code != 0 && ran.stderr.contains("FH0801"), "{}", ran.stderr);
    let ran = push("--push-option=freehold-token=forged");
    assert!(ran.code != 0 && ran.stderr.contains("FH0715"), "{}", ran.stderr);
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// A central repository that takes GitHub's tokens, and its project.
fn on_github() -> Ground {
    let ground = ground();
    ground.git(".", &["clone", "--quiet", "dags.git", "clone"]);
    let keys: Value = serde_json::from_str(include_str!("../central/keys/jwks.json")).expect("JSON");
    let issuer = json!({ "issuer": GITHUB, "provider": "github", "audience": "freehold", "keys": keys["keys"] });
    ground.write("clone/platform.yaml", format!("platform: acme\ntarget: {{ airflow: \"3.1\" }}\nidentity: {{ issuers: [{issuer}] }}\n"));
    ground.commit("clone", "Trust GitHub");
    ground.git("clone", &["push", "--quiet", "origin", "HEAD:main"]);
    ground
}

/// What GitHub signs for a run that publishes the project's commit.
fn signed(audience: &str, commit: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({
        "iss": GITHUB, "aud": audience, "sub": "repo:acme/my-models:ref:refs/heads/main", "iat": now, "nbf": now, "exp": now + 300,
        "repository": "acme/my-models", "repository_id": "7", "repository_owner_id": "3",
        "ref": "refs/heads/main", "event_name": "push", "sha": commit,
    });
    let header = Header { kid: Some("tests-ec".to_owned()), ..Header::new(Algorithm::ES256) };
    encode(&header, &claims, &EncodingKey::from_ec_der(include_bytes!("../central/keys/ec.der"))).expect("signed")
}

/// GitHub's token endpoint, for one request with this secret; gives its address. It ends with the test's process.
fn endpoint(secret: &'static str, commit: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut lines = BufReader::new(stream.try_clone().expect("cloned")).lines().map(|line| line.expect("text"));
            let asked = lines.next().expect("a request");
            let is_allowed =
                lines.take_while(|line| !line.is_empty()).any(|line| line.eq_ignore_ascii_case(&format!("authorization: bearer {secret}")));
            let audience = asked.split(' ').nth(1).and_then(|path| path.split_once("?api-version=2.0&audience=")).map(|(_, rest)| rest);
            let answer = match audience.filter(|_| is_allowed) {
                Some(audience) => {
                    let body = json!({ "count": 1, "value": signed(&audience.replace("%3A", ":"), &commit) }).to_string();
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
                }
                None => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            };
            stream.write_all(answer.as_bytes()).expect("answered");
        }
    });
    format!("http://{address}/token?api-version=2.0")
}

/// Publishes by branch as a run of GitHub does that asks its endpoint with this secret.
fn publish_by_branch(ground: &Ground, url: &str, secret: &str) -> Ran {
    let mut binary = ground.binary();
    binary.args(["publish", "my-models", "--central", "dags.git", "--via", "branch", "--identity-token", "token"]);
    run(binary.envs([("ACTIONS_ID_TOKEN_REQUEST_URL", url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", secret)]))
}

#[test]
fn a_run_of_github_asks_for_a_token_that_waits_with_its_publish_and_for_nothing_else() {
    let ground = on_github();
    let commit = ground.git("my-models", &["rev-parse", "HEAD"]);
    ground.write("token", signed("freehold", &commit));
    let url = endpoint("s3cret\"\\x", commit);
    let by_hand = publish(&ground, &["--identity-token", "token", "--via", "branch"]).expect_refusal("FH0716");
    assert!(by_hand.stderr.contains("id-token: write"), "{}", by_hand.stderr);
    let ran = publish_by_branch(&ground, &url, "wrong");
    ran.expect_failure("the Git host gives no identity token");
    publish_by_branch(&ground, &url, "s3cret\"\\x").expect_code(0);
    let waiting = ground.git("dags.git", &["log", "-1", "--format=%B", "publish/my-models/my-models"]);
    assert!(waiting.contains("Freehold-Token: "), "{waiting}");
    let done = ground.run(&["integrate", "--central", "dags.git"]).expect_code(0);
    assert!(done.stderr.contains("integrated as"), "{}", done.stderr);
    assert!(!ground.git("dags.git", &["log", "--format=%B", "main"]).contains("Freehold-Token"));
}

#[test]
fn a_source_that_no_repository_is_granted_is_told_with_what_to_ask_for() {
    let ground = Ground::with_central();
    ground.edit("my-models/freehold.yaml", "source: my-models", "source: reports");
    ground.commit("my-models", "Another source");
    let ran = ground.run(&["publish", "my-models", "--central", "dags.git"]).expect_refusal("FH0701");
    assert!(ran.stderr.contains("ask the platform for a line with `source: reports`"), "{}", ran.stderr);
}
