//! `platform.yaml`, the platform's side of the central repository.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::bounds::{Allowed, Bounds, Ceilings, Enforced, PlatformRule, Required, ScheduleRules};
use super::claim::Claim;
use super::decode::{Context, Decode, Table};
use super::identity::Identity;
use super::notify::Notifier;
use super::operator::Operator;
use super::param::Scalar;
use super::record::{inline_schema, record};
use super::settings::Settings;
use super::suppressions::Suppressions;
use super::unmanaged::Unmanaged;
use super::word::PodSecurity;
use crate::name::{ClassPath, ProfileName};
use crate::source::Spanned;
use crate::yaml::{Node, Value};

record! {
    /// What the platform gives to all teams, and what it asks of them.
    pub struct Platform {
        /// The platform's name.
        platform: Spanned<String>,
        /// What is compiled for: `{airflow: "3.1"}`.
        target: Target,
        /// The environment that this branch is; `${{ environment }}` in workflows. `production` unless you say otherwise.
        environment: Option<Spanned<String>>,
        /// All environments that the platform has, each the branch of a central repository: a workflow may speak of these in its `environments`. Any, unless you say which.
        environments: Option<Vec<Spanned<String>>>,
        /// Values for every workflow, as `${{ vars.NAME }}`: what differs between environments, such as a bucket. A project's and a workflow's own win.
        vars: Option<Table<String, Scalar>>,
        /// Settings of every task of every team, unless something nearer says otherwise.
        defaults: Option<Settings>,
        /// Named settings that teams choose from: where a pod runs and what it gets by default.
        profiles: Option<Table<ProfileName, Settings>>,
        /// Image names that may be used; `*` stands for any text. All, unless you say otherwise. A tag or a digest is always required, and `latest` never allowed.
        images: Option<Vec<Spanned<String>>>,
        /// Accounts that may change what is the platform's: this file, the grants, and what no team owns. Whoever may push to the branch
        /// without a check in between may do so anyway.
        administrators: Option<Vec<Spanned<String>>>,
        /// Accounts that may land what waits on teams' branches, by `freehold integrate`, and do nothing else: `[integrate-bot]`. They count in
        /// `freehold hook pre-receive`; where a Git host judges by pull request, its rules say who may push.
        integrators: Option<Vec<Spanned<String>>>,
        /// Hand-written files of this repository that are no team's yet, and go on being changed by hand: `[{paths: [dags/legacy/**], dag_ids: [legacy_train]}]`. What no line here names nobody changes.
        unmanaged: Option<Vec<Unmanaged>>,
        /// Airflow pools that tasks may name.
        pools: Option<Table<String, Pool>>,
        /// Ways to tell people what becomes of runs and tasks, by the names that teams use in `notify`: `{ml-alerts: {class: airflow.providers.smtp.notifications.smtp.SmtpNotifier, with: {to: ml@acme.example}}}`.
        notifiers: Option<Table<String, Notifier>>,
        /// Airflow operators that tasks may name, by their class: `{airflow.providers.standard.sensors.filesystem.FileSensor: {templated: [filepath]}}`. None, unless you say so.
        operators: Option<Table<ClassPath, Operator>>,
        /// Whether workflows may use Airflow's own templating, `{{ … }}`. `forbidden` unless you say otherwise.
        templating: Option<Spanned<Templating>>,
        /// The oldest format of compiled files that is accepted: a compiler that writes an older one must be updated first. `freehold --version` tells its own.
        format: Option<Spanned<u32>>,
        /// The most that containers and pods may ask for: `{container: {cpu: "8", memory: 64Gi}}`.
        ceilings: Option<Ceilings>,
        /// Between what settings must lie: `{retries: {maximum: 5}, execution_timeout: {maximum: 12h}}`.
        bounds: Option<Bounds>,
        /// What holds for schedules: `{minimum_interval: 15m}`.
        schedule: Option<ScheduleRules>,
        /// What teams must say: `{workflows: [description], tasks: [execution_timeout], labels: {acme.example/cost-center: "cc-*"}}`.
        require: Option<Required>,
        /// What every pod gets and no team may change: `{env: {ACME_TEAM: "${{ team }}"}, labels: {…}, annotations: {…}}`.
        enforce: Option<Enforced>,
        /// Secrets, service accounts and other names that a team's pods may use: `{secrets: ["${{ team }}-*"], service_accounts: [ml-task]}`. A grant may have lists of its own.
        allow: Option<Allowed>,
        /// Persistent volume claims by name, `*` standing for any text, and who may mount each at once: `{"*-scratch": {access: ReadWriteOnce}}`. What tasks do with them is held to it; of others nothing is known.
        claims: Option<Table<String, Claim>>,
        /// The level of Kubernetes' Pod Security Standards that pods must keep: `privileged`, `baseline` or `restricted`; `baseline` unless you say otherwise.
        pod_security: Option<Spanned<PodSecurity>>,
        /// Rules of your own, in CEL, over resolved tasks and workflows: `[{name: …, when: "task.retries > 5", message: "…"}]`. `freehold preview --what policy` shows what they see.
        rules: Option<Vec<PlatformRule>>,
        /// How it is known who asks to publish. The environment variables of the CI system are believed, unless you say otherwise.
        identity: Option<Identity>,
        /// What a team may allow in its files by a comment with a reason: `{allow: [FH0503], forbid: [FH0325]}`. All warnings and no errors, unless you say otherwise.
        suppressions: Option<Suppressions>,
    }
}

record! {
    /// What is compiled for.
    pub struct Target {
        /// Airflow's version, in quotes: `"2.11"`, `"3.0"`, `"3.1"`, …
        airflow: Spanned<String>,
    }
}

/// An Airflow pool.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    /// What it has.
    pub fields: Option<PoolFields>,
}

record! {
    /// An Airflow pool.
    pub struct PoolFields {
        /// Its slots.
        slots: Option<Spanned<u32>>,
        /// What it is for.
        description: Option<Spanned<String>>,
    }
}

impl Decode for Pool {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        if matches!(node.value, Value::Null) {
            return Some(Self::default());
        }
        PoolFields::decode(node, context).map(|fields| Self { fields: Some(fields) })
    }
}

impl JsonSchema for Pool {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Pool".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = PoolFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["object", "null"]));
        schema
    }
}

/// Whether a target's own templating may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Templating {
    /// `{{` in a text is an error.
    #[default]
    Forbidden,
    /// `{{ … }}` is passed on.
    Allowed,
}

impl Decode for Templating {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        match String::decode(node, context)?.as_str() {
            "forbidden" => Some(Self::Forbidden),
            "allowed" => Some(Self::Allowed),
            other => {
                context.invalid(span, format!("`{other}` is not known here"), "write `forbidden` or `allowed`");
                None
            }
        }
    }
}

inline_schema! { Templating "Templating" { "type": "string", "enum": ["forbidden", "allowed"] } }
