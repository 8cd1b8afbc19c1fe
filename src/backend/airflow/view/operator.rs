//! Operators of Airflow's own: their classes and arguments in Python.

use std::collections::{BTreeMap, BTreeSet};

use super::{schedule, timedelta};
use crate::{
    backend::airflow::{
        jinja::Scope,
        names::Names,
        python::{Expression, Identifier},
        version::Version,
    },
    ir::{Literal, Node, Operator, OperatorArgument, Piece, TaskKind, Text, Workflow},
    name::ClassPath,
};

/// The classes of a workflow's operators, and what they are called in its file.
pub(super) struct Classes {
    names: BTreeMap<ClassPath, Identifier>,
    /// Modules and what is imported from them.
    pub(super) imports: Vec<(Identifier, Identifier)>,
}

impl Classes {
    /// Takes the names that the classes need.
    pub(super) fn new(workflow: &Workflow, names: &mut Names) -> Self {
        let used: BTreeSet<&ClassPath> = workflow.nodes.iter().flat_map(Node::tasks).filter_map(|task| operator_of(&task.kind)).collect();
        let mut classes = Self { names: BTreeMap::new(), imports: Vec::new() };
        for path in used {
            // The grammar of paths has only what these take.
            let (Some(module), Some(class)) = (Identifier::dotted(path.module()), Identifier::parse(path.class())) else { continue };
            let alias = names.import(&class);
            classes.imports.push((module, if alias == class { class } else { class.renamed(&alias) }));
            classes.names.insert(path.clone(), alias);
        }
        classes
    }

    /// What a class is called in the file.
    pub(super) fn name(&self, path: &ClassPath) -> Identifier {
        self.names.get(path).cloned().unwrap_or_else(|| Identifier::fixed("None"))
    }
}

fn operator_of(kind: &TaskKind) -> Option<&ClassPath> {
    match kind {
        TaskKind::Operator(operator) => Some(&operator.class),
        TaskKind::Container(_) | TaskKind::Wait(_) => None,
    }
}

/// An operator's own arguments, in the order written.
pub(super) fn arguments(operator: &Operator, scope: &Scope<'_>, version: Version) -> Vec<(Identifier, Expression)> {
    let argument = |OperatorArgument { name, is_templated, value }: &OperatorArgument| {
        // `check` has refused what is no name.
        Some((Identifier::parse(name)?, expression(value, *is_templated, scope, version)))
    };
    operator.arguments.iter().filter_map(argument).collect()
}

fn expression(value: &Literal, is_templated: bool, scope: &Scope<'_>, version: Version) -> Expression {
    match value {
        Literal::Null => Expression::None,
        Literal::Bool(flag) => Expression::Bool(*flag),
        Literal::Number(number) => Expression::number(number),
        Literal::Text(text) if is_templated && looks_like_a_file(text) => scope.text(&unlike_a_file(text)),
        Literal::Text(text) => scope.text(text),
        Literal::List(items) => Expression::List(items.iter().map(|item| expression(item, is_templated, scope, version)).collect()),
        Literal::Map(entries) => {
            let entry = |(key, value): &(String, Literal)| (key.clone(), expression(value, is_templated, scope, version));
            Expression::Dict(entries.iter().map(entry).collect())
        }
        Literal::Duration(duration) => timedelta(*duration),
        Literal::Moment(moment) => schedule::moment(*moment),
        Literal::Asset(uri) => schedule::asset(uri, version),
    }
}

/// Ends of a text that an operator takes for the name of a file with a template in it, in place of the text: the `template_ext` of Airflow's
/// own operators and its providers'.
const TEMPLATE_FILES: [&str; 18] = [
    ".sh", ".bash", ".sql", ".hql", ".q", ".json", ".yaml", ".yml", ".html", ".htm", ".txt", ".md", ".py", ".cmd", ".bat", ".ipynb",
    ".jinja", ".j2",
];

/// Whether an operator that renders the text would read a file of that name.
fn looks_like_a_file(text: &Text) -> bool {
    match text.pieces.last() {
        Some(Piece::Literal(last)) => TEMPLATE_FILES.iter().any(|end| last.ends_with(end)),
        Some(Piece::Each(_)) => true,
        Some(Piece::Run(_) | Piece::Param(_) | Piece::Output(_) | Piece::Task | Piece::Native(_)) | None => false,
    }
}

/// The same text with nothing behind it, said in Jinja.
fn unlike_a_file(text: &Text) -> Text {
    Text::new(text.pieces.iter().cloned().chain([Piece::Native("{{ '' }}".to_owned())]))
}
