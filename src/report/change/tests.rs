//! How large a report gets, and what texts of strangers become in it.

use std::collections::BTreeMap;

use super::{COMMENT, ComparedFile, LEAST, Manifest, OtherFile, Report, markdown, terminal};
use crate::delta::{Alike, Delta, Edge, Facts, FieldChange, Graph, GraphNode, Kind, Mark, TaskChange, Totals, WorkflowChange};
use crate::diag::{Diagnostic, codes as code};
use crate::source::Sources;

/// Whatever a stranger may write to get out of a text.
const HOSTILE: &str = "</details><script>x</script> ![i](https://evil.example/i) [l](javascript:x) @acme/all #1 `` ``` \n# h\n| a | b |\n```\n\"]; click n0 \"https://evil.example\" %%{init}%% --> \u{202e}\u{1b}[31m";

fn facts(pods: u64) -> Facts {
    let requests: BTreeMap<String, f64> = [("cpu".to_owned(), 0.5), ("memory".to_owned(), 1_073_741_824.0)].into();
    Facts {
        schedule: "every day at 03:00 Europe/Prague".to_owned(),
        next_runs: vec!["Thu 2026-11-26 03:00 CET".to_owned(); 3],
        start_date: Some("2026-01-01".to_owned()),
        end_date: None,
        is_over: false,
        catchup_runs: 0,
        tasks: pods,
        pods_at_once: pods,
        requests_at_once: requests.clone(),
        pods_per_run: pods,
        requests_per_run: requests,
        per_item: Vec::new(),
    }
}

fn node(id: &str, group: Option<&str>, mark: Mark) -> GraphNode {
    let group = group.map(str::to_owned);
    GraphNode { id: id.to_owned(), name: id.to_owned(), note: String::new(), is_group: false, group, mark }
}

/// A workflow whose every setting and task changes.
fn changed(number: usize, text: &str) -> WorkflowChange {
    let field =
        |at: usize| FieldChange { field: format!("env[{at}]{text}"), before: Some(text.to_owned()), after: Some(format!("{text}{at}")) };
    // Those behind are not told in full.
    let (most_settings, most_tasks) = if number < 60 { (100, 90) } else { (1, 2) };
    let ids: Vec<String> = (0..most_tasks).map(|at| format!("task{at}")).collect();
    WorkflowChange {
        kind: if number.is_multiple_of(2) { Kind::Added } else { Kind::Changed },
        team: "churn".to_owned(),
        source: "model".to_owned(),
        workflow: format!("w{number}"),
        from: None,
        before: (!number.is_multiple_of(2)).then(|| facts(1)),
        after: Some(facts(3)),
        unknown_before: None,
        unknown_after: None,
        settings: (0..most_settings).map(field).collect(),
        tasks: ids.iter().map(|id| TaskChange { task: id.clone(), kind: Mark::Changed, fields: vec![field(0)] }).collect(),
        waiting: vec![format!("ads/a{number}")],
        runs_kept: None,
        resembles: None,
        graph: Graph {
            nodes: ids.iter().map(|id| node(id, None, Mark::Changed)).collect(),
            edges: ids.windows(2).map(|pair| Edge { from: pair[0].clone(), to: pair[1].clone(), mark: Mark::Same }).collect(),
        },
    }
}

fn delta(count: usize, text: &str) -> Delta {
    let workflows: Vec<WorkflowChange> = (0..count).map(|number| changed(number, text)).collect();
    let mut counts = BTreeMap::new();
    workflows.iter().for_each(|change| *counts.entry(change.kind).or_default() += 1);
    let alike = vec![Alike {
        field: format!("image{text}"),
        before: Some(text.to_owned()),
        after: None,
        workflows: workflows.iter().map(WorkflowChange::address).collect(),
    }];
    let totals = |pods: u64| Totals { tasks: pods, pods_at_once: pods, ..Totals::default() };
    Delta { schema_version: 1, counts, before: totals(count as u64 / 2), after: totals(3 * count as u64), alike, workflows }
}

fn told(delta: &Delta, text: &str, most: usize) -> String {
    let contents = Some([text.repeat(50), format!("{text}\nx").repeat(60)]);
    let file = || ComparedFile { path: format!("dags/{text}.py"), contents: contents.clone() };
    let manifest = |change: &WorkflowChange| Manifest { workflow: change.address(), file: file() };
    let sources = Sources::new();
    let fault = |at: usize| Diagnostic::error(&code::UNKNOWN_FIELD, format!("`{text}` {at} {text}")).at_file(text, text).help(text);
    let report = Report {
        subject: "churn/model".to_owned(),
        base: "0123456789abcdef".to_owned(),
        delta: Some(delta),
        others: &vec![OtherFile { what: "a blueprint", file: file() }; 300],
        manifests: &delta.workflows.iter().take(40).map(manifest).collect::<Vec<_>>(),
        diagnostics: &(0..500).map(fault).collect::<Vec<_>>(),
        is_old: &|_| false,
        sources: &sources,
        link: &|_, _| None,
    };
    markdown(&report, most)
}

#[test]
fn a_report_fits_however_large_the_change_is() {
    for count in [1, 100, 5000] {
        let delta = delta(count, "some text that is not short at all");
        for most in [LEAST, COMMENT, 1_000_000] {
            let text = told(&delta, "a title", most);
            assert!(text.len() <= most, "{count}: {} of {most}", text.len());
            let opened = text.matches("<details").count();
            assert_eq!(opened, text.matches("</details>").count(), "{count} in {most}: what is folded ends");
            assert_eq!(text.matches("\n```").count() % 2, 0, "{count} in {most}: blocks end");
        }
    }
}

#[test]
fn what_is_left_out_is_counted_and_totals_are_those_of_all() {
    let text = told(&delta(5000, "x"), "a title", COMMENT);
    assert!(text.contains("2,500 added, 2,500 changed"), "{text}");
    assert!(text.contains("2,500 → **15,000**"), "{text}");
    let rows = text.lines().filter(|line| line.starts_with("| <code>churn/w")).count();
    let more = format!("… and {} more:", crate::delta::grouped(5000 - rows as u64));
    assert!(rows > 20 && text.contains(&more), "{more} is not in {text}");
    assert!(text.contains("more workflows are not shown in full"), "{text}");
}

#[test]
fn one_long_file_hides_no_other() {
    let file = |path: &str, new: String| OtherFile {
        what: "",
        file: ComparedFile { path: path.to_owned(), contents: Some([String::new(), new]) },
    };
    let others = [file("a.py", format!("# {}\n", "€".repeat(390)).repeat(60)), file("b.py", "import os\n".to_owned())];
    let long = format!("dags/{}", "@".repeat(5000));
    let faults =
        [Diagnostic::error(&code::NOT_YOURS, "no").at_file(&*long, ""), Diagnostic::error(&code::NOT_YOURS, "no").at_file("c.py", "")];
    let shown = |most| {
        let (delta, sources) = (delta(0, ""), Sources::new());
        let report = Report {
            subject: String::new(),
            base: String::new(),
            delta: Some(&delta),
            others: &others,
            manifests: &[],
            diagnostics: &faults,
            is_old: &|_| false,
            sources: &sources,
            link: &|_, _| None,
        };
        markdown(&report, most)
    };
    assert!(shown(COMMENT).contains("+import os") && shown(COMMENT).contains("<code>c.py</code>"), "{}", shown(COMMENT));
    assert!(shown(LEAST).contains("How <code>a.py</code> differs is left out") && shown(LEAST).len() <= LEAST, "{}", shown(LEAST));
}

#[test]
fn texts_of_strangers_stay_texts() {
    let mut delta = delta(2, HOSTILE);
    for change in &mut delta.workflows {
        change.workflow = HOSTILE.to_owned();
        for node in &mut change.graph.nodes {
            node.note = HOSTILE.to_owned();
        }
        if let Some(facts) = &mut change.after {
            facts.schedule = HOSTILE.to_owned();
            facts.next_runs = vec![HOSTILE.to_owned()];
        }
    }
    let text = told(&delta, HOSTILE, 1_000_000);
    let outside = without_blocks(&text);
    for mark in ["<script", "](http", "](java", "@acme", " #1", "\u{202e}", "\u{1b}", "https://evil", "```"] {
        assert!(!outside.contains(mark), "{mark:?} is in {outside}");
    }
    assert!(!text.contains(['\u{202e}', '\u{1b}']));
    let shown = terminal(&delta, false);
    assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
}

/// What a reader of Markdown looks for markup in: fenced blocks end with the fence that they begin with.
fn without_blocks(text: &str) -> String {
    let mut fence: Option<String> = None;
    let mut out = String::new();
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => out.push_str(&format!("{line}\n")),
        }
    }
    assert_eq!(fence, None, "every block ends");
    out
}

/// Every line of a drawing is one of the few shapes that Mermaid's grammar has for us.
#[track_caller]
fn expect_mermaid(text: &str) {
    let is_id = |text: &str| text == "more" || text.strip_prefix('n').is_some_and(|rest| rest.chars().all(|digit| digit.is_ascii_digit()));
    let is_label = |text: &str| {
        let inner = text.strip_prefix("[\"").and_then(|rest| rest.strip_suffix("\"]"));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(['"', '[', ']', '{', '}', '<', '>', '`', '\n', '%', '&', '@']))
    };
    let is_node = |line: &str| line.find('[').is_some_and(|at| is_id(&line[..at]) && is_label(&line[at..]));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    for line in lines.map(str::trim) {
        let words: Vec<&str> = line.split(' ').collect();
        let is_sound = match words.as_slice() {
            ["end"] => true,
            ["subgraph", ..] => is_node(line.trim_start_matches("subgraph ")),
            ["classDef", "added" | "changed" | "removed", look] => !look.is_empty(),
            ["class", ids, "added" | "changed" | "removed"] => ids.split(',').all(is_id),
            [from, "-->" | "==>" | "-.->", to] => is_id(from) && is_id(to),
            _ => is_node(line),
        };
        assert!(is_sound, "{line:?} in\n{text}");
    }
}

#[test]
fn drawings_are_mermaid_and_bounded() {
    let mut graph = changed(1, "x").graph;
    for (at, node) in graph.nodes.iter_mut().enumerate() {
        node.note = HOSTILE.to_owned();
        node.mark = [Mark::Same, Mark::Added, Mark::Changed, Mark::Removed][at % 4];
    }
    graph.nodes.insert(0, node("end.default", Some("end"), Mark::Added));
    graph.nodes.insert(0, GraphNode { is_group: true, ..node("end", None, Mark::Same) });
    let drawn = crate::report::mermaid(&graph, crate::report::Bounds::OF_A_REPORT);
    expect_mermaid(&drawn);
    assert!(drawn.contains("subgraph n"), "{drawn}");
    assert!(drawn.contains("more[\"… and "), "{drawn}");
    assert!(drawn.lines().count() < 200, "{drawn}");
}
