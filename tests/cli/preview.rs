//! `freehold preview`: the graph.

use crate::ground::Ground;

/// Every kind of node: a task named as a word of Mermaid's own, groups in groups, fan-outs over values and over an output.
const NODES: &str = r#"workflow: nodes
schedule: none
defaults: { image: "busybox:1.37.0" }
tasks:
  list: { args: [list], output: true }
  end: { args: [a] }
  report: { args: [b], needs: [retrain, end], trigger_rule: all_done }
groups:
  retrain:
    needs: [list]
    for_each: { customer: "${{ tasks.list.output }}" }
    tasks:
      train: { args: ["${{ each.customer }}"] }
      score: { args: [c], needs: [train] }
  load:
    for_each: { region: [eu, us] }
    tasks:
      pull: { args: [d] }
"#;

fn drawn(ground: &Ground, workflow: &str, options: &[&str]) -> String {
    let arguments = [["preview", "my-models", workflow, "--what", "graph"].as_slice(), options].concat();
    ground.unchanged(|ground| ground.run(&arguments)).expect_code(0).stdout
}

#[test]
fn a_graph_is_told_layer_by_layer() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    let expected = "\
my-models/nodes · 6 tasks in 3 layers
1  list
   end
   load/ × 2 (region)
   1  pull
2  retrain/ × each customer of list  ← list
   1  train
   2  score  ← train
3  report [all_done]  ← retrain, end
";
    assert_eq!(drawn(&ground, "nodes", &[]), expected);
    let coloured = drawn(&ground, "nodes", &["--color", "always"]);
    assert!(coloured.contains("\u{1b}[36m× 2 (region)\u{1b}[0m"), "{coloured:?}");
}

#[test]
fn a_workflow_is_named_alone_or_by_its_file() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    let by_file = ground.run(&["preview", "my-models/workflows/nodes.yaml", "--what", "graph"]).expect_code(0).stdout;
    assert_eq!(by_file, drawn(&ground, "nodes", &[]));
    let inside = |name: &str| {
        let mut command = ground.binary();
        crate::ground::run(command.current_dir(ground.path("my-models")).args(["preview", name, "--what", "graph"]))
    };
    assert_eq!(inside("nodes").expect_code(0).stdout, by_file);
    let ran = inside("nods").expect_code(2);
    assert!(ran.stderr.contains("there is no workflow `nods`") && ran.stderr.contains("did you mean `nodes`?"), "{}", ran.stderr);
}

#[test]
fn a_condition_stands_at_its_task_and_a_long_one_is_cut() {
    let ground = Ground::with_project();
    let workflow = r#"workflow: branches
schedule: none
params: { mode: { type: string, default: delta } }
defaults: { image: "busybox:1.37.0" }
tasks:
  full: { args: [a], run_if: { value: "${{ params.mode }}", equals: full } }
  rest: { args: [b], run_if: { value: "${{ params.mode }}", none_of: [full, everything, all of it, nothing at all] } }
  report: { args: [c], needs: [full, rest], trigger_rule: none_failed_min_one_success }
"#;
    ground.write("my-models/workflows/branches.yaml", workflow);
    let expected = "\
my-models/branches · 3 tasks in 2 layers
1  full [if params.mode is full]
   rest [if params.mode is none of full, everything, all of i…]
2  report [none_failed_min_one_success]  ← full, rest
";
    assert_eq!(drawn(&ground, "branches", &[]), expected);
    let whole = drawn(&ground, "branches", &["-v"]);
    assert!(whole.contains("[if params.mode is none of full, everything, all of it, nothing at all]"), "{whole}");
}

#[test]
fn a_task_may_be_called_as_a_word_of_the_drawing_s_language() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    let mermaid = drawn(&ground, "nodes", &["--graph-format", "mermaid"]);
    assert!(mermaid.contains("n1[\"end\"]") && mermaid.contains("n1 --> n2"), "{mermaid}");
    assert_eq!(mermaid.lines().filter(|line| line.trim() == "end").count(), 2, "{mermaid}");
    let dot = drawn(&ground, "nodes", &["--graph-format", "dot"]);
    assert!(dot.contains("\"end\" -> \"report\";"), "{dot}");
    assert!(dot.contains("\"retrain.train\" -> \"report\" [ltail=\"cluster_retrain\"];"), "{dot}");
}

#[test]
fn a_large_graph_is_folded_unless_more_is_asked_for() {
    let ground = Ground::with_project();
    let mut text = "workflow: large\nschedule: none\ndefaults: { image: \"busybox:1.37.0\" }\ntasks:\n".to_owned();
    (0..900).for_each(|at| text.push_str(&format!("  side_{at}: {{ args: [a] }}\n")));
    let needs: Vec<String> = (0..900).map(|at| format!("side_{at}")).collect();
    text.push_str(&format!("  link_0: {{ args: [a], needs: [{}] }}\n", needs.join(", ")));
    (1..100).for_each(|at| text.push_str(&format!("  link_{at}: {{ args: [a], needs: [link_{}] }}\n", at - 1)));
    ground.write("my-models/workflows/large.yaml", text);
    let folded = drawn(&ground, "large", &[]);
    assert!(folded.contains("my-models/large · 1,000 tasks in 101 layers\n"), "{folded}");
    assert!(folded.contains("     … 890 more in this layer (-v shows all)\n"), "{folded}");
    assert!(folded.contains("     … 71 tasks in 71 layers more (-v shows all)\n"), "{folded}");
    assert!(folded.contains("101  link_99  ← link_98\n") && folded.lines().count() < 50, "{folded}");
    assert!(folded.lines().all(|line| line.chars().count() <= 110), "{folded}");
    let whole = drawn(&ground, "large", &["-v"]);
    assert!(!whole.contains('…') && whole.lines().count() == 1001, "{whole}");
}

/// A manifest and pods whose texts would command a terminal.
const HOSTILE: &str = r#"workflow: hostile
schedule: none
tasks:
  one: { image: "busybox:1.37.0", args: [echo, "\e[2J\u202eboo"], retries: 2 }
"#;

#[test]
fn generated_files_and_pods_have_colours_where_they_are_wanted() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/hostile.yaml", HOSTILE);
    let preview = |what: &str, options: &[&str]| {
        let arguments = [["preview", "my-models", "hostile", "--what", what].as_slice(), options].concat();
        ground.unchanged(|ground| ground.run(&arguments)).expect_code(0).stdout
    };
    for (what, keyword) in [("manifest", "\u{1b}[35mimport\u{1b}[0m"), ("pods", "\u{1b}[34mapiVersion\u{1b}[0m")] {
        let plain = preview(what, &[]);
        assert!(!plain.contains('\u{1b}'), "a pipe is no terminal: {plain:?}");
        let coloured = preview(what, &["--color", "always"]);
        assert!(coloured.contains(keyword), "{coloured}");
        let codes: Vec<&str> = coloured.split('\u{1b}').skip(1).collect();
        assert!(
            codes.iter().all(|code| code.starts_with('[') && code[1..].trim_start_matches(char::is_numeric).starts_with('m')),
            "{codes:?}"
        );
        assert!(!coloured.contains('\u{202e}'), "{coloured:?}");
    }
    assert!(!preview("pods", &["--color", "always", "--format", "json"]).contains('\u{1b}'), "a program reads it");
}

fn runs(ground: &Ground, workflow: &str, from: &str, count: &str) -> String {
    let arguments = ["preview", "my-models", workflow, "--what", "runs", "--from", from, "--count", count];
    ground.unchanged(|ground| ground.run(&arguments)).expect_code(0).stdout
}

/// What follows the name of a workflow whose file says this beside its task.
fn told(settings: &str, from: &str, count: &str) -> String {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/told.yaml", format!("workflow: told\n{settings}tasks: {{ a: {{ image: \"busybox:1.37.0\" }} }}\n"));
    let text = runs(&ground, "told", from, count);
    text.strip_prefix("my-models/told · ").expect("its name first").to_owned()
}

#[test]
fn runs_are_told_in_words() {
    let (from, uri) = ("2026-03-27T12:00:00Z", "s3://acme/scores");
    assert_eq!(told("schedule: none\n", from, "2"), "only when somebody starts it\n");
    assert_eq!(told("schedule: none\npaused: true\n", from, "2"), "only when somebody starts it, but starts paused\n");
    assert_eq!(told(&format!("schedule: {{ assets: [\"{uri}\"] }}\n"), from, "2"), format!("when {uri} is updated\n"));
    let both = told(
        &format!("schedule: {{ assets: {{ all: [{{ asset: {uri}, from: churn/daily }}, {{ any: [s3://a/b, s3://a/c] }}] }} }}\n"),
        from,
        "2",
    );
    assert_eq!(both, format!("when churn/daily updates {uri} and (s3://a/b is updated or s3://a/c is updated)\n"));
}

#[test]
fn what_the_clock_does_at_the_hour_of_a_run_is_told() {
    let prague = |cron: &str| format!("schedule: {{ cron: \"{cron}\", timezone: Europe/Prague }}\nstart_date: 2026-01-01\n");
    assert_eq!(
        told(&prague("30 2 * * *"), "2026-03-27T12:00:00Z", "3"),
        "every day at 02:30 Europe/Prague\n  Sat 2026-03-28 02:30 CET\n  Sun 2026-03-29 03:30 CEST (the clock skips 02:30)\n  Mon 2026-03-30 02:30 CEST\n"
    );
    assert_eq!(
        told(&prague("30 2 * * *"), "2026-10-24T12:00:00Z", "1"),
        "every day at 02:30 Europe/Prague\n  Sun 2026-10-25 02:30 CET (the second 02:30 of two)\n"
    );
    assert_eq!(
        told(&prague("0 * * * *"), "2026-10-25T00:00:00Z", "2").lines().skip(1).collect::<Vec<_>>(),
        ["  Sun 2026-10-25 02:00 CET (the second 02:00 of two)", "  Sun 2026-10-25 03:00 CET"]
    );
}

#[test]
fn that_no_run_comes_any_more_is_told() {
    let ends = "schedule: { preset: daily }\nstart_date: 2026-01-01\nend_date: 2026-03-28\n";
    let last = "every day at 00:00 UTC\n  Sat 2026-03-28 00:00 UTC\n  no more: it ends 2026-03-28 00:00 UTC\n";
    assert_eq!(told(ends, "2026-03-27T12:00:00Z", "3"), last);
    assert_eq!(told(ends, "2026-03-29T00:00:00Z", "3"), "every day at 00:00 UTC\n  no more: it ends 2026-03-28 00:00 UTC\n");
    assert_eq!(told(ends, "2026-03-27T12:00:00Z", "1"), "every day at 00:00 UTC\n  Sat 2026-03-28 00:00 UTC\n");
}

const BROKEN: &str = "workflow: broken\ntasks: { one: { image: \"busybox:1.37.0\", args: [x], needs: [tow] } }\n";

#[test]
fn what_is_wrong_elsewhere_keeps_no_workflow_from_being_shown() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    ground.write("my-models/workflows/broken.yaml", BROKEN);
    for one in [&["my-models", "nodes"][..], &["my-models/workflows/nodes.yaml"]] {
        let ran = ground.run(&[&["preview"], one, &["--what", "graph"]].concat()).expect_code(0);
        assert!(ran.stdout.starts_with("my-models/nodes · "), "{}", ran.stdout);
        assert_eq!(ran.stderr, "1 error elsewhere in the project: `freehold check` shows what\n");
    }
    for one in [&["my-models", "broken"][..], &["my-models/workflows/broken.yaml"]] {
        let ran = ground.run(&[&["preview"], one, &["--what", "graph"]].concat()).expect_refusal("FH0304");
        assert_eq!(ran.stdout, "");
    }
    let all = ground.run(&["preview", "my-models", "--what", "graph"]).expect_refusal("FH0304");
    assert!(all.stdout.contains("my-models/nodes · ") && all.stdout.contains("my-models/hello · "), "{}", all.stdout);
    assert!(!all.stdout.contains("my-models/broken"), "{}", all.stdout);
    let ran = ground.run(&["preview", "my-models", "nodse"]).expect_failure("there is no workflow `nodse`");
    assert!(ran.stderr.contains("did you mean `nodes`?"), "{}", ran.stderr);
}

#[test]
fn what_is_wrong_with_the_project_is_told_beside_each_workflow() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    let project = ground.read("my-models/freehold.yaml");
    ground.write("my-models/freehold.yaml", format!("{project}retire: [nodes]\n"));
    ground.write("my-models/workflows/broken.yaml", BROKEN);
    let ran = ground.run(&["preview", "my-models", "hello", "--what", "graph"]).expect_refusal("FH0330");
    assert!(ran.stdout.starts_with("my-models/hello · ") && ran.stderr.contains("1 error elsewhere"), "{}", ran.stderr);
}

/// A document has one kind of content, and what a publish does is not known where it would be refused.
#[test]
fn a_document_and_a_difference_are_of_a_whole_project_or_of_a_good_workflow() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/broken.yaml", BROKEN);
    let found = ground.run(&["preview", "my-models", "--what", "pods", "--format", "json"]).expect_code(1).json();
    assert_eq!(found["diagnostics"][0]["code"], "FH0304");
    let pods = ground.run(&["preview", "my-models", "hello", "--what", "pods", "--format", "json"]).expect_code(0).json();
    assert!(pods["pods"].is_array());
    assert_eq!(ground.run(&["preview", "my-models", "--what", "diff"]).expect_refusal("FH0304").stdout, "");
}

#[test]
fn pods_are_those_of_the_task_that_is_asked_for() {
    let ground = Ground::with_project();
    ground.write("my-models/workflows/nodes.yaml", NODES);
    let shown = |task: &str| {
        let ran = ground.run(&["preview", "my-models", "nodes", "--what", "pods", "--task", task]);
        ran.stdout.lines().filter_map(|line| line.strip_prefix("# my-models__nodes · ").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(shown("pull"), ["load.eu.pull", "load.us.pull"]);
    assert_eq!(shown("load.pull"), ["load.eu.pull", "load.us.pull"]);
    assert_eq!(shown("load.us.pull"), ["load.us.pull"]);
    assert_eq!(shown("end"), ["end"]);
    let ran = ground.run(&["preview", "my-models", "nodes", "--what", "pods", "--task", "pul"]).expect_failure("there is no task `pul`");
    assert!(ran.stderr.contains("did you mean `load.pull`?") || ran.stderr.contains("there are `list`"), "{}", ran.stderr);
}

#[test]
fn options_that_what_is_shown_does_not_heed_are_refused() {
    let ground = Ground::with_project();
    ground.run(&["preview", "my-models", "--task", "hello"]).expect_failure("`--task` is for layers and pods alone");
    ground.run(&["preview", "my-models", "--what", "pods", "--graph-format", "dot"]).expect_failure("`--graph-format` is for graphs alone");
    let ran = ground.run(&["preview", "my-models", "--graph-format", "mermaid"]).expect_code(0);
    assert!(ran.stdout.contains("flowchart LR"), "{}", ran.stdout);
}

#[test]
fn an_environment_that_nobody_speaks_of_is_refused() {
    let ground = Ground::with_project();
    let asked = |name: &str| ground.run(&["preview", "my-models", "--environment", name]);
    asked("stagin").expect_failure("no workflow speaks of an environment `stagin`");
    asked("production").expect_code(0);
    let hello = ground.read("my-models/workflows/hello.yaml");
    ground.write("my-models/workflows/hello.yaml", format!("{hello}environments: {{ staging: {{ schedule: none }} }}\n"));
    asked("staging").expect_code(0);
    assert!(asked("stagin").expect_code(2).stderr.contains("did you mean `staging`?"));
    ground.write("my-models/workflows/hello.yaml", hello.replace("echo hello on", "echo ${{ environment }}"));
    asked("dev").expect_code(0);
}
