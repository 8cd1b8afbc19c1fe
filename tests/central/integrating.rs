//! Publishes that wait on branches of their own, and landing them together.

use crate::ground::{Company, errors};

#[test]
fn what_waits_lands_in_one_commit_and_waits_no_longer() {
    let company = Company::new();
    let tip = company.tip();
    for asked in [company.churn().with("workflows/more.yaml", "x\n"), company.ads().with("workflows/clicks.yaml", "x\n")] {
        company.publish(&asked.via_branch()).expect("git works").commit.expect("it waits");
    }
    assert_eq!(company.tip(), tip, "nothing has landed");
    assert_eq!(company.central_git(&["for-each-ref", "--format=%(refname)", "refs/heads/publish"]).lines().count(), 2);
    let done = company.integrate();
    assert!(done.refused.is_empty(), "{:#?}", done.refused);
    assert_eq!((done.landed.len(), done.commit.map(|commit| commit.to_string())), (2, Some(company.tip())));
    assert_eq!(company.central_git(&["rev-parse", "main~1"]), tip, "one commit");
    assert!(company.central_file("dags/churn/more.py").is_some() && company.central_file("dags/ads/clicks.py").is_some());
    assert_eq!(company.central_git(&["for-each-ref", "refs/heads/publish"]), "");
    let message = company.central_git(&["log", "-1", "--format=%B", "main"]);
    assert!(message.starts_with("integrate 2 publishes\n\nads/reports: create 1"), "{message}");
    assert_eq!(company.integrate().commit, None, "nothing waits any more");
}

#[test]
fn what_waits_is_not_believed() {
    let company = Company::new();
    company.publish(&company.churn().with("workflows/more.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.ads().with("workflows/clicks.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    // Somebody who may push such a branch puts another team's files into it, and compiled bytes of their own.
    company.git(&["fetch", "--quiet", "origin", "publish/churn/churn-model"]);
    company.git(&["checkout", "--quiet", "FETCH_HEAD"]);
    company.git(&["rm", "--quiet", "-r", "dags/ads", "sources/ads"]);
    company.write("dags/churn/more.py", "print('mine')\n");
    company.write("platform.yaml", "platform: mine\ntarget: { airflow: \"3.1\" }\n");
    company.commit("evil");
    company.git(&["push", "--quiet", "--force", "origin", "HEAD:publish/churn/churn-model"]);
    let done = company.integrate();
    assert_eq!(done.landed.len(), 2, "{:#?}", done.refused);
    assert!(company.central_file("dags/ads/report.py").is_some());
    assert!(company.central_file("platform.yaml").expect("there").contains("acme"));
    assert!(company.central_file("dags/churn/more.py").expect("there").contains("format 1"), "compiled here, from the sources");
}

#[test]
fn what_is_refused_waits_on_and_the_others_land() {
    let company = Company::new();
    let waiting = company.churn().with("workflows/more.yaml", "x\n");
    company.publish(&waiting.via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.ads().with("workflows/clicks.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.pull();
    company.write("teams/churn.yaml", "team: churn\nrepositories: [{ id: 1002, name: acme/churn-extra, source: churn-extra }]\n");
    company.land("the grant goes");
    let done = company.integrate();
    assert_eq!((done.landed.len(), done.refused.len()), (1, 1));
    assert_eq!((done.refused[0].0.as_str(), errors(&done.refused[0].1)), ("publish/churn/churn-model", vec!["FH0701"]));
    assert_eq!(company.central_git(&["for-each-ref", "--format=%(refname)", "refs/heads/publish"]), "refs/heads/publish/churn/churn-model");
}

#[test]
fn a_waiting_publish_that_another_has_overtaken_waits_on_and_publishing_again_mends_it() {
    let company = Company::new();
    company.publish(&company.churn().with("workflows/more.yaml", "x\n").via_branch()).expect("git works").commit.expect("it waits");
    company.publish(&company.churn().with("workflows/other.yaml", "x\n")).expect("git works").commit.expect("published");
    let done = company.integrate();
    assert_eq!((done.commit, errors(&done.refused[0].1)), (None, vec!["FH0724"]));
    let again = company.churn().commit("c3").with("workflows/other.yaml", "x\n").with("workflows/more.yaml", "x\n");
    company.publish(&again.via_branch()).expect("git works").commit.expect("it waits anew");
    assert_eq!(company.integrate().landed.len(), 1);
}

#[test]
fn t15_an_older_run_does_not_replace_a_newer_one_that_waits() {
    let company = Company::new();
    let newer = company.churn().commit("c3").with("workflows/daily.yaml", "tags: [newer]\n").via_branch();
    let older = company.churn().commit("c2").with("workflows/daily.yaml", "tags: [older]\n").via_branch();
    company.publish(&newer).expect("git works").commit.expect("it waits");
    let outcome = company.publish(&older).expect("git works");
    assert_eq!((outcome.commit, errors(&outcome.plan.diagnostics)), (None, vec!["FH0705"]));
    assert_eq!(company.publish(&newer).expect("git works").commit, None, "the same waits already");
    company.integrate();
    assert!(company.central_file("dags/churn/daily.py").expect("there").contains("newer"));
}

#[test]
fn a_branch_that_is_no_publish_is_told_and_left() {
    let company = Company::new();
    company.git(&["push", "--quiet", "origin", "HEAD:refs/heads/publish/nonsense", "HEAD:refs/heads/publish/churn/notebooks"]);
    let done = company.integrate();
    assert_eq!(done.refused.iter().map(|(_, found)| errors(found)).collect::<Vec<_>>(), [["FH0724"], ["FH0724"]]);
}
