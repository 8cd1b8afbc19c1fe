//! One node laid over another: maps that merge do it by key, everything else is replaced.

use std::collections::HashMap;

use super::Shape;
use crate::yaml::{Entry, Node, Value};

/// Lays `over` over `under`. Where a map is due and something else is written, that stays, for the next stage to refuse.
pub(super) fn lay_over(under: Node, over: Node, shape: Shape) -> Node {
    match (under.value, over.value) {
        (Value::Map(below), Value::Map(above)) => Node { span: over.span, value: Value::Map(lay_maps(below, above, shape)) },
        (wrong, Value::Map(_)) if shape != Shape::Kubernetes && wrong != Value::Null => Node { span: under.span, value: wrong },
        (_, value) => Node { span: over.span, value },
    }
}

fn lay_maps(mut below: Vec<Entry>, above: Vec<Entry>, shape: Shape) -> Vec<Entry> {
    let places: HashMap<String, usize> = below.iter().enumerate().map(|(at, entry)| (entry.key.value.clone(), at)).collect();
    for Entry { key, value } in above {
        let Some(at) = places.get(&key.value) else {
            below.push(Entry { key, value });
            continue;
        };
        let under = std::mem::replace(&mut below[*at].value, Node { span: value.span, value: Value::Null });
        below[*at].value = match (shape.inner(&key.value), merge_key(&key.value)) {
            (Some(Shape::Kubernetes), Some(name)) if shape == Shape::Kubernetes => lay_lists(under, value, name),
            (Some(inner), _) => lay_over(under, value, inner),
            (None, _) => value,
        };
        below[*at].key = key;
    }
    below
}

/// By which key the items of a list are told apart, as Kubernetes' `patchMergeKey` has it.
fn merge_key(list: &str) -> Option<&'static str> {
    Some(match list {
        "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "env" | "imagePullSecrets" => "name",
        "volumeMounts" => "mountPath",
        "volumeDevices" => "devicePath",
        "ports" => "containerPort",
        "hostAliases" => "ip",
        "topologySpreadConstraints" => "topologyKey",
        _ => return None,
    })
}

fn lay_lists(under: Node, over: Node, name: &str) -> Node {
    match (under.value, over.value) {
        (Value::List(mut below), Value::List(above)) => {
            for item in above {
                let same = |other: &Node| item.get(name).is_some_and(|own| other.get(name).is_some_and(|theirs| theirs.value == own.value));
                match below.iter().position(same) {
                    Some(at) => {
                        let under = std::mem::replace(&mut below[at], Node { span: item.span, value: Value::Null });
                        below[at] = lay_over(under, item, Shape::Kubernetes);
                    }
                    None => below.push(item),
                }
            }
            Node { span: over.span, value: Value::List(below) }
        }
        (_, value) => Node { span: over.span, value },
    }
}
