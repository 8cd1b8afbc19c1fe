//! Kubernetes' Pod Security Standards, control by control.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

mod support;

/// What is told of a pod under a level, in words.
fn told(level: &str, pod: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in support::DEFAULTS {
        support::write(folder.path(), path, text.as_bytes());
    }
    let workflow = format!("workflow: x\ntasks:\n  a:\n    image: registry.example.com/a:1\n    pod: {pod}\n");
    let platform = format!("platform: acme\ntarget: {{ airflow: \"3.1\" }}\npod_security: {level}\n");
    support::write(folder.path(), "workflows/x.yaml", workflow.as_bytes());
    support::write(folder.path(), "platform.yaml", platform.as_bytes());
    let found = support::compile(folder.path()).diagnostics;
    found.into_iter().map(|found| format!("{} {}", found.code.id, found.title)).collect()
}

/// The controls of the standard's page, one row for each field that it names.
const REFUSED: [(&str, &str); 21] = [
    ("{ hostNetwork: true }", "network of its node"),
    ("{ hostPID: true }", "processes of its node"),
    ("{ hostIPC: true }", "shared memory"),
    ("{ volumes: [{ name: a, hostPath: { path: /etc } }] }", "`/etc` of the node"),
    ("{ volumes: [{ name: a, hostPath: { path: \"${{ '/etc' }}\" } }] }", "`/etc` of the node"),
    ("{ securityContext: { seccompProfile: { type: Unconfined } } }", "without seccomp"),
    ("{ securityContext: { appArmorProfile: { type: Unconfined } } }", "without AppArmor"),
    ("{ securityContext: { seLinuxOptions: { type: spc_t } } }", "SELinux"),
    ("{ securityContext: { seLinuxOptions: { role: r } } }", "SELinux"),
    ("{ securityContext: { seLinuxOptions: { type: \"${{ run.id }}\" } } }", "SELinux"),
    ("{ securityContext: { sysctls: [{ name: kernel.msgmax, value: \"1\" }] } }", "`kernel.msgmax`"),
    ("{ securityContext: { windowsOptions: { hostProcess: true } } }", "process of its node"),
    ("{ containers: [{ name: base, securityContext: { privileged: true } }] }", "privileged"),
    ("{ containers: [{ name: base, securityContext: { procMount: Unmasked } }] }", "`/proc`"),
    ("{ containers: [{ name: base, securityContext: { capabilities: { add: [SYS_ADMIN] } } }] }", "`SYS_ADMIN`"),
    ("{ containers: [{ name: base, ports: [{ containerPort: 80, hostPort: 80 }] }] }", "port of its node"),
    ("{ containers: [{ name: base, securityContext: { seccompProfile: { type: Unconfined } } }] }", "without seccomp"),
    ("{ containers: [{ name: base, securityContext: { windowsOptions: { hostProcess: true } } }] }", "process of its node"),
    ("{ containers: [{ name: b, image: \"r.example/b:1\", securityContext: { privileged: true } }] }", "container `b` is privileged"),
    ("{ initContainers: [{ name: b, image: \"r.example/b:1\", securityContext: { privileged: true } }] }", "container `b` is privileged"),
    ("{ containers: [{ name: base, securityContext: { capabilities: { add: [ALL] } } }] }", "`ALL`"),
];

#[test]
fn each_control_of_baseline_is_refused_and_privileged_allows_it() {
    for (pod, words) in REFUSED {
        let told_of = told("baseline", pod);
        assert!(matches!(told_of.as_slice(), [only] if only.starts_with("FH0530") && only.contains(words)), "{pod}: {told_of:?}");
        assert_eq!(told("privileged", pod), Vec::<String>::new(), "{pod}");
    }
}

#[test]
fn restricted_asks_for_four_things_and_is_content_with_them() {
    assert_eq!(told("restricted", "{}").len(), 4);
    let hardened = "{ securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, \
         containers: [{ name: base, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] }";
    assert_eq!(told("restricted", hardened), Vec::<String>::new());
    let root = hardened.replace("runAsNonRoot: true", "runAsNonRoot: true, runAsUser: 0");
    assert_eq!(told("restricted", &root), ["FH0530 container `base` runs as root, and `pod_security: restricted` refuses that"]);
}

#[test]
fn t71_the_annotation_that_turned_apparmor_off_is_refused_like_the_field() {
    let annotated = |profile: &str| {
        let key = "container.apparmor.security.beta.kubernetes.io/base";
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in support::DEFAULTS {
            support::write(folder.path(), path, text.as_bytes());
        }
        let workflow =
            format!("workflow: x\ntasks: {{ a: {{ image: \"registry.example.com/a:1\", annotations: {{ {key}: \"{profile}\" }} }} }}\n");
        support::write(folder.path(), "workflows/x.yaml", workflow.as_bytes());
        support::write(folder.path(), "platform.yaml", b"platform: acme\ntarget: { airflow: \"3.1\" }\n");
        support::compile(folder.path())
            .diagnostics
            .into_iter()
            .map(|found| format!("{} {}", found.code.id, found.title))
            .collect::<Vec<_>>()
    };
    for profile in ["unconfined", "${{ run.id }}", ""] {
        let found = annotated(profile);
        assert!(
            matches!(found.as_slice(), [only] if only.starts_with("FH0530") && only.contains("without AppArmor")),
            "{profile}: {found:?}"
        );
    }
    for profile in ["runtime/default", "localhost/strict"] {
        assert_eq!(annotated(profile), Vec::<String>::new(), "{profile}");
    }
}
