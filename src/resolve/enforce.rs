//! What the platform gives to every pod, over whatever the layers say.

use indexmap::IndexMap;

use super::text::Values;
use crate::ir::{Text, Value};
use crate::spec::{Enforced, Key, Table, Template};

/// Puts the platform's labels and annotations into a pod's metadata, and its variables into every container.
pub(super) fn apply(enforced: &Enforced, metadata: &mut IndexMap<String, Value>, spec: &mut Value, values: &Values<'_>) {
    let Enforced { env, labels, annotations, span: _ } = enforced;
    for (kind, table) in [("labels", labels), ("annotations", annotations)] {
        let Some(table) = table.as_ref().filter(|table| !table.is_empty()) else { continue };
        let written = metadata.entry(kind.to_owned()).or_insert_with(|| Value::Map(IndexMap::new()));
        if let Value::Map(written) = written {
            written.extend(table.iter().map(|(key, value)| (key.value.clone(), Value::Text(values.text(value)))));
        }
    }
    let Some(env) = env.as_ref().filter(|env| !env.is_empty()) else { return };
    for list in ["initContainers", "containers"] {
        let Some(Value::List(containers)) = spec.get_mut(list) else { continue };
        for container in containers {
            set_variables(container, env, values);
        }
    }
}

/// They stand last: of two variables of one name Kubernetes takes the later one.
fn set_variables<K: Key>(container: &mut Value, env: &Table<K, Template>, values: &Values<'_>) {
    let Value::Map(fields) = container else { return };
    let written = fields.entry("env".to_owned()).or_insert_with(|| Value::List(Vec::new()));
    let Value::List(items) = written else { return };
    let is_ours =
        |item: &Value| matches!(item.get("name"), Some(Value::Text(name)) if name.as_literal().is_some_and(|name| env.get(name).is_some()));
    items.retain(|item| !is_ours(item));
    items.extend(env.iter().map(|(name, value)| {
        let name = Value::Text(Text::literal(name.value.as_key()));
        Value::Map(IndexMap::from([("name".to_owned(), name), ("value".to_owned(), Value::Text(values.text(value)))]))
    }));
}
