//! One task: its layers merged into what runs.

use std::time::Duration;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::PodSpec;

use super::fan_out::{ResolvedFanOut, resolve_fan_out};
use super::layers::Layers;
use super::pod::overlay;
use super::quantity::amount;
use super::text::Values;
use super::{Surroundings, native_templates};
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::ir::{self, FanOut, Piece, Text, Value};
use crate::name::TaskName;
use crate::policy::{check_image, check_pool, check_profile};
use crate::source::Spanned;
use crate::spec::{Context, EnvValue, Group, KeyReference, Quantity, Reference, Resources, Settings, Table, Task, Template, Workflow};

/// Tries after the first, when no layer says.
const RETRIES: u32 = 0;
/// Wait before a try, when no layer says: Airflow's own default.
const RETRY_DELAY: Duration = Duration::from_secs(300);
/// Wait for a node, when no layer says: enough for a node pool that starts from zero.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(600);
/// The container that runs the task.
const BASE: &str = "base";

/// What stands around a task.
pub(super) struct Scope<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) surroundings: &'a Surroundings<'a>,
    pub(super) group: Option<Around<'a>>,
}

/// The group around a task.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) group: &'a Group,
    pub(super) fan_out: Option<&'a ResolvedFanOut>,
}

/// Resolves one task; `None` when something is wrong, which has been told.
pub(super) fn resolve_task(name: &Spanned<TaskName>, task: &Task, scope: &Scope<'_>, sink: &mut Sink) -> Option<ir::Task> {
    let own = match &task.for_each {
        Some(for_each) => Some(resolve_fan_out(for_each, scope.surroundings, sink)?),
        None => None,
    };
    let policy = scope.surroundings.policy;
    let group_defaults = scope.group.and_then(|around| around.group.defaults.as_ref());
    let given = [policy.platform.defaults.as_ref(), scope.workflow.defaults.as_ref(), group_defaults, Some(&task.settings)];
    let chosen = Layers::new(given).last(|settings| settings.profile.as_ref());
    let profile = chosen.and_then(|name| check_profile(name, policy, sink));
    let layers = Layers::new([given[0], profile, given[1], given[2], given[3]]);
    let repeated = own.as_ref().or(scope.group.and_then(|around| around.fan_out));
    check_layers(&layers, &given[1..], repeated, scope, sink);
    let pod = build_pod(name, &layers, chosen, &given[1..], scope, sink)?;
    let trigger_rule = layers.last(|settings| settings.trigger_rule.as_ref()).map(|rule| rule.value).unwrap_or_default();
    let span_of = |field: fn(&Settings) -> Option<&Spanned<crate::spec::Timespan>>| layers.last(field).map(|span| span.value.0);
    Some(ir::Task {
        name: name.value.clone(),
        needs: needs(task, scope),
        max_parallel: task.max_parallel.as_ref().map(|count| u32::from(count.value.get())),
        trigger_rule,
        retries: layers.last(|settings| settings.retries.as_ref()).map_or(RETRIES, |retries| u32::from(retries.value)),
        retry_delay: span_of(|settings| settings.retry_delay.as_ref()).unwrap_or(RETRY_DELAY),
        retry_exponential_backoff: layers.last(|settings| settings.retry_exponential_backoff.as_ref()).is_some_and(|flag| flag.value),
        max_retry_delay: span_of(|settings| settings.max_retry_delay.as_ref()),
        execution_timeout: span_of(|settings| settings.execution_timeout.as_ref()),
        startup_timeout: span_of(|settings| settings.startup_timeout.as_ref()).unwrap_or(STARTUP_TIMEOUT),
        pool: layers.last(|settings| settings.pool.as_ref()).map(|pool| pool.value.clone()),
        pool_slots: layers.last(|settings| settings.pool_slots.as_ref()).map_or(1, |slots| u32::from(slots.value.get())),
        priority_weight: layers.last(|settings| settings.priority_weight.as_ref()).map_or(1, |weight| weight.value),
        output: task.output.as_ref().is_some_and(|output| output.value),
        profile: chosen.map(|name| name.value.clone()),
        fan_out: own.map(|resolved| resolved.fan_out),
        pod,
    })
}

fn needs(task: &Task, scope: &Scope<'_>) -> Vec<ir::Need> {
    let is_sibling = |name: &TaskName| scope.group.is_some_and(|around| around.group.tasks.get(name.as_str()).is_some());
    let names = task.needs.iter().flatten().map(|need| &need.value);
    names.map(|name| if is_sibling(name) { ir::Need::Sibling(name.clone()) } else { ir::Need::Top(name.clone()) }).collect()
}

/// What the platform has to say about values of any layer, and what the rows of a fan-out lack.
fn check_layers(layers: &Layers<'_>, own: &[Option<&Settings>], repeated: Option<&ResolvedFanOut>, scope: &Scope<'_>, sink: &mut Sink) {
    let policy = scope.surroundings.policy;
    if let Some(pool) = layers.last(|settings| settings.pool.as_ref()) {
        check_pool(pool, policy, sink);
    }
    check_resources(layers, sink);
    for settings in own.iter().flatten() {
        native_templates(settings, policy, sink);
        if let Some(resolved) = repeated {
            settings.templates().for_each(|template| check_rows(template, resolved, sink));
        }
        for (key, _) in [&settings.labels, &settings.annotations].into_iter().flatten().flat_map(Table::iter) {
            if key.value.starts_with("freehold/") {
                let fault = Diagnostic::error(&code::LABEL, format!("`{}` is set by Freehold", key.value)).at(key.span, "");
                sink.push(fault.help("choose a key that does not start with `freehold/`"));
            }
        }
    }
}

/// Tells when a request is over its limit, whichever layers they come from.
fn check_resources(layers: &Layers<'_>, sink: &mut Sink) {
    type Amounts = Table<String, Spanned<Quantity>>;
    let of = |pick: fn(&Resources) -> Option<&Amounts>| layers.merged(move |settings| settings.resources.as_ref().and_then(pick));
    let limits = of(|resources| resources.limits.as_ref());
    for (resource, request) in of(|resources| resources.requests.as_ref()) {
        let Some((_, limit)) = limits.iter().find(|(name, _)| *name == resource) else { continue };
        if let (Some(asked), Some(allowed)) = (amount(&request.value), amount(&limit.value))
            && asked > allowed
        {
            let title = format!("`{}` of {resource} is requested, and the limit is `{}`", request.value.0, limit.value.0);
            let fault = Diagnostic::error(&code::REQUEST_OVER_LIMIT, title).at(request.span, "the request").at(limit.span, "the limit");
            sink.push(fault.help(format!("request at most `{}`, or raise the limit", limit.value.0)));
        }
    }
}

/// Tells the first row that lacks a key that a text refers to.
fn check_rows(template: &Template, resolved: &ResolvedFanOut, sink: &mut Sink) {
    let FanOut::Static { variable: _, rows } = &resolved.fan_out else { return };
    for reference in template.references() {
        let Reference::Each { variable, path } = &reference.value else { continue };
        let lacking = rows.iter().zip(&resolved.places).find(|(row, _)| row.text(path).is_none());
        let Some((row, place)) = lacking else { continue };
        let written = std::iter::once(variable).chain(path).map(String::as_str).collect::<Vec<_>>().join(".");
        let known: Vec<&str> = row.value.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str)).collect();
        let near = path.last().and_then(|key| suggest(key, known.iter().copied()));
        let help = match near {
            Some(near) => format!("write `each.{variable}.{near}`"),
            None if path.is_empty() => format!("name a key: `each.{variable}.{}`", known.first().unwrap_or(&"id")),
            None if known.is_empty() => format!("the items are plain values: write `each.{variable}`"),
            None => format!("the item has {}", crate::diag::quoted_list(known)),
        };
        let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("item `{}` has no text for `each.{written}`", row.key));
        sink.push(fault.at(reference.span, "").at(*place, "the item").help(help));
    }
}

/// The whole pod of a task.
fn build_pod(
    name: &Spanned<TaskName>,
    layers: &Layers<'_>,
    profile: Option<&Spanned<crate::name::ProfileName>>,
    own: &[Option<&Settings>],
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<Value> {
    let values = Values { workflow: scope.workflow, surroundings: scope.surroundings };
    let mut spec: PodSpec = scope.surroundings.base_pods.of(profile.map(|profile| &profile.value)).clone();
    own.iter().for_each(|settings| overlay(&mut spec, *settings, sink));
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
    for container in ["initContainers", "containers"].iter().filter_map(|key| spec.get(key)).flat_map(Value::items) {
        check_container_image(container, image, name, scope, sink);
    }
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
    Some(Value::Map(IndexMap::from([("metadata".to_owned(), Value::Map(metadata)), ("spec".to_owned(), spec)])))
}

fn text(text: &str) -> Value {
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

/// Asks the platform about a container's image, for every row when it differs by row.
fn check_container_image(container: &Value, short: Option<&Template>, name: &Spanned<TaskName>, scope: &Scope<'_>, sink: &mut Sink) {
    let Some(Value::Text(image)) = container.get("image") else { return };
    let is_base = matches!(container.get("name"), Some(Value::Text(name)) if name.as_literal() == Some(BASE));
    let span = if is_base { short.map_or(name.span, |template| template.span) } else { name.span };
    let platform = scope.surroundings.policy.platform;
    if let Some(literal) = image.as_literal() {
        check_image(literal, span, platform, sink);
        return;
    }
    if image.pieces.iter().any(|piece| !matches!(piece, Piece::Literal(_) | Piece::Each(_))) {
        let fault = Diagnostic::error(&code::IMAGE_TAG, "an image is chosen before the run starts").at(span, "it refers to the run");
        sink.push(fault.help("use `${{ environment }}`, `${{ vars.NAME }}` or an item's key"));
        return;
    }
    if let Some(FanOut::Static { rows, .. }) = scope.group.and_then(|around| around.fan_out).map(|resolved| &resolved.fan_out) {
        for row in rows {
            if let Some(literal) = image.instantiate(row).as_literal() {
                check_image(literal, span, platform, sink);
            }
        }
    }
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
        return Text::literal(written);
    }
    let mut sink = Sink::new();
    let mut context = Context { text: "", sink: &mut sink };
    let template = Template::parse(written, values.workflow.span, &mut context);
    template.map_or_else(|| Text::literal(written), |template| values.text(&template))
}
