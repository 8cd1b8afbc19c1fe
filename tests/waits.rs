//! Workflows that wait for each other: what is told of them, and the references that they leave.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod support;

use support::Outcome;

/// Compiles workflows of team `churn`.
fn compile(workflows: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let full = folder.path().join(path);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs_err::write(full, text).expect("written");
    };
    support::DEFAULTS.iter().for_each(|(path, text)| write(path, text));
    workflows.iter().enumerate().for_each(|(at, text)| write(&format!("workflows/w{at}.yaml"), text));
    support::compile(folder.path())
}

/// A workflow with a schedule that needs nothing.
fn refresh(schedule: &str) -> String {
    format!(
        "workflow: refresh\nschedule: {schedule}\nstart_date: 2026-01-01\ntasks:\n  one: {{ image: \"registry.acme.example/churn:1.4.2\" }}\n"
    )
}

/// A workflow that waits for it.
fn train(schedule: &str, wait: &str) -> String {
    format!(
        "workflow: train\nschedule: {schedule}\nstart_date: 2026-01-01\ntasks:\n  wait: {{ wait_for: {{ workflow: refresh{wait} }} }}\n"
    )
}

/// Title and help of the one thing that is told; `None` when it is nothing.
fn told(workflows: &[&str]) -> Option<(String, String)> {
    let outcome = compile(workflows);
    let mut told = outcome.diagnostics.into_iter();
    let first = told.next()?;
    assert!(told.next().is_none(), "only one thing is told");
    Some((first.title, first.help.expect("it says what to type")))
}

fn help(theirs: &str, ours: &str, wait: &str) -> Option<String> {
    told(&[&refresh(theirs), &train(ours, wait)]).map(|(_, help)| help)
}

#[test]
fn two_schedules_that_meet_are_fine() {
    for (theirs, ours, wait) in [
        ("{ preset: daily }", "{ preset: daily }", ""),
        ("{ preset: hourly }", "{ preset: daily }", ""),
        ("{ cron: \"0 1 * * *\" }", "{ cron: \"0 3 * * *\" }", ", offset: 2h"),
        ("{ cron: \"0 3 * * *\", timezone: Europe/Prague }", "{ cron: \"0 2 * * *\", timezone: Europe/London }", ""),
        ("{ cron: \"0 3 * * *\" }", "{ cron: \"0 3 * * *\" }", ", offset: 1d"),
    ] {
        assert_eq!(help(theirs, ours, wait), None, "{theirs} {ours} {wait}");
    }
}

#[test]
fn an_hour_that_summer_time_skips_tells_nothing() {
    let zone = "timezone: Europe/Prague";
    let (theirs, ours) = (format!("{{ cron: \"0 1 * * *\", {zone} }}"), format!("{{ cron: \"0 4 * * *\", {zone} }}"));
    let late = |text: String| text.replace("2026-01-01", "2026-03-01");
    assert_eq!(told(&[&late(refresh(&theirs)), &late(train(&ours, ", offset: 3h"))]), None);
}

#[test]
fn an_offset_that_would_fit_is_named() {
    assert_eq!(help("{ cron: \"0 1 * * *\" }", "{ cron: \"30 3 * * *\" }", "").as_deref(), Some("write `offset: 150m`"));
    assert_eq!(help("{ cron: \"0 1 * * *\" }", "{ cron: \"0 3 * * *\" }", ", offset: 1h").as_deref(), Some("write `offset: 2h`"));
    // Each Monday has a Sunday before it.
    assert_eq!(help("{ preset: weekly }", "{ cron: \"0 0 * * 1\" }", "").as_deref(), Some("write `offset: 1d`"));
}

#[test]
fn schedules_that_no_offset_brings_together_are_told() {
    let (title, help) = told(&[&refresh("{ preset: daily }"), &train("{ preset: hourly }", "")]).expect("most hours have no day");
    assert_eq!(
        (title.as_str(), help.as_str()),
        ("not every run of `train` finds one of `refresh` to wait for", "give both the same schedule")
    );
    let (title, _) = told(&[&refresh("none"), &train("{ preset: daily }", "")]).expect("nobody starts it");
    assert_eq!(title, "no run of `train` finds one of `refresh` to wait for: `refresh` has no schedule");
}

#[test]
fn a_distance_that_counts_from_anywhere_is_told_unless_both_catch_up() {
    let catching_up = |text: String| text + "catchup: true\n";
    let (theirs, ours) = (refresh("{ every: 36h }"), train("{ every: 36h }", ""));
    let (title, _) = told(&[&theirs, &catching_up(ours.clone())]).expect("one does not catch up");
    assert_eq!(title, "`36h` is not counted from the `start_date`");
    assert_eq!(told(&[&catching_up(theirs), &catching_up(ours)]), None);
    assert_eq!(told(&[&refresh("{ every: 6h }"), &catching_up(train("{ every: 6h }", ""))]), None, "a cron says the same");
}

#[test]
fn what_assets_start_is_due_with_nobody() {
    let (title, help) = told(&[&refresh("{ assets: [s3://acme/raw] }"), &train("{ preset: daily }", "")]).expect("it has no clock");
    assert_eq!(title, "no run of `train` finds one of `refresh` to wait for: `refresh` is started by assets");
    assert_eq!(help, "give `refresh` a `cron` beside its `assets`, or have both run when assets are new");
}

#[test]
fn a_ring_of_waits_names_every_one_of_it() {
    let waiting = |name: &str, awaited: &str| {
        let head = format!("workflow: {name}\nschedule: {{ preset: daily }}\nstart_date: 2026-01-01\n");
        format!("{head}tasks:\n  wait: {{ wait_for: {{ workflow: {awaited} }} }}\n")
    };
    let outcome = compile(&[&waiting("a", "b"), &waiting("b", "churn/c"), &waiting("c", "a"), &waiting("d", "a")]);
    let [ring] = outcome.diagnostics.as_slice() else { panic!("one ring: {:#?}", outcome.diagnostics) };
    assert_eq!(ring.title, "`a`, `b`, `c` wait for each other");
    assert_eq!(ring.labels.len(), 3);
}

#[test]
fn a_workflow_whose_file_has_a_fault_is_there() {
    let outcome = compile(&["workflow: refresh\ntasks: { one: { imag: x } }\n", &train("{ preset: daily }", "")]);
    let codes: Vec<&str> = outcome.diagnostics.iter().map(|found| found.code.id).collect();
    assert_eq!(codes, ["FH0201"]);
}

#[test]
fn a_wait_for_another_team_names_the_dag_id_that_its_grant_gives() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let full = folder.path().join(path);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs_err::write(full, text).expect("written");
    };
    support::DEFAULTS.iter().for_each(|(path, text)| write(path, text));
    write("teams/crm.yaml", "# Zákazníci\nteam: crm\ndag_ids: { export: CRM.nightly_export }\n");
    let wait = |awaited: &str| format!("{{ wait_for: {{ workflow: crm/{awaited} }} }}");
    let (export, other) = (wait("export"), wait("other"));
    write("workflows/train.yaml", &format!("workflow: train\nschedule: none\ntasks:\n  a: {export}\n  b: {other}\n"));
    let outcome = support::compile(folder.path());
    assert!(outcome.diagnostics.is_empty(), "{:#?}", outcome.diagnostics);
    let files = outcome.compiled.artifacts.into_files();
    let python = String::from_utf8_lossy(&files["dags/churn/train.py"]);
    assert!(python.contains("external_dag_id=\"CRM.nightly_export\""), "{python}");
    assert!(python.contains("external_dag_id=\"crm__other\""), "{python}");
}

#[test]
fn who_waits_for_a_workflow_is_told_by_its_folder() {
    let train = "workflow: train
schedule: none
tasks:
  wait: { wait_for: { workflow: crm/export, offset: 90m } }
groups:
  late:
    needs: [wait]
    tasks:
      again: { wait_for: { workflow: crm/export, within: 2h } }
      other: { wait_for: { workflow: churn-data/yes } }
";
    let outcome = compile(&[train]);
    assert!(outcome.diagnostics.is_empty(), "{:#?}", outcome.diagnostics);
    let files = outcome.compiled.artifacts.into_files();
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["dags/churn/train.py", "references/churn-data/yes/churn/train.yaml", "references/crm/export/churn/train.yaml"]);
    let expected = "# Generated by Freehold from sources/churn/churn-model/workflows/w0.yaml.
# Do not edit: change that file in the team's repository and publish it.
workflow: churn/train
waits_for: crm/export
tasks:
  late.again:
    within: 2h
    offset: 0s
  wait:
    within: 1d
    offset: 90m
";
    assert_eq!(String::from_utf8_lossy(&files["references/crm/export/churn/train.yaml"]), expected);
}
