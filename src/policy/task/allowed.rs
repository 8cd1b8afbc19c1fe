//! Names of Kubernetes objects that a pod may use: secrets, config maps, claims, service accounts, priority classes.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::ir::Value;
use crate::name::matches_glob;
use crate::spec::{Allowed, Template};

/// A kind of object that pods name.
struct Kind {
    /// What people call it.
    what: &'static str,
    /// Its list of names.
    list: fn(&Allowed) -> Option<&Vec<Template>>,
    /// Keys of a PodSpec that hold its name.
    names: &'static [&'static str],
    /// Keys of a PodSpec that hold a reference to it: a map with its `name`, or a list of such maps.
    references: &'static [&'static str],
}

const KINDS: [Kind; 5] = [
    Kind {
        what: "secret",
        list: |allowed| allowed.secrets.as_ref(),
        names: &["secretName", "secretProviderClass"],
        references: &["secret", "secretKeyRef", "secretRef", "nodePublishSecretRef", "imagePullSecrets"],
    },
    Kind {
        what: "config map",
        list: |allowed| allowed.config_maps.as_ref(),
        names: &[],
        references: &["configMap", "configMapKeyRef", "configMapRef"],
    },
    Kind {
        what: "persistent volume claim",
        list: |allowed| allowed.persistent_volume_claims.as_ref(),
        // A claim can be made as a copy of another one, or for a volume that another one had.
        names: &["claimName", "volumeName"],
        references: &["dataSource", "dataSourceRef"],
    },
    Kind {
        what: "service account",
        list: |allowed| allowed.service_accounts.as_ref(),
        names: &["serviceAccountName", "serviceAccount"],
        references: &[],
    },
    Kind { what: "priority class", list: |allowed| allowed.priority_classes.as_ref(), names: &["priorityClassName"], references: &[] },
];

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(spec) = case.pod().and_then(|pod| pod.get("spec")) else { return };
    for kind in &KINDS {
        let Some(list) = case.policy.allowed(kind.list) else { continue };
        let mut found = Vec::new();
        collect(spec, kind, &mut found);
        let patterns: Vec<String> = list.iter().map(|pattern| case.policy.fill(pattern)).collect();
        for name in found {
            judge(case, kind, name, list, &patterns, sink);
        }
    }
}

/// Every name of a kind, wherever in the pod it stands.
fn collect<'a>(value: &'a Value, kind: &Kind, found: &mut Vec<&'a Value>) {
    match value {
        Value::Map(map) => {
            for (key, inner) in map {
                if kind.names.contains(&key.as_str()) {
                    found.push(inner);
                } else if kind.references.contains(&key.as_str()) {
                    found.extend(inner.get("name"));
                    found.extend(inner.items().iter().filter_map(|item| item.get("name")));
                }
                collect(inner, kind, found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, kind, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

fn judge(case: &TaskCase<'_>, kind: &Kind, name: &Value, list: &[Template], patterns: &[String], sink: &mut Sink) {
    let Value::Text(text) = name else { return };
    let what = kind.what;
    let first = list.first().map(|template| template.span);
    let Some(names) = case.texts(text) else {
        let title = format!("the name of a {what} of task `{}` is known at run time only", case.name.value);
        let fault = Diagnostic::error(&code::NOT_ALLOWED, title).at(case.name.span, "").at_if(first, "the platform's list");
        sink.push(fault.help(format!("write the name of the {what} as a text, without references to the run")));
        return;
    };
    let is_allowed = |name: &&String| patterns.iter().any(|pattern| matches_glob(pattern, name));
    if let Some(odd) = names.iter().find(|name| !is_allowed(name)) {
        let title = format!("team `{}` may not use the {what} `{odd}`", case.policy.team());
        let fault = Diagnostic::error(&code::NOT_ALLOWED, title).at(case.place_of_text(odd), "").at_if(first, "what the team may use");
        sink.push(if patterns.is_empty() {
            fault.help(format!("the platform allows no {what}"))
        } else {
            fault.help(format!("use a {what} whose name matches {}", quoted_list(patterns.iter().map(String::as_str))))
        });
    }
}
