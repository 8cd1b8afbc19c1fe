//! What a task's pod may be given beside its container: who it is, what it mounts, and how Airflow deals with it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode, Table};
use super::leaf::ObjectName;
use super::record::{inline_schema, record};
use super::template::Template;
use super::volume::{Volume, VolumeName};
use crate::ir::OnFinishAction;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

record! {
    /// What a task's pod may be given beside its container.
    pub struct PodSettings {
        /// Folders of the task's container that come from elsewhere, by the name of the volume: `{data: {pvc: churn-data, at: /data}, scratch: {empty_dir: 10Gi, at: /scratch}}`. The way to hand over big data.
        volumes: Option<Table<VolumeName, Volume>>,
        /// Kubernetes service account that the pod runs as: `churn-writer`.
        service_account: Option<Spanned<ObjectName>>,
        /// Kubernetes priority class of the pod: `batch-low`.
        priority_class: Option<Spanned<ObjectName>>,
        /// Whether the wait for the pod is handed to Airflow's triggerer, so that it takes no worker. Only where a triggerer runs: the platform knows.
        deferrable: Option<Spanned<bool>>,
        /// What becomes of the pod when it has ended: `delete_pod` (Airflow's default), `delete_succeeded_pod` (a failed one stays, to look at), `delete_active_pod` or `keep_pod`.
        on_finish_action: Option<Spanned<OnFinishAction>>,
        /// Exit codes that mean "nothing to do": the task is then skipped in place of failed. `99`, or `[99, 100]`.
        skip_on_exit_code: Option<Spanned<ExitCodes>>,
        /// Whether the containers' output goes into the task's log. It does, unless you say `false`.
        get_logs: Option<Spanned<bool>>,
        /// Whose output goes into the task's log: names of containers such as `[base, proxy]`, or `true` for all of them. The task's own, `base`, unless you say otherwise.
        container_logs: Option<Spanned<LoggedContainers>>,
        /// Init containers whose output goes into the task's log: their names, or `true` for all of them. None, unless you say so.
        init_container_logs: Option<Spanned<LoggedContainers>>,
        /// Whether Kubernetes' events of a pod that failed go into the task's log.
        log_events_on_failure: Option<Spanned<bool>>,
        /// Whether the whole specification of a pod that failed goes into the task's log. It does, unless you say `false`.
        log_pod_spec_on_failure: Option<Spanned<bool>>,
    }
}

impl PodSettings {
    /// Every text in them that may hold references.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.volumes.iter().flat_map(Table::iter).flat_map(|(_, volume)| volume.templates())
    }

    /// The keys that are there, each with its place.
    pub fn written(&self) -> impl Iterator<Item = (&'static str, Span)> {
        let Self { volumes, service_account, priority_class, deferrable, on_finish_action, skip_on_exit_code, .. } = self;
        let Self { get_logs, container_logs, init_container_logs, log_events_on_failure, log_pod_spec_on_failure, span: _, .. } = self;
        let of_flag = |flag: &Option<Spanned<bool>>| flag.as_ref().map(|flag| flag.span);
        let of_name = |name: &Option<Spanned<ObjectName>>| name.as_ref().map(|name| name.span);
        let found = [
            ("volumes", volumes.as_ref().and_then(|volumes| volumes.entries.first()).map(|(name, _)| name.span)),
            ("service_account", of_name(service_account)),
            ("priority_class", of_name(priority_class)),
            ("deferrable", of_flag(deferrable)),
            ("on_finish_action", on_finish_action.as_ref().map(|action| action.span)),
            ("skip_on_exit_code", skip_on_exit_code.as_ref().map(|codes| codes.span)),
            ("get_logs", of_flag(get_logs)),
            ("container_logs", container_logs.as_ref().map(|logged| logged.span)),
            ("init_container_logs", init_container_logs.as_ref().map(|logged| logged.span)),
            ("log_events_on_failure", of_flag(log_events_on_failure)),
            ("log_pod_spec_on_failure", of_flag(log_pod_spec_on_failure)),
        ];
        found.into_iter().filter_map(|(key, span)| Some((key, span?)))
    }
}

impl Decode for OnFinishAction {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let found = Self::ALL.iter().find(|action| action.as_str() == text).copied();
        if found.is_none() {
            context.invalid(span, format!("`{text}` is not known here"), "write `delete_pod`, `delete_succeeded_pod` or `keep_pod`");
        }
        found
    }
}

inline_schema! { OnFinishAction "OnFinishAction" { "type": "string", "enum": Self::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>() } }

/// Exit codes of a process: one, or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitCodes(pub Vec<u8>);

impl Decode for ExitCodes {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::List(items) => items.into_iter().map(|item| decode_exit_code(item, context)).collect::<Option<Vec<_>>>().map(Self),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => {
                decode_exit_code(node, context).map(|code| Self(vec![code]))
            }
        }
    }
}

fn decode_exit_code(node: Node, context: &mut Context<'_>) -> Option<u8> {
    let span = node.span;
    let code = u8::try_from(u16::decode(node, context)?).ok().filter(|code| *code > 0);
    if code.is_none() {
        context.invalid(span, "a process that did not succeed ends with 1 to 255", "write the exit code: `99`");
    }
    code
}

inline_schema! { ExitCodes "ExitCodes" {
    "type": ["integer", "array"],
    "minimum": 1,
    "maximum": 255,
    "items": { "type": "integer", "minimum": 1, "maximum": 255 },
    "minItems": 1,
    "x-expects": "an exit code such as `99`, or a list of them",
} }

/// Containers whose output goes into a task's log.
#[derive(Debug, Clone)]
pub enum LoggedContainers {
    /// All of them, or none beside what is always there.
    All(bool),
    /// These.
    Named(Vec<Spanned<String>>),
}

impl Decode for LoggedContainers {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::Bool(all) => Some(Self::All(all)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::List(_) | Value::Map(_) => {
                Vec::decode(node, context).map(Self::Named)
            }
        }
    }
}

impl JsonSchema for LoggedContainers {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LoggedContainers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["boolean", "array"],
            "items": { "type": "string", "minLength": 1 },
            "minItems": 1,
            "x-expects": "a list of containers such as `[base, proxy]`, or `true`",
        })
    }
}
