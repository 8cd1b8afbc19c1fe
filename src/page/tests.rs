//! What holds for every page.

use jiff::Timestamp;

use super::drawing::{Notes, drawings};
use super::{Finding, Page, Subject, render};
use crate::ir::{self, FanOut, Group, Moment, Need, Node, Notify, Row, Schedule, Task, TaskKind, TriggerRule, Wait, Workflow};
use crate::name::{DagId, SourceName, TaskName, TeamName, WorkflowName};

fn name(text: &str) -> TaskName {
    TaskName::parse(text).expect("a name")
}

fn need(path: &str) -> Need {
    let mut groups: Vec<TaskName> = path.split('.').map(name).collect();
    let name = groups.pop().expect("a name");
    Need { groups, name }
}

fn task(own: &str, needs: &[&str]) -> Node {
    let team = TeamName::parse("churn").expect("a name");
    let workflow = WorkflowName::parse("other").expect("a name");
    let dag_id = DagId::join(&team, &workflow);
    let hour = std::time::Duration::from_secs(3_600);
    Node::Task(Task {
        name: name(own),
        description: None,
        needs: needs.iter().map(|path| need(path)).collect(),
        trigger_rule: TriggerRule::AllSuccess,
        run_if: Vec::new(),
        teardown: None,
        retries: 0,
        retry_delay: hour,
        retry_exponential_backoff: false,
        max_retry_delay: None,
        pool: None,
        pool_slots: 1,
        priority_weight: 1,
        depends_on_past: false,
        wait_for_downstream: false,
        produces: Vec::new(),
        notify: Notify::default(),
        kind: TaskKind::Wait(Wait { team, workflow, dag_id, offset: std::time::Duration::ZERO, within: hour }),
    })
}

fn group(own: &str, needs: &[&str], nodes: Vec<Node>) -> Node {
    let row = |key: &str| Row { key: key.to_owned(), value: serde_json::json!({ "region": key }) };
    let fan_out = FanOut::Static { variables: vec!["region".to_owned()], rows: vec![row("eu"), row("us")] };
    let needs = needs.iter().map(|path| need(path)).collect();
    Node::Group(Group { name: name(own), needs, fan_out: Some(fan_out), max_parallel: None, nodes })
}

fn workflow(nodes: Vec<Node>) -> Workflow {
    let team = TeamName::parse("churn").expect("a name");
    let own = WorkflowName::parse("retrain").expect("a name");
    Workflow {
        dag_id: DagId::join(&team, &own),
        team,
        source: SourceName::parse("model").expect("a name"),
        name: own,
        file: "workflows/retrain.yaml".to_owned(),
        description: Some("</script><!-- \u{2028} & \"".to_owned()),
        schedule: Schedule::None,
        start_date: Moment { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
        end_date: None,
        catchup: false,
        max_active_runs: ir::ACTIVE_RUNS,
        max_active_tasks: ir::ACTIVE_TASKS,
        run_timeout: None,
        max_consecutive_failed_runs: None,
        paused: false,
        deadline: None,
        notify: Notify::default(),
        notifiers: Vec::new(),
        tags: Vec::new(),
        params: Vec::new(),
        namespace: "ml".to_owned(),
        nodes,
    }
}

/// The drawings as the script gets them.
fn drawn(nodes: Vec<Node>) -> serde_json::Value {
    serde_json::to_value(drawings(&workflow(nodes), &Notes::new())).expect("JSON")
}

fn names(drawing: &serde_json::Value) -> Vec<&str> {
    drawing["boxes"].as_array().expect("boxes").iter().map(|found| found["name"].as_str().expect("a name")).collect()
}

fn page(workflow: &Workflow) -> String {
    let subject = Subject { workflow, file: String::new(), layers: Vec::new(), pods: Vec::new(), files: Vec::new() };
    let (title, places) = ("<img src=x>".to_owned(), vec!["</script>".to_owned()]);
    let finding = Finding { code: "FH0301", severity: "warning", title, help: None, places, files: Vec::new() };
    render(Page {
        title: "<b>\"'&".to_owned(),
        environment: Some("<i>".to_owned()),
        from: Timestamp::UNIX_EPOCH,
        subjects: vec![subject],
        left_out: 1_700,
        findings: vec![finding],
    })
    .expect("a page")
}

#[test]
fn what_a_groups_member_needs_beside_the_group_leads_to_the_group() {
    let nodes = vec![task("pull", &[]), group("models", &[], vec![task("fit", &["pull"]), task("test", &["models.fit"])])];
    let all = drawn(nodes);
    assert_eq!(names(&all[""]), ["pull", "models", "fit", "test"]);
    let ends: Vec<&serde_json::Value> = all[""]["arrows"].as_array().expect("arrows").iter().map(|arrow| &arrow["ends"]).collect();
    assert_eq!(ends, [&serde_json::json!([2, 3]), &serde_json::json!([0, 1])]);
    assert_eq!(names(&all["models"]), ["fit", "test"]);
    assert_eq!(all[""]["boxes"][1]["times"], "× 2");
}

#[test]
fn a_group_that_would_make_a_drawing_crowded_is_closed() {
    let inside = (0..58).map(|at| task(&format!("t{at}x"), &[])).collect();
    let all = drawn(vec![task("pull", &[]), task("end", &["models"]), group("models", &["pull"], inside)]);
    assert_eq!(names(&all[""]), ["pull", "models", "end"]);
    assert_eq!(all[""]["boxes"][1]["kind"], "group");
    assert_eq!(names(&all["models"]).len(), 58);
}

#[test]
fn many_that_are_alike_are_one_box_and_those_that_are_not_stay() {
    let mut nodes: Vec<Node> = (0..1_000).map(|at| task(&format!("load_{at}"), &[])).collect();
    nodes.extend((0..1_000).map(|at| task(&format!("clean_{at}"), &[&format!("load_{at}")])));
    nodes.push(task("report", &["clean_7"]));
    let all = drawn(nodes);
    assert_eq!(names(&all[""]), ["load_0 … load_999", "clean_0 … clean_999", "report"]);
    let fold = all[""]["boxes"][0]["id"].as_str().expect("an id");
    assert_eq!(all[fold]["boxes"].as_array().map(Vec::len), Some(600));
    assert_eq!((&all[fold]["missing"], &all[fold]["around"]), (&serde_json::json!(400), &serde_json::json!("")));
}

#[test]
fn a_chain_too_long_to_be_drawn_says_how_much_is_missing() {
    let nodes = (0..5_000_usize).map(|at| match at.checked_sub(1) {
        Some(before) => task(&format!("t{at}x"), &[&format!("t{before}x")]),
        None => task("t0x", &[]),
    });
    let all = drawn(nodes.collect());
    assert_eq!(all[""]["missing"], 4_400);
    assert_eq!(all[""]["arrows"].as_array().map(Vec::len), Some(599));
}

#[test]
fn texts_end_neither_the_data_nor_an_attribute() {
    let text = page(&workflow(vec![task("a", &[])]));
    assert_eq!(text.matches("</script>").count(), 2);
    assert!(!text.contains("<img") && !text.contains("<b>") && !text.contains("<i>") && !text.contains('\u{2028}'));
    assert!(text.contains("\\u003c/script\\u003e\\u003c!-- \\u2028 \\u0026"));
    assert!(text.contains("Workflows that are left out: 1,700."));
}

#[test]
fn a_page_names_nothing_that_is_elsewhere() {
    let text = page(&workflow(vec![task("a", &[])]));
    // The name of SVG is no address that anything is fetched from.
    let text = text.replace("http://www.w3.org/2000/svg", "");
    assert!(!text.contains("http:") && !text.contains("https:"));
    assert!(!text.contains("url(h") && !text.contains("@import") && !text.contains("<link"));
}

#[test]
fn the_policy_has_the_hashes_of_what_is_in_the_page() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    let text = page(&workflow(Vec::new()));
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        let inside = text.split(start).nth(1).and_then(|rest| rest.split(end).next()).expect("an element");
        let hash = STANDARD.encode(Sha256::digest(inside));
        // In an attribute some characters are written as references.
        let policy = text.split("Content-Security-Policy").nth(1).expect("a policy").replace("&#x2b;", "+").replace("&#x2f;", "/");
        assert!(policy.contains(&hash), "{start}");
    }
}

#[test]
fn the_same_workflows_give_the_same_bytes() {
    let workflow = workflow(vec![task("a", &[]), task("b", &["a"])]);
    assert_eq!(page(&workflow), page(&workflow));
}

#[test]
fn a_box_says_when_its_task_starts_where_that_is_not_as_usual() {
    let mut late = task("late", &["pull"]);
    if let Node::Task(task) = &mut late {
        task.trigger_rule = TriggerRule::AllDone;
    }
    let all = drawn(vec![task("pull", &[]), late]);
    let boxes = &all[""]["boxes"];
    assert_eq!((&boxes[0]["starts"], &boxes[1]["starts"]), (&serde_json::Value::Null, &serde_json::json!("all_done")));
}
