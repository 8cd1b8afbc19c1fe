//! Keys that people bring from elsewhere, and ours.

/// What a key of another tool is called here; `None` when it is not known.
pub(super) fn ours(key: &str) -> Option<&'static str> {
    let found = WRONG.iter().find(|(wrong, _)| wrong.eq_ignore_ascii_case(key));
    found.map(|(_, right)| *right)
}

/// Names of Airflow, dag-factory, Kubernetes, GitHub and plain habit.
const WRONG: &[(&str, &str)] = &[
    ("cmd", "command"),
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
