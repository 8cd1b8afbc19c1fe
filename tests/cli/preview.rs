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
