//! Publishing, and asking to land, with a signed token.

use freehold::central::{Asker, Consent, Publisher};
use freehold::diag::Diagnostic;
use freehold::source::Sources;
use serde_json::Value;

use crate::ground::{Asked, Company, account, errors, teams};
use crate::mint::{GITLAB, NOW, but, commit, github, gitlab, platform, sign, sign_with, token};

const LOCK: &str = "sources/churn/churn-model/freehold.lock";

/// A publish that would change something.
fn asked(company: &Company) -> Asked {
    company.churn().with("workflows/new.yaml", "x\n")
}

#[track_caller]
fn published(company: &Company, asked: &Asked) {
    let outcome = company.publish(asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

/// Grants `churn-model` to what is said.
fn grant(company: &Company, repository: &str) {
    company.write("teams/churn.yaml", &format!("team: churn\nrepositories: [{{ {repository}, source: churn-model }}]\nmembers: [ada]\n"));
    company.land("grant");
}

fn publisher(claims: &Value) -> Result<Publisher, Vec<Diagnostic>> {
    let compiler = crate::compiler::Small { format: 1 };
    Publisher::of(&token(sign(claims)), platform("").as_bytes(), &compiler, &Sources::new())
}

fn by(claims: &Value) -> Asker {
    Asker::Publisher(publisher(claims).expect("trusted"))
}

/// Makes the clone hold what a publish with these claims would make of the central branch, without landing it.
fn pushed(claims: &Value) -> Company {
    let company = Company::trusting("");
    let before = company.tip();
    published(&company, &asked(&company).token(claims));
    company.pull();
    company.central_git(&["update-ref", "refs/heads/main", &before]);
    company
}

#[test]
fn a_token_alone_says_everything_and_the_lock_records_it() {
    let company = Company::trusting("");
    let mut asked = asked(&company).token(&github());
    (asked.origin.repository, asked.origin.reference, asked.origin.event) = (None, None, None);
    asked.origin.commit = None;
    asked.consent = Consent { rollback: true, ..Consent::default() };
    published(&company, &asked);
    let lock = company.central_file(LOCK).expect("there");
    for said in ["\"id\": 1001", "\"name\": \"acme/churn-model\"", "\"ref\": \"refs/heads/main\"", &commit("c2")] {
        assert!(lock.contains(said), "{said} is not in {lock}");
    }
}

#[test]
fn what_the_environment_says_is_not_enough_where_a_token_is_due() {
    let cases = [
        ("", true, true, true),
        ("publish: environment", false, true, true),
        ("rollback: environment", true, true, true),
        ("publish: environment, rollback: environment, repair: environment", false, false, false),
        ("publish: token, rollback: environment, repair: environment", true, true, true),
        ("publish: environment, repair: environment", false, true, false),
    ];
    for (accept, publish, rollback, repair) in cases {
        let company = Company::trusting(accept);
        let plain = asked(&company);
        let rolled = Asked { consent: Consent { rollback: true, ..Consent::default() }, ..plain.clone() };
        let repaired = Asked { consent: Consent { repair: true, ..Consent::default() }, ..plain.clone() };
        for (asked, is_refused) in [(plain, publish), (rolled, rollback), (repaired, repair)] {
            let found = errors(&company.publish(&asked).expect("git works").plan.diagnostics);
            assert_eq!(found == ["FH0716"], is_refused, "{accept}: {:?} {found:?}", asked.consent);
            company.central_git(&["update-ref", "refs/heads/main", &company.git(&["rev-parse", "HEAD"])]);
            published(&company, &asked.token(&github()));
            company.central_git(&["update-ref", "refs/heads/main", &company.git(&["rev-parse", "HEAD"])]);
        }
    }
}

#[test]
fn without_a_policy_the_environment_is_believed_and_no_token_is() {
    let company = Company::new();
    assert_eq!(company.refusal(&asked(&company).token(&github())), ["FH0715"]);
    published(&company, &asked(&company));
}

#[test]
fn a_token_that_cannot_be_trusted_is_refused_also_where_none_is_due() {
    let company = Company::trusting("publish: environment");
    let asked = asked(&company);
    for claims in [but(github(), "exp", NOW - 60), but(github(), "aud", "vault"), but(github(), "iss", "https://evil.example")] {
        assert_eq!(company.refusal(&asked.clone().token(&claims)), ["FH0715"]);
        assert!(company.plan(&asked.clone().token(&claims)).is_refused(), "a plan that believed something else would mislead");
    }
    let mut forged = asked.token(&github());
    forged.origin.token = Some(token(sign_with(&github(), "tests-ec")));
    assert_eq!(company.refusal(&forged), ["FH0715"]);
}

#[test]
fn a_token_beside_words_of_another_run_is_refused() {
    let company = Company::trusting("");
    let asked = asked(&company).token(&github());
    let refused = |change: fn(&mut Asked)| {
        let mut other = asked.clone();
        change(&mut other);
        company.refusal(&other)
    };
    assert_eq!(refused(|asked| asked.origin.repository.as_mut().expect("said").id = 2001), ["FH0717"]);
    assert_eq!(refused(|asked| asked.origin.reference = Some("refs/heads/other".to_owned())), ["FH0717"]);
    assert_eq!(refused(|asked| asked.origin.event = Some("schedule".to_owned())), ["FH0717"]);
    assert_eq!(refused(|asked| asked.origin.commit = Some(commit("c3"))), ["FH0717"]);
    let files_of_another = |asked: &mut Asked| asked.origin.token.as_mut().expect("there").checked_out = Some(commit("c3"));
    assert_eq!(refused(files_of_another), ["FH0717"]);
    published(&company, &asked);
}

#[test]
fn t16_a_token_of_a_branch_or_of_a_pull_request_does_not_publish() {
    let company = Company::trusting("");
    let plain = asked(&company);
    let quiet = |claims: &Value| {
        let mut asked = plain.clone().token(claims);
        (asked.origin.reference, asked.origin.event) = (None, None);
        asked
    };
    assert_eq!(company.refusal(&quiet(&but(github(), "ref", "refs/heads/try"))), ["FH0702"]);
    for event in ["pull_request", "pull_request_target", "workflow_run", "issue_comment"] {
        assert_eq!(company.refusal(&quiet(&but(github(), "event_name", event))), ["FH0703"], "{event}");
    }
    grant(&company, &format!("id: 1001, name: acme/churn-model, issuer: {GITLAB}"));
    for event in ["merge_request_event", "external_pull_request_event", "parent_pipeline"] {
        assert_eq!(company.refusal(&quiet(&but(gitlab(), "pipeline_source", event))), ["FH0703"], "{event}");
    }
    assert_eq!(company.refusal(&quiet(&but(gitlab(), "ref_type", "tag"))), ["FH0702"], "a tag called like the branch");
    published(&company, &quiet(&gitlab()));
}

#[test]
fn t16_a_plan_with_the_token_of_a_pull_request_is_told_and_not_refused() {
    let company = Company::trusting("");
    let mut asked = asked(&company).token(&but(but(github(), "event_name", "pull_request"), "ref", "refs/pull/7/merge"));
    (asked.origin.reference, asked.origin.event) = (None, None);
    let plan = company.plan(&asked);
    assert!(!plan.is_refused() && !plan.changes.is_empty(), "{:#?}", plan.diagnostics);
    assert_eq!(plan.diagnostics.len(), 2);
}

#[test]
fn t46_a_repository_of_the_same_name_and_another_number_does_not_publish() {
    let company = Company::trusting("");
    let mut asked = asked(&company).token(&but(github(), "repository_id", "666"));
    asked.origin.repository = None;
    assert_eq!(company.refusal(&asked), ["FH0701"]);
    company.pull();
    company.commit("nothing");
    let landed = pushed(&github());
    assert_eq!(errors(&landed.judge(&by(&but(github(), "repository_id", "666"))).diagnostics), ["FH0801"]);
}

#[test]
fn t46_who_a_token_is_of_is_told_by_its_repository_and_nothing_else_that_it_says() {
    let company = Company::trusting("");
    let asked = asked(&company);
    let evil = but(but(github(), "repository_id", "666"), "repository", "mallory/churn-model");
    let ours = [
        ("sub", "repo:acme/churn-model:ref:refs/heads/main"),
        ("job_workflow_ref", "acme/churn-model/.github/workflows/publish.yaml@refs/heads/main"),
        ("workflow_ref", "acme/churn-model/.github/workflows/publish.yaml@refs/heads/main"),
        ("repository_owner", "acme"),
        ("repository_owner_id", "77"),
        ("environment", "production"),
        ("actor", "ada"),
        ("head_ref", "refs/heads/main"),
        ("project_id", "1001"),
        ("project_path", "acme/churn-model"),
    ];
    let all = ours.iter().fold(evil, |mut claims, (name, value)| {
        claims[*name] = Value::from(*value);
        let mut asked = asked.clone().token(&claims);
        asked.origin.repository = None;
        assert_eq!(company.refusal(&asked), ["FH0701"], "{name}");
        claims
    });
    assert_eq!(all["repository_id"], "666");
    // A workflow of another repository that this one calls runs for this one.
    let called = but(github(), "job_workflow_ref", "platform/actions/.github/workflows/publish.yaml@refs/tags/v1");
    published(&company, &asked.token(&called));
}

#[test]
fn t46_a_number_of_one_issuer_is_not_that_of_another() {
    let company = Company::trusting("");
    let mut asked = asked(&company).token(&gitlab());
    assert_eq!(company.refusal(&asked), ["FH0701"], "the grant means the first issuer's");
    grant(&company, &format!("id: 1001, name: acme/churn-model, issuer: {GITLAB}"));
    published(&company, &asked);
    asked = asked.token(&github()).with("workflows/more.yaml", "x\n");
    assert_eq!(company.refusal(&asked), ["FH0701"]);
}

#[test]
fn a_repository_that_belongs_to_another_owner_now_does_not_publish() {
    let company = Company::trusting("");
    grant(&company, "id: 1001, name: acme/churn-model, owner_id: 77");
    let asked = asked(&company);
    assert_eq!(company.refusal(&asked.clone().token(&but(github(), "repository_owner_id", "78"))), ["FH0717"]);
    published(&company, &asked.token(&github()));
}

#[test]
fn a_renamed_repository_publishes_under_its_new_name() {
    let company = Company::trusting("");
    let asked = asked(&company).token(&but(github(), "repository", "acme/churn"));
    let outcome = company.publish(&asked).expect("git works");
    assert!(outcome.commit.is_some() && outcome.plan.diagnostics[0].code.id == "FH0704", "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file(LOCK).expect("there").contains("acme/churn\""));
}

#[test]
fn what_a_publish_with_a_token_pushes_may_land_for_that_token_alone() {
    let company = pushed(&github());
    let judged = |asker: &Asker| errors(&company.judge(asker).diagnostics);
    assert!(judged(&by(&github())).is_empty());
    assert_eq!(judged(&teams(&["churn"])), ["FH0821"], "the policy takes a token");
    assert_eq!(judged(&account("ada")), ["FH0821"]);
    assert_eq!(judged(&by(&but(github(), "sha", commit("c3")))), ["FH0821"], "a token of another commit");
    assert_eq!(judged(&by(&but(github(), "repository", "acme/other"))), ["FH0821"], "a lock that names it otherwise");
    for (claim, value) in [("ref", "refs/heads/try"), ("event_name", "pull_request"), ("repository_id", "2001")] {
        assert_eq!(judged(&by(&but(github(), claim, value))), ["FH0801"], "{claim}");
    }
    assert_eq!(judged(&by(&gitlab())), ["FH0801"], "another issuer's number");
}

#[test]
fn an_administrator_who_is_a_member_too_needs_the_token_like_every_member() {
    let company = Company::trusting("");
    company.pull_hard();
    let platform = company.central_file("platform.yaml").expect("there");
    company.write("platform.yaml", &format!("{platform}administrators: [ada]\n"));
    company.land("ada administers it");
    let before = company.tip();
    published(&company, &asked(&company).token(&github()));
    company.pull();
    company.central_git(&["update-ref", "refs/heads/main", &before]);
    assert_eq!(errors(&company.judge(&account("ada")).diagnostics), ["FH0821"]);
}

#[test]
fn a_token_of_another_owner_does_not_land_anything() {
    let company = Company::trusting("");
    grant(&company, "id: 1001, name: acme/churn-model, owner_id: 77");
    let before = company.tip();
    published(&company, &asked(&company).token(&github()));
    company.pull();
    company.central_git(&["update-ref", "refs/heads/main", &before]);
    assert!(errors(&company.judge(&by(&github())).diagnostics).is_empty());
    assert_eq!(errors(&company.judge(&by(&but(github(), "repository_owner_id", "78"))).diagnostics), ["FH0801"]);
}

#[test]
fn a_token_speaks_for_its_own_source_and_what_that_compiles_to_only() {
    for path in [
        "platform.yaml",
        "README.md",
        "teams/churn.yaml",
        "dags/ads/report.py",
        "sources/ads/reports/freehold.lock",
        "sources/churn/churn-extra/freehold.lock",
        "dags/churn/foreign.py",
    ] {
        let company = pushed(&github());
        company.write(path, "platform: mine\n");
        company.commit("and something else");
        let found = errors(&company.judge(&by(&github())).diagnostics);
        assert!(found.contains(&"FH0801"), "{path}: {found:?}");
    }
}

#[test]
fn a_token_cannot_mend_what_another_source_of_its_team_compiles_to() {
    let company = Company::trusting("");
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write("sources/churn/notebooks/workflows/explore.yaml", "workflow: explore\n");
    company.regenerate("churn");
    let compiled = fs_err::read_to_string(company.clone_folder().join("dags/churn/explore.py")).expect("made");
    company.write("dags/churn/explore.py", "print('by hand')\n");
    company.land("notebooks, and an edit by hand");
    company.write("dags/churn/explore.py", &compiled);
    company.commit("mended");
    assert_eq!(errors(&company.judge(&by(&github())).diagnostics), ["FH0801"]);
    assert!(errors(&company.judge(&teams(&["churn"])).diagnostics).is_empty(), "its team can");
}

#[test]
fn a_change_with_a_token_that_records_nothing_is_refused() {
    let company = Company::trusting("");
    company.write("sources/churn/churn-model/workflows/daily.yaml", "workflow: daily\n# by hand\n");
    company.regenerate("churn");
    company.commit("by hand");
    assert_eq!(errors(&company.judge(&by(&github())).diagnostics), ["FH0821"]);
}

#[test]
fn where_the_environment_is_accepted_a_team_lands_a_publish_without_a_token() {
    let company = Company::trusting("publish: environment");
    let before = company.tip();
    published(&company, &asked(&company));
    company.pull();
    company.central_git(&["update-ref", "refs/heads/main", &before]);
    assert!(errors(&company.judge(&teams(&["churn"])).diagnostics).is_empty());
}

#[test]
fn a_publisher_is_nobody_without_a_trusted_token_or_a_policy() {
    assert_eq!(errors(&publisher(&but(github(), "exp", NOW - 60)).expect_err("expired")), ["FH0715"]);
    let compiler = crate::compiler::Small { format: 1 };
    for platform in ["", "platform: [", "platform: acme\ntarget: { airflow: \"3.1\" }\n"] {
        assert!(Publisher::of(&token(sign(&github())), platform.as_bytes(), &compiler, &Sources::new()).is_err(), "{platform:?}");
    }
}

#[test]
fn a_token_is_never_printed() {
    let company = Company::trusting("");
    let asked = asked(&company).token(&but(github(), "exp", NOW - 60));
    let text = asked.origin.token.as_ref().expect("there").text.clone();
    let told = format!("{:?} {:?}", asked.request(), company.publish(&asked).expect("git works").plan.diagnostics);
    for part in text.split('.') {
        assert!(!told.contains(part));
    }
}

/// Has `churn-model` give `daily` to `churn-extra`, and gives the publish that takes it.
fn taking(company: &Company) -> Asked {
    let project = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: churn/churn-extra }]\n";
    published(company, &company.churn().with("freehold.yaml", project));
    let mut extra = company.churn().repository(1002, "acme/churn-extra").with("freehold.yaml", "team: churn\nsource: churn-extra\n");
    extra.source = "churn-extra";
    extra.files.retain(|path, _| path == "freehold.yaml");
    extra.with("workflows/daily.yaml", "taken_from: churn/daily\n")
}

/// What GitHub says of a push to `acme/churn-extra`.
fn extra() -> Value {
    but(but(github(), "repository_id", "1002"), "repository", "acme/churn-extra")
}

#[test]
fn t47_a_transfer_takes_what_the_policy_says_and_a_token_may_bring_it() {
    let company = Company::trusting("publish: environment");
    let taken = taking(&company);
    assert_eq!(company.refusal(&taken), ["FH0716"]);
    published(&company, &taken.token(&extra()));
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("taken_from"));
}

#[test]
fn a_token_that_takes_a_workflow_over_changes_nothing_else_of_the_source_that_gives_it() {
    let company = Company::trusting("publish: environment");
    let taken = taking(&company);
    let before = company.tip();
    published(&company, &taken.token(&extra()));
    company.pull();
    company.central_git(&["update-ref", "refs/heads/main", &before]);
    assert!(errors(&company.judge(&by(&extra())).diagnostics).is_empty());
    let lock = fs_err::read_to_string(company.clone_folder().join(LOCK)).expect("there");
    assert!(lock.contains("\"serial\": 2"), "{lock}");
    company.write(LOCK, &lock.replace("\"serial\": 2", "\"serial\": 3"));
    company.commit("and counts for it");
    let found = errors(&company.judge(&by(&extra())).diagnostics);
    assert!(!found.is_empty() && found.iter().all(|code| ["FH0817", "FH0818"].contains(code)), "{found:?}");
}
