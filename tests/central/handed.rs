//! Workflows that have changed hands: what their former owners can do, and what those who took them over.

use freehold::central::Asker;

use crate::ground::{Asked, Company, errors, teams};

const GIVING: &str = "team: churn\nsource: churn-model\ngive: [{ workflows: [daily], to: ads/reports }]\n";

/// `ads` has taken `churn/daily` over as `taken`, and the repository of `churn` has it no more. With what each publishes.
fn taken() -> (Company, Asked, Asked) {
    let company = Company::new();
    published(&company, &company.churn().with("freehold.yaml", GIVING));
    let taker = company.ads().with("workflows/taken.yaml", "taken_from: churn/daily\n");
    published(&company, &taker);
    let giver = company.churn().without("workflows/daily.yaml");
    published(&company, &giver);
    (company, giver, taker)
}

#[track_caller]
fn published(company: &Company, asked: &Asked) {
    let outcome = company.publish(asked).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
}

/// `churn/churn-extra`, with the workflow `plots`.
fn extra() -> Asked {
    let asked = Company::asked("churn", "churn-extra", (1002, "acme/churn-extra"));
    asked.with("freehold.yaml", "team: churn\nsource: churn-extra\n").with("workflows/plots.yaml", "x\n")
}

/// What the verifier says when `daily` is put into a source that nobody publishes.
fn by_hand(company: &Company, name: &str, asker: &Asker) -> Vec<&'static str> {
    company.pull_hard();
    company.write("sources/churn/notebooks/freehold.yaml", "team: churn\nsource: notebooks\n");
    company.write(&format!("sources/churn/notebooks/workflows/{name}.yaml"), "x\n");
    company.regenerate("churn");
    company.commit("again");
    let found = errors(&company.judge(asker).diagnostics);
    company.pull_hard();
    found
}

/// Nobody of the former owner gets a workflow of the name to land.
#[track_caller]
fn stays_away(company: &Company, giver: &Asked) {
    assert_eq!(company.refusal(&giver.clone().with("workflows/daily.yaml", "x\n")), ["FH0723"]);
    assert_eq!(company.refusal(&extra().with("workflows/daily.yaml", "x\n")), ["FH0723"], "from another source of the team");
    assert_eq!(by_hand(company, "daily", &teams(&["churn"])), ["FH0818"]);
}

#[test]
fn t77_what_was_taken_over_does_not_run_twice_because_the_taker_calls_it_otherwise() {
    let (company, giver, taker) = taken();
    stays_away(&company, &giver);
    let renamed = "renamed_from: taken\ntaken_from: churn/daily\n";
    let taker = taker.without("workflows/taken.yaml").with("workflows/nightly.yaml", renamed);
    published(&company, &taker);
    stays_away(&company, &giver);
    let taker = taker.without("workflows/nightly.yaml").with("workflows/evening.yaml", "renamed_from: nightly\n");
    published(&company, &taker);
    stays_away(&company, &giver);
    let told = company.publish(&giver.clone().with("workflows/daily.yaml", "x\n")).expect("git works").plan.diagnostics;
    assert!(told.iter().any(|found| found.title == "`daily` was taken over by `ads/evening`, and would run twice"), "{told:#?}");

    published(&company, &taker.without("workflows/evening.yaml"));
    published(&company, &giver.with("workflows/daily.yaml", "x\n"));
}

#[test]
fn t77_what_was_taken_over_does_not_run_twice_because_the_taker_has_handed_it_on() {
    let (company, giver, taker) = taken();
    let giving = "team: ads\nsource: reports\ngive: [{ workflows: [taken], to: churn/churn-extra }]\n";
    published(&company, &taker.with("freehold.yaml", giving));
    let back = extra().with("workflows/back.yaml", "taken_from: ads/taken\n");
    published(&company, &back);
    assert_eq!(company.refusal(&giver.clone().with("workflows/daily.yaml", "x\n")), ["FH0723"], "the team has it, in another source");
    assert_eq!(company.refusal(&company.ads().with("workflows/taken.yaml", "x\n")), ["FH0723"]);
    assert_eq!(by_hand(&company, "daily", &teams(&["churn"])), ["FH0818"]);
    // Under its first name, and where it is: nothing runs twice.
    published(&company, &back.without("workflows/back.yaml").with("workflows/daily.yaml", "renamed_from: back\n"));
    assert_eq!(company.refusal(&giver.with("workflows/daily.yaml", "x\n")), ["FH0711"], "two sources, one name");
}

#[test]
fn t77_what_was_renamed_before_it_was_taken_over_does_not_come_back_under_its_first_name() {
    let company = Company::new();
    let giving = GIVING.replace("daily", "nightly");
    let renamed = company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n");
    published(&company, &renamed);
    published(&company, &renamed.clone().with("freehold.yaml", &giving));
    published(&company, &company.ads().with("workflows/taken.yaml", "taken_from: churn/nightly\n"));
    let giver = renamed.without("workflows/nightly.yaml");
    published(&company, &giver);
    stays_away(&company, &giver);
}

#[test]
fn t77_a_source_that_renames_its_own_workflow_may_call_another_one_so() {
    let company = Company::new();
    let renamed = company.churn().without("workflows/daily.yaml").with("workflows/nightly.yaml", "renamed_from: daily\n");
    published(&company, &renamed);
    published(&company, &renamed.clone().with("workflows/daily.yaml", "x\n"));
    // And take it back.
    let company = Company::new();
    published(&company, &renamed);
    published(&company, &company.churn().with("workflows/daily.yaml", "renamed_from: nightly\n"));
}

#[test]
fn t77_who_took_a_workflow_over_publishes_on_though_its_former_owner_has_the_name_again() {
    let (company, giver, taker) = taken();
    // Nothing tells that this is what `taken` was.
    let taker = taker.without("workflows/taken.yaml").with("workflows/nightly.yaml", "taken_from: churn/daily\n");
    published(&company, &taker);
    published(&company, &giver.with("workflows/daily.yaml", "x\n"));
    let outcome = company.publish(&taker.with("workflows/more.yaml", "x\n")).expect("git works");
    assert!(outcome.commit.is_some(), "{:#?}", outcome.plan.diagnostics);
    assert!(company.central_file("dags/churn/daily.py").is_some(), "nobody has given it away");
    let other = company.ads().with("workflows/another.yaml", "taken_from: churn/hourly\n");
    assert_eq!(company.refusal(&other), ["FH0723"], "what was not taken before is not given");
}

#[test]
fn t79_hundreds_of_workflows_that_change_hands_at_once_cost_no_square_of_their_number() {
    let names: Vec<String> = (0..400).map(|at| format!("w{at}")).collect();
    let all = |asked: Asked, text: &dyn Fn(&str) -> String| {
        names.iter().fold(asked, |asked, name| asked.with(&format!("workflows/{name}.yaml"), &text(name)))
    };
    let company = Company::new();
    let gifts: String = names.iter().map(|name| format!("  - {{ workflows: [{name}], to: ads/reports }}\n")).collect();
    let giver = company.churn().with("freehold.yaml", &format!("team: churn\nsource: churn-model\ngive:\n{gifts}"));
    published(&company, &all(giver, &|_| "x\n".to_owned()));
    company.pull_hard();
    let start = std::time::Instant::now();
    // Planned, judged, and judged again at another door.
    let base = company.tip();
    published(&company, &all(company.ads(), &|name| format!("taken_from: churn/{name}\n")));
    company.pull_hard();
    company.central_git(&["update-ref", "refs/heads/main", &base]);
    assert_eq!(errors(&company.judge(&teams(&["ads"])).diagnostics), Vec::<&str>::new());
    assert!(errors(&company.judge(&teams(&["churn"])).diagnostics).contains(&"FH0801"), "who gives does not take for another");
    assert!(start.elapsed().as_secs() < 90, "it took {:?}", start.elapsed());
}
