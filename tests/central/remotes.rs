//! A central repository that is reached by a URL.

use crate::ground::Company;

fn url(company: &Company) -> String {
    format!("file://{}", company.central().display())
}

#[test]
fn a_url_with_partial_clones_is_published_to() {
    let company = Company::new();
    company.central_git(&["config", "uploadpack.allowFilter", "true"]);
    company.central_git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let asked = company.churn().with("workflows/new.yaml", "workflow: new\n").without("workflows/weekly.yaml");
    let outcome = company.publish_to(&url(&company), &asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("dags/churn/new.py").is_some());
    assert!(company.central_file("dags/ads/report.py").is_some());
    assert_eq!(company.central_file("dags/churn/weekly.py"), None);
    company.central_git(&["fsck", "--strict"]);
}

#[test]
fn a_url_without_partial_clones_is_published_to() {
    let company = Company::new();
    let outcome = company.publish_to(&url(&company), &company.ads().with("workflows/new.yaml", "workflow: new\n")).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("dags/ads/new.py").is_some());
}

#[test]
fn a_url_that_leads_nowhere_is_told() {
    let company = Company::bare();
    let error = company.publish_to("file:///nowhere/dags.git", &company.churn()).expect_err("nothing there");
    assert!(error.to_string().contains("/nowhere/dags.git"), "{error}");
}
