use super::*;
use crate::diag::Sink;
use crate::schema::Kind;
use crate::source::Sources;
use crate::yaml;

const WORKFLOW: &str = r#"workflow: retrain
schedule: { preset: daily, timezone: Europe/Prague }
start_date: 2026-01-01
vars: { bucket: s3://acme }
params: { min_rows: { type: integer, default: 10 } }
tasks:
  pull:
    description: Pulls rows
    output: true
    args: [pull, "${{ vars.bucket }}"]
  train:
    profile: gpu
    needs: [pull]
    args: ["${{ tasks.pull.output.rows }}"]
"#;

fn names() -> Names {
    let known = |name: &str, about: &str| Known { name: name.to_owned(), about: about.to_owned(), ..Known::default() };
    Names {
        profiles: vec![known("gpu", "nodes with a GPU"), known("small", "")],
        zones: vec![known("Europe/Prague", "")],
        notifiers: vec![known("ml-alerts", "")],
        ..Names::default()
    }
}

/// What is proposed where `|` stands.
fn proposed(text: &str) -> Vec<String> {
    let offset = text.find('|').expect("a place");
    let text = text.replacen('|', "", 1);
    complete(Kind::Workflow, &text, offset, &names()).into_iter().map(|proposal| proposal.insert).collect()
}

/// The workflow with something else in place of a line.
fn with(line: &str, other: &str) -> String {
    assert!(WORKFLOW.contains(line), "{line}");
    WORKFLOW.replace(line, other)
}

#[test]
fn keys_are_proposed_that_the_map_lacks() {
    let found = proposed(&with("    needs: [pull]\n", "    ne|\n"));
    assert!(found.contains(&"needs: ".to_owned()) && found.contains(&"retries: ".to_owned()), "{found:?}");
    assert!(!found.contains(&"profile: ".to_owned()), "it has one: {found:?}");
    let found = proposed(&with("start_date: 2026-01-01\n", "start|\n"));
    assert!(found.contains(&"start_date: ".to_owned()) && !found.contains(&"workflow: ".to_owned()), "{found:?}");
    let found = proposed(&with("{ preset: daily, timezone: Europe/Prague }", "{ preset: daily, ti|"));
    assert!(found.contains(&"timezone: ".to_owned()), "{found:?}");
}

#[test]
fn a_key_on_the_first_line_below_another_is_proposed() {
    let found = proposed(&with("    profile: gpu\n    needs: [pull]\n    args: [\"${{ tasks.pull.output.rows }}\"]\n", "    im|\n"));
    assert!(found.contains(&"image: ".to_owned()), "{found:?}");
}

#[test]
fn names_are_proposed_where_they_are_used() {
    assert_eq!(proposed(&with("profile: gpu", "profile: |")), ["gpu", "small"]);
    assert_eq!(proposed(&with("needs: [pull]", "needs: [|]")), ["pull"]);
    assert_eq!(proposed(&with("needs: [pull]", "needs: |")), ["[pull]"]);
    assert_eq!(proposed(&with("needs: [pull]", "needs:\n    - p|")), ["pull"]);
    assert_eq!(proposed(&with("timezone: Europe/Prague", "timezone: Eu|")), ["Europe/Prague"]);
    assert_eq!(proposed(&with("preset: daily", "preset: |")), ["hourly", "daily", "weekly", "monthly", "yearly"]);
}

#[test]
fn expressions_are_completed() {
    assert!(proposed(&with("${{ vars.bucket }}", "${{ |")).contains(&"params.".to_owned()));
    assert_eq!(proposed(&with("${{ vars.bucket }}", "${{ vars.| }}")), ["vars.bucket"]);
    assert_eq!(proposed(&with("${{ vars.bucket }}", "${{ params.m| }}")), ["params.min_rows"]);
    assert_eq!(proposed(&with("${{ tasks.pull.output.rows }}", "${{ tasks.| }}")), ["tasks.pull.output"]);
}

#[test]
fn no_place_of_any_text_is_too_much() {
    for (offset, _) in WORKFLOW.char_indices() {
        let (whole, cut) = (WORKFLOW, &WORKFLOW[..offset]);
        assert!(
            [whole, cut]
                .iter()
                .all(|text| complete(Kind::Workflow, text, offset, &names()).iter().all(|found| found.word.end <= text.len()))
        );
    }
}

/// The answer for the first place of a text, inside of it.
fn ask<T>(what: &str, answer: impl Fn(&yaml::Node, usize) -> Option<T>) -> Option<T> {
    let sources = Sources::new();
    let id = sources.add("workflow.yaml", WORKFLOW);
    let root = yaml::parse(id, WORKFLOW, &mut Sink::new()).expect("it is YAML");
    answer(&root, WORKFLOW.find(what).expect("it is there") + 1)
}

#[test]
fn hovering_tells_what_a_key_or_a_name_is() {
    let told = |what: &str| ask(what, |root, offset| hover(Kind::Workflow, WORKFLOW, root, offset, &names())).map(|hover| hover.text);
    assert!(told("start_date").is_some_and(|text| text.contains("First day")));
    assert!(told("gpu").is_some_and(|text| text.contains("nodes with a GPU")));
    assert!(told("vars.bucket").is_some_and(|text| text.contains("s3://acme")));
    assert_eq!(told("2026-01-01"), None);
}

#[test]
fn what_is_named_is_found_where_it_is_defined() {
    let found = |what: &str| ask(what, |root, offset| define(WORKFLOW, root, offset, &names()));
    let Some(Target::Here(span)) = found("pull]\n") else { panic!("no place in the file") };
    assert_eq!(&WORKFLOW[span.start as usize..span.end as usize], "pull");
    assert_eq!(span.start as usize, WORKFLOW.find("pull:").expect("it is there"));
    let Some(Target::Here(span)) = found("tasks.pull") else { panic!("no place in the file") };
    assert_eq!(span.start as usize, WORKFLOW.find("pull:").expect("it is there"));
    let Some(Target::Here(span)) = found("vars.bucket") else { panic!("no place in the file") };
    assert_eq!(span.start as usize, WORKFLOW.find("bucket:").expect("it is there"));
}

/// Lines that somebody has not finished, each at a place of the workflow where it is in the way of the whole file.
const UNFINISHED: [(&str, &str); 6] = [
    ("start_date: 2026-01-01\n", "start_date: 2026-01-01\ndes\n"),
    ("    output: true\n", "    output: true\n    re\n"),
    ("  pull:\n", "  lo\n  pull:\n"),
    ("    output: true\n", "    output: true\n    wait_for: [\n"),
    ("    output: true\n", "    output: true\n    env: { A: \"x\n"),
    ("    output: true\n", "    output: true\n    env: { A: b, re\n"),
];

#[test]
fn a_line_that_is_not_finished_hides_no_other() {
    for (line, typed) in UNFINISHED {
        for end in ["\n", "\r\n"] {
            let text = with(line, typed).replace('\n', end);
            let root = read(&text).unwrap_or_else(|| panic!("unread: {text}"));
            for (key, about) in [("start_date", "First day"), ("profile", "profile"), ("needs", "**needs**"), ("gpu", "nodes")] {
                let at = text.find(key).expect("it is there") + 1;
                let told = hover(Kind::Workflow, &text, &root, at, &names());
                assert!(told.as_ref().is_some_and(|hover| hover.text.contains(about)), "{key} in {text}: {told:?}");
            }
            assert_eq!(proposed(&text.replace("profile: gpu", "profile: |")), ["gpu", "small"], "{text}");
            assert_eq!(proposed(&text.replace("timezone: Europe/Prague", "timezone: |")), ["Europe/Prague"], "{text}");
            assert!(proposed(&text.replace("    needs: [pull]", "    ne|")).contains(&"needs: ".to_owned()), "{text}");
            assert!(proposed(&text.replace("[pull]", "[|")).contains(&"pull".to_owned()), "{text}");
        }
    }
}

#[test]
fn the_line_that_is_being_typed_is_finished_in_thought() {
    let holds = |text: String, what: &str| {
        for end in ["\n", "\r\n"] {
            let found = proposed(&text.replace('\n', end));
            assert!(found.iter().any(|insert| insert == what), "{what} in {text}: {found:?}");
        }
    };
    holds(with("    description: Pulls rows\n", "    re|\n"), "retries: ");
    holds(with("    args: [\"${{ tasks.pull.output.rows }}\"]\n", "    re|"), "retries: ");
    holds(with("start_date: 2026-01-01\n", "start|\n"), "start_date: ");
    holds(with("  train:\n", "  load: { image: x, re|\n  train:\n"), "retries: ");
    holds(with("  train:\n", "  load: { image: x, re| }\n  train:\n"), "retries: ");
    holds(with("  train:\n", "  load: { image: x, needs: [|\n  train:\n"), "train");
    holds(with("  pull:\n", "  load:\n    needs: [|\n  pull:\n"), "train");
    holds(with("  pull:\n", "  load:\n    needs: [pull, |\n  pull:\n"), "train");
    holds(with("  pull:\n", "  load:\n    needs:\n      - |\n  pull:\n"), "train");
    holds(with("  pull:\n", "  load:\n    args: [\"${{ params.|\n  pull:\n"), "params.min_rows");
    holds(with("  pull:\n", "  load:\n    args: [\"${{ vars.|\"]\n  pull:\n"), "vars.bucket");
    holds(with("  pull:\n", "  load:\n    args:\n      - ${{ vars.|\n  pull:\n"), "vars.bucket");
    holds(with("  train:\n", "  load:\n    for_each: { day: [mo, tu] }\n    args: [\"${{ each.|\n  train:\n"), "each.day");
}

#[test]
fn proposals_are_what_can_be_meant() {
    assert_eq!(proposed(&with("    profile: gpu\n", "    image: |\n")), Vec::<String>::new());
    assert_eq!(proposed(&with("start_date: 2026-01-01\n", "catchup: |\n")), ["true", "false"]);
    let chain = with("    output: true\n", "    needs: [|]\n").replace("tasks:\n", "tasks:\n  first: {}\n  last: { needs: [train] }\n");
    assert_eq!(proposed(&chain), ["first"], "`train` and `last` wait for `pull`");
}

#[test]
fn columns_of_rows_are_proposed() {
    let columns = std::collections::BTreeMap::from([("customers.csv".to_owned(), vec!["id".to_owned(), "tier".to_owned()])]);
    let names = Names { columns, ..names() };
    let proposed = |line: &str| {
        let text = with("    profile: gpu\n", line);
        let offset = text.find('|').expect("a place");
        let found = complete(Kind::Workflow, &text.replacen('|', "", 1), offset, &names);
        found.into_iter().map(|proposal| proposal.insert).collect::<Vec<String>>()
    };
    let rows = "    for_each: { customer: { file: customers.csv } }\n    args: [\"${{ each.customer.|";
    assert_eq!(proposed(rows), ["each.customer", "each.customer.id", "each.customer.tier"]);
    let items = "    for_each: { region: [{ name: eu, zone: a }] }\n    env: { A: \"${{ each.region.|\" }\n";
    assert_eq!(proposed(items), ["each.region", "each.region.name", "each.region.zone"]);
    assert_eq!(proposed("    for_each: { customer: { file: customers.csv, key: |\n"), ["id", "tier"]);
}

#[test]
fn a_name_is_found_wherever_the_file_has_it() {
    let found = |what: &str| ask(what, |root, offset| Some(references(WORKFLOW, root, offset, &names()))).unwrap_or_default();
    let starts = |what: &str| found(what).iter().map(|span| span.start as usize).collect::<Vec<usize>>();
    let places = ["pull:", "pull]\n", "pull.output"].map(|place| WORKFLOW.find(place).expect("it is there"));
    assert_eq!(starts("pull:"), places);
    assert_eq!(starts("pull]\n"), places);
    assert_eq!(starts("bucket:").len(), 2);
    assert_eq!(starts("gpu"), Vec::<usize>::new(), "it is defined elsewhere");
}

#[test]
fn an_outline_has_tasks_and_groups() {
    let text = with("  pull:\n", "  pull:\n").replace("tasks:\n", "groups: { models: { tasks: { fit: {} } } }\ntasks:\n");
    let whole = outline(&read(&text).expect("it is YAML")).expect("it has a name");
    let names: Vec<(Part, &str)> = whole.below.iter().map(|symbol| (symbol.part, symbol.name.as_str())).collect();
    assert_eq!(whole.name, "retrain");
    assert_eq!(names, [(Part::Task, "pull"), (Part::Task, "train"), (Part::Group, "models")]);
    assert_eq!(whole.below[2].below[0].name, "fit");
}
