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

/// What is told of a pod under a platform's lines.
fn told_under(platform: &str, image: &str, pod: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in support::DEFAULTS {
        support::write(folder.path(), path, text.as_bytes());
    }
    let workflow = format!("workflow: x\ntasks:\n  a:\n    image: \"{image}\"\n    pod: {pod}\n");
    support::write(folder.path(), "workflows/x.yaml", workflow.as_bytes());
    support::write(folder.path(), "platform.yaml", format!("platform: acme\ntarget: {{ airflow: \"3.1\" }}\n{platform}").as_bytes());
    let found = support::compile(folder.path()).diagnostics;
    found.into_iter().map(|found| format!("{} {}", found.code.id, found.title)).collect()
}

const IMAGE: &str = "registry.example.com/a:1";

#[test]
fn a_way_around_the_choice_of_nodes_is_refused_and_the_platform_may_allow_it() {
    let selects = |key: &str, operator: &str| {
        let terms = format!("[{{ matchExpressions: [{{ key: {key}, operator: {operator} }}] }}]");
        format!(
            "{{ affinity: {{ nodeAffinity: {{ requiredDuringSchedulingIgnoredDuringExecution: {{ nodeSelectorTerms: {terms} }} }} }} }}"
        )
    };
    let control_plane = "node-role.kubernetes.io/control-plane";
    let rows = [
        ("{ nodeName: gpu-7 }".to_owned(), "node `gpu-7`", "node_names: [gpu-*]"),
        ("{ nodeName: \"${{ run.id }}\" }".to_owned(), "node that the run chooses", "node_names: [\"*\"]"),
        ("{ schedulerName: volcano }".to_owned(), "scheduler `volcano`", "schedulers: [volcano]"),
        ("{ tolerations: [{ operator: Exists }] }".to_owned(), "every taint", "taints: [\"*\"]"),
        ("{ tolerations: [{ key: \"\", operator: Exists }] }".to_owned(), "every taint", "taints: [\"*\"]"),
        (format!("{{ tolerations: [{{ key: {control_plane} }}] }}"), "the taint `node-role", "taints: [node-role.kubernetes.io/*]"),
        ("{ tolerations: [{ key: \"${{ run.id }}\" }] }".to_owned(), "that the run chooses", "taints: [\"*\"]"),
        (format!("{{ nodeSelector: {{ {control_plane}: \"\" }} }}"), "Kubernetes runs on", "taints: [node-role.kubernetes.io/*]"),
        (selects(control_plane, "Exists"), "Kubernetes runs on", "taints: [node-role.kubernetes.io/*]"),
    ];
    for (pod, words, allow) in rows {
        let told = told_under("", IMAGE, &pod);
        assert!(matches!(told.as_slice(), [only] if only.starts_with("FH0518") && only.contains(words)), "{pod}: {told:?}");
        assert_eq!(told_under(&format!("allow: {{ {allow} }}\n"), IMAGE, &pod), Vec::<String>::new(), "{pod}");
        assert_eq!(told_under("pod_security: privileged\n", IMAGE, &pod), Vec::<String>::new(), "{pod}");
    }
    for pod in [
        "{ schedulerName: default-scheduler }".to_owned(),
        "{ tolerations: [{ key: acme.example/pool, operator: Exists }] }".to_owned(),
        selects(control_plane, "DoesNotExist"),
        selects("acme.example/pool", "Exists"),
    ] {
        assert_eq!(told_under("", IMAGE, &pod), Vec::<String>::new(), "{pod}");
    }
    let told = told_under("allow: { taints: [acme.example/churn] }\n", IMAGE, "{ tolerations: [{ key: acme.example/gpu }] }");
    assert!(matches!(told.as_slice(), [only] if only.starts_with("FH0518")), "with a list only what is in it: {told:?}");
}

#[test]
fn a_name_that_stands_deep_in_a_volume_is_held_to_the_platforms_lists() {
    let csi = |class: &str| {
        format!(
            "{{ volumes: [{{ name: v, csi: {{ driver: secrets-store.csi.k8s.io, volumeAttributes: {{ secretProviderClass: {class} }} }} }}] }}"
        )
    };
    let claim = |volume: &str| {
        format!(
            "{{ volumes: [{{ name: v, ephemeral: {{ volumeClaimTemplate: {{ spec: {{ accessModes: [ReadWriteOnce], volumeName: {volume}, resources: {{ requests: {{ storage: 1Gi }} }} }} }} }} }}] }}"
        )
    };
    let (secrets, claims) = ("allow: { secrets: [churn-*] }\n", "allow: { persistent_volume_claims: [churn-*] }\n");
    for (platform, pod, words) in
        [(secrets, csi("ads-db"), "secret `ads-db`"), (claims, claim("pv-ads"), "persistent volume claim `pv-ads`")]
    {
        let told = told_under(platform, IMAGE, &pod);
        assert!(matches!(told.as_slice(), [only] if only.starts_with("FH0529") && only.contains(words)), "{pod}: {told:?}");
    }
    assert_eq!(told_under(secrets, IMAGE, &csi("churn-db")), Vec::<String>::new());
    assert_eq!(told_under(claims, IMAGE, &claim("churn-pv")), Vec::<String>::new());
}

#[test]
fn an_ephemeral_container_is_a_container_like_any_other() {
    let platform = "images: [\"registry.example.com/*\"]\n";
    let pod = |image: &str, more: &str| format!("{{ ephemeralContainers: [{{ name: e, image: \"{image}\"{more} }}] }}");
    let told = told_under(platform, IMAGE, &pod("elsewhere.example/e:1", ""));
    assert!(told.iter().any(|found| found.starts_with("FH0504") && found.contains("elsewhere.example/e:1")), "{told:?}");
    let told = told_under(platform, IMAGE, &pod(IMAGE, ", securityContext: { privileged: true }"));
    assert!(told.iter().any(|found| found.starts_with("FH0530") && found.contains("`e` is privileged")), "{told:?}");
}

#[test]
fn a_name_of_an_image_does_not_climb_out_of_what_is_allowed() {
    let platform = "images: [\"registry.example.com/team/*\"]\n";
    for image in [
        "registry.example.com/team/../other/a:1",
        "registry.example.com/team/..:1",
        "registry.example.com/team/./a:1",
        "registry.example.com/team//a:1",
    ] {
        let told = told_under(platform, image, "{}");
        assert!(matches!(told.as_slice(), [only] if only.starts_with("FH0503")), "{image}: {told:?}");
    }
    assert_eq!(told_under(platform, "registry.example.com/team/a..b:1", "{}"), Vec::<String>::new(), "dots within a name are none");
}
