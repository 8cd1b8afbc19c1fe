//! The level of Kubernetes' Pod Security Standards that pods must keep.
//!
//! The controls are those of <https://kubernetes.io/docs/concepts/security/pod-security-standards/>. Kubernetes' own admission would
//! refuse the pod too, where a namespace has it: when the task runs, and not when it is written.

use super::{TaskCase, is_on, literal};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::Value;
use crate::name::matches_glob;
use crate::source::Span;
use crate::spec::PodSecurity;

/// Capabilities that `baseline` lets containers add.
const HARMLESS: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Kinds of volumes that `restricted` lets pods mount.
const VOLUMES: [&str; 8] = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];
/// The annotation of a container's AppArmor profile, before the container's name.
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// Types of SELinux that `baseline` lets pods choose.
const SELINUX: [&str; 4] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
/// Kernel parameters that `baseline` lets pods set.
const SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
];

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let (level, place) = case.policy.pod_security();
    let Some(spec) = case.pod().and_then(|pod| pod.get("spec")) else { return };
    if level == PodSecurity::Privileged {
        return;
    }
    let mut judge = Judge { case, level, place, sink };
    judge.namespaces(spec);
    judge.volumes(spec);
    judge.annotations(case.pod().and_then(|pod| pod.get("metadata")?.get("annotations")));
    judge.context("the pod", spec.get("securityContext"));
    for container in case.containers() {
        judge.container(container);
        if level == PodSecurity::Restricted {
            judge.hardened(spec, container);
        }
    }
}

struct Judge<'a, 's> {
    case: &'a TaskCase<'a>,
    level: PodSecurity,
    /// Where the level is written; nowhere when it is the one that holds by itself.
    place: Option<Span>,
    sink: &'s mut Sink,
}

impl Judge<'_, '_> {
    fn refuse(&mut self, what: &str, place: Span, help: String) {
        let level = self.level.as_str();
        let fault = Diagnostic::error(&code::POD_SECURITY, format!("{what}, and `pod_security: {level}` refuses that")).at(place, "");
        self.sink.push(fault.at_if(self.place, "the level that holds").help(help));
    }

    fn refuse_key(&mut self, what: &str, key: &str) {
        let place = self.case.place_of_key(key);
        self.refuse(what, place, format!("delete `{key}`, or ask the platform to allow it"));
    }

    fn namespaces(&mut self, spec: &Value) {
        for (key, what) in [("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "shared memory")] {
            if is_on(spec, key) {
                self.refuse_key(&format!("the pod shares the {what} of its node"), key);
            }
        }
    }

    fn volumes(&mut self, spec: &Value) {
        for volume in spec.get("volumes").map(Value::items).unwrap_or_default() {
            let Value::Map(fields) = volume else { continue };
            for (kind, source) in fields.iter().filter(|(key, _)| *key != "name") {
                if kind == "hostPath" {
                    self.host_path(source);
                } else if self.level == PodSecurity::Restricted && !VOLUMES.contains(&kind.as_str()) {
                    self.refuse_key(&format!("a volume of kind `{kind}` is mounted"), kind);
                }
            }
        }
    }

    /// How pods turned AppArmor off before they had a field for it; Kubernetes still reads it.
    fn annotations(&mut self, annotations: Option<&Value>) {
        let Some(Value::Map(annotations)) = annotations else { return };
        for (key, value) in annotations {
            let Some(container) = key.strip_prefix(APPARMOR) else { continue };
            let profile = match value {
                Value::Text(text) => text.as_literal(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
            };
            if !profile.is_some_and(|profile| profile == "runtime/default" || profile.starts_with("localhost/")) {
                let help = format!("delete `{key}`, or write `runtime/default`");
                self.refuse(&format!("container `{container}` runs without AppArmor"), self.case.place_of_text("unconfined"), help);
            }
        }
    }

    fn host_path(&mut self, source: &Value) {
        let path = literal(source, "path");
        let allowed = self.case.policy.allowed(|allowed| allowed.host_paths.as_ref()).into_iter().flatten();
        let mut patterns = allowed.map(|pattern| self.case.policy.fill(pattern));
        // `..` would lead out of what a pattern means.
        let is_allowed = path.is_some_and(|path| !path.contains("..") && patterns.any(|pattern| matches_glob(&pattern, path)));
        if !is_allowed {
            let place = path.map_or_else(|| self.case.place_of_key("hostPath"), |path| self.case.place_of_text(path));
            let what = path.map_or_else(|| "a folder of the node is mounted".to_owned(), |path| format!("`{path}` of the node is mounted"));
            self.refuse(&what, place, "use an `emptyDir` or a claim, or ask the platform for `allow: { host_paths: […] }`".to_owned());
        }
    }

    fn container(&mut self, container: &Value) {
        let name = literal(container, "name").unwrap_or_default();
        let who = format!("container `{name}`");
        for port in container.get("ports").map(Value::items).unwrap_or_default() {
            if matches!(port.get("hostPort"), Some(Value::Number(number)) if number.as_i64() != Some(0)) {
                self.refuse_key(&format!("{who} opens a port of its node"), "hostPort");
            }
        }
        let Some(context) = container.get("securityContext") else { return };
        if is_on(context, "privileged") {
            self.refuse_key(&format!("{who} is privileged"), "privileged");
        }
        if literal(context, "procMount").is_some_and(|mount| mount != "Default") {
            self.refuse_key(&format!("{who} sees all of `/proc`"), "procMount");
        }
        self.capabilities(&who, context);
        self.context(&who, Some(context));
    }

    fn capabilities(&mut self, who: &str, context: &Value) {
        let added = context.get("capabilities").and_then(|capabilities| capabilities.get("add")).map(Value::items).unwrap_or_default();
        let excepted: Vec<String> = {
            let allowed = self.case.policy.allowed(|allowed| allowed.capabilities.as_ref()).into_iter().flatten();
            allowed.map(|pattern| self.case.policy.fill(pattern)).collect()
        };
        for capability in added {
            let Value::Text(text) = capability else { continue };
            let name = text.as_literal().unwrap_or("${{ … }}");
            let is_harmless = match self.level {
                PodSecurity::Restricted => name == "NET_BIND_SERVICE",
                PodSecurity::Baseline | PodSecurity::Privileged => HARMLESS.contains(&name),
            };
            if !is_harmless && !excepted.iter().any(|pattern| matches_glob(pattern, name)) {
                let place = self.case.place_of_text(name);
                let help = format!("delete it, or ask the platform for `allow: {{ capabilities: [{name}] }}`");
                self.refuse(&format!("{who} adds the capability `{name}`"), place, help);
            }
        }
    }

    /// What a pod's and a container's security context have in common.
    fn context(&mut self, who: &str, context: Option<&Value>) {
        let Some(context) = context else { return };
        for (profile, key) in [("seccompProfile", "seccomp"), ("appArmorProfile", "AppArmor")] {
            if context.get(profile).and_then(|profile| literal(profile, "type")) == Some("Unconfined") {
                self.refuse_key(&format!("{who} runs without {key}"), profile);
            }
        }
        if let Some(options) = context.get("seLinuxOptions") {
            let is_harmless = |kind: &str| kind.is_empty() || SELINUX.contains(&kind);
            // What only the run knows may be any of them.
            let is_odd = options.get("type").is_some() && !literal(options, "type").is_some_and(is_harmless);
            if is_odd || ["user", "role"].iter().any(|key| options.get(key).is_some()) {
                self.refuse_key(&format!("{who} chooses its own SELinux label"), "seLinuxOptions");
            }
        }
        if context.get("windowsOptions").is_some_and(|options| is_on(options, "hostProcess")) {
            self.refuse_key(&format!("{who} is a process of its node"), "hostProcess");
        }
        for sysctl in context.get("sysctls").map(Value::items).unwrap_or_default() {
            let name = literal(sysctl, "name").unwrap_or("${{ … }}");
            if !SYSCTLS.contains(&name) {
                let place = self.case.place_of_text(name);
                self.refuse(&format!("{who} sets the kernel parameter `{name}`"), place, "delete it".to_owned());
            }
        }
    }

    /// What `restricted` asks for beside what `baseline` refuses.
    fn hardened(&mut self, spec: &Value, container: &Value) {
        let name = literal(container, "name").unwrap_or_default();
        let (around, own) = (spec.get("securityContext"), container.get("securityContext"));
        let either = |key: &str| own.and_then(|own| own.get(key)).or_else(|| around.and_then(|around| around.get(key)));
        let missing = [
            (
                matches!(own.and_then(|own| own.get("allowPrivilegeEscalation")), Some(Value::Bool(false))),
                "may become more than it is",
                "allowPrivilegeEscalation: false",
            ),
            (drops_all(own), "keeps capabilities", "capabilities: { drop: [ALL] }"),
            (matches!(either("runAsNonRoot"), Some(Value::Bool(true))), "may run as root", "runAsNonRoot: true"),
            (
                either("seccompProfile").and_then(|profile| literal(profile, "type")).is_some(),
                "runs without seccomp",
                "seccompProfile: { type: RuntimeDefault }",
            ),
        ];
        for (_, what, wanted) in missing.into_iter().filter(|(is_there, _, _)| !is_there) {
            let help =
                format!("add `{wanted}` to its `securityContext`: `pod: {{ containers: [{{ name: {name}, securityContext: {{ … }} }}] }}`");
            let what = format!("container `{name}` of task `{}` {what}", self.case.name.value);
            self.refuse(&what, self.case.name.span, help);
        }
        if matches!(either("runAsUser"), Some(Value::Number(number)) if number.as_i64() == Some(0)) {
            self.refuse_key(&format!("container `{name}` runs as root"), "runAsUser");
        }
    }
}

fn drops_all(context: Option<&Value>) -> bool {
    let dropped = context.and_then(|context| context.get("capabilities")?.get("drop")).map(Value::items).unwrap_or_default();
    dropped.iter().any(|capability| matches!(capability, Value::Text(text) if text.as_literal() == Some("ALL")))
}
