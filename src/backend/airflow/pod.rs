//! The pods that Airflow creates, for previews and policy.
//!
//! The operator merges its arguments over the template: <https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html>.
//! Left out are the empty fields that it adds, which mean Kubernetes' own defaults, and what it adds at run time: labels
//! of the run and of Airflow's version, and `-` and eight characters behind the name.

use serde_json::{Map, Value as Json, json};

use crate::{
    backend::FinalPod,
    ir::{Container, FanOut, Node, Piece, Row, Task, TaskKind, Text, Value, Workflow},
    name::{KubernetesName, TaskName},
};

/// What the platform sees of the container that hands an output over; its tag is the provider's or the connection's.
const SIDECAR_IMAGE: &str = "alpine";

/// The pods of one run, in the order of the workflow's tasks and the fan-outs' rows.
pub(super) fn final_pods(workflow: &Workflow) -> Vec<FinalPod> {
    let mut pods = Pods { workflow, pods: Vec::new() };
    for node in &workflow.nodes {
        match node {
            Node::Task(task) => pods.task(task, ""),
            Node::Group(group) => pods.members(group.fan_out.as_ref(), &group.tasks, &format!("{}.", group.name)),
        }
    }
    pods.pods
}

struct Pods<'a> {
    workflow: &'a Workflow,
    pods: Vec<FinalPod>,
}

impl Pods<'_> {
    /// A task below `prefix`, the ids of the groups around it. A wait has no pod.
    fn task(&mut self, task: &Task, prefix: &str) {
        let TaskKind::Container(container) = &task.kind else { return };
        let (name, pod) = (&task.name, &container.pod);
        match &container.fan_out {
            None => self.push(format!("{prefix}{name}"), name, (container, pod)),
            Some(FanOut::Static { rows, .. }) => {
                for row in rows {
                    self.push(format!("{prefix}{name}.{}", row.key), name, (container, &pod.instantiate(row)));
                }
            }
            Some(FanOut::Mapped { .. }) => self.push(format!("{prefix}{name}.{name}"), name, (container, pod)),
        }
    }

    fn members(&mut self, fan_out: Option<&FanOut>, tasks: &[Task], prefix: &str) {
        match fan_out {
            None => tasks.iter().for_each(|task| self.task(task, prefix)),
            Some(FanOut::Static { rows, .. }) => rows.iter().for_each(|row| self.row(row, tasks, prefix)),
            Some(FanOut::Mapped { .. }) => {
                for (name, container) in containers(tasks) {
                    self.push(format!("{prefix}{name}"), name, (container, &container.pod));
                }
            }
        }
    }

    fn row(&mut self, row: &Row, tasks: &[Task], prefix: &str) {
        for (name, container) in containers(tasks) {
            self.push(format!("{prefix}{}.{name}", row.key), name, (container, &container.pod.instantiate(row)));
        }
    }

    /// A task's pod; it may be that of one row.
    fn push(&mut self, task_id: String, task: &TaskName, (container, pod): (&Container, &Value)) {
        let mut pod = match json_of(pod) {
            Json::Object(pod) => pod,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => Map::new(),
        };
        let metadata = object(&mut pod, "metadata");
        metadata.insert("name".to_owned(), KubernetesName::fold(task.as_str()).into());
        metadata.insert("namespace".to_owned(), self.workflow.namespace.as_str().into());
        let spec = object(&mut pod, "spec");
        spec.insert("restartPolicy".to_owned(), "Never".into());
        set_container_defaults(spec);
        if container.output {
            add_output(spec);
        }
        pod.shift_insert(0, "kind".to_owned(), "Pod".into());
        pod.shift_insert(0, "apiVersion".to_owned(), "v1".into());
        self.pods.push(FinalPod { dag_id: self.workflow.dag_id.clone(), task_id, pod: Json::Object(pod) });
    }
}

fn containers(tasks: &[Task]) -> impl Iterator<Item = (&TaskName, &Container)> {
    tasks.iter().filter_map(|task| match &task.kind {
        TaskKind::Container(container) => Some((&task.name, container.as_ref())),
        TaskKind::Operator(_) | TaskKind::Wait(_) => None,
    })
}

/// The object at `key`, made when there is none.
fn object<'a>(map: &'a mut Map<String, Json>, key: &str) -> &'a mut Map<String, Json> {
    let place = map.entry(key).or_insert_with(|| json!({}));
    if !place.is_object() {
        *place = json!({});
    }
    place.as_object_mut().expect("it was just made one")
}

/// The list at `key`, made when there is none.
fn array<'a>(map: &'a mut Map<String, Json>, key: &str) -> &'a mut Vec<Json> {
    let place = map.entry(key).or_insert_with(|| json!([]));
    if !place.is_array() {
        *place = json!([]);
    }
    place.as_array_mut().expect("it was just made one")
}

fn set_container_defaults(spec: &mut Map<String, Json>) {
    if let Some(Json::Object(base)) = array(spec, "containers").first_mut() {
        base.entry("terminationMessagePolicy").or_insert_with(|| "File".into());
    }
}

/// The volume and the second container through which an output is read.
fn add_output(spec: &mut Map<String, Json>) {
    let mount = json!({"name": "xcom", "mountPath": "/airflow/xcom"});
    array(spec, "volumes").insert(0, json!({"name": "xcom", "emptyDir": {}}));
    let containers = array(spec, "containers");
    if let Some(Json::Object(base)) = containers.first_mut() {
        array(base, "volumeMounts").insert(0, mount.clone());
    }
    containers.push(json!({
        "name": "airflow-xcom-sidecar",
        "image": SIDECAR_IMAGE,
        "command": ["sh", "-c", "trap \"exit 0\" INT; while true; do sleep 1; done;"],
        "volumeMounts": [mount],
        "resources": {"requests": {"cpu": "1m", "memory": "10Mi"}},
    }));
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => Json::Number(number.clone()),
        Value::Text(text) => Json::String(shown(text)),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.clone(), json_of(value))).collect::<Map<_, _>>().into(),
    }
}

/// A text with its references as they are written in YAML.
fn shown(text: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) | Piece::Native(text) => text.clone(),
        Piece::Task => "${{ task }}".to_owned(),
        Piece::Each(path) => reference(["each"], path),
        Piece::Run(value) => reference(["run", value.as_str()], &[]),
        Piece::Param(name) => reference(["params", name], &[]),
        Piece::Output(output) => reference(["tasks", output.task.as_str(), "output"], &output.path),
    };
    text.pieces.iter().map(piece).collect()
}

fn reference<const N: usize>(head: [&str; N], path: &[String]) -> String {
    let words: Vec<&str> = head.into_iter().chain(path.iter().map(String::as_str)).collect();
    format!("${{{{ {} }}}}", words.join("."))
}
