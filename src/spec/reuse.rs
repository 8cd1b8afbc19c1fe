//! What a file may say and its types don't: `uses`, `with` and `environments` are taken out before a file is typed.
//!
//! In goes the schema of a type, out comes the schema of what is written.

use serde_json::{Map, Value, json};

use crate::name::BlueprintReference;

/// What an overlay may not say: whose it is, and what becomes of it.
const OF_ITS_OWN: [&str; 8] = ["workflow", "protect", "renamed_from", "taken_from", "adopted", "uses", "with", "environments"];

/// A whole value that an argument takes the place of.
const ARGUMENT: &str = "^\\$\\{\\{ *with\\.[^}]*\\}\\}$";

/// Adds the keys to the schema of a workflow's file.
pub(super) fn in_workflows(mut schema: Value) -> Value {
    add_to_tasks_and_groups(&mut schema);
    let group = schema.pointer("/$defs/Group").cloned().unwrap_or_default();
    let overlay = overlay(&schema, group);
    add_call(&mut schema);
    add(&mut schema, "environments", environments(&overlay));
    schema
}

/// Adds them to the schema of a blueprint's file, and lets an argument stand for any value of its body.
pub(super) fn in_blueprints(mut schema: Value) -> Value {
    add_to_tasks_and_groups(&mut schema);
    for definition in schema.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut()) {
        loosen_inside(definition);
    }
    if let Some(body) = schema.pointer_mut("/properties/workflow") {
        loosen_inside(body);
        add_call(body);
        add(body, "environments", environments(&json!({ "type": "object" })));
    }
    schema
}

fn add_to_tasks_and_groups(schema: &mut Value) {
    for name in ["Task", "Group"] {
        if let Some(definition) = schema.pointer_mut(&format!("/$defs/{name}")) {
            add_call(definition);
        }
    }
}

fn add_call(schema: &mut Value) {
    let uses = json!({
        "description": "The blueprint that it is made from: `platform/train-model@2`, one of the platform's in a version, or `train-model`, of `blueprints/train-model.yaml` in this project. What is written beside it wins over what the blueprint says; maps merge by key.",
        "type": "string",
        "pattern": BlueprintReference::PATTERN,
        "x-expects": "a blueprint such as `platform/train-model@2`, or `train-model` for one of this project",
    });
    let with = json!({
        "description": "What is handed to the blueprint, by the names of its parameters: `{customer: acme, memory: 4Gi}`.",
        "type": "object",
    });
    add(schema, "uses", uses);
    add(schema, "with", with);
}

fn add(schema: &mut Value, key: &str, described: Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.entry(key.to_owned()).or_insert(described);
    }
}

fn environments(overlay: &Value) -> Value {
    json!({
        "description": "What is otherwise in an environment, by the name that the platform gives it: `{staging: {schedule: none}}`. Maps merge by key, texts and lists are replaced; tasks and groups are those of the workflow.",
        "type": "object",
        "additionalProperties": overlay,
    })
}

/// The keys of a workflow, none of them required.
fn overlay(workflow: &Value, group: Value) -> Value {
    let mut properties = workflow.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    properties.retain(|key, _| !OF_ITS_OWN.contains(&key.as_str()));
    if let Some(groups) = properties.get_mut("groups").and_then(Value::as_object_mut) {
        groups.insert("additionalProperties".to_owned(), group);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Lets an argument stand for what is in a schema, at any depth; not for the whole of it.
fn loosen_inside(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for key in ["additionalProperties", "items"] {
        schema.get_mut(key).into_iter().for_each(loosen);
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(Map::values_mut).for_each(loosen);
}

fn loosen(schema: &mut Value) {
    if !schema.is_object() {
        return;
    }
    loosen_inside(schema);
    // A pod is judged when the arguments are in it.
    if schema.get("$ref").and_then(Value::as_str) == Some("pod.v1.json") {
        schema.as_object_mut().and_then(|schema| schema.remove("$ref"));
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("type".to_owned(), "object".into());
            schema.insert("x-expects".to_owned(), "a PodSpec of Kubernetes".into());
        }
    }
    let description = schema.as_object_mut().and_then(|schema| schema.shift_remove("description"));
    let mut loose = Map::new();
    loose.extend(description.map(|description| ("description".to_owned(), description)));
    loose.insert("if".to_owned(), json!({ "type": "string", "pattern": ARGUMENT }));
    loose.insert("then".to_owned(), true.into());
    loose.insert("else".to_owned(), schema.take());
    *schema = loose.into();
}
