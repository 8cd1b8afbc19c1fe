//! What each stage costs for one workflow of five tasks, and what all of them cost for a thousand.
//!
//! `cargo bench` · compare figures of one run with each other, not with another day's: machines are noisy.

#![allow(missing_docs, reason = "criterion's macros write functions without docs")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use freehold::backend::Target;
use freehold::check;
use freehold::diag::Sink;
use freehold::io::Memory;
use freehold::name::{SourceName, TeamName};
use freehold::pipeline::{Keep, Library, PolicyFiles, Rest, Unit, compile_team, load_source};
use freehold::resolve::{self, Surroundings};
use freehold::schema::{self, Kind};
use freehold::source::{Sources, Texts};
use freehold::spec::{Context, Decode, Gaps, Workflow};
use freehold::yaml;

const STAGES: [&str; 5] = ["extract", "validate", "train", "evaluate", "publish"];

/// A workflow of five tasks, some 3.5 KB, as people write them.
fn workflow(number: usize) -> String {
    let mut text = format!(
        "workflow: pipe-{number:05}\ndescription: Pipeline {number} of the benchmark.\n\
         schedule: {{ cron: \"{} {} * * *\", timezone: Europe/Prague }}\nstart_date: 2026-01-01\nmax_active_runs: 1\n\
         tags: [bench]\nparams: {{ limit: {{ type: integer, default: 1000 }} }}\n\
         defaults: {{ retries: 2, retry_delay: 5m, execution_timeout: 2h }}\ntasks:\n",
        number % 60,
        number % 24
    );
    for (at, stage) in STAGES.iter().enumerate() {
        let needs = if at == 0 { String::new() } else { format!("    needs: [{}]\n", STAGES[at - 1]) };
        text.push_str(&format!(
            "  {stage}:\n    description: Stage {stage} of pipeline {number}, which reads what the stage before it has left behind.\n{needs}    \
             image: registry.example.com/bench/{stage}:1.{number}.0\n    command: [sh, -c]\n    \
             args: [\"run --stage {stage} --date ${{{{ run.date }}}} --limit ${{{{ params.limit }}}}\"]\n    env:\n      \
             RUN_DATE: \"${{{{ run.date }}}}\"\n      TEAM: \"${{{{ team }}}}\"\n      STAGE: {stage}\n      \
             DB_PASSWORD: {{ secret: bench-db, key: password }}\n    resources:\n      requests: {{ cpu: 500m, memory: 1Gi }}\n      \
             limits: {{ cpu: \"1\", memory: 2Gi }}\n    pod:\n      nodeSelector: {{ pool: cpu }}\n      tolerations:\n        \
             - {{ key: dedicated, operator: Equal, value: bench, effect: NoSchedule }}\n"
        ));
    }
    text
}

fn policy() -> PolicyFiles {
    let team = TeamName::parse("bench").expect("a name");
    PolicyFiles::assumed(&team, &Sources::new(), &mut Sink::new()).expect("the default policy is sound")
}

fn decode(node: yaml::Node, texts: &Texts) -> Workflow {
    Workflow::decode(node, &mut Context { texts, sink: &mut Sink::new() }).expect("it is sound")
}

fn stages(criterion: &mut Criterion) {
    let text = workflow(7);
    let sources = Sources::new();
    let file = sources.add("workflows/pipe.yaml", text.clone());
    let texts = Texts::of(&sources, [file]);
    let parse = || yaml::parse(file, &text, &mut Sink::new()).expect("it is YAML");
    let node = parse();
    let spec = decode(node.clone(), &texts);
    let files = policy();
    let asked = files.policy();
    let base_pods = resolve::base_pods(&asked, &mut Sink::new());
    let source = SourceName::parse("bench").expect("a name");
    let data = std::collections::BTreeMap::new();
    let surroundings = Surroundings { policy: &asked, base_pods: &base_pods, source: &source, file: "workflows/pipe.yaml", data: &data };
    let resolved = resolve::resolve(&spec, &surroundings, &mut Sink::new()).expect("it resolves");
    let target = Target::named("airflow").and_then(|target| target.backend("3.1")).expect("it is known");

    let mut group = criterion.benchmark_group("one workflow of five tasks");
    group.bench_function("1 parse", |bench| bench.iter(|| black_box(parse())));
    group.bench_function("2 schema", |bench| {
        bench.iter(|| assert!(schema::validate(Kind::Workflow, black_box(&node), &texts, &mut Sink::new())));
    });
    group.bench_function("3 spec", |bench| {
        bench.iter_batched(|| node.clone(), |node| decode(node, &texts), criterion::BatchSize::SmallInput);
    });
    group.bench_function("4 check", |bench| bench.iter(|| check::check(black_box(&spec), &Gaps::default(), &mut Sink::new())));
    group.bench_function("5 resolve", |bench| bench.iter(|| resolve::resolve(black_box(&spec), &surroundings, &mut Sink::new())));
    group.bench_function("6 backend", |bench| bench.iter(|| target.compile(black_box(&resolved), &mut Vec::new())));
    group.finish();
}

fn thousand(criterion: &mut Criterion) {
    let project = ("freehold.yaml".to_owned(), "team: bench\nsource: bench\n".to_owned());
    let files = (0..1000).map(|number| (format!("workflows/pipe-{number:05}.yaml"), workflow(number)));
    let tree: Memory = files.chain([project]).collect();
    let policy = policy();
    let mut group = criterion.benchmark_group("a thousand workflows");
    group.sample_size(10);
    group.bench_function("all stages, in memory", |bench| {
        bench.iter(|| {
            let mut sink = Sink::new();
            let source = load_source(&tree, "", &Library::not_at_hand(), &Sources::new(), &mut sink).expect("it loads");
            let name = source.project.source.value.clone();
            let compiled =
                compile_team(&policy, &[Unit { name: &name, source: &source, stands: None }], &Rest::Unknown, Keep::Artifacts, &mut sink);
            assert_eq!(compiled.artifacts.len(), 1000);
        });
    });
    group.finish();
}

criterion_group!(benches, stages, thousand);
criterion_main!(benches);
