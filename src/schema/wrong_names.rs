//! Keys that people bring from elsewhere, and ours.

/// What a key of another tool is called here, among the known keys of a map; `None` when it is none of them.
pub(super) fn ours(key: &str, known: &[&str]) -> Option<&'static str> {
    let found = WRONG.iter().find(|(wrong, right)| wrong.eq_ignore_ascii_case(key) && known.contains(right));
    found.map(|(_, right)| *right)
}

/// Where something goes that has no key of its own here; `None` when it is not known. `owner` is the key of the map it stands in.
pub(super) fn elsewhere(key: &str, owner: Option<&str>) -> Option<&'static str> {
    let is_pod = owner == Some("pod");
    let found = ELSEWHERE.iter().find(|(wrong, in_pod, _)| *in_pod == is_pod && wrong.eq_ignore_ascii_case(key));
    found.map(|(_, _, help)| *help)
}

/// A key, whether it stands directly below `pod:`, and what to write.
const ELSEWHERE: &[(&str, bool, &str)] = &[
    (
        "volumeMounts",
        true,
        "mounts belong to a container, and the task's is called `base`: `containers: [{ name: base, volumeMounts: [{ name: data, mountPath: /data }] }]`",
    ),
    (
        "volume_mounts",
        true,
        "mounts belong to a container, and the task's is called `base`: `containers: [{ name: base, volumeMounts: [{ name: data, mountPath: /data }] }]`",
    ),
    ("env", true, "write `env:` in the task, beside `pod:`"),
    ("envFrom", true, "it belongs to a container, and the task's is called `base`: `containers: [{ name: base, envFrom: [...] }]`"),
    ("image", true, "write `image:` in the task, beside `pod:`"),
    ("resources", true, "write `resources:` in the task, beside `pod:`"),
    ("command", true, "write `command:` in the task, beside `pod:`"),
    ("args", true, "write `args:` in the task, beside `pod:`"),
    ("spec", true, "write the keys of the spec directly below `pod:`"),
    ("metadata", true, "write `labels:` and `annotations:` in the task, beside `pod:`"),
    ("node_selector", false, "write `pod: { nodeSelector: { ... } }`"),
    ("nodeSelector", false, "write `pod: { nodeSelector: { ... } }`"),
    ("tolerations", false, "write `pod: { tolerations: [...] }`"),
    ("affinity", false, "write `pod: { affinity: { ... } }`"),
    ("security_context", false, "write `pod: { securityContext: { ... } }`"),
    ("volume_mounts", false, "write `volumes: { data: { pvc: NAME, at: /data } }`"),
    ("volumeMounts", false, "write `volumes: { data: { pvc: NAME, at: /data } }`"),
    ("init_containers", false, "write `pod: { initContainers: [...] }`"),
    ("secrets", false, "write `env: { NAME: { secret: NAME, key: KEY } }`"),
    ("valueFrom", false, "write `{ secret: NAME, key: KEY }` or `{ config_map: NAME, key: KEY }`"),
    ("namespace", false, "delete it: the platform gives each team its namespace, in `teams/<team>.yaml`"),
    ("owner", false, "delete it: the team is the owner"),
    ("sla", false, "write `execution_timeout:`"),
    ("task_groups", false, "write `groups:`"),
    ("queue", false, "write `pool:`"),
];

/// Names of Airflow, dag-factory, Kubernetes, GitHub and plain habit.
const WRONG: &[(&str, &str)] = &[
    ("cmd", "command"),
    ("service_account_name", "service_account"),
    ("serviceAccountName", "service_account"),
    ("priority_class_name", "priority_class"),
    ("priorityClassName", "priority_class"),
    ("persistent_volume_claim", "pvc"),
    ("persistentVolumeClaim", "pvc"),
    ("claim", "pvc"),
    ("emptyDir", "empty_dir"),
    ("configMap", "config_map"),
    ("mount_path", "at"),
    ("mountPath", "at"),
    ("readOnly", "read_only"),
    ("subPath", "sub_path"),
    ("cmds", "command"),
    ("entrypoint", "command"),
    ("arguments", "args"),
    ("arg", "args"),
    ("dependencies", "needs"),
    ("depends_on", "needs"),
    ("depends", "needs"),
    ("upstream", "needs"),
    ("after", "needs"),
    ("schedule_interval", "schedule"),
    ("timetable", "schedule"),
    ("timeout", "execution_timeout"),
    ("timeout", "within"),
    ("execution_timeout", "within"),
    ("execution_delta", "offset"),
    ("external_dag_id", "workflow"),
    ("startup_timeout_seconds", "startup_timeout"),
    ("environment", "env"),
    ("enviroment", "env"),
    ("env_vars", "env"),
    ("concurrency", "max_active_tasks"),
    ("parallelism", "max_parallel"),
    ("max_active_tis_per_dagrun", "max_parallel"),
    ("with_items", "for_each"),
    ("foreach", "for_each"),
    ("expand", "for_each"),
    ("loop", "for_each"),
    ("name", "workflow"),
    ("dag_id", "workflow"),
    ("variables", "vars"),
    ("parameters", "params"),
    ("default_args", "defaults"),
    ("container_resources", "resources"),
    ("pod_template", "pod"),
    ("podSpec", "pod"),
    ("spec", "pod"),
    ("priority", "priority_weight"),
    ("doc", "description"),
    ("doc_md", "description"),
    ("namespace", "kubernetes_namespace"),
    ("do_xcom_push", "output"),
    ("repos", "repositories"),
    ("configMap", "config_map"),
    ("configmap", "config_map"),
    ("tz", "timezone"),
    ("steps", "tasks"),
    ("jobs", "tasks"),
];
