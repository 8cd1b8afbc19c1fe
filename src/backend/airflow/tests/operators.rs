//! Operators of Airflow's own.

use proptest::prelude::*;

use super::injection::{jinja, shape, texts};
use super::{generated, literal, of_kind, plain};
use crate::backend::airflow::version::Version;
use crate::ir::{Literal, Node, Operator, OperatorArgument, Task, TaskKind, Text};
use crate::name::ClassPath;

fn operator(task: &str, class: &str, arguments: Vec<OperatorArgument>) -> Task {
    let class = ClassPath::parse(class).expect("a class");
    of_kind(
        task,
        TaskKind::Operator(Box::new(Operator {
            class,
            arguments,
            fan_out: None,
            max_parallel: None,
            execution_timeout: None,
            output: false,
        })),
    )
}

fn argument(name: &str, is_templated: bool, value: Literal) -> OperatorArgument {
    OperatorArgument { name: name.to_owned(), is_templated, value }
}

fn text(text: &str) -> Literal {
    Literal::Text(Text::new([literal(text)]))
}

fn python(tasks: Vec<Task>) -> String {
    let mut workflow = plain();
    workflow.nodes.extend(tasks.into_iter().map(Node::Task));
    generated(&workflow, Version::V3_1)
}

fn with_texts(templated: &str) -> String {
    let value = Literal::List(vec![text(templated), Literal::Map(vec![(templated.to_owned(), text(templated))])]);
    python(vec![operator("probe", "acme.operators.ProbeOperator", vec![argument("values", true, value)])])
}

proptest! {
    #[test]
    fn a_text_in_an_argument_is_only_a_text(written in texts()) {
        let (expected, canaries) = shape(&with_texts("canary"));
        let (kinds, strings) = shape(&with_texts(&written));
        prop_assert_eq!(kinds, expected);
        for (string, _) in strings.iter().zip(&canaries).filter(|(_, canary)| *canary == "canary") {
            prop_assert!(*string == written || jinja(string).as_deref() == Some(&written), "{string:?}");
        }
    }
}

#[test]
fn an_argument_that_is_no_template_is_written_as_it_is() {
    let untouched = argument("path", false, text("/data/[0-9]{2}/check.sql"));
    assert!(
        python(vec![operator("probe", "acme.operators.ProbeOperator", vec![untouched])]).contains(r#"path="/data/[0-9]{2}/check.sql","#)
    );
}

#[test]
fn a_template_is_never_taken_for_the_name_of_a_file() {
    let templated = argument("sql", true, text("select.sql"));
    assert!(python(vec![operator("probe", "acme.operators.ProbeOperator", vec![templated])]).contains(r#"sql="select.sql{{ '' }}","#));
}

#[test]
fn classes_of_one_name_are_told_apart() {
    let tasks = ["acme.a.ProbeOperator", "acme.b.ProbeOperator", "acme.c.DAG"];
    let text = python(tasks.iter().enumerate().map(|(at, class)| operator(&format!("probe-{at}"), class, Vec::new())).collect());
    for line in [
        "from acme.a import ProbeOperator\n",
        "from acme.b import ProbeOperator as ProbeOperator__2\n",
        "from acme.c import DAG as DAG__2\n",
        "    ProbeOperator__2(\n",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
}
