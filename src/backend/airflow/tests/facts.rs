//! What the files say.

use insta::assert_snapshot;

use super::{
    Duration, Node, Schedule, Timetable, TriggerRule, Value, Version, Workflow, base_of, bounded, container, everything, fanned,
    fanned_over, generated, json, list, looped, map, mapping, name, notifier, plain, tasks_of, text, waiting,
};
use crate::{
    backend::{Backend, Target},
    ir::Load,
};

fn airflow(version: &str) -> Box<dyn Backend> {
    Target::named("airflow").expect("a target").backend(version).expect("a version")
}

fn codes(workflow: &Workflow) -> (Vec<&'static str>, usize) {
    let mut found = Vec::new();
    let files = airflow("3.1").compile(workflow, &mut found).len();
    (found.iter().map(|finding| finding.diagnostic.code.id).collect(), files)
}

#[test]
fn two_tasks_on_a_cron() {
    assert_snapshot!("plain_3_1", generated(&plain(), Version::V3_1));
    assert_snapshot!("plain_2_11", generated(&plain(), Version::V2_11));
}

#[test]
fn a_group_for_each_row() {
    assert_snapshot!("looped_3_1", generated(&looped(), Version::V3_1));
    assert_snapshot!("looped_2_11", generated(&looped(), Version::V2_11));
}

#[test]
fn a_group_for_each_row_some_at_once() {
    assert_snapshot!("bounded_3_1", generated(&bounded(), Version::V3_1));
    assert_snapshot!("bounded_2_11", generated(&bounded(), Version::V2_11));
}

#[test]
fn instances_run_at_most_so_many_at_once() {
    let at_once = |workflow: &Workflow| Load::of(workflow).pods_at_once() / f64::from(workflow.max_active_runs);
    let (mut of_rows, mut of_instances) = (looped(), bounded());
    of_rows.max_active_tasks = 100;
    of_instances.max_active_tasks = 100;
    // For each of three customers one of two tasks at a time. With two at once, two may be at the first task while the third is at the second.
    assert_eq!((at_once(&of_rows), at_once(&of_instances)), (3.0, 3.0));
    assert_eq!(Load::of(&of_rows).pods_per_run(), Load::of(&of_instances).pods_per_run());
}

#[test]
fn what_cannot_be_instances_stays_and_is_told() {
    let mut workflow = bounded();
    tasks_of(&mut workflow.nodes[1])[1].trigger_rule = TriggerRule::Always;
    assert_eq!(codes(&workflow), (vec!["FH0605"], 1));
    assert!(generated(&workflow, Version::V3_1).contains("for customer in RETRAIN_ROWS:"));

    let mut workflow = bounded();
    let inner = tasks_of(&mut workflow.nodes[1]).swap_remove(1);
    container(inner).fan_out = Some(fanned_over("model", &[("small", "eu"), ("big", "eu")]));
    container(inner).max_parallel = Some(1);
    assert_eq!(codes(&workflow), (vec!["FH0605"], 1));
    let file = generated(&workflow, Version::V3_1);
    assert!(file.contains("for model in TRAIN_ROWS:") && file.contains("each_retrain.expand(customer=RETRAIN_ROWS)"), "{file}");
}

#[test]
fn nothing_starts_always_among_items_that_only_the_run_knows() {
    let mut workflow = mapping();
    tasks_of(&mut workflow.nodes[1])[1].trigger_rule = TriggerRule::Always;
    assert_eq!(codes(&workflow), (vec!["FH0607"], 0));
}

#[test]
fn a_group_for_each_item_of_an_output() {
    assert_snapshot!("mapped_3_1", generated(&mapping(), Version::V3_1));
    assert_snapshot!("mapped_2_11", generated(&mapping(), Version::V2_11));
}

#[test]
fn a_wait_for_another_workflow() {
    assert_snapshot!("waiting_3_1", generated(&waiting(), Version::V3_1));
    assert_snapshot!("waiting_2_11", generated(&waiting(), Version::V2_11));
}

#[test]
fn a_wait_is_left_to_the_triggerer_where_that_sees_failures() {
    for (version, deferred) in [(Version::V2_11, false), (Version::V3_0, false), (Version::V3_1, true), (Version::V3_3, true)] {
        let file = generated(&waiting(), version);
        assert_eq!(file.contains("deferrable=True"), deferred, "{file}");
        assert_eq!(file.contains("deferrable=False,\n        mode=\"reschedule\""), !deferred, "{file}");
    }
}

#[test]
fn tasks_share_no_settings_that_a_wait_would_take_over() {
    let mut workflow = waiting();
    let [Node::Task(wait), Node::Task(train), Node::Task(report)] = workflow.nodes.as_mut_slice() else { panic!("three tasks") };
    wait.retries = 0;
    train.pool = Some("warehouse".to_owned());
    report.pool = Some("warehouse".to_owned());
    let file = generated(&workflow, Version::V3_1);
    assert_eq!(file.matches("pool=\"warehouse\"").count(), 2, "{file}");
    assert_eq!(file.matches("retries=2").count(), 2, "{file}");
    assert_eq!(file.matches("\"image\": ").count(), 1, "{file}");
}

#[test]
fn a_wait_has_no_pod() {
    let ids: Vec<String> = airflow("3.1").final_pods(&waiting()).into_iter().map(|pod| pod.task_id).collect();
    assert_eq!(ids, ["train", "report"]);
    assert_eq!(waiting().task_count(), 3);
}

#[test]
fn one_of_everything() {
    assert_snapshot!("everything_3_1", generated(&everything(), Version::V3_1));
}

#[test]
fn the_same_workflow_gives_the_same_bytes() {
    let twice = [(); 2].map(|()| generated(&everything(), Version::V3_2));
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn the_file_lies_in_the_teams_folder_and_is_its() {
    let mut found = Vec::new();
    let files = airflow("2.11").compile(&plain(), &mut found);
    assert_eq!(files[0].path.as_str(), "dags/churn/daily-retrain.py");
    assert_eq!((files[0].owner.team.as_str(), files[0].owner.source.as_str()), ("churn", "churn-model"));
    assert!(found.is_empty());
}

#[test]
fn a_task_that_is_needed_further_up_is_defined_before() {
    let file = generated(&everything(), Version::V3_1);
    let at = |text: &str| file.find(text).unwrap_or_else(|| panic!("{text} is in {file}"));
    assert!(at("list_customers = ") < at("as score:") && at("as score:") < at("def each_retrain("));
    assert!(at("class_ = ") < at("def each_retrain("));
}

#[test]
fn variables_of_equal_names_are_told_apart() {
    let file = generated(&everything(), Version::V3_1);
    assert!(file.contains("        nested__clean = Kubernetes") && file.contains("        nested__clean >> [upload, wait]"), "{file}");
}

#[test]
fn a_pod_with_nothing_to_say_is_left_out() {
    let mut workflow = plain();
    for node in &mut workflow.nodes {
        let Node::Task(task) = node else { panic!("a task") };
        let base = map([("name", text("base")), ("image", text("busybox:1"))]);
        container(task).pod = map([("metadata", map([])), ("spec", map([("containers", list([base]))]))]);
    }
    assert!(!generated(&workflow, Version::V3_1).contains("pod_template_dict"));
}

#[test]
fn what_airflow_would_overwrite_becomes_an_argument() {
    let mut workflow = plain();
    let Node::Task(task) = &mut workflow.nodes[0] else { panic!("a task") };
    base_of(task).insert("terminationMessagePolicy".to_owned(), text("FallbackToLogsOnError"));
    assert!(generated(&workflow, Version::V3_1).contains("termination_message_policy=\"FallbackToLogsOnError\""));
}

#[test]
fn backing_off_is_a_switch_at_first_and_a_factor_later() {
    let mut workflow = plain();
    let Node::Task(task) = &mut workflow.nodes[0] else { panic!("a task") };
    task.retry_exponential_backoff = true;
    assert!(generated(&workflow, Version::V3_1).contains("retry_exponential_backoff=True"));
    assert!(generated(&workflow, Version::V3_2).contains("retry_exponential_backoff=2"));
}

#[test]
fn the_date_is_that_of_the_schedules_zone() {
    let mut workflow = plain();
    assert!(generated(&workflow, Version::V3_1).contains(".astimezone(macros.dateutil.tz.gettz('Europe/Prague')).strftime("));
    workflow.schedule = Schedule::Time(Timetable::Every(Duration::from_secs(5400)));
    let file = generated(&workflow, Version::V3_1);
    assert!(file.contains("{{ (dag_run.logical_date or dag_run.run_after).strftime('%Y-%m-%d') }}"));
    assert!(file.contains("schedule=DeltaTriggerTimetable(timedelta(minutes=90)),"));
}

#[test]
fn classes_of_one_name_are_told_apart_and_hide_nothing_of_ours() {
    let mut workflow = plain();
    let classes = [("a", "acme.alerts", "Post"), ("b", "other.alerts", "Post"), ("c", "acme", "DAG"), ("d", "Acme", "context")];
    workflow.notifiers = classes.map(|(name, module, class)| notifier(name, module, class)).to_vec();
    workflow.notify.on_success = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let file = generated(&workflow, Version::V3_1);
    for line in [
        "from Acme import context as context__2",
        "from acme import DAG as DAG__2",
        "from acme.alerts import Post",
        "from other.alerts import Post as Post__2",
        "    Post__2(",
        "    context__2(",
    ] {
        assert!(file.lines().any(|found| found == line), "{line}:\n{file}");
    }
    assert!(file.contains("on_success_callback=[notify_a, notify_b, notify_c, notify_d],"));
}

#[test]
fn an_over_long_id_is_refused_and_nothing_is_cut() {
    let mut workflow = looped();
    let Node::Group(group) = &mut workflow.nodes[1] else { panic!("a group") };
    group.fan_out = Some(fanned(&[(&"c".repeat(193), "eu")]));
    assert_eq!(codes(&workflow), (vec!["FH0602"], 0));
    let Node::Group(group) = &mut workflow.nodes[1] else { panic!("a group") };
    group.fan_out = Some(fanned(&[(&"c".repeat(192), "eu")]));
    assert_eq!(codes(&workflow), (vec![], 1));
    tasks_of(&mut workflow.nodes[1])[0].name = name(&"t".repeat(50));
    assert_eq!(codes(&workflow), (vec!["FH0601"], 0));
}

#[test]
fn a_tag_and_a_restart_policy_that_airflow_refuses_are_told() {
    let mut workflow = plain();
    workflow.tags = vec!["t".repeat(101)];
    let Node::Task(task) = &mut workflow.nodes[0] else { panic!("a task") };
    let Value::Map(pod) = &mut container(task).pod else { panic!("a map") };
    let Some(Value::Map(spec)) = pod.get_mut("spec") else { panic!("a spec") };
    spec.insert("restartPolicy".to_owned(), text("OnFailure"));
    assert_eq!(codes(&workflow), (vec!["FH0603", "FH0604"], 0));
}

#[test]
fn final_pods_are_one_a_row_and_one_a_mapped_task() {
    let ids = |workflow: &Workflow| airflow("3.1").final_pods(workflow).into_iter().map(|pod| pod.task_id).collect::<Vec<_>>();
    let rows = ["acme", "globex", "initech"].map(|row| [format!("retrain.{row}.clean"), format!("retrain.{row}.train")]);
    assert_eq!(ids(&looped())[1..7], rows.concat());
    let instances = [0, 1, 2].map(|index| [format!("retrain.clean[{index}]"), format!("retrain.train[{index}]")]);
    assert_eq!(ids(&bounded())[1..7], instances.concat());
    assert_eq!(ids(&mapping()), ["list_customers", "retrain.clean", "retrain.train", "report"]);
    assert!(ids(&everything()).contains(&"publish.publish".to_owned()));
    assert!(ids(&everything()).contains(&"nested.upload.acme".to_owned()));
}

#[test]
fn final_pods_show_references_and_what_airflow_adds() {
    let pods = airflow("3.1").final_pods(&mapping());
    assert_eq!(pods[0].pod["metadata"], json!({"labels": {"team": "churn"}, "name": "list-customers", "namespace": "ml-churn"}));
    assert_eq!(pods[0].pod["spec"]["containers"][1]["name"], "airflow-xcom-sidecar");
    assert_eq!(pods[0].pod["spec"]["volumes"][0]["name"], "xcom");
    assert_eq!(pods[2].pod["spec"]["containers"][0]["args"], json!(["train", "--customer=${{ each.customer.id }}"]));
    assert_eq!(pods[3].pod["spec"]["containers"][0]["args"][1], "${{ tasks.list_customers.output }}");
    assert_eq!(airflow("3.1").final_pods(&plain())[0].pod["spec"]["containers"][0]["args"][2], "${{ run.date }}");
}
