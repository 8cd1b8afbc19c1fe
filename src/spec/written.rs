//! Which values settings hold, each by its key and with its place.

use super::bounds::Enforced;
use super::decode::{Key, Table};
use super::settings::{EnvValue, Settings};
use super::template::Template;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

impl Settings {
    /// Every value, by the way to it: `retries`, `env.STAGE`, `resources.limits.memory`, `pod.containers[base].ports`. A list whose items have
    /// names is looked into, any other is one value, as layers replace it.
    #[must_use]
    pub fn written(&self) -> Vec<(String, Span)> {
        let Self {
            image,
            command,
            args,
            env,
            resources,
            profile,
            pod,
            labels,
            annotations,
            retries,
            retry_delay,
            retry_exponential_backoff,
            max_retry_delay,
            execution_timeout,
            startup_timeout,
            pool,
            pool_slots,
            priority_weight,
            trigger_rule,
            depends_on_past,
            wait_for_downstream,
            notify,
            pods,
            span: _,
        } = self;
        let single = [
            ("image", image.as_ref().map(|image| image.span)),
            ("command", span_of(command)),
            ("args", span_of(args)),
            ("profile", span_of(profile)),
            ("retries", span_of(retries)),
            ("retry_delay", span_of(retry_delay)),
            ("retry_exponential_backoff", span_of(retry_exponential_backoff)),
            ("max_retry_delay", span_of(max_retry_delay)),
            ("execution_timeout", span_of(execution_timeout)),
            ("startup_timeout", span_of(startup_timeout)),
            ("pool", span_of(pool)),
            ("pool_slots", span_of(pool_slots)),
            ("priority_weight", span_of(priority_weight)),
            ("trigger_rule", span_of(trigger_rule)),
            ("depends_on_past", span_of(depends_on_past)),
            ("wait_for_downstream", span_of(wait_for_downstream)),
            ("notify", notify.as_ref().map(|notify| notify.span)),
        ];
        let mut found: Vec<(String, Span)> = single.into_iter().filter_map(|(key, span)| Some((key.to_owned(), span?))).collect();
        // A volume is told one by one below.
        found.extend(pods.written().filter(|(key, _)| *key != "volumes").map(|(key, span)| (key.to_owned(), span)));
        table("volumes", &pods.volumes, |volume| volume.span, &mut found);
        table("env", env, env_span, &mut found);
        table("labels", labels, |value: &Template| value.span, &mut found);
        table("annotations", annotations, |value: &Template| value.span, &mut found);
        if let Some(resources) = resources {
            table("resources.requests", &resources.requests, |quantity| quantity.span, &mut found);
            table("resources.limits", &resources.limits, |quantity| quantity.span, &mut found);
        }
        if let Some(pod) = pod {
            leaves("pod", &pod.node, &mut found);
        }
        found
    }
}

impl Enforced {
    /// Every value, by the way to it.
    #[must_use]
    pub fn written(&self) -> Vec<(String, Span)> {
        let Self { env, labels, annotations, span: _ } = self;
        let mut found = Vec::new();
        table("env", env, |value| value.span, &mut found);
        table("labels", labels, |value| value.span, &mut found);
        table("annotations", annotations, |value| value.span, &mut found);
        found
    }
}

fn span_of<T>(value: &Option<Spanned<T>>) -> Option<Span> {
    value.as_ref().map(|value| value.span)
}

fn env_span(value: &EnvValue) -> Span {
    match value {
        EnvValue::Text(template) => template.span,
        EnvValue::Secret(reference) | EnvValue::ConfigMap(reference) => reference.name.span,
    }
}

fn table<K: Key, V>(prefix: &str, table: &Option<Table<K, V>>, span: impl Fn(&V) -> Span, found: &mut Vec<(String, Span)>) {
    found.extend(table.iter().flat_map(Table::iter).map(|(key, value)| (format!("{prefix}.{}", key.value.as_key()), span(value))));
}

fn leaves(way: &str, node: &Node, found: &mut Vec<(String, Span)>) {
    let name = |item: &Node| item.get("name").and_then(Node::as_str).map(str::to_owned);
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            entries.iter().for_each(|entry| leaves(&format!("{way}.{}", entry.key.value), &entry.value, found));
        }
        Value::List(items) if !items.is_empty() && items.iter().all(|item| name(item).is_some()) => {
            for item in items {
                let way = format!("{way}[{}]", name(item).unwrap_or_default());
                item.entries().iter().filter(|entry| entry.key.value != "name").for_each(|entry| {
                    leaves(&format!("{way}.{}", entry.key.value), &entry.value, found);
                });
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) | Value::Map(_) => {
            found.push((way.to_owned(), node.span));
        }
    }
}
