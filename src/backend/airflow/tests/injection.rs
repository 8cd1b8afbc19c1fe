//! No text of a user gets out of its literal, and Jinja gives every text back.

use minijinja::Environment;
use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use ruff_python_ast::{
    Expr,
    token::TokenKind,
    visitor::{Visitor, walk_expr},
};
use ruff_python_parser::parse_module;

use super::{
    super::{
        jinja::{FilledBy, Scope, escape, quoted},
        python::{Expression, Placed},
        render::TEMPLATES,
    },
    Condition, FanOut, Node, Piece, RunValue, Schedule, Task, TaskKind, Test, Text, Timetable, Value, Version, Workflow, base_of,
    container, each, everything, generated, json, list, literal, looped, pieces, tasks_of,
};

/// Texts made of what means something to Python, Jinja or a terminal, and of anything else.
pub(super) fn texts() -> impl Strategy<Value = String> {
    let special = [
        "{",
        "}",
        "%",
        "#",
        "'",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "\0",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "\"\"\"",
        "\\N{",
        "\u{202e}",
        "é",
        "😀",
        "\u{2028}",
        "\u{85}",
        "\x1b",
        "<<",
        ">>",
        "<%",
        "$",
        "x",
        " ",
        ".yaml",
        "import os",
    ];
    let part = proptest::prop_oneof![proptest::sample::select(special.to_vec()).prop_map(str::to_owned), "\\PC{0,3}", "(?s).{0,3}"];
    proptest::collection::vec(part, 1..12).prop_map(|parts| parts.concat()).prop_filter("not empty", |text| !text.is_empty())
}

#[derive(Default)]
struct Strings(Vec<String>);

impl<'a> Visitor<'a> for Strings {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::StringLiteral(literal) = expression {
            self.0.push(literal.value.to_str().to_owned());
        }
        walk_expr(self, expression);
    }
}

/// The kinds of a file's tokens, without those that only lay it out, and the values of its strings.
pub(super) fn shape(python: &str) -> (Vec<TokenKind>, Vec<String>) {
    let parsed = parse_module(python).unwrap_or_else(|error| panic!("{error}\n{python}"));
    let is_layout = |kind: TokenKind| matches!(kind, TokenKind::NonLogicalNewline | TokenKind::Comma);
    let kinds = parsed.tokens().iter().map(|token| token.kind()).filter(|kind| !is_layout(*kind)).collect();
    let mut strings = Strings::default();
    strings.visit_body(&parsed.syntax().body);
    (kinds, strings.0)
}

pub(super) fn jinja(source: &str) -> Option<String> {
    // As Jinja does: every line end is one newline, and the last one is dropped.
    Environment::new().render_str(&source.replace("\r\n", "\n").replace('\r', "\n"), ()).ok()
}

/// Puts `text` wherever a file's fields say `canary`.
fn fill(workflow: &mut Workflow, text: &str) {
    let put = |field: &mut String| *field = field.replace("canary", text);
    workflow.tags = vec![text.to_owned()];
    // Of several lines whatever the text is: a longer one stands in two arguments.
    workflow.description = Some(format!("first\n{text}!"));
    workflow.file = text.to_owned();
    workflow.namespace = text.to_owned();
    workflow.schedule = Schedule::Time(Timetable::Cron { expressions: vec![text.to_owned()], timezone: text.to_owned() });
    for notifier in &mut workflow.notifiers {
        notifier.arguments.iter_mut().for_each(|(_, value)| fill_value(value, text));
    }
    for param in &mut workflow.params {
        let filled = |value: &serde_json::Value| serde_json::Value::String(value.as_str().expect("a text").replace("canary", text));
        param.default = param.default.as_ref().map(filled);
        param.schema.insert("enum".to_owned(), json!([text]));
        param.schema.shift_remove("x-canary");
        param.schema.insert(format!("x-{text}"), json!(text));
    }
    for node in &mut workflow.nodes {
        let fill_fan_out = |fan_out: &mut Option<FanOut>| match fan_out {
            Some(FanOut::Static { rows, .. }) => rows.iter_mut().for_each(|row| row.value["customer"]["region"] = json!(text)),
            Some(FanOut::Mapped { path, .. }) => path.iter_mut().for_each(put),
            None => {}
        };
        if let Node::Group(group) = node {
            fill_fan_out(&mut group.fan_out);
        }
        tasks_of(node).into_iter().filter(|task| is_container(task)).for_each(|task| fill_fan_out(&mut container(task).fan_out));
    }
    for task in workflow.nodes.iter_mut().flat_map(tasks_of) {
        task.pool = Some(text.to_owned());
        task.description = Some(text.to_owned());
        let wanted = vec![Text::literal(text), Text::literal("other")];
        task.run_if = vec![Condition { value: wanted[0].clone(), test: Test::NoneOf, wanted }];
        if is_container(task) {
            base_of(task).insert("image".to_owned(), super::text(text));
            fill_value(&mut container(task).pod, text);
        }
    }
}

fn is_container(task: &Task) -> bool {
    matches!(task.kind, TaskKind::Container(_))
}

fn fill_value(value: &mut Value, text: &str) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Text(found) => {
            for piece in &mut found.pieces {
                if let Piece::Literal(literal) = piece {
                    *literal = literal.replace("canary", text);
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| fill_value(item, text)),
        Value::Map(map) => {
            map.insert(format!("key-{text}"), super::text(text));
            map.iter_mut().filter(|(key, _)| !key.starts_with("key-")).for_each(|(_, value)| fill_value(value, text));
        }
    }
}

fn filled(text: &str) -> String {
    let mut workflow = everything();
    fill(&mut workflow, text);
    generated(&workflow, Version::V3_1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_texts_are_the_code_is_that_of_the_canary(text in texts()) {
        let (expected, canaries) = shape(&filled("canary"));
        let python = filled(&text);
        prop_assert!(python.is_ascii());
        let (kinds, strings) = shape(&python);
        prop_assert_eq!(kinds, expected);
        for (string, canary) in strings.iter().zip(canaries).filter(|(_, canary)| canary.contains("canary")) {
            let is_itself = *string == canary.replace("canary", &text);
            // A piece of a joined text may end with a newline that Jinja would drop at a text's end only.
            let is_escaped = jinja(&format!("{string}.")).is_some_and(|shown| shown == canary.replace("canary", &text) + ".");
            // A key that leads through an output, and the time zone, are Jinja's own string literals inside an expression.
            let is_quoted = string.contains(&quoted(&text));
            let is_in_part = canary.contains("xcom_pull") && string.split_once("{% endwith %}").is_some_and(|(_, end)| jinja(end) == Some(format!("/{text}")));
            prop_assert!(is_itself || is_escaped || is_quoted || is_in_part, "{string:?} was to be {canary:?}");
        }
    }

    #[test]
    fn a_string_literal_has_the_value_that_was_meant(text in "(?s).{0,40}") {
        let (_, strings) = shape(&format!("x = {}\n", Placed::short(Expression::text(&text))));
        prop_assert_eq!(strings, [text]);
    }

    #[test]
    fn jinja_gives_a_text_back_that_is_cut_into_cells_and_literals(parts in proptest::collection::vec(texts(), 1..4)) {
        let scope = Scope { params: &[], date: "", filled_by: FilledBy::Context, items: &[] };
        let whole = parts.concat();
        let Expression::Text(escaped) = scope.text(&Text::literal(&whole)) else { panic!("a literal") };
        prop_assert_eq!(jinja(&escaped), Some(whole.clone()));
        let cells: String = parts.iter().map(|part| escape(part)).collect();
        prop_assert_eq!(jinja(&cells), Some(whole));
    }
}

proptest! {
    #[test]
    fn a_notifier_may_be_called_anything(name in texts()) {
        let mut workflow = everything();
        workflow.notifiers.iter_mut().for_each(|notifier| notifier.name.clone_from(&name));
        workflow.notify.on_failure = vec![name];
        prop_assert!(parse_module(&generated(&workflow, Version::V3_1)).is_ok());
    }
}

#[test]
fn an_empty_cell_behind_a_newline_keeps_the_newline() {
    let mut workflow = looped();
    base_of(tasks_of(&mut workflow.nodes[1])[1]).insert("args".to_owned(), list([pieces([literal("a\n"), each(&["customer", "region"])])]));
    assert!(generated(&workflow, Version::V3_1).contains(r#""a{{ '\\n' }}" + customer["region"]"#));
}

#[test]
fn a_brace_before_a_reference_does_not_open_another() {
    let scope = Scope { params: &[], date: "date", filled_by: FilledBy::Context, items: &[] };
    let brace = Text::new([literal("a{"), Piece::Run(RunValue::Date), literal("}{% x %}")]);
    assert_eq!(scope.text(&brace), Expression::text("a{{ '{' }}{{ date }}}{{ '{' }}% x %}"));
    let native = Text::new([Piece::Native("{{ ds }}{".to_owned()), literal("{ x"), Piece::Native("{{ y }}\n".to_owned())]);
    assert_eq!(scope.text(&native), Expression::text("{{ ds }}{{ '{' }}{ x{{ y }}\n"));
}

#[test]
fn no_template_writes_a_value_between_quotes_of_its_own() {
    for (name, source) in TEMPLATES {
        for quoted in ["\"<<", "'<<", ">>\"", ">>'"] {
            assert!(!source.contains(quoted), "{name} has {quoted}");
        }
    }
}
