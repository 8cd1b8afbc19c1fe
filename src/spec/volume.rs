//! Volumes in short form: where a folder of the task's container comes from.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Context, Decode, Key};
use super::record::{inline_schema, record};
use super::settings::Quantity;
use super::template::Template;
use crate::name::InvalidName;
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// A folder of the task's container and where it comes from.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Where it comes from.
    pub source: VolumeSource,
    /// The folder in the task's container.
    pub at: Template,
    /// Whether the task may only read it, when that is said.
    pub read_only: Option<Spanned<bool>>,
    /// A folder of the volume, in place of all of it.
    pub sub_path: Option<Template>,
    /// Where the whole of it stands.
    pub span: Span,
}

/// Where a volume comes from.
#[derive(Debug, Clone)]
pub enum VolumeSource {
    /// A claim of a persistent volume, which outlives the pod.
    Claim(Template),
    /// A fresh, empty folder that ends with the pod.
    EmptyDir {
        /// The most that it may hold.
        size: Spanned<Quantity>,
        /// Whether it lies in memory.
        is_memory: bool,
    },
    /// The keys of a config map, as files.
    ConfigMap(Template),
    /// The keys of a secret, as files.
    Secret(Template),
}

record! {
    /// A folder of the task's container and where it comes from: exactly one of `pvc`, `empty_dir`, `config_map` and `secret`.
    pub struct VolumeFields {
        /// A persistent volume claim of the team's namespace, to hand over big data between tasks: `churn-data`.
        pvc: Option<Template>,
        /// A fresh, empty folder that is deleted with the pod, and the most that it may hold: `10Gi`. Other tasks do not see it.
        empty_dir: Option<Spanned<Quantity>>,
        /// A config map of the team's namespace; each of its keys is a file.
        config_map: Option<Template>,
        /// A secret of the team's namespace; each of its keys is a file.
        secret: Option<Template>,
        /// The folder in the task's container: `/data`.
        at: Template,
        /// Whether the task may only read it. It may write, unless you say so.
        read_only: Option<Spanned<bool>>,
        /// A folder of the volume, in place of all of it: `models/${{ each.customer.id }}`.
        sub_path: Option<Template>,
        /// `Memory` keeps an `empty_dir` in memory, as `/dev/shm` of PyTorch's data loaders wants it. It counts for the memory limit.
        medium: Option<Spanned<Medium>>,
    }
}

/// Where an empty folder lies when it is not on the node's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Medium;

impl Decode for Medium {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        if text != "Memory" {
            context.invalid(span, format!("`{text}` is not known here"), "write `Memory`, or delete `medium`");
        }
        (text == "Memory").then_some(Self)
    }
}

inline_schema! { Medium "Medium" { "type": "string", "enum": ["Memory"] } }

impl Decode for Volume {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let VolumeFields { pvc, empty_dir, config_map, secret, at, read_only, sub_path, medium, span } =
            VolumeFields::decode(node, context)?;
        let is_memory = medium.is_some();
        if let (None, Some(medium)) = (&empty_dir, &medium) {
            context.invalid(medium.span, "only an `empty_dir` can lie in memory", "delete `medium`");
        }
        let given = [
            pvc.map(VolumeSource::Claim),
            empty_dir.map(|size| VolumeSource::EmptyDir { size, is_memory }),
            config_map.map(VolumeSource::ConfigMap),
            secret.map(VolumeSource::Secret),
        ];
        let mut sources = given.into_iter().flatten();
        match (sources.next(), sources.next()) {
            (Some(source), None) => Some(Self { source, at, read_only, sub_path, span }),
            (Some(_), Some(_)) => {
                context.invalid(span, "a volume comes from one place", "keep one of `pvc`, `empty_dir`, `config_map` and `secret`");
                None
            }
            (None, _) => {
                let help = "add `pvc: NAME`, `empty_dir: 10Gi`, `config_map: NAME` or `secret: NAME`";
                context.invalid(span, "it is not said where the volume comes from", help);
                None
            }
        }
    }
}

impl JsonSchema for Volume {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Volume".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        VolumeFields::json_schema(generator)
    }
}

impl Volume {
    /// Whether the task may only read it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.read_only.as_ref().is_some_and(|flag| flag.value)
    }

    /// Every text in it that may hold references.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let source = match &self.source {
            VolumeSource::Claim(name) | VolumeSource::ConfigMap(name) | VolumeSource::Secret(name) => Some(name),
            VolumeSource::EmptyDir { size: _, is_memory: _ } => None,
        };
        source.into_iter().chain([&self.at]).chain(&self.sub_path)
    }
}

/// The name of a volume in its pod: a DNS label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeName(String);

/// The volume that an output goes through.
const OUTPUT: &str = "xcom";

impl Key for VolumeName {
    fn parse_key(text: &str) -> Result<Self, InvalidName> {
        let is_sound = |edge: Option<char>| edge.is_some_and(|edge| edge.is_ascii_lowercase() || edge.is_ascii_digit());
        let may_hold = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if text == OUTPUT {
            return Err(InvalidName::Grammar("a task's output goes through a volume of that name"));
        }
        if text.len() <= 63 && is_sound(text.chars().next()) && is_sound(text.chars().last()) && text.chars().all(may_hold) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName::Grammar("it may hold lower-case letters, digits and `-` between them, at most 63"))
    }

    fn as_key(&self) -> &str {
        &self.0
    }
}
