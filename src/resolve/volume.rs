//! Volumes in short form → the pod's volumes and the mounts of the task's container.

use indexmap::IndexMap;

use super::container::{literal, text};
use super::layers::Layers;
use super::text::Values;
use crate::diag::{Diagnostic, Severity, Sink, codes as code};
use crate::ir::Value;
use crate::source::{Span, Spanned};
use crate::spec::{Settings, Template, Volume, VolumeSource};

/// The folder that an output is written to; the target mounts a volume of its own there.
const OUTPUT_FOLDER: &str = "/airflow/xcom";

/// Adds all layers' volumes to a pod's spec, and their mounts to its first container. Clashes with what the pod has already are told.
pub(super) fn add_volumes(spec: &mut Value, layers: &Layers<'_>, values: &Values<'_>, sink: &mut Sink) {
    for (name, volume) in layers.merged(|settings| settings.pods.volumes.as_ref()) {
        let before = sink.as_slice().len();
        check_place(volume, sink);
        check_clash(spec, name, volume, layers, sink);
        check_emptiness(spec, name, volume, sink);
        check_mount(name, volume, sink);
        if sink.as_slice()[before..].iter().all(|told| told.severity != Severity::Error) {
            push(spec, "volumes", volume_of(name, volume, values));
            if let Some(base) = spec.get_mut("containers").and_then(|containers| containers.get_index_mut(0)) {
                push(base, "volumeMounts", mount_of(name, volume, values));
            }
        }
    }
}

/// Appends to a map's list, which is made when there is none.
fn push(map: &mut Value, key: &str, item: Value) {
    if let Value::Map(fields) = map
        && let Value::List(items) = fields.entry(key.to_owned()).or_insert_with(|| Value::List(Vec::new()))
    {
        items.push(item);
    }
}

fn volume_of(name: &str, volume: &Volume, values: &Values<'_>) -> Value {
    let named = |key: &str, template: &Template| Value::Map(IndexMap::from([(key.to_owned(), Value::Text(values.text(template)))]));
    let (kind, content) = match &volume.source {
        VolumeSource::Claim(claim) => ("persistentVolumeClaim", named("claimName", claim)),
        VolumeSource::ConfigMap(config_map) => ("configMap", named("name", config_map)),
        VolumeSource::Secret(secret) => ("secret", named("secretName", secret)),
        VolumeSource::EmptyDir { size, is_memory } => {
            let medium = is_memory.then(|| ("medium".to_owned(), text("Memory")));
            let size = ("sizeLimit".to_owned(), text(&size.value.0));
            ("emptyDir", Value::Map(medium.into_iter().chain([size]).collect()))
        }
    };
    Value::Map(IndexMap::from([("name".to_owned(), text(name)), (kind.to_owned(), content)]))
}

fn mount_of(name: &str, volume: &Volume, values: &Values<'_>) -> Value {
    let Volume { source: _, at, read_only: _, sub_path, span: _ } = volume;
    let mut mount = IndexMap::from([("mountPath".to_owned(), Value::Text(values.text(at))), ("name".to_owned(), text(name))]);
    if volume.is_read_only() {
        mount.insert("readOnly".to_owned(), Value::Bool(true));
    }
    mount.extend(sub_path.iter().map(|path| ("subPath".to_owned(), Value::Text(values.text(path)))));
    Value::Map(mount)
}

/// Tells a folder that Kubernetes does not take, or that an output is written to.
fn check_place(volume: &Volume, sink: &mut Sink) {
    let at = &volume.at;
    let Some(path) = at.as_literal() else { return };
    let fault = |title: String| Diagnostic::error(&code::VOLUME, title).at(at.span, "");
    if !path.starts_with('/') {
        sink.push(fault(format!("`{path}` is no absolute path")).help(format!("write `/{}`", path.trim_start_matches("./"))));
    } else if path.contains(':') {
        sink.push(fault(format!("`{path}` has a `:` in it, which Kubernetes takes for no part of a path")).help("choose another folder"));
    } else if is_inside(path, OUTPUT_FOLDER) {
        sink.push(fault(format!("a task's output goes through `{OUTPUT_FOLDER}`")).help("choose another folder: `/data`"));
    }
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.trim_end_matches('/').strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Tells when the pod has a volume of that name, or its first container a mount at that place.
fn check_clash(spec: &Value, name: &str, volume: &Volume, layers: &Layers<'_>, sink: &mut Sink) {
    let volumes = spec.get("volumes").map(Value::items).unwrap_or_default();
    if volumes.iter().any(|other| literal(other, "name") == Some(name)) {
        let fault = Diagnostic::error(&code::VOLUME, format!("there are two volumes `{name}`")).at(volume.span, "the one in `volumes:`");
        let fault = fault.at_if(overlay_of(name, layers), "the one in `pod:`");
        sink.push(fault.help("give one of them another name"));
    }
    let base = spec.get("containers").and_then(|containers| containers.items().first());
    let mounts = base.and_then(|base| base.get("volumeMounts")).map(Value::items).unwrap_or_default();
    let place = volume.at.as_literal().map(|at| at.trim_end_matches('/'));
    let same = mounts.iter().find(|mount| place.is_some() && literal(mount, "mountPath").map(|at| at.trim_end_matches('/')) == place);
    if let Some(same) = same {
        let (other, place) = (literal(same, "name").unwrap_or_default(), place.unwrap_or_default());
        let fault = Diagnostic::error(&code::VOLUME, format!("the volumes `{other}` and `{name}` are both mounted at `{place}`"));
        let other = layers.merged(|settings| settings.pods.volumes.as_ref()).into_iter().find(|(name, _)| *name == other);
        let span = other.map(|(_, other)| other.at.span).or_else(|| overlay_of(literal(same, "name").unwrap_or_default(), layers));
        sink.push(fault.at(volume.at.span, "the second").at_if(span, "the first").help("give each a folder of its own"));
    }
}

/// Where the nearest layer's `pod:` says something of a volume.
fn overlay_of(name: &str, layers: &Layers<'_>) -> Option<Span> {
    layers
        .last(|settings: &Settings| {
            let volumes = settings.pod.as_ref()?.node.get("volumes")?;
            volumes.items().iter().find_map(|item| item.get("name").filter(|found| found.as_str() == Some(name)))
        })
        .map(|found| found.span)
}

/// Warns of a mount that does something else than its author means.
fn check_mount(name: &str, volume: &Volume, sink: &mut Sink) {
    let warning = |title: String, place: Span, why: &str| Diagnostic::warning(&code::MOUNT, title).at(place, why);
    if volume.at.as_literal().is_some_and(|at| at.starts_with('/') && at.chars().all(|letter| letter == '/')) {
        let fault = warning(format!("the volume `{name}` hides all of the image"), volume.at.span, "nothing of the image is left below it");
        sink.push(fault.help("choose a folder of its own: `/data`"));
    }
    let kind = match &volume.source {
        VolumeSource::ConfigMap(_) => "config map",
        VolumeSource::Secret(_) => "secret",
        VolumeSource::Claim(_) | VolumeSource::EmptyDir { .. } => return,
    };
    if let Some(Spanned { value: false, span }) = &volume.read_only {
        let fault = warning(format!("the volume `{name}` cannot be written to"), *span, &format!("files of a {kind} are always read only"));
        sink.push(fault.help("delete `read_only`, and write to an `empty_dir` or a `pvc`"));
    }
}

/// Warns when a task only reads a folder that nothing else can have written to.
fn check_emptiness(spec: &Value, name: &str, volume: &Volume, sink: &mut Sink) {
    let count = |key: &str| spec.get(key).map_or(0, |containers| containers.items().len());
    let is_alone = count("initContainers") == 0 && count("containers") <= 1;
    if let (VolumeSource::EmptyDir { .. }, true, true) = (&volume.source, volume.is_read_only(), is_alone) {
        let fault = Diagnostic::warning(&code::EMPTY_VOLUME, format!("the volume `{name}` is read only, and always empty"));
        let fault = fault.at(volume.span, "each pod gets a fresh, empty folder");
        sink.push(fault.help("write `pvc: NAME` to read what another task wrote, or delete `read_only`"));
    }
}
