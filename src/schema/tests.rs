//! Facts about what people are told when a file has another shape.

#![allow(clippy::too_many_lines, reason = "tables of slips and what is told")]

use super::{Kind, validate};
use crate::diag::{Place, Sink};
use crate::source::{Sources, Texts};
use crate::yaml::parse;

/// Everything stands below a line with characters of two, three and four bytes.
const ABOVE: &str = "# žluťoučký 猫 🦀\n";

/// Code, underlined text, title and help of each fault, one a line.
fn told(kind: Kind, text: &str) -> String {
    let text = format!("{ABOVE}{text}");
    let mut sink = Sink::new();
    let sources = Sources::new();
    let file = sources.add("a.yaml", text.clone());
    let texts = Texts::of(&sources, [file]);
    let node = parse(file, &text, &mut sink);
    if let Some(node) = node {
        assert_eq!(validate(kind, &node, &texts, &mut sink), sink.as_slice().is_empty(), "{text:?}");
    }
    let line = |fault: crate::diag::Diagnostic| {
        let Some(Place::Span(span)) = fault.labels.first().map(|label| label.place.clone()) else { panic!("a span: {fault:?}") };
        let underlined = &text[span.start as usize..span.end as usize];
        format!("    {} {underlined:?} {} | {}", fault.code.id, fault.title, fault.help.as_deref().unwrap_or_default())
    };
    sink.into_sorted().into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn all(kind: Kind, texts: &[&str]) -> String {
    texts.iter().map(|text| format!("{text}\n{}", told(kind, text))).collect::<Vec<_>>().join("\n")
}

fn in_task(settings: &[&str]) -> String {
    settings
        .iter()
        .map(|text| format!("{text}\n{}", told(Kind::Workflow, &format!("workflow: a\ntasks:\n  t:\n    {text}"))))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn slips_in_a_workflow_are_told_once_each() {
    insta::assert_snapshot!(all(Kind::Workflow, &[
        "tasks: {}", "workflow: a", "workflow: A B\ntasks: {t: {args: [x]}}", "[a]", "x", "workflow: 5\ntasks: {t: {}}",
        "dag_id: a\ntasks: {t: {}}", "workflow: a\nsteps: {t: {}}", "workflow: a\ntasks: [t]", "workflow: a\ntasks:",
        "workflow: a\nschedule: daily\ntasks: {t: {}}", "workflow: a\nschedule: \"0 3 * * *\"\ntasks: {t: {}}",
        "workflow: a\nschedule: {cron: 5}\ntasks: {t: {}}", "workflow: a\nschedule: {preset: dayly}\ntasks: {t: {}}",
        "workflow: a\nschedule: {every: 6 hours}\ntasks: {t: {}}", "workflow: a\nschedule: {cron: x, every: 6h}\ntasks: {t: {}}",
        "workflow: a\nschedule: {crn: x}\ntasks: {t: {}}", "workflow: a\nschedule: {}\ntasks: {t: {}}", "workflow: a\nschedule:\ntasks: {t: {}}",
        "workflow: a\nschedule_interval: x\ntasks: {t: {}}", "workflow: a\nstart_date: yesterday\ntasks: {t: {}}",
        "workflow: a\ncatchup: \"true\"\ntasks: {t: {}}", "workflow: a\nmax_active_runs: 0\ntasks: {t: {}}",
        "workflow: a\nmax_active_runs: 1.5\ntasks: {t: {}}", "workflow: a\ntags: retrain\ntasks: {t: {}}", "workflow: a\ntags: [1]\ntasks: {t: {}}",
        "workflow: a\nparams: {p: 5}\ntasks: {t: {}}", "workflow: a\nvars: {v: [1]}\ntasks: {t: {}}", "workflow: a\ntasks: {Bad Name: {}}",
        "workflow: a\ngroups: {g: {tasks: {t: {arg: [x]}}}}", "workflow: a\nowner: x\ntasks: {t: {}}",
    ]), @r#"
    tasks: {}
        FH0202 "tasks" `workflow` is missing | add `workflow:` (its name within the team)
    workflow: a

    workflow: A B
    tasks: {t: {args: [x]}}
        FH0204 "A B" `A B` is not a workflow name | write a workflow name: lower-case letters, digits and single `-` between them
    [a]
        FH0203 "[a]" a map is expected here, and this is a list | write `key: value` pairs
    x
        FH0203 "x" a map is expected here, and this is a text | write `key: value` pairs
    workflow: 5
    tasks: {t: {}}
        FH0203 "5" `workflow` takes a workflow name, and this is a number | write a workflow name: lower-case letters, digits and single `-` between them
    dag_id: a
    tasks: {t: {}}
        FH0201 "dag_id" there is no key `dag_id` | did you mean `workflow`?
    workflow: a
    steps: {t: {}}
        FH0201 "steps" there is no key `steps` | did you mean `tasks`?
    workflow: a
    tasks: [t]
        FH0203 "[t]" `tasks` takes a map, and this is a list | write `t: …`
    workflow: a
    tasks:
        FH0203 "tasks" `tasks` has no value | write `key: value` pairs, indented below it
    workflow: a
    schedule: daily
    tasks: {t: {}}
        FH0204 "daily" `daily` does not fit here | write `{ preset: daily }`
    workflow: a
    schedule: "0 3 * * *"
    tasks: {t: {}}
        FH0204 "\"0 3 * * *\"" `0 3 * * *` does not fit here | write `{ cron: "0 3 * * *" }`
    workflow: a
    schedule: {cron: 5}
    tasks: {t: {}}
        FH0203 "5" `cron` takes a text or a list, and this is a number | write a cron expression such as `"0 3 * * *"`, or a list of them
    workflow: a
    schedule: {preset: dayly}
    tasks: {t: {}}
        FH0204 "dayly" `dayly` is not known here | did you mean `daily`?
    workflow: a
    schedule: {every: 6 hours}
    tasks: {t: {}}
        FH0204 "6 hours" `6 hours` is not a duration | write `6h`
    workflow: a
    schedule: {cron: x, every: 6h}
    tasks: {t: {}}

    workflow: a
    schedule: {crn: x}
    tasks: {t: {}}
        FH0201 "crn" there is no key `crn` in `schedule` | did you mean `cron`?
    workflow: a
    schedule: {}
    tasks: {t: {}}

    workflow: a
    schedule:
    tasks: {t: {}}
        FH0203 "schedule" `schedule` has no value | write `{cron: "0 3 * * *"}`, `{preset: daily}`, `{every: 6h}`, `{assets: [s3://acme/features]}` or `none`
    workflow: a
    schedule_interval: x
    tasks: {t: {}}
        FH0201 "schedule_interval" there is no key `schedule_interval` | did you mean `schedule`?
    workflow: a
    start_date: yesterday
    tasks: {t: {}}
        FH0204 "yesterday" `yesterday` is not a day | write a day such as `2026-01-31`, or a moment such as `2026-01-31T05:00:00Z`
    workflow: a
    catchup: "true"
    tasks: {t: {}}
        FH0203 "\"true\"" `catchup` takes `true` or `false`, and this is a text | write it without quotes: `true`
    workflow: a
    max_active_runs: 0
    tasks: {t: {}}
        FH0204 "0" `0` is too small | write 1 or more
    workflow: a
    max_active_runs: 1.5
    tasks: {t: {}}
        FH0203 "1.5" `max_active_runs` takes a whole number, and this is a fraction | write a whole number
    workflow: a
    tags: retrain
    tasks: {t: {}}
        FH0203 "retrain" `tags` takes a list, and this is a text | write a list: `[retrain]`
    workflow: a
    tags: [1]
    tasks: {t: {}}
        FH0203 "1" an item of `tags` takes a text, and this is a number | put it in quotes: `"1"`
    workflow: a
    params: {p: 5}
    tasks: {t: {}}
        FH0203 "5" `p` takes a map, and this is a number | write `{ type: integer, default: 5 }`
    workflow: a
    vars: {v: [1]}
    tasks: {t: {}}
        FH0203 "[1]" `v` takes a text, a number or `true` or `false`, and this is a list | write `1`
    workflow: a
    tasks: {Bad Name: {}}

    workflow: a
    groups: {g: {tasks: {t: {arg: [x]}}}}
        FH0201 "arg" there is no key `arg` in `t` | did you mean `args`?
    workflow: a
    owner: x
    tasks: {t: {}}
        FH0201 "owner" there is no key `owner` | delete it: the team is the owner
    "#);
}

#[test]
fn slips_in_a_task_are_told_once_each() {
    insta::assert_snapshot!(in_task(&[
        "cmd: [x]", "retrys: 2", "retryDelay: 5m", "timeout: 2h", "environment: {}", "depends_on: [x]", "args: train --all", "args: x", "args: 'a b: \"c\"'",
        "args: [1]", "args: [true]", "args: [{a: b}]", "args:", "needs: x", "image: 5", "image: \"\"", "retries: two", "retries: -1", "retries: \"2\"", "retry_delay: 5", "retry_delay: 5 min",
        "env: [A=b]", "env: {A: [x]}", "env: {A: {secret: s}}", "env: {A: {secret: s, ky: k}}", "env: {A: {secret: s, config_map: c, key: k}}", "env: {A: {configMap: c, key: k}}", "env: {A: {}}", "env: {A: }",
        "resources: {cpu: 1}", "resources: {requests: {cpu: two}}", "resources: {request: {cpu: 1}}", "resources: {requests: {memory: [x]}}",
        "for_each: [a]", "for_each: {c: {fil: x}}", "for_each: {c: x}", "for_each: {c: 5}", "for_each: {c: []}", "for_each: {c: {file: x.csv}}", "for_each: {a: [x], b: [y]}",
        "trigger_rule: all_success2", "output: yes please", "max_parallel: many", "labels: {a: 1}", "pool_slots: 0",
    ]), @r#"
    cmd: [x]
        FH0201 "cmd" there is no key `cmd` in `t` | did you mean `command`?
    retrys: 2
        FH0201 "retrys" there is no key `retrys` in `t` | did you mean `retries`?
    retryDelay: 5m
        FH0201 "retryDelay" there is no key `retryDelay` in `t` | did you mean `retry_delay`?
    timeout: 2h
        FH0201 "timeout" there is no key `timeout` in `t` | did you mean `execution_timeout`?
    environment: {}
        FH0201 "environment" there is no key `environment` in `t` | did you mean `env`?
    depends_on: [x]
        FH0201 "depends_on" there is no key `depends_on` in `t` | did you mean `needs`?
    args: train --all
        FH0203 "train --all" `args` takes a list, and this is a text | write a list: `[train, --all]`
    args: x
        FH0203 "x" `args` takes a list, and this is a text | write a list: `[x]`
    args: 'a b: "c"'
        FH0203 "'a b: \"c\"'" `args` takes a list, and this is a text | write a list: `["a b: \"c\""]`
    args: [1]

    args: [true]

    args: [{a: b}]
        FH0203 "{a: b}" an item of `args` takes a text, a number or `true` or `false`, and this is a map | put it in quotes: `"{a: b}"`
    args:
        FH0203 "args" `args` has no value | write a list, such as `[train, --day, "${{ run.date }}"]`
    needs: x
        FH0203 "x" `needs` takes a list, and this is a text | write a list: `[x]`
    image: 5

    image: ""

    retries: two
        FH0203 "two" `retries` takes a whole number, and this is a text | write a whole number
    retries: -1
        FH0204 "-1" `-1` is too small | write 0 or more
    retries: "2"
        FH0203 "\"2\"" `retries` takes a whole number, and this is a text | write it without quotes: `2`
    retry_delay: 5
        FH0203 "5" `retry_delay` takes a duration, and this is a number | write its unit too: `5s`
    retry_delay: 5 min
        FH0204 "5 min" `5 min` is not a duration | write `5m`
    env: [A=b]
        FH0203 "[A=b]" `env` takes a map, and this is a list | write `{ A: b }`
    env: {A: [x]}
        FH0203 "[x]" `A` takes a text, a number, `true` or `false` or a map, and this is a list | write a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`
    env: {A: {secret: s}}
        FH0202 "A" `key` is missing in `A` | write a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`
    env: {A: {secret: s, ky: k}}
        FH0201 "ky" there is no key `ky` in `A` | did you mean `key`?
    env: {A: {secret: s, config_map: c, key: k}}
        FH0204 "{secret: s, config_map: c, key: k}" too many keys in `A` | write a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`
    env: {A: {configMap: c, key: k}}
        FH0201 "configMap" there is no key `configMap` in `A` | did you mean `config_map`?
    env: {A: {}}
        FH0202 "A" `key` is missing in `A` | write a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`
    env: {A: }
        FH0203 "A" `A` has no value | write a text, `{secret: NAME, key: KEY}` or `{config_map: NAME, key: KEY}`
    resources: {cpu: 1}
        FH0201 "cpu" there is no key `cpu` in `resources` | write `requests: { … }`, `limits: { … }` or both around it
    resources: {requests: {cpu: two}}
        FH0204 "two" `two` is not a quantity | write a quantity such as `500m` or `2Gi`
    resources: {request: {cpu: 1}}
        FH0201 "request" there is no key `request` in `resources` | did you mean `requests`?
    resources: {requests: {memory: [x]}}
        FH0203 "[x]" `memory` takes a quantity, and this is a list | write a quantity such as `500m` or `2Gi`
    for_each: [a]
        FH0203 "[a]" `for_each` takes a map, and this is a list | write `{ item: [a] }`
    for_each: {c: {fil: x}}
        FH0201 "fil" there is no key `fil` in `c` | did you mean `file`?
    for_each: {c: x}

    for_each: {c: 5}
        FH0203 "5" `c` takes a text, a list or a map, and this is a number | write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`
    for_each: {c: []}
        FH0204 "[]" the list is empty | add an item, or delete the key
    for_each: {c: {file: x.csv}}

    for_each: {a: [x], b: [y]}

    trigger_rule: all_success2
        FH0204 "all_success2" `all_success2` is not known here | did you mean `all_success`?
    output: yes please
        FH0203 "yes please" `output` takes `true` or `false` or a map, and this is a text | write `true`, or `{schema: …}` with a JSON Schema of the value
    max_parallel: many
        FH0203 "many" `max_parallel` takes a whole number, and this is a text | write a whole number
    labels: {a: 1}

    pool_slots: 0
        FH0204 "0" `0` is too small | write 1 or more
    "#);
}

#[test]
fn slips_in_a_pod_are_told_at_their_key() {
    insta::assert_snapshot!(in_task(&[
        "pod: {nodeSelectr: {}}", "pod: {node_selector: {}}", "pod: {restartPolicy: never}", "pod: {containers: [{imagePullPolicy: Alway}]}",
        "pod: {containers: [{name: base, imagePullPolicy: Alway}]}", "pod: {tolerations: [{key: a, effect: NoSchedul}]}", "pod: {tolerations: {key: a}}",
        "pod: {terminationGracePeriodSeconds: \"30\"}", "pod: {containers: [{name: base, resources: {limits: {memory: 2 GB}}}]}",
        "pod: {containers: [{name: base, livenessProbe: {httpGet: {port: [1]}}}]}", "pod: {volumes: [{name: v, emptyDir: {sizeLimit: big}}]}",
        "pod: {containers: [{name: base, env: [{name: A, value: 5}]}]}", "pod: {affinity: {nodeAffinity: {requiredDuringScheduling: {}}}}",
        "pod: {spec: {}}", "pod: [x]", "pod: {securityContext: {runAsUser: root}}",
    ]), @r#"
    pod: {nodeSelectr: {}}
        FH0201 "nodeSelectr" there is no key `nodeSelectr` in `pod` | did you mean `nodeSelector`?
    pod: {node_selector: {}}
        FH0201 "node_selector" there is no key `node_selector` in `pod` | did you mean `nodeSelector`?
    pod: {restartPolicy: never}
        FH0204 "never" `never` is not known here | did you mean `Never`?
    pod: {containers: [{imagePullPolicy: Alway}]}
        FH0202 "imagePullPolicy" `name` is missing in an item of `containers` | add `name:` (name of the container specified as a DNS_LABEL)
        FH0204 "Alway" `Alway` is not known here | did you mean `Always`?
    pod: {containers: [{name: base, imagePullPolicy: Alway}]}
        FH0204 "Alway" `Alway` is not known here | did you mean `Always`?
    pod: {tolerations: [{key: a, effect: NoSchedul}]}
        FH0204 "NoSchedul" `NoSchedul` is not known here | did you mean `NoSchedule`?
    pod: {tolerations: {key: a}}
        FH0203 "{key: a}" `tolerations` takes a list, and this is a map | write a list: `[{key: a}]`
    pod: {terminationGracePeriodSeconds: "30"}
        FH0203 "\"30\"" `terminationGracePeriodSeconds` takes a whole number, and this is a text | write it without quotes: `30`
    pod: {containers: [{name: base, resources: {limits: {memory: 2 GB}}}]}
        FH0204 "2 GB" `2 GB` is not a quantity | write `2G`
    pod: {containers: [{name: base, livenessProbe: {httpGet: {port: [1]}}}]}
        FH0203 "[1]" `port` takes a text or a whole number, and this is a list | write `1`
    pod: {volumes: [{name: v, emptyDir: {sizeLimit: big}}]}
        FH0204 "big" `big` is not a quantity | write a quantity such as `500m` or `2Gi`
    pod: {containers: [{name: base, env: [{name: A, value: 5}]}]}
        FH0203 "5" `value` takes a text, and this is a number | put it in quotes: `"5"`
    pod: {affinity: {nodeAffinity: {requiredDuringScheduling: {}}}}
        FH0201 "requiredDuringScheduling" there is no key `requiredDuringScheduling` in `nodeAffinity` | did you mean `requiredDuringSchedulingIgnoredDuringExecution`?
    pod: {spec: {}}
        FH0201 "spec" there is no key `spec` in `pod` | write the keys of the spec directly below `pod:`
    pod: [x]
        FH0203 "[x]" `pod` takes a map, and this is a list | write `key: value` pairs, indented below it
    pod: {securityContext: {runAsUser: root}}
        FH0203 "root" `runAsUser` takes a whole number, and this is a text | write a whole number
    "#);
}

#[test]
fn slips_in_the_platforms_files_are_told_once_each() {
    insta::assert_snapshot!(all(Kind::Platform, &[
        "platform: acme", "platform: acme\ntarget: {airflow: 3.1}", "platform: acme\ntarget: {airflow: \"2.9\"}", "platform: acme\ntarget: airflow",
        "platform: acme\ntarget: {argo: x}", "platform: acme\ntarget: {airflow: \"3.1\"}\ntemplating: allow", "platform: acme\ntarget: {airflow: \"3.1\"}\npools: {p: 5}",
        "platform: acme\ntarget: {airflow: \"3.1\"}\nprofiles: {p: {podd: {}}}", "platform: acme\ntarget: {airflow: \"3.1\"}\nprofiles: {p: {profile: x}}",
        "platform: acme\ntarget: {airflow: \"3.1\"}\npools: {default_pool: }",
    ]), @r#"
    platform: acme
        FH0202 "platform" `target` is missing | add `target:` (what is compiled for: `{airflow: "3.1"}`)
    platform: acme
    target: {airflow: 3.1}
        FH0203 "3.1" `airflow` takes a text, and this is a number | put it in quotes: `"3.1"`
    platform: acme
    target: {airflow: "2.9"}

    platform: acme
    target: airflow
        FH0203 "airflow" `target` takes a map, and this is a text | write `{ airflow: "3.1" }`
    platform: acme
    target: {argo: x}
        FH0201 "argo" there is no key `argo` in `target` | known keys: `airflow`
    platform: acme
    target: {airflow: "3.1"}
    templating: allow
        FH0204 "allow" `allow` is not known here | did you mean `allowed`?
    platform: acme
    target: {airflow: "3.1"}
    pools: {p: 5}
        FH0203 "5" `p` takes a map or nothing, and this is a number | write `{ slots: 5 }`
    platform: acme
    target: {airflow: "3.1"}
    profiles: {p: {podd: {}}}
        FH0201 "podd" there is no key `podd` in `p` | did you mean `pod`?
    platform: acme
    target: {airflow: "3.1"}
    profiles: {p: {profile: x}}

    platform: acme
    target: {airflow: "3.1"}
    pools: {default_pool: }
    "#);
    insta::assert_snapshot!(all(Kind::Grant, &["team: Churn", "team: churn\nrepositories: [{name: acme/x}]", "team: churn\nlimits: {workflow: 5}", "team: churn\nnamespace: x"]), @r#"
    team: Churn
        FH0204 "Churn" `Churn` is not a team name | write a team name: lower-case letters, digits and single `-` between them
    team: churn
    repositories: [{name: acme/x}]
        FH0202 "name" `id` is missing in an item of `repositories` | add `id:` (the number that the Git host gave it)
        FH0202 "name" `source` is missing in an item of `repositories` | add `source:` (the source that it publishes to)
    team: churn
    limits: {workflow: 5}
        FH0201 "workflow" there is no key `workflow` in `limits` | did you mean `workflows`?
    team: churn
    namespace: x
        FH0201 "namespace" there is no key `namespace` | did you mean `kubernetes_namespace`?
    "#);
    insta::assert_snapshot!(all(Kind::Project, &["team: churn", "team: churn\nsource: s\nworkflow: x", "team: [churn]\nsource: s", "null: x"]), @r#"
    team: churn
        FH0202 "team" `source` is missing | add `source:` (the name under which this repository publishes; the platform grants it to the repository)
    team: churn
    source: s
    workflow: x
        FH0201 "workflow" there is no key `workflow` | did you mean `workflows`?
    team: [churn]
    source: s
        FH0203 "[churn]" `team` takes a team name, and this is a list | write `churn`
    null: x
        FH0111 "null" the key `null` is no text | put it in quotes: `"null":`
    "#);
}

#[test]
fn pod_overlays_of_every_kind_are_taken() {
    for pod in [
        "{nodeSelector: {pool: gpu}, tolerations: [{key: a, operator: Exists, effect: NoSchedule, tolerationSeconds: 5}]}",
        "{containers: [{name: base, resources: {limits: {memory: 2Gi, cpu: 1, nvidia.com/gpu: 1}}, volumeMounts: [{name: v, mountPath: /v}]}]}",
        "{volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 500Mi}}, {name: c, configMap: {name: c, defaultMode: 0o644}}]}",
        "{containers: [{name: base, resources: {limits: {memory: \"${{ vars.memory }}\"}}, livenessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}}]}",
        "{volumes: [{name: v, persistentVolumeClaim: {claimName: \"c-${{ each.customer }}\"}}], serviceAccountName: x, priorityClassName: low}",
        "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: k, operator: In, values: [a]}]}]}}}}",
        "{securityContext: {runAsUser: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}, topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]}",
    ] {
        assert_eq!(told(Kind::Workflow, &format!("workflow: a\ntasks: {{t: {{pod: {pod}}}}}")), "", "{pod}");
    }
}
