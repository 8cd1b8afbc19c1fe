//! The pods that Airflow creates, for previews and policy.
//!
//! The operator merges its arguments over the template: <https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html>.
//! Left out are the empty fields that it adds, which mean Kubernetes' own defaults, and what it adds at run time: labels
//! of the run and of Airflow's version, and `-` and eight characters behind the name.

use serde_json::{Map, Value as Json, json};

use crate::{
    backend::FinalPod,
    ir::{Container, FanOut, Items, Node, Piece, Row, Task, TaskKind, Text, Value, Workflow},
    name::{KubernetesName, TaskName},
};

/// What the platform sees of the container that hands an output over; its tag is the provider's or the connection's.
const SIDECAR_IMAGE: &str = "alpine";

/// The pods of one run, in the order of the workflow's tasks and the fan-outs' rows.
pub(super) fn final_pods(workflow: &Workflow) -> Vec<FinalPod> {
    let mut pods = Pods { workflow, pods: Vec::new() };
    workflow.nodes.iter().for_each(|node| pods.node(node, &Place::default()));
    pods.pods
}

struct Pods<'a> {
    workflow: &'a Workflow,
    pods: Vec<FinalPod>,
}

/// Where a pod's task stands.
#[derive(Clone, Default)]
struct Place<'a> {
    /// The ids of the groups around it, each with a dot behind it.
    prefix: String,
    /// One row of each fan-out around it that is known beforehand.
    rows: Vec<&'a Row>,
    /// The group around it whose items are instances, and which of them it is when that is known.
    instances: Option<&'a TaskName>,
    index: Option<usize>,
}

impl<'a> Place<'a> {
    fn inside(&self, group: &str) -> Self {
        Self { prefix: format!("{}{group}.", self.prefix), ..self.clone() }
    }

    fn at(self, row: &'a Row) -> Self {
        Self { rows: [self.rows.as_slice(), &[row]].concat(), ..self }
    }
}

impl Pods<'_> {
    /// Only a container has a pod.
    fn node<'a>(&mut self, node: &'a Node, place: &Place<'a>) {
        let name = node.name().as_str();
        let inside = Place { instances: node.instances_in(place.instances), ..place.inside(name) };
        match (node.items(place.instances), node.fan_out().and_then(FanOut::rows)) {
            (None, _) => self.once(node, name, place, &inside),
            (Some(Items::Instances), None) => self.once(node, name, &inside, &inside),
            (Some(Items::Instances), Some(rows)) => {
                for (index, row) in rows.iter().enumerate() {
                    let instance = Place { index: Some(index), ..inside.clone().at(row) };
                    self.once(node, name, &instance, &instance);
                }
            }
            (Some(Items::Own | Items::Unbounded(_)), rows) => {
                for row in rows.unwrap_or_default() {
                    self.once(node, &row.key, &inside.clone().at(row), &inside.inside(&row.key).at(row));
                }
            }
        }
    }

    /// A task called `id` beside what is in `place`, or what is in a group, in `inside`.
    fn once<'a>(&mut self, node: &'a Node, id: &str, place: &Place<'a>, inside: &Place<'a>) {
        match node {
            Node::Task(task) => self.task(id, task, place),
            Node::Group(group) => group.nodes.iter().for_each(|node| self.node(node, inside)),
        }
    }

    fn task(&mut self, id: &str, task: &Task, place: &Place<'_>) {
        let TaskKind::Container(container) = &task.kind else { return };
        let pod = place.rows.iter().fold(container.pod.clone(), |pod, row| pod.instantiate(row));
        let index = place.index.map(|index| format!("[{index}]")).unwrap_or_default();
        self.push(format!("{}{id}{index}", place.prefix), &task.name, (container, &pod));
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
