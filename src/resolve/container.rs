//! The pod of a task: the platform's and the team's overlays, and the task's short forms in its container.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::PodSpec;

use super::enforce;
use super::fan_out::ResolvedFanOut;
use super::layers::Layers;
use super::pod::overlay;
use super::task::Scope;
use super::text::Values;
use super::volume::add_volumes;
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::ir::{Text, Value};
use crate::name::TaskName;
use crate::policy::check_image;
use crate::source::{Span, Spanned, Texts};
use crate::spec::{Context, EnvValue, KeyReference, Platform, Quantity, Template};

/// The container that runs the task.
const BASE: &str = "base";

/// The whole pod of a task.
pub(super) fn build_pod(
    name: &Spanned<TaskName>,
    layers: &Layers<'_>,
    repeated: &[&ResolvedFanOut],
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<Value> {
    let values = Values { workflow: scope.workflow, surroundings: scope.surroundings, task: &name.value, room: scope.room };
    let mut spec: PodSpec = scope.surroundings.base_pods.of(layers.profile.map(|profile| &profile.value)).clone();
    layers.own().for_each(|settings| overlay(&mut spec, Some(settings), sink));
    if let Some(account) = layers.last(|settings| settings.pods.service_account.as_ref()) {
        spec.service_account_name = Some(account.value.0.clone());
    }
    if let Some(class) = layers.last(|settings| settings.pods.priority_class.as_ref()) {
        spec.priority_class_name = Some(class.value.0.clone());
    }
    if spec.restart_policy.is_none() {
        spec.restart_policy = Some("Never".to_owned());
    }
    if let (None, Some(timeout)) = (spec.active_deadline_seconds, layers.last(|settings| settings.execution_timeout.as_ref())) {
        spec.active_deadline_seconds = i64::try_from(timeout.value.0.as_secs()).ok();
    }
    let at = spec.containers.iter().position(|container| container.name == BASE);
    let mut base = at.map(|at| spec.containers.remove(at)).unwrap_or_default();
    BASE.clone_into(&mut base.name);
    let image = layers.last(|settings| settings.image.as_ref());
    if let (None, None) = (image, &base.image) {
        let fault = Diagnostic::error(&code::MISSING_IMAGE, format!("task `{}` has no image", name.value)).at(name.span, "");
        sink.push(fault.help("add `image: registry/path:tag` to the task, or to `defaults:` for all tasks"));
        return None;
    }
    spec.containers.insert(0, base);
    let mut spec = from_json(serde_json::to_value(&spec).unwrap_or_default(), &values);
    let container = spec.get_mut("containers").and_then(|containers| containers.get_index_mut(0))?;
    fill_container(container, image, layers, &values);
    add_volumes(&mut spec, layers, &values, sink);
    check_volumes(&spec, name, layers, sink);
    check_images(&spec, image, name, repeated, scope.surroundings.policy.platform, sink);
    let mut labels = IndexMap::from([
        ("app.kubernetes.io/managed-by".to_owned(), text("freehold")),
        ("freehold/team".to_owned(), text(scope.surroundings.policy.team().as_str())),
        ("freehold/workflow".to_owned(), text(scope.workflow.workflow.value.as_str())),
    ]);
    labels.extend(
        layers
            .merged(|settings| settings.labels.as_ref())
            .into_iter()
            .map(|(key, value)| (key.to_owned(), Value::Text(values.text(value)))),
    );
    let annotations: IndexMap<_, _> = layers
        .merged(|settings| settings.annotations.as_ref())
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::Text(values.text(value))))
        .collect();
    let mut metadata = IndexMap::from([("labels".to_owned(), Value::Map(labels))]);
    if !annotations.is_empty() {
        metadata.insert("annotations".to_owned(), Value::Map(annotations));
    }
    if let Some(enforced) = &scope.surroundings.policy.platform.enforce {
        enforce::apply(enforced, &mut metadata, &mut spec, &values);
    }
    Some(Value::Map(IndexMap::from([("metadata".to_owned(), Value::Map(metadata)), ("spec".to_owned(), spec)])))
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(Text::literal(text))
}

/// Puts the short forms (`image`, `command`, `args`, `env`, `resources`) into the container.
fn fill_container(container: &mut Value, image: Option<&Template>, layers: &Layers<'_>, values: &Values<'_>) {
    let Value::Map(fields) = container else { return };
    let list = |templates: &Spanned<Vec<Template>>| {
        Value::List(templates.value.iter().map(|template| Value::Text(values.text(template))).collect())
    };
    if let Some(image) = image {
        fields.insert("image".to_owned(), Value::Text(values.text(image)));
    }
    if let Some(command) = layers.last(|settings| settings.command.as_ref()) {
        fields.insert("command".to_owned(), list(command));
    }
    if let Some(args) = layers.last(|settings| settings.args.as_ref()) {
        fields.insert("args".to_owned(), list(args));
    }
    let env = layers.merged(|settings| settings.env.as_ref());
    if !env.is_empty() {
        let written = fields.entry("env".to_owned()).or_insert_with(|| Value::List(Vec::new()));
        if let Value::List(items) = written {
            env.into_iter().for_each(|(name, value)| set_variable(items, name, value, values));
        }
    }
    let requests = layers.merged(|settings| settings.resources.as_ref().and_then(|resources| resources.requests.as_ref()));
    let limits = layers.merged(|settings| settings.resources.as_ref().and_then(|resources| resources.limits.as_ref()));
    for (kind, amounts) in [("limits", limits), ("requests", requests)] {
        set_resources(fields, kind, &amounts);
    }
}

fn set_variable(items: &mut Vec<Value>, name: &str, value: &EnvValue, values: &Values<'_>) {
    let key_of = |reference: &KeyReference| {
        Value::Map(IndexMap::from([("key".to_owned(), text(&reference.key.value)), ("name".to_owned(), text(&reference.name.value))]))
    };
    let (field, content) = match value {
        EnvValue::Text(template) => ("value", Value::Text(values.text(template))),
        EnvValue::Secret(reference) => ("valueFrom", Value::Map(IndexMap::from([("secretKeyRef".to_owned(), key_of(reference))]))),
        EnvValue::ConfigMap(reference) => ("valueFrom", Value::Map(IndexMap::from([("configMapKeyRef".to_owned(), key_of(reference))]))),
    };
    let variable = Value::Map(IndexMap::from([("name".to_owned(), text(name)), (field.to_owned(), content)]));
    let written = |item: &Value| matches!(item.get("name"), Some(Value::Text(found)) if found.as_literal() == Some(name));
    match items.iter_mut().find(|item| written(item)) {
        Some(item) => *item = variable,
        None => items.push(variable),
    }
}

fn set_resources(fields: &mut IndexMap<String, Value>, kind: &str, amounts: &[(&str, &Spanned<Quantity>)]) {
    if amounts.is_empty() {
        return;
    }
    let resources = fields.entry("resources".to_owned()).or_insert_with(|| Value::Map(IndexMap::new()));
    let Value::Map(kinds) = resources else { return };
    let Value::Map(written) = kinds.entry(kind.to_owned()).or_insert_with(|| Value::Map(IndexMap::new())) else { return };
    for (resource, amount) in amounts {
        written.insert((*resource).to_owned(), text(&amount.value.0));
    }
}

/// Asks the platform about every image that a pod runs, or mounts: what is in that may be run, too.
fn check_images(
    spec: &Value,
    image: Option<&Template>,
    name: &Spanned<TaskName>,
    repeated: &[&ResolvedFanOut],
    platform: &Platform,
    sink: &mut Sink,
) {
    for container in CONTAINERS.iter().filter_map(|key| spec.get(key)).flat_map(Value::items) {
        check_container_image(container, image, name, repeated, platform, sink);
    }
    let volumes = spec.get("volumes").map(Value::items).unwrap_or_default();
    for mounted in volumes.iter().filter_map(|volume| volume.get("image")?.get("reference")) {
        check_one_image(mounted, name.span, repeated, platform, sink);
    }
}

/// The lists of a pod's containers.
pub(super) const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Asks the platform about a container's image, for every row when it differs by row.
fn check_container_image(
    container: &Value,
    short: Option<&Template>,
    name: &Spanned<TaskName>,
    repeated: &[&ResolvedFanOut],
    platform: &Platform,
    sink: &mut Sink,
) {
    let Some(Value::Text(image)) = container.get("image") else {
        let called = literal(container, "name").unwrap_or_default();
        let fault = Diagnostic::error(&code::MISSING_IMAGE, format!("container `{called}` of task `{}` has no image", name.value))
            .at(name.span, "");
        sink.push(fault.help(format!("give it an `image:`; if the task's own container is meant, it is called `{BASE}`")));
        return;
    };
    let span = if is_base(container) { short.map_or(name.span, |template| template.span) } else { name.span };
    check_one_image(&Value::Text(image.clone()), span, repeated, platform, sink);
}

/// Whether a container is the task's own.
pub(super) fn is_base(container: &Value) -> bool {
    literal(container, "name") == Some(BASE)
}

fn check_one_image(image: &Value, span: Span, repeated: &[&ResolvedFanOut], platform: &Platform, sink: &mut Sink) {
    let Value::Text(image) = image else { return };
    if let Some(literal) = image.as_literal() {
        check_image(literal, span, platform, sink);
        return;
    }
    // What a run hands out names no image: nobody could hold it to the platform's registries.
    let images = image.instances(repeated.iter().map(|resolved| &resolved.fan_out));
    let images: Option<Vec<&str>> = images.iter().map(Text::as_literal).collect();
    let Some(images) = images else {
        let fault = Diagnostic::error(&code::IMAGE_TAG, "an image is chosen before the run starts").at(span, "it refers to the run");
        sink.push(fault.help("use `${{ environment }}`, `${{ vars.NAME }}`, or a key of items that are known when it is compiled"));
        return;
    };
    images.into_iter().for_each(|image| check_image(image, span, platform, sink));
}

/// The text of a map's key, when it has no references.
pub(super) fn literal<'a>(map: &'a Value, key: &str) -> Option<&'a str> {
    match map.get(key) {
        Some(Value::Text(text)) => text.as_literal(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_)) | None => None,
    }
}

/// Tells when a container mounts a volume that the pod does not have: Kubernetes refuses such a pod only when the task runs.
fn check_volumes(spec: &Value, name: &Spanned<TaskName>, layers: &Layers<'_>, sink: &mut Sink) {
    let items = |key: &str| spec.get(key).map(Value::items).unwrap_or_default();
    let known: Vec<&str> = items("volumes").iter().filter_map(|volume| literal(volume, "name")).collect();
    let overlay = layers.own().rev().find_map(|settings| settings.pod.as_ref());
    let span = overlay.map_or(name.span, |overlay| overlay.node.entry("containers").map_or(overlay.node.span, |entry| entry.key.span));
    for container in ["initContainers", "containers"].into_iter().flat_map(items) {
        let mounts = container.get("volumeMounts").map(Value::items).unwrap_or_default();
        sink.extend(mounted_twice(mounts, span));
        for mount in mounts.iter().filter_map(|mount| literal(mount, "name")).filter(|mount| !known.contains(mount)) {
            let fault =
                Diagnostic::error(&code::UNKNOWN_VOLUME, format!("task `{}` mounts `{mount}`, and its pod has no such volume", name.value))
                    .at(span, "");
            sink.push(match suggest(mount, known.iter().copied()) {
                Some(near) => fault.help(format!("write `name: {near}`")),
                None => fault.help(format!("add `volumes: [{{ name: {mount}, emptyDir: {{}} }}]`, or where it comes from")),
            });
        }
    }
}

/// Tells when two mounts of one container have one place: Kubernetes refuses such a pod.
fn mounted_twice(mounts: &[Value], span: Span) -> Option<Diagnostic> {
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for mount in mounts {
        let (Some(name), Some(place)) = (literal(mount, "name"), literal(mount, "mountPath")) else { continue };
        if let Some(other) = places.insert(place, name) {
            let title = if other == name {
                format!("the volume `{name}` is mounted twice at `{place}`")
            } else {
                format!("the volumes `{other}` and `{name}` are both mounted at `{place}`")
            };
            return Some(Diagnostic::error(&code::VOLUME, title).at(span, "").help("give each mount a folder of its own"));
        }
    }
    None
}

/// JSON to data whose strings may hold references; their faults were told when the overlay was read.
fn from_json(json: serde_json::Value, values: &Values<'_>) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => Value::Number(number),
        serde_json::Value::String(written) => Value::Text(reread(&written, values)),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(|item| from_json(item, values)).collect()),
        serde_json::Value::Object(map) => Value::Map(map.into_iter().map(|(key, value)| (key, from_json(value, values))).collect()),
    }
}

fn reread(written: &str, values: &Values<'_>) -> Text {
    if !written.contains("{{") && !written.contains("{%") {
        return values.literal(written);
    }
    let mut sink = Sink::new();
    let mut context = Context { texts: &Texts::default(), sink: &mut sink };
    let template = Template::parse(written, values.workflow.span, &mut context);
    template.map_or_else(|| values.literal(written), |template| values.text(&template))
}
