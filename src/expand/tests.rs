//! Nodes in, nodes out: what merges, what is whole, what is refused.

use std::sync::Arc;

use serde_json::json;

use super::{Found, Shelf, expand};
use crate::diag::Sink;
use crate::name::BlueprintReference;
use crate::source::{Sources, Texts};
use crate::spec::{Blueprint, Context, Decode};
use crate::yaml::{self, MAX_REPEATED_BYTES};

/// What a workflow becomes, as JSON, or the codes and titles of what is wrong.
fn expanded(workflow: &str, blueprints: &[(&str, &str)], environment: &str) -> Result<serde_json::Value, Vec<String>> {
    let (sources, mut sink, mut shelf) = (Sources::new(), Sink::new(), Shelf::default());
    for (reference, text) in blueprints {
        let file = sources.add(*reference, *text);
        let node = yaml::parse(file, text, &mut sink).expect("it is YAML");
        let texts = Texts::of(&sources, [file]);
        let blueprint = Blueprint::decode(node, &mut Context { texts: &texts, sink: &mut sink }).expect("it is sound");
        shelf.put(BlueprintReference::parse(reference).expect("a reference"), Found::Whole(Arc::new(blueprint)));
    }
    let file = sources.add("workflows/x.yaml", workflow);
    let node = yaml::parse(file, workflow, &mut sink).expect("it is YAML");
    let expanded = expand(node, &shelf, environment, &sources, &mut sink);
    let told = sink.into_sorted().into_iter().map(|fault| format!("{} {}", fault.code.id, fault.title)).collect();
    expanded.is_whole.then(|| expanded.node.to_json()).ok_or(told)
}

#[test]
fn a_whole_value_keeps_its_type_and_nothing_takes_the_key_away() {
    let blueprint = "blueprint: b\nparameters: { n: {}, list: {}, gone: { default: null }, text: { default: 1.10 } }\n\
                     task: { retries: '${{ with.n }}', args: '${{ with.list }}', pool: '${{ with.gone }}', image: 'a:${{ with.text }}-${{ with.n }}' }\n";
    let made = expanded("tasks: { t: { uses: b, with: { n: 3, list: [x, '${{ run.date }}'] } } }", &[("b", blueprint)], "production");
    let task = json!({ "retries": 3, "args": ["x", "${{ run.date }}"], "image": "a:1.10-3" });
    assert_eq!(made, Ok(json!({ "tasks": { "t": task } })));
}

#[test]
fn what_is_written_beside_a_call_wins_and_maps_merge_by_key() {
    let blueprint = "blueprint: b\ntask:\n  args: [a, b]\n  env: { A: '1', B: { secret: s, key: k } }\n  resources: { requests: { cpu: 1, memory: 1Gi } }\n  \
                     pod: { containers: [{ name: base, volumeMounts: [{ name: v, mountPath: /v }] }], nodeSelector: { a: x } }\n";
    let workflow = "tasks:\n  t:\n    uses: b\n    args: [c]\n    env: { B: '2', C: '3' }\n    resources: { requests: { memory: 2Gi } }\n    \
                    pod: { containers: [{ name: base, stdin: true }, { name: side }], nodeSelector: { b: y } }\n";
    let task = json!({
        "args": ["c"],
        "env": { "A": "1", "B": "2", "C": "3" },
        "resources": { "requests": { "cpu": 1, "memory": "2Gi" } },
        "pod": {
            "containers": [
                { "name": "base", "volumeMounts": [{ "name": "v", "mountPath": "/v" }], "stdin": true },
                { "name": "side" },
            ],
            "nodeSelector": { "a": "x", "b": "y" },
        },
    });
    assert_eq!(expanded(workflow, &[("b", blueprint)], "production"), Ok(json!({ "tasks": { "t": task } })));
}

#[test]
fn blueprints_use_blueprints_and_hand_arguments_on() {
    let outer = "blueprint: outer\nparameters: { who: {} }\ngroup: { tasks: { train: { uses: platform/inner@1, with: { name: 'm-${{ with.who }}' } } } }\n";
    let inner = "blueprint: inner\nparameters: { name: {}, tries: { default: 2 } }\ntask: { args: ['${{ with.name }}'], retries: '${{ with.tries }}' }\n";
    let workflow = "groups: { g: { uses: platform/outer@3, with: { who: acme }, tasks: { train: { with: { tries: 4 } } } } }";
    let made = expanded(workflow, &[("platform/outer@3", outer), ("platform/inner@1", inner)], "production");
    assert_eq!(made, Ok(json!({ "groups": { "g": { "tasks": { "train": { "args": ["m-acme"], "retries": 4 } } } } })));
}

#[test]
fn an_own_task_may_use_what_the_blueprint_around_it_uses() {
    let group = "blueprint: g\ngroup: { tasks: { a: { uses: t } } }\n";
    let task = "blueprint: t\ntask: { args: [x] }\n";
    let made = expanded("groups: { g: { uses: g, tasks: { b: { uses: t } } } }", &[("g", group), ("t", task)], "production");
    assert_eq!(made, Ok(json!({ "groups": { "g": { "tasks": { "a": { "args": ["x"] }, "b": { "args": ["x"] } } } } })));
}

#[test]
fn an_environment_lies_over_what_a_blueprint_gave() {
    let blueprint = "blueprint: w\nworkflow: { schedule: { preset: daily }, tasks: { t: { args: [a], retries: 1 } }, environments: { staging: { schedule: none } } }\n";
    let workflow = "workflow: x\nuses: w\nenvironments: { staging: { tasks: { t: { retries: 0 } } } }\n";
    let made = |environment| expanded(workflow, &[("w", blueprint)], environment);
    let with =
        |schedule, retries| Ok(json!({ "schedule": schedule, "tasks": { "t": { "args": ["a"], "retries": retries } }, "workflow": "x" }));
    assert_eq!(made("production"), with(json!({ "preset": "daily" }), 1));
    assert_eq!(made("staging"), with(json!("none"), 0));
}

#[test]
fn what_grows_without_end_is_refused() {
    let double = |next: usize| {
        let uses = format!("uses: b{next}, with: {{ x: '${{{{ with.x }}}}${{{{ with.x }}}}' }}");
        format!("blueprint: b\nparameters: {{ x: {{}} }}\ntask: {{ {uses} }}\n")
    };
    let texts: Vec<(String, String)> = (0..7).map(|at| (format!("b{at}"), double(at + 1))).collect();
    let last = ("b7".to_owned(), "blueprint: b\nparameters: { x: {} }\ntask: { args: ['${{ with.x }}'] }\n".to_owned());
    let all: Vec<(&str, &str)> = texts.iter().chain([&last]).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let long = "a".repeat(MAX_REPEATED_BYTES / 64);
    let told = expanded(&format!("tasks: {{ t: {{ uses: b0, with: {{ x: {long} }} }} }}"), &all, "production").expect_err("it is too much");
    assert_eq!(told, ["FH0104 the blueprints of this file give more than a file may hold"]);
    assert!(expanded("tasks: { t: { uses: b0, with: { x: a } } }", &all, "production").is_ok());
}

#[test]
fn a_chain_of_nine_is_too_long_and_a_ring_is_told() {
    let link = |next: usize| format!("blueprint: b\ntask: {{ uses: b{next} }}\n");
    let texts: Vec<(String, String)> = (0..9).map(|at| (format!("b{at}"), link(at + 1))).collect();
    let mut all: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    all.push(("b9", "blueprint: b\ntask: { args: [x] }\n"));
    let told = |all: &[(&str, &str)]| expanded("tasks: { t: { uses: b0 } }", all, "production").expect_err("refused");
    assert!(told(&all)[0].starts_with("FH0104 more than 8 blueprints"), "{:?}", told(&all));
    let ring = link(0);
    assert_eq!(told(&[("b0", &ring)]), ["FH0352 blueprint `b0` uses itself: `b0` → `b0`"]);
}

#[test]
fn the_platforms_blueprints_use_only_the_platforms() {
    let outer = "blueprint: outer\ntask: { uses: own }\n";
    let own = "blueprint: own\ntask: { args: [x] }\n";
    let told = expanded("tasks: { t: { uses: platform/outer@1 } }", &[("platform/outer@1", outer), ("own", own)], "production");
    assert_eq!(told, Err(vec!["FH0350 a blueprint of the platform cannot use a team's `own`".to_owned()]));
}

#[test]
fn odd_shapes_are_told_and_never_panic() {
    for (workflow, code) in [
        ("tasks: { t: { uses: 5 } }", "FH0203"),
        ("tasks: { t: { uses: [b] } }", "FH0203"),
        ("tasks: { t: { uses: b, with: [x] } }", "FH0203"),
        ("environments: [staging]", "FH0203"),
        ("environments: { staging: none }", "FH0203"),
        ("environments: { staging: { workflow: y } }", "FH0201"),
        ("environments: { staging: { with: { a: 1 } } }", "FH0201"),
        ("with: { a: 1 }", "FH0351"),
        ("tasks: { t: { with: { a: 1 } } }", "FH0351"),
        ("groups: { g: { with: { a: 1 } } }", "FH0351"),
        ("tasks: { t: { uses: '' } }", "FH0350"),
        ("tasks: { t: { uses: platform/b@0 } }", "FH0350"),
        ("tasks: { t: { uses: ads/b@1 } }", "FH0350"),
    ] {
        let told = expanded(workflow, &[("b", "blueprint: b\ntask: { args: [x] }\n")], "staging").expect_err(workflow);
        assert!(told[0].starts_with(code), "{workflow}: {told:?}");
    }
    for harmless in
        ["tasks: { t: { operator: a.B, with: { a: 1 } } }", "5", "[a]", "tasks: 5", "tasks: [a]", "groups: { g: 5 }", "tasks: { t: null }"]
    {
        assert!(expanded(harmless, &[], "staging").is_ok(), "{harmless}: another stage tells it");
    }
}
