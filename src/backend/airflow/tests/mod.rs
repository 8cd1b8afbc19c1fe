//! Workflows built by hand; what becomes of them is tested in the modules below.

mod facts;
mod injection;
mod operators;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::json;

use super::{Version, render::render, view::view};
use crate::{
    ir::{
        Condition, Container, Deadline, FanOut, Group, Handling, Moment, Need, Node, Notifier, Notify, OutputReference, Param, Piece, Row,
        RunValue, Schedule, Task, TaskKind, Test, Text, Timetable, TriggerRule, Value, Wait, Workflow,
    },
    name::{ClassPath, DagId, ProfileName, SourceName, TaskName, TeamName, WorkflowName},
};

fn name(text: &str) -> TaskName {
    TaskName::parse(text).expect("a good name")
}

fn text(text: &str) -> Value {
    Value::Text(Text::literal(text))
}

fn pieces(pieces: impl IntoIterator<Item = Piece>) -> Value {
    Value::Text(Text::new(pieces))
}

fn literal(text: &str) -> Piece {
    Piece::Literal(text.to_owned())
}

fn each(path: &[&str]) -> Piece {
    Piece::Each(path.iter().map(|key| (*key).to_owned()).collect())
}

fn output(task: &str, path: &[&str]) -> Piece {
    Piece::Output(OutputReference { task: name(task), path: path.iter().map(|key| (*key).to_owned()).collect() })
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::List(items.into_iter().collect())
}

fn map(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1.4.2";

/// A task with the platform's node selector and the given arguments.
fn task(task: &str, args: impl IntoIterator<Item = Value>) -> Task {
    let base = map([
        ("name", text("base")),
        ("image", text(IMAGE)),
        ("args", list(args)),
        ("env", list([map([("name", text("STAGE")), ("value", text("production"))])])),
        (
            "resources",
            map([("requests", map([("cpu", text("500m")), ("memory", text("2Gi"))])), ("limits", map([("memory", text("2Gi"))]))]),
        ),
    ]);
    let pod = map([
        ("metadata", map([("labels", map([("team", text("churn"))]))])),
        (
            "spec",
            map([
                ("containers", list([base])),
                ("nodeSelector", map([("pool", text("production"))])),
                (
                    "tolerations",
                    list([map([
                        ("key", text("dedicated")),
                        ("operator", text("Equal")),
                        ("value", text("ml")),
                        ("effect", text("NoSchedule")),
                    ])]),
                ),
            ]),
        ),
    ]);
    let container = Container {
        fan_out: None,
        max_parallel: None,
        execution_timeout: Some(Duration::from_secs(7200)),
        startup_timeout: Duration::from_secs(600),
        output: false,
        handling: Handling::default(),
        profile: ProfileName::parse("production").ok(),
        pod,
    };
    of_kind(task, TaskKind::Container(Box::new(container)))
}

/// A task that waits for another team's workflow.
fn wait(task: &str, offset: u64) -> Task {
    let workflow = WorkflowName::parse("export-customers").expect("a workflow");
    let team = TeamName::parse("crm").expect("a team");
    let (offset, within) = (Duration::from_secs(offset), Duration::from_secs(6 * 3600));
    of_kind(task, TaskKind::Wait(Wait { dag_id: DagId::join(&team, &workflow), team, workflow, offset, within }))
}

fn of_kind(task: &str, kind: TaskKind) -> Task {
    Task {
        name: name(task),
        description: None,
        needs: Vec::new(),
        trigger_rule: TriggerRule::AllSuccess,
        run_if: Vec::new(),
        teardown: None,
        retries: 2,
        retry_delay: Duration::from_secs(300),
        retry_exponential_backoff: false,
        max_retry_delay: None,
        pool: None,
        pool_slots: 1,
        priority_weight: 1,
        depends_on_past: false,
        wait_for_downstream: false,
        produces: Vec::new(),
        notify: Notify::default(),
        kind,
    }
}

fn container(task: &mut Task) -> &mut Container {
    let TaskKind::Container(container) = &mut task.kind else { panic!("a container") };
    container
}

fn base_of(task: &mut Task) -> &mut IndexMap<String, Value> {
    let Value::Map(pod) = &mut container(task).pod else { panic!("a map") };
    let Some(Value::Map(spec)) = pod.get_mut("spec") else { panic!("a spec") };
    let Some(Value::List(containers)) = spec.get_mut("containers") else { panic!("containers") };
    let Some(Value::Map(base)) = containers.first_mut() else { panic!("a container") };
    base
}

fn needing(mut task: Task, needs: &[&str]) -> Task {
    task.needs = tops(needs);
    task
}

fn tops(needs: &[&str]) -> Vec<Need> {
    needs.iter().map(|need| Need { groups: Vec::new(), name: name(need) }).collect()
}

/// A task that needs others of its group.
fn beside(mut task: Task, group: &str, needs: &[&str]) -> Task {
    task.needs.extend(needs.iter().map(|need| Need { groups: vec![name(group)], name: name(need) }));
    task
}

fn nodes(tasks: impl IntoIterator<Item = Task>) -> Vec<Node> {
    tasks.into_iter().map(Node::Task).collect()
}

/// The tasks of a node, to change them.
fn tasks_of(node: &mut Node) -> Vec<&mut Task> {
    match node {
        Node::Task(task) => vec![task],
        Node::Group(group) => group.nodes.iter_mut().flat_map(tasks_of).collect(),
    }
}

fn workflow(nodes: impl IntoIterator<Item = Node>) -> Workflow {
    Workflow {
        team: TeamName::parse("churn").expect("a team"),
        source: SourceName::parse("churn-model").expect("a source"),
        name: WorkflowName::parse("daily-retrain").expect("a workflow"),
        dag_id: DagId::parse("churn__daily-retrain").expect("an id"),
        file: "workflows/daily-retrain.yaml".to_owned(),
        description: Some("Pull, clean and retrain one model per customer.".to_owned()),
        schedule: Schedule::Time(Timetable::Cron { expressions: vec!["0 3 * * *".to_owned()], timezone: "Europe/Prague".to_owned() }),
        start_date: Moment { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 },
        end_date: None,
        catchup: false,
        max_active_runs: 1,
        max_active_tasks: 32,
        run_timeout: None,
        max_consecutive_failed_runs: None,
        paused: false,
        deadline: None,
        notify: Notify::default(),
        notifiers: Vec::new(),
        tags: vec!["churn".to_owned(), "retrain".to_owned()],
        params: Vec::new(),
        namespace: "ml-churn".to_owned(),
        nodes: nodes.into_iter().collect(),
    }
}

fn fanned(customers: &[(&str, &str)]) -> FanOut {
    fanned_over("customer", customers)
}

fn fanned_over(variable: &str, items: &[(&str, &str)]) -> FanOut {
    let row =
        |(id, region): &(&str, &str)| Row { key: (*id).to_owned(), value: json!({variable: {"id": id, "region": region, "unused": 1}}) };
    FanOut::Static { variables: vec![variable.to_owned()], rows: items.iter().map(row).collect() }
}

fn mapped(path: &[&str], key: &[&str]) -> FanOut {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    FanOut::Mapped { variable: "customer".to_owned(), task: name("list_customers"), path: keys(path), key: keys(key), batch: None }
}

/// Two tasks, one behind the other.
fn plain() -> Workflow {
    let extract = task("extract", [text("extract"), text("--day"), pieces([Piece::Run(RunValue::Date)])]);
    let mut report =
        needing(task("report", [text("report"), pieces([literal("--rows="), Piece::Param("min_rows".to_owned())])]), &["extract"]);
    report.trigger_rule = TriggerRule::AllDone;
    let mut workflow = workflow([Node::Task(extract), Node::Task(report)]);
    let schema = json!({"type": "integer", "minimum": 1});
    workflow.params =
        vec![Param { name: "min_rows".to_owned(), default: Some(json!(1000)), schema: schema.as_object().expect("an object").clone() }];
    workflow
}

/// Two tasks that need a wait for another workflow.
fn waiting() -> Workflow {
    let train = needing(task("train", [text("train")]), &["wait_for_customers"]);
    let report = needing(task("report", [text("report")]), &["train"]);
    workflow([Node::Task(wait("wait_for_customers", 7200)), Node::Task(train), Node::Task(report)])
}

/// A group once for each of three customers.
fn looped() -> Workflow {
    let clean = task("clean", [text("clean"), text("--customer"), pieces([each(&["customer", "id"])])]);
    let mut train = beside(
        task("train", [text("train"), pieces([literal("--to=s3://"), each(&["customer", "region"]), literal("/models")])]),
        "retrain",
        &["clean"],
    );
    base_of(&mut train)
        .insert("env".to_owned(), list([map([("name", text("REGION")), ("value", pieces([each(&["customer", "region"])]))])]));
    let retrain = Group {
        name: name("retrain"),
        needs: tops(&["extract"]),
        fan_out: Some(fanned(&[("acme", "eu"), ("globex", "us"), ("initech", "eu")])),
        max_parallel: None,
        nodes: nodes([clean, train]),
    };
    let report = needing(task("report", [text("report")]), &["retrain"]);
    let extract = task("extract", [text("extract")]);
    workflow([Node::Task(report), Node::Group(retrain), Node::Task(extract)])
}

/// A group once for each of three customers, for two of them at once.
fn bounded() -> Workflow {
    let mut workflow = looped();
    let Node::Group(retrain) = &mut workflow.nodes[1] else { panic!("a group") };
    retrain.max_parallel = Some(2);
    workflow
}

/// A group once for each item of a list that a task makes.
fn mapping() -> Workflow {
    let mut list_customers = task("list_customers", [text("list")]);
    container(&mut list_customers).output = true;
    let clean = task("clean", [text("clean"), text("--customer"), pieces([each(&["customer", "id"])])]);
    let train = beside(task("train", [text("train"), pieces([literal("--customer="), each(&["customer", "id"])])]), "retrain", &["clean"]);
    let retrain = Group {
        name: name("retrain"),
        needs: tops(&["list_customers"]),
        fan_out: Some(mapped(&[], &["id"])),
        max_parallel: Some(20),
        nodes: nodes([clean, train]),
    };
    let report = needing(task("report", [text("report"), pieces([output("list_customers", &[])])]), &["retrain"]);
    workflow([Node::Task(list_customers), Node::Group(retrain), Node::Task(report)])
}

/// One of everything that a file can hold.
fn everything() -> Workflow {
    let mut list_customers = task("list_customers", [text("list")]);
    container(&mut list_customers).output = true;
    let report =
        needing(task("report", [text("report"), pieces([output("list_customers", &["count"]), literal("/canary")])]), &["retrain"]);
    let mut score =
        needing(task("score", [pieces([literal("canary"), each(&["customer", "region"]), literal("canary")])]), &["list_customers"]);
    container(&mut score).fan_out = Some(fanned(&[("acme", "canary"), ("globex", "canary")]));
    let clean = task("clean", [pieces([each(&["customer", "id"])])]);
    let train = needing(beside(task("train", [text("canary")]), "retrain", &["clean"]), &["class"]);
    let retrain = Group {
        name: name("retrain"),
        needs: tops(&["score"]),
        fan_out: Some(mapped(&["canary"], &["id"])),
        max_parallel: Some(20),
        nodes: nodes([clean, train]),
    };
    let mut publish = needing(task("publish", [pieces([Piece::Run(RunValue::Id)])]), &["list_customers"]);
    container(&mut publish).fan_out = Some(mapped(&[], &[]));
    let mut upload = beside(task("upload", [text("canary")]), "nested", &["clean"]);
    container(&mut upload).fan_out = Some(fanned(&[("acme", "canary")]));
    let nodes = nodes([task("clean", []), upload, beside(wait("wait", 0), "nested", &["clean"])]);
    let nested = Group { name: name("nested"), needs: Vec::new(), fan_out: None, max_parallel: None, nodes };
    let mut workflow = workflow([
        Node::Task(report),
        Node::Group(retrain),
        Node::Task(score),
        Node::Task(list_customers),
        Node::Task(task("class", [])),
        Node::Task(publish),
        Node::Group(nested),
    ]);
    let schema = json!({"type": "string", "enum": ["canary"], "x-canary": "canary"});
    workflow.params =
        vec![Param { name: "kind".to_owned(), default: Some(json!("canary")), schema: schema.as_object().expect("an object").clone() }];
    workflow.end_date = Some(Moment { year: 2027, month: 1, day: 1, hour: 12, minute: 30, second: 0 });
    workflow.notifiers = vec![notifier("canary-alerts", "acme.alerts", "Post"), notifier("on_call", "other.alerts", "Post")];
    workflow.notify.on_failure = vec!["on_call".to_owned(), "canary-alerts".to_owned()];
    workflow.deadline = Some(Deadline { after: Duration::from_secs(7200), notifiers: vec!["canary-alerts".to_owned()] });
    workflow
}

fn notifier(name: &str, module: &str, class: &str) -> Notifier {
    let told = pieces([literal("task "), Piece::Task, literal(" of "), Piece::Run(RunValue::Id), Piece::Run(RunValue::LogicalDate)]);
    let arguments = vec![("text".to_owned(), told), ("extra".to_owned(), map([("to", list([text("canary")]))]))];
    let class = ClassPath::parse(&format!("{module}.{class}")).expect("a class");
    Notifier { name: name.to_owned(), class, arguments }
}

fn generated(workflow: &Workflow, version: Version) -> String {
    render(view(workflow, version))
}
