//! The strict schema of a pod overlay, made from Kubernetes' own types.
//!
//! k8s-openapi's types come from Kubernetes' OpenAPI document. They drop unknown keys and know no enums, so their schema is closed here
//! and the enums are filled in from the field descriptions of the same document.

use k8s_openapi::api::core::v1::PodSpec;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Type, field and its values, as the descriptions in Kubernetes' API reference list them.
const ENUMS: &[(&str, &str, &[&str])] = &[
    ("PodSpec", "restartPolicy", &["Always", "OnFailure", "Never"]),
    ("PodSpec", "dnsPolicy", &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ("PodSpec", "preemptionPolicy", &["Never", "PreemptLowerPriority"]),
    ("PodOS", "name", &["linux", "windows"]),
    ("Container", "imagePullPolicy", &["Always", "IfNotPresent", "Never"]),
    ("Container", "terminationMessagePolicy", &["File", "FallbackToLogsOnError"]),
    ("Container", "restartPolicy", &["Always", "OnFailure", "Never"]),
    ("ContainerPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("Toleration", "effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ("Toleration", "operator", &["Equal", "Exists", "Lt", "Gt"]),
    ("NodeSelectorRequirement", "operator", &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
    ("LabelSelectorRequirement", "operator", &["In", "NotIn", "Exists", "DoesNotExist"]),
    ("TopologySpreadConstraint", "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ("TopologySpreadConstraint", "nodeAffinityPolicy", &["Honor", "Ignore"]),
    ("TopologySpreadConstraint", "nodeTaintsPolicy", &["Honor", "Ignore"]),
    ("SeccompProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("AppArmorProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    ("EmptyDirVolumeSource", "medium", &["", "Memory", "HugePages", "HugePages-2Mi", "HugePages-1Gi"]),
    (
        "HostPathVolumeSource",
        "type",
        &["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"],
    ),
    ("VolumeMount", "mountPropagation", &["None", "HostToContainer", "Bidirectional"]),
    ("PodSecurityContext", "fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
    ("PodSecurityContext", "supplementalGroupsPolicy", &["Merge", "Strict"]),
    ("SecurityContext", "procMount", &["Default", "Unmasked"]),
    ("PersistentVolumeClaimSpec", "volumeMode", &["Block", "Filesystem"]),
];

/// The schema of a pod overlay, JSON Schema 2020-12.
#[must_use]
pub fn pod_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<PodSpec>().to_value();
    let mut definitions = schema.get_mut("$defs").and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    for (name, definition) in &mut definitions {
        close(short(name), definition);
    }
    close("PodSpec", &mut schema);
    let definitions: Map<String, Value> = definitions.into_iter().map(|(name, definition)| (short(&name).to_owned(), definition)).collect();
    if let Some(root) = schema.as_object_mut() {
        root.shift_remove("required");
        root.insert("title".to_owned(), "A piece of a Kubernetes PodSpec".into());
        root.insert("$defs".to_owned(), Value::Object(definitions));
    }
    shorten(&mut schema);
    schema
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Closes a type's map, and fills in what its Rust type leaves open.
fn close(name: &str, definition: &mut Value) {
    let Some(object) = definition.as_object_mut() else { return };
    match name {
        "Quantity" => {
            *definition = json!({
                "type": ["string", "number"],
                "pattern": "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?[0-9]+)?$|\\$\\{\\{",
                "x-expects": "a quantity such as `500m` or `2Gi`",
            });
            return;
        }
        "IntOrString" => {
            *definition = json!({ "type": ["integer", "string"] });
            return;
        }
        _ => {}
    }
    if object.contains_key("properties") {
        object.insert("additionalProperties".to_owned(), false.into());
    }
    for (_, field, values) in ENUMS.iter().filter(|(owner, _, _)| *owner == name) {
        if let Some(property) =
            object.get_mut("properties").and_then(|properties| properties.get_mut(*field)).and_then(Value::as_object_mut)
        {
            property.insert("enum".to_owned(), json!(values));
        }
    }
}

/// Keeps the first sentence of each description, and the short names of types.
fn shorten(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::String(text)) = map.get_mut("description") {
                if let Some((first, _)) = text.split_once(". ") {
                    *text = format!("{first}.");
                }
                *text = text.replace('\n', " ");
            }
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/$defs/{}", short(name));
            }
            map.shift_remove("format");
            map.values_mut().for_each(shorten);
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_enum_of_the_table_is_in_the_schema() {
        let schema = pod_schema();
        for (owner, field, values) in ENUMS {
            let place =
                if *owner == "PodSpec" { format!("/properties/{field}/enum") } else { format!("/$defs/{owner}/properties/{field}/enum") };
            assert_eq!(schema.pointer(&place), Some(&json!(values)), "{owner}.{field}");
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test compares files of the repository")]
    fn the_committed_pod_schema_is_what_kubernetes_types_say() {
        let path = format!("{}/schemas/pod.v1.json", env!("CARGO_MANIFEST_DIR"));
        let wanted = format!("{}\n", serde_json::to_string_pretty(&pod_schema()).expect("JSON can be written"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs_err::write(&path, &wanted).expect("written");
        }
        assert!(
            fs_err::read_to_string(&path).expect("the schema is committed") == wanted,
            "{path} is stale: run UPDATE_SCHEMAS=1 cargo test"
        );
    }
}
