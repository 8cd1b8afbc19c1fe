//! Publishes that wait with a token, where what waits takes one: each is good for its own publish, and for nothing else.

use freehold::central::{Consent, Integrated, Update, Via};
use freehold::diag::Diagnostic;
use serde_json::Value;

use crate::ground::{Asked, Company, account, errors};
use crate::mint::{GITLAB, NOW, but, commit, github, gitlab, sign, sign_with};

const CHURN: &str = "publish/churn/churn-model";
const DAY: u64 = 24 * 60 * 60;

fn asked(company: &Company, name: &str) -> Asked {
    company.churn().with(&format!("workflows/{name}.yaml"), "x\n").via_branch()
}

/// `churn-model` waits with a token of its run.
fn waiting(accept: &str) -> Company {
    let company = Company::trusting(accept);
    waits(&company, &asked(&company, "more").token(&github()));
    company
}

#[track_caller]
fn waits(company: &Company, asked: &Asked) {
    let outcome = company.publish(asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

#[track_caller]
fn landed(done: &Integrated) {
    assert!(done.refused.is_empty() && done.commit.is_some(), "{:#?}", done.refused);
}

#[track_caller]
fn refused(company: &Company) -> Vec<Diagnostic> {
    let tip = company.tip();
    let done = company.integrate();
    assert_eq!((done.commit, company.tip()), (None, tip), "it landed");
    done.refused.into_iter().flat_map(|(_, found)| found).collect()
}

/// The message of what waits.
fn message(company: &Company, branch: &str) -> String {
    company.central_git(&["log", "-1", "--format=%B", branch])
}

fn token_of(message: &str) -> &str {
    message.lines().find_map(|line| line.strip_prefix("Freehold-Token: ")).expect("a token waits")
}

/// Has another token wait, in place of the one that does.
fn exchange(company: &Company, branch: &str, token: &str) {
    let message = message(company, branch);
    let message = message.replace(token_of(&message), token);
    company.tamper(branch, |company| drop(company.git(&["commit", "--quiet", "--amend", "--message", &message])));
}

#[test]
fn what_waits_with_a_token_of_its_own_lands_and_the_token_does_not() {
    let company = waiting("");
    assert!(!token_of(&message(&company, CHURN)).is_empty());
    landed(&company.integrate());
    assert!(company.central_file("dags/churn/more.py").is_some());
    let lock = company.central_file("sources/churn/churn-model/freehold.lock").expect("there");
    assert!(lock.contains(&commit("c2")), "it records what the token says: {lock}");
    assert!(!company.central_git(&["log", "--format=%B", "main"]).contains("Freehold-Token"));
}

#[test]
fn t16_what_waits_without_a_token_is_refused_where_one_is_due() {
    let company = Company::trusting("publish: environment, integrate: token");
    let outcome = company.publish(&asked(&company, "more")).expect("git works");
    assert_eq!((outcome.commit, errors(&outcome.plan.diagnostics)), (None, vec!["FH0716"]), "told before it waits in vain");
    let company = waiting("");
    let message = message(&company, CHURN);
    let bare = message.replace(&format!("Freehold-Token: {}", token_of(&message)), "");
    company.tamper(CHURN, |company| drop(company.git(&["commit", "--quiet", "--amend", "--message", &bare])));
    let found = refused(&company);
    assert_eq!(errors(&found), ["FH0716"]);
    assert_eq!(found[0].title, "`integrate` takes an identity token, and what waits has none of its own");
}

#[test]
fn t15_a_token_of_another_publish_is_refused() {
    // Of other files, as somebody can make them who may push the branch.
    let company = waiting("");
    company.tamper(CHURN, |company| company.write("sources/churn/churn-model/workflows/more.yaml", "workflow: mine\n"));
    let found = refused(&company);
    assert_eq!(errors(&found), ["FH0730"]);
    assert_eq!(found[0].title, "the identity token cannot be trusted: it was not made for this very publish");

    // Of the publish before, whose files were the same.
    let company = waiting("");
    let old = token_of(&message(&company, CHURN)).to_owned();
    landed(&company.integrate());
    company.pull_hard();
    let back = company.churn().token(&github()).via_branch();
    waits(&company, &Asked { consent: Consent { rollback: true, repair: false }, ..back });
    landed(&company.integrate());
    waits(&company, &Asked { consent: Consent { rollback: true, repair: false }, ..asked(&company, "more").token(&github()) });
    exchange(&company, CHURN, &old);
    assert_eq!(errors(&refused(&company)), ["FH0730"], "the number of the publish is another one");
}

#[test]
fn a_token_says_what_was_said_explicitly() {
    let company = waiting("");
    let message = message(&company, CHURN);
    for word in ["rollback", "repair"] {
        let said = format!("{message}\nFreehold-Consent: {word}\n");
        company.tamper(CHURN, |company| drop(company.git(&["commit", "--quiet", "--amend", "--message", &said])));
        assert_eq!(errors(&refused(&company)), ["FH0730"], "{word}");
    }
}

#[test]
fn t16_a_token_of_another_source_or_team_is_refused() {
    let company = waiting("");
    let token = token_of(&message(&company, CHURN)).to_owned();
    let extra = but(but(github(), "repository_id", "1002"), "repository", "acme/churn-extra");
    let mut other =
        asked(&company, "other").repository(1002, "acme/churn-extra").with("freehold.yaml", "team: churn\nsource: churn-extra\n");
    other.source = "churn-extra";
    other.files.retain(|path, _| path == "freehold.yaml" || path == "workflows/other.yaml");
    waits(&company, &other.token(&extra));
    let ads = but(but(github(), "repository_id", "2001"), "repository", "acme/ads");
    waits(&company, &company.ads().with("workflows/clicks.yaml", "x\n").repository(2001, "acme/ads").via_branch().token(&ads));
    for branch in ["publish/churn/churn-extra", "publish/ads/reports"] {
        exchange(&company, branch, &token);
    }
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (1, 2));
    for (branch, found) in &done.refused {
        assert_eq!(errors(found), ["FH0730"], "{branch}");
    }
}

#[test]
fn t16_a_token_of_another_central_repository_is_refused() {
    let company = waiting("");
    company.pull_hard();
    let platform = company.central_file("platform.yaml").expect("there");
    company.write("platform.yaml", &platform.replace("platform: acme", "platform: acme-staging"));
    company.land("another platform, with the same team and source");
    assert_eq!(errors(&refused(&company)), ["FH0730"]);
}

#[test]
fn a_token_that_was_made_for_another_audience_is_refused() {
    let company = waiting("");
    for audience in ["freehold", "vault", &format!("freehold:{}", "0".repeat(64))] {
        exchange(&company, CHURN, &sign(&but(github(), "aud", audience)));
        assert_eq!(errors(&refused(&company)), ["FH0730"], "{audience}");
    }
    exchange(&company, CHURN, "x.y.z");
    assert_eq!(errors(&refused(&company)), ["FH0715"]);
}

#[test]
fn t46_a_token_of_another_run_for_this_very_publish_is_refused() {
    let audience = audience(&waiting(""));
    let cases = [
        ("repository_id", "666", "FH0717"),
        ("ref", "refs/heads/try", "FH0717"),
        ("sha", &commit("c3"), "FH0717"),
        ("event_name", "pull_request_target", "FH0703"),
    ];
    for (claim, value, code) in cases {
        let company = waiting("");
        exchange(&company, CHURN, &sign(&but(but(github(), "aud", audience.as_str()), claim, value)));
        let found = errors(&refused(&company));
        assert!(found.contains(&code), "{claim}: {found:?}");
    }
    let company = waiting("");
    let claims = but(github(), "aud", audience);
    exchange(&company, CHURN, &sign_with(&claims, "tests-ec"));
    assert_eq!(errors(&refused(&company)), ["FH0715"], "signed by another issuer's key");
    exchange(&company, CHURN, &sign(&claims));
    landed(&company.integrate());
}

/// The audience of the token that waits.
fn audience(company: &Company) -> String {
    let message = message(company, CHURN);
    let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token_of(&message)).expect("a token").claims;
    claims["aud"].as_str().expect("a text").to_owned()
}

#[test]
fn a_token_waits_for_as_long_as_the_policy_says_and_not_for_as_long_as_it_lives() {
    let made = NOW - 10;
    let company = waiting("");
    let done = company.integrate_at(made + DAY + 61);
    assert_eq!(errors(&done.refused[0].1), ["FH0730"]);
    assert_eq!(done.refused[0].1[0].title, "the identity token cannot be trusted: it has waited for 86461 seconds, and may for 86400");
    assert_eq!(errors(&company.integrate_at(made - 61).refused[0].1), ["FH0715"], "before it was made");
    landed(&company.integrate_at(made + DAY));

    let company = waiting("");
    company.pull_hard();
    let platform = company.central_file("platform.yaml").expect("there");
    company.write("platform.yaml", &platform.replace("  accept:", "  waiting_time: 10m\n  accept:"));
    company.land("ten minutes");
    assert_eq!(errors(&company.integrate_at(made + 661).refused[0].1), ["FH0730"]);
    landed(&company.integrate_at(made + 600));
}

#[test]
fn publishing_again_renews_a_token_that_has_waited_too_long_and_no_other() {
    let company = waiting("");
    let first = message(&company, CHURN);
    let again = asked(&company, "more").token(&github());
    assert_eq!(company.publish(&again).expect("git works").commit, None, "the same waits already");
    let later = but(but(github(), "iat", NOW + 2 * DAY), "nbf", NOW + 2 * DAY);
    let mut later = asked(&company, "more").token(&but(later, "exp", NOW + 2 * DAY + 300));
    later.origin.token.as_mut().expect("there").now = NOW + 2 * DAY;
    later.at = NOW + 2 * DAY;
    waits(&company, &later);
    assert_ne!(token_of(&message(&company, CHURN)), token_of(&first));
    landed(&company.integrate_at(NOW + 2 * DAY));
}

#[test]
fn a_token_that_waits_publishes_nothing_by_itself() {
    let company = waiting("");
    let message = message(&company, CHURN);
    let mut direct = asked(&company, "more").token(&github());
    direct.via = Via::Direct;
    direct.origin.token.as_mut().expect("there").text = token_of(&message).to_owned();
    assert_eq!(company.refusal(&direct), ["FH0715"], "its audience is not the platform's own");
}

#[test]
fn a_host_that_fixes_the_audience_cannot_bind_and_the_platform_may_believe_the_branch() {
    let grant = format!("team: churn\nrepositories: [{{ id: 1001, name: acme/churn-model, source: churn-model, issuer: {GITLAB} }}]\n");
    let company = Company::trusting("");
    company.write("teams/churn.yaml", &grant);
    company.land("a repository of GitLab");
    let outcome = company.publish(&asked(&company, "more").token(&gitlab())).expect("git works");
    assert_eq!((outcome.commit, errors(&outcome.plan.diagnostics)), (None, vec!["FH0716"]));

    let company = Company::trusting("integrate: branch");
    company.write("teams/churn.yaml", &grant);
    company.land("a repository of GitLab");
    waits(&company, &asked(&company, "more").token(&gitlab()));
    assert!(!message(&company, CHURN).contains("Freehold-Token"));
    landed(&company.integrate());
}

#[test]
fn the_branch_is_believed_for_publishing_and_for_nothing_more() {
    let company = Company::trusting("integrate: branch");
    let rolled = Asked { consent: Consent { rollback: true, repair: false }, ..asked(&company, "more").token(&github()) };
    waits(&company, &rolled);
    assert_eq!(errors(&refused(&company)), ["FH0716"], "`rollback` takes a token");
    let company = Company::trusting("integrate: branch, rollback: environment");
    waits(&company, &rolled);
    landed(&company.integrate());
    // A token that cannot be trusted is never passed over for the branch's word.
    let company = Company::trusting("integrate: token");
    waits(&company, &asked(&company, "more").token(&github()));
    company.pull_hard();
    let platform = company.central_file("platform.yaml").expect("there");
    company.write("platform.yaml", &platform.replace("integrate: token", "integrate: branch"));
    company.land("the branch is enough");
    company.tamper(CHURN, |company| company.write("sources/churn/churn-model/workflows/more.yaml", "workflow: mine\n"));
    assert_eq!(errors(&refused(&company)), ["FH0730"]);
}

#[test]
fn the_servers_hook_takes_what_waits_with_a_token_from_an_integrator_and_nothing_whose_token_is_not_for_it() {
    let company = Company::trusting("");
    let platform = format!("{}integrators: [integrate-bot]\n", company.central_file("platform.yaml").expect("there"));
    company.write("platform.yaml", &platform);
    company.land("a bot");
    waits(&company, &asked(&company, "more").token(&github()));
    let (tip, at) = (company.tip(), company.central_git(&["rev-parse", CHURN]));
    landed(&company.integrate());
    let made = company.tip();
    let push = || {
        let update = Update { old: Some(tip.clone()), new: Some(made.clone()), reference: "refs/heads/main".to_owned() };
        company.receive(&account("integrate-bot"), &update)
    };
    company.central_git(&["update-ref", "refs/heads/main", &tip]);
    company.central_git(&["update-ref", &format!("refs/heads/{CHURN}"), &at]);
    assert_eq!(errors(&push()), Vec::<&str>::new());

    // The branch at the same files, with a token that was made for another publish; and with none.
    let text = message(&company, CHURN);
    for (token, code) in [(Some(sign(&but(github(), "aud", "freehold"))), "FH0730"), (None, "FH0716")] {
        let other = match token {
            Some(token) => text.replace(token_of(&text), &token),
            None => text.replace(&format!("Freehold-Token: {}", token_of(&text)), ""),
        };
        company.tamper(CHURN, |company| drop(company.git(&["commit", "--quiet", "--amend", "--message", &other])));
        assert_eq!(errors(&push()), ["FH0824"], "the commit lands another state of the branch");
        let now = company.central_git(&["rev-parse", CHURN]);
        let said = message(&company, &made).replace(&at, &now);
        let tree = format!("{made}^{{tree}}");
        let again = company.central_git(&["commit-tree", &tree, "-p", &tip, "-m", &said]);
        let update = Update { old: Some(tip.clone()), new: Some(again), reference: "refs/heads/main".to_owned() };
        assert_eq!(errors(&company.receive(&account("integrate-bot"), &update)), [code]);
    }
}
