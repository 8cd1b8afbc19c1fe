//! What a task may be given at every layer: by the platform, a profile, the workflow, its group or itself.

use std::num::NonZeroU16;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode, Table};
use super::leaf::{EnvironmentName, Timespan};
use super::notify::Notify;
use super::pod_settings::PodSettings;
use super::record::{inline_schema, record};
use super::template::Template;
use crate::ir::TriggerRule;
use crate::name::ProfileName;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

record! {
    /// Settings of a task. The same keys may stand in the platform's defaults, a profile, a workflow's or a group's `defaults` and in the task; the last
    /// one wins, and maps merge by key.
    pub struct Settings {
        /// Container image with a tag or a digest: `registry/team/model:1.4.2`.
        image: Option<Template>,
        /// Program to run in place of the image's entry point: `[python, -m, churn]`.
        command: Option<Spanned<Vec<Template>>>,
        /// Arguments: `[train, --day, "${{ run.date }}"]`.
        args: Option<Spanned<Vec<Template>>>,
        /// Environment variables by name: `{STAGE: production, DB_PASSWORD: {secret: churn-db, key: password}}`. A value is a text, or a key of a secret or a config map.
        env: Option<Table<EnvironmentName, EnvValue>>,
        /// What the container asks for and may use at the most: `{requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 2Gi}}`.
        resources: Option<Resources>,
        /// Name of a profile that the platform defines: where the pod runs and what it gets by default.
        profile: Option<Spanned<ProfileName>>,
        /// A piece of a Kubernetes PodSpec, in Kubernetes' own spelling, laid over the pod as a strategic merge patch. The task's container is named `base`.
        pod: Option<PodOverlay>,
        /// Labels of the pod.
        labels: Option<Table<String, Template>>,
        /// Annotations of the pod.
        annotations: Option<Table<String, Template>>,
        /// Tries after the first one.
        retries: Option<Spanned<u16>>,
        /// Wait before another try: `5m`.
        retry_delay: Option<Spanned<Timespan>>,
        /// Whether that wait doubles with each try.
        retry_exponential_backoff: Option<Spanned<bool>>,
        /// The longest that a doubled wait gets: `1h`.
        max_retry_delay: Option<Spanned<Timespan>>,
        /// The longest that a try may take: `2h`. The pod is ended then too.
        execution_timeout: Option<Spanned<Timespan>>,
        /// The longest that the pod may wait for a node: `10m`. Give it time where nodes are started on demand.
        startup_timeout: Option<Spanned<Timespan>>,
        /// Airflow pool whose slots the task takes.
        pool: Option<Spanned<String>>,
        /// How many slots it takes.
        pool_slots: Option<Spanned<NonZeroU16>>,
        /// Its weight against other tasks that wait; higher goes first.
        priority_weight: Option<Spanned<i32>>,
        /// Which outcomes of what it needs let it start.
        trigger_rule: Option<Spanned<TriggerRule>>,
        /// Whether it waits for its own success in the run before. Off, unless you say so.
        depends_on_past: Option<Spanned<bool>>,
        /// Whether it waits for what directly follows it in the run before, too. It implies `depends_on_past`.
        wait_for_downstream: Option<Spanned<bool>>,
        /// Whom to tell what becomes of the task, by names of notifiers that the platform defines: `{on_failure: [ml-alerts]}`. Each of its keys is taken from the nearest layer that has it.
        notify: Option<Notify>,
        .. /// What its pod is given beside its container.
        pods: PodSettings
    }
}

impl Settings {
    /// Every text in them that may hold references.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let lists = [&self.command, &self.args].into_iter().flatten().flat_map(|list| &list.value);
        let env = self.env.iter().flat_map(|env| env.iter()).filter_map(|(_, value)| match value {
            EnvValue::Text(template) => Some(template),
            EnvValue::Secret(_) | EnvValue::ConfigMap(_) => None,
        });
        let tables = [&self.labels, &self.annotations].into_iter().flatten().flat_map(|table| table.iter().map(|(_, value)| value));
        let pod = self.pod.iter().flat_map(|pod| &pod.templates);
        self.image.iter().chain(lists).chain(env).chain(tables).chain(pod).chain(self.pods.templates())
    }
}

record! {
    /// Compute resources, as Kubernetes' ResourceRequirements.
    pub struct Resources {
        /// What a node must have free for the pod: `{cpu: 500m, memory: 2Gi}`.
        requests: Option<Table<String, Spanned<Quantity>>>,
        /// What the container may use at the most: `{memory: 2Gi}`.
        limits: Option<Table<String, Spanned<Quantity>>>,
    }
}

/// An amount of a resource in Kubernetes' notation: `500m`, `2Gi`, `1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity(pub String);

impl Decode for Quantity {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::String(text) => Some(Self(text)),
            Value::Number(_) => Some(Self(context.slice(node.span).to_owned())),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {
                context.invalid(node.span, "a quantity is expected here", "write a quantity such as `500m` or `2Gi`");
                None
            }
        }
    }
}

inline_schema! { Quantity "Quantity" {
    "type": ["string", "number"],
    "minimum": 0,
    "pattern": "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][-+]?[0-9]+)?$",
    "x-expects": "a quantity such as `500m` or `2Gi`",
} }

/// The value of an environment variable.
#[derive(Debug, Clone)]
pub enum EnvValue {
    /// A text.
    Text(Template),
    /// A key of a Kubernetes secret.
    Secret(KeyReference),
    /// A key of a Kubernetes config map.
    ConfigMap(KeyReference),
}

/// A key of a Kubernetes object in the team's namespace.
#[derive(Debug, Clone)]
pub struct KeyReference {
    /// The object's name.
    pub name: Spanned<String>,
    /// The key in it.
    pub key: Spanned<String>,
}

impl Decode for EnvValue {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return Template::decode(node, context).map(Self::Text);
        }
        let key = decode_text(&node, "key", context)?;
        if node.get("secret").is_some() {
            return Some(Self::Secret(KeyReference { name: decode_text(&node, "secret", context)?, key }));
        }
        Some(Self::ConfigMap(KeyReference { name: decode_text(&node, "config_map", context)?, key }))
    }
}

fn decode_text(map: &Node, key: &str, context: &mut Context<'_>) -> Option<Spanned<String>> {
    let Some(node) = map.get(key) else {
        context.invalid(map.span, format!("`{key}` is missing"), "write `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`");
        return None;
    };
    Spanned::<String>::decode(node.clone(), context)
}

impl JsonSchema for EnvValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EnvValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({ "type": "string", "minLength": 1 });
        json_schema!({
            "type": ["string", "number", "boolean", "object"],
            "x-expects": "a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`",
            "properties": {
                "secret": { "description": "Name of a Kubernetes secret in the team's namespace.", "type": "string", "minLength": 1 },
                "config_map": { "description": "Name of a Kubernetes config map in the team's namespace.", "type": "string", "minLength": 1 },
                "key": { "description": "The key in it.", "type": text.get("type"), "minLength": 1 },
            },
            "additionalProperties": false,
            "if": { "type": "object" },
            "then": { "required": ["key"], "minProperties": 2, "maxProperties": 2 },
        })
    }
}

/// A piece of a Kubernetes PodSpec, checked strictly against Kubernetes' schema and kept as it was written.
#[derive(Debug, Clone)]
pub struct PodOverlay {
    /// The overlay; a map.
    pub node: Node,
    /// Every text in it that has a reference, read.
    pub templates: Vec<Template>,
}

impl Decode for PodOverlay {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let mut templates = Vec::new();
        collect_templates(&node, &mut templates, context);
        Some(Self { node, templates })
    }
}

fn collect_templates(node: &Node, found: &mut Vec<Template>, context: &mut Context<'_>) {
    match &node.value {
        Value::String(text) if text.contains("{{") || text.contains("{%") => found.extend(Template::parse(text, node.span, context)),
        Value::List(items) => items.iter().for_each(|item| collect_templates(item, found, context)),
        Value::Map(entries) => entries.iter().for_each(|entry| collect_templates(&entry.value, found, context)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

inline_schema! { PodOverlay "PodOverlay" { "$ref": "pod.v1.json" } }

impl Decode for TriggerRule {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span: Span = node.span;
        let text = String::decode(node, context)?;
        let found = Self::ALL.iter().find(|rule| rule.as_str() == text).copied();
        if found.is_none() {
            context.invalid(span, format!("`{text}` is no trigger rule"), "write `all_success`, `all_done`, …");
        }
        found
    }
}

inline_schema! { TriggerRule "TriggerRule" { "type": "string", "enum": Self::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>() } }
