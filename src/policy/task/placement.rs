//! Ways around the platform's choice of nodes: the scheduler is what holds taints, and a pod can be told to do without it.

use super::{TaskCase, literal};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::Value;
use crate::name::matches_glob;
use crate::source::Span;
use crate::spec::{Allowed, PodSecurity, Template};

/// The scheduler of every cluster.
const SCHEDULER: &str = "default-scheduler";
/// Taints, and labels, of the nodes that Kubernetes itself runs on.
const CONTROL_PLANE: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];
/// What a toleration without a key tolerates.
const EVERY_TAINT: &str = "*";

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let Some(spec) = case.pod().and_then(|pod| pod.get("spec")) else { return };
    let mut judge = Judge { case, sink };
    if let Some(name) = spec.get("nodeName").filter(|name| **name != Value::Null) {
        let help = "choose nodes by a profile or a `nodeSelector`, or ask the platform for `allow: { node_names: […] }`";
        judge.name(
            ("nodeName", name),
            |allowed| allowed.node_names.as_ref(),
            |name| format!("goes to node {name} past the scheduler"),
            help,
        );
    }
    if let Some(name) = spec.get("schedulerName").filter(|_| literal(spec, "schedulerName") != Some(SCHEDULER)) {
        let help = "delete `schedulerName`, or ask the platform for `allow: { schedulers: […] }`";
        judge.name(("schedulerName", name), |allowed| allowed.schedulers.as_ref(), |name| format!("is placed by scheduler {name}"), help);
    }
    for toleration in spec.get("tolerations").map(Value::items).unwrap_or_default() {
        judge.toleration(toleration);
    }
    for label in labels(spec).into_iter().filter(|label| CONTROL_PLANE.contains(label)) {
        judge.taint(label, case.place_of_key(label), "chooses the nodes that Kubernetes runs on");
    }
}

struct Judge<'a, 's> {
    case: &'a TaskCase<'a>,
    sink: &'s mut Sink,
}

impl Judge<'_, '_> {
    /// Holds a name against a list, and against the level where there is no list.
    fn name(
        &mut self,
        (key, value): (&str, &Value),
        list: fn(&Allowed) -> Option<&Vec<Template>>,
        what: impl Fn(&str) -> String,
        help: &str,
    ) {
        let Value::Text(text) = value else { return };
        let names = self.case.texts(text);
        let is_allowed = match names.as_ref() {
            Some(names) => names.iter().all(|name| self.allows(list, name)),
            // What only the run knows may be any of them.
            None => self.allows(list, EVERY_TAINT),
        };
        if !is_allowed {
            let shown =
                names.and_then(|names| names.first().map(|name| format!("`{name}`"))).unwrap_or_else(|| "that the run chooses".to_owned());
            self.refuse(list, &what(&shown), self.case.place_of_key(key), help);
        }
    }

    fn toleration(&mut self, toleration: &Value) {
        match (toleration.get("key"), literal(toleration, "key")) {
            (None, _) | (_, Some("")) => {
                let place = self.case.place_of_key("tolerations");
                self.taint(EVERY_TAINT, place, "tolerates every taint of every node");
            }
            (Some(_), Some(key)) => {
                let what = format!("tolerates the taint `{key}`");
                self.taint(key, self.case.place_of_text(key), &what);
            }
            (Some(_), None) => self.taint(EVERY_TAINT, self.case.place_of_key("tolerations"), "tolerates a taint that the run chooses"),
        }
    }

    fn taint(&mut self, key: &str, place: Span, what: &str) {
        let list = |allowed: &'_ Allowed| -> bool { allowed.taints.is_some() };
        let has_list =
            self.case.policy.grant.allow.as_ref().is_some_and(list) || self.case.policy.platform.allow.as_ref().is_some_and(list);
        if (!has_list && key != EVERY_TAINT && !CONTROL_PLANE.contains(&key)) || self.allows(|allowed| allowed.taints.as_ref(), key) {
            return;
        }
        let help = format!("choose nodes by a profile, or ask the platform for `allow: {{ taints: [\"{key}\"] }}`");
        self.refuse(|allowed| allowed.taints.as_ref(), what, place, &help);
    }

    fn allows(&self, list: fn(&Allowed) -> Option<&Vec<Template>>, name: &str) -> bool {
        let policy = self.case.policy;
        match policy.allowed(list) {
            Some(patterns) => patterns.iter().any(|pattern| matches_glob(&policy.fill(pattern), name)),
            None => policy.pod_security().0 == PodSecurity::Privileged,
        }
    }

    fn refuse(&mut self, list: fn(&Allowed) -> Option<&Vec<Template>>, what: &str, place: Span, help: &str) {
        let policy = self.case.policy;
        let title = format!("the pod of task `{}` {what}", self.case.name.value);
        let fault = Diagnostic::error(&code::PLACEMENT, title).at(place, "nodes are the platform's to give");
        let fault = match policy.allowed(list).map(|patterns| patterns.first().map(|pattern| pattern.span)) {
            Some(first) => fault.at_if(first, "what is allowed"),
            None => fault.at_if(policy.pod_security().1, "the level that holds"),
        };
        self.sink.push(fault.help(help));
    }
}

/// Labels of nodes that a pod asks for.
fn labels(spec: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some(Value::Map(selector)) = spec.get("nodeSelector") {
        found.extend(selector.keys().map(String::as_str));
    }
    if let Some(affinity) = spec.get("affinity").and_then(|affinity| affinity.get("nodeAffinity")) {
        wanted(affinity, &mut found);
    }
    found
}

fn wanted<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Map(map) => {
            // Nodes without a label are no way to it.
            if !matches!(literal(value, "operator"), Some("DoesNotExist" | "NotIn")) {
                found.extend(literal(value, "key"));
            }
            map.values().for_each(|inner| wanted(inner, found));
        }
        Value::List(items) => items.iter().for_each(|item| wanted(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}
