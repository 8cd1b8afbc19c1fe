//! A task that is an operator of the target's own: its class in this version, and its arguments as data.

use super::fan_out::ResolvedFanOut;
use super::layers::Layers;
use super::task::{Scope, check_rows};
use super::text::{Values, native_in};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::ir::{self, Literal, OperatorArgument, Piece, Text};
use crate::name::{ClassPath, TaskName};
use crate::policy::{check_arguments, check_operator};
use crate::source::{Span, Spanned};
use crate::spec::{Argument, ArgumentValue, Arguments, Operator, Platform, Reference, Table, Task, Template};

/// Resolves an operator; `None` when something is wrong, which has been told.
pub(super) fn resolve_operator(
    class: &Spanned<ClassPath>,
    (name, task): (&TaskName, &Task),
    own: Option<ResolvedFanOut>,
    layers: &Layers<'_>,
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<ir::Operator> {
    let policy = scope.surroundings.policy;
    let said = check_operator(class, policy, sink);
    if let Some(said) = said {
        check_arguments(class, said, task.with.as_ref(), sink);
    }
    let templates = task.with.as_ref().map(Arguments::templates).unwrap_or_default();
    let repeated = scope.repeated(own.as_ref());
    scope.room.take_tasks(&repeated)?;
    templates.iter().for_each(|template| check_rows(template, &repeated, sink));
    let arguments = resolve_arguments((name, task), said, &repeated, scope, sink);
    Some(ir::Operator {
        class: renamed(class, said, policy.platform).clone(),
        arguments,
        max_parallel: task.max_parallel.as_ref().map(|count| u32::from(count.value.get())),
        execution_timeout: layers.duration(|settings| settings.execution_timeout.as_ref()),
        output: task.has_output(),
        fan_out: own.map(|resolved| resolved.fan_out),
    })
}

/// What the class is called in the Airflow that is compiled for.
fn renamed<'a>(class: &'a Spanned<ClassPath>, said: Option<&'a Operator>, platform: &Platform) -> &'a ClassPath {
    let names = said.and_then(|said| said.fields.as_ref()?.renamed.as_ref());
    names
        .and_then(|names: &Table<String, Spanned<ClassPath>>| names.get(&platform.target.airflow.value))
        .map_or(&class.value, |name| &name.value)
}

fn resolve_arguments(
    (name, task): (&TaskName, &Task),
    said: Option<&Operator>,
    repeated: &[&ResolvedFanOut],
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Vec<OperatorArgument> {
    let values = Values { workflow: scope.workflow, surroundings: scope.surroundings, task: name, room: scope.room };
    let templated = said.and_then(|said| said.fields.as_ref()?.templated.as_ref());
    let entries = task.with.iter().flat_map(|with| &with.entries);
    entries
        .map(|(name, argument)| {
            // Without the platform's file nobody knows, and nothing is refused.
            let is_templated = scope.surroundings.policy.is_assumed
                || templated.is_some_and(|templated| templated.iter().any(|field| field.value == name.value));
            if is_templated {
                native_in(argument.templates().into_iter(), scope.surroundings.policy, sink);
            } else {
                let untouched = Untouched { name, templated, repeated, values: &values };
                argument.templates().into_iter().for_each(|template| untouched.check(template, sink));
            }
            OperatorArgument { name: name.value.clone(), is_templated, value: literal(argument, &values) }
        })
        .collect()
}

fn literal(argument: &Argument, values: &Values<'_>) -> Literal {
    match &argument.value {
        ArgumentValue::Null => Literal::Null,
        ArgumentValue::Bool(flag) => Literal::Bool(*flag),
        ArgumentValue::Number(number) => Literal::Number(number.clone()),
        ArgumentValue::Text(template) => Literal::Text(values.text(template)),
        ArgumentValue::List(items) => Literal::List(items.iter().map(|item| literal(item, values)).collect()),
        ArgumentValue::Map(entries) => {
            Literal::Map(entries.iter().map(|(key, value)| (key.value.clone(), literal(value, values))).collect())
        }
        ArgumentValue::Duration(duration) => Literal::Duration(duration.0),
        ArgumentValue::Moment(date) => Literal::Moment(date.0),
        ArgumentValue::Asset(uri) => Literal::Asset(uri.clone()),
    }
}

/// An argument that is not known to be a template. What it says must mean the same whether the operator renders it or not: a reference to the
/// run would reach an operator that does not render it as it is written, and braces would be run by one that does.
struct Untouched<'a> {
    name: &'a Spanned<String>,
    templated: Option<&'a Vec<Spanned<String>>>,
    repeated: &'a [&'a ResolvedFanOut],
    values: &'a Values<'a>,
}

impl Untouched<'_> {
    fn check(&self, template: &Template, sink: &mut Sink) {
        let is_mapped = |variable: &str| {
            let of_it = self.repeated.iter().find(|resolved| resolved.fan_out.has_variable(variable));
            of_it.is_some_and(|resolved| resolved.fan_out.is_mapped())
        };
        let of_the_run = template.references().find(|reference| match &reference.value {
            Reference::Run(_) | Reference::Param(_) | Reference::Output { .. } => true,
            Reference::Each { variable, path: _ } => is_mapped(variable),
            Reference::Environment
            | Reference::Team
            | Reference::Source
            | Reference::Workflow
            | Reference::Task
            | Reference::Variable(_) => false,
        });
        if let Some(reference) = of_the_run {
            return sink.push(self.fault("cannot refer to what only the run knows", reference.span));
        }
        let text = self.values.text(template);
        let is_plain = |text: &Text| {
            text.pieces.iter().all(|piece| matches!(piece, Piece::Literal(text) if is_untouched(text)) || matches!(piece, Piece::Each(_)))
        };
        let cells = text.pieces.iter().filter_map(|piece| match piece {
            Piece::Each(path) => Some(self.cells(path)),
            Piece::Literal(_) | Piece::Run(_) | Piece::Param(_) | Piece::Output(_) | Piece::Task | Piece::Native(_) => None,
        });
        let are_cells_plain = cells.flatten().all(|cell| is_untouched(&cell));
        if !is_plain(&text) || !are_cells_plain {
            sink.push(self.fault("has text that Airflow would take for its own templating", template.span));
        }
    }

    /// The texts of an item's value, over all rows.
    fn cells(&self, path: &[String]) -> Vec<String> {
        let of_it = path.first().and_then(|variable| self.repeated.iter().find(|resolved| resolved.fan_out.has_variable(variable)));
        let rows = of_it.and_then(|resolved| resolved.fan_out.rows()).unwrap_or_default();
        rows.iter().filter_map(|row| row.text(path)).collect()
    }

    fn fault(&self, what: &str, span: Span) -> Diagnostic {
        let title = format!("the argument `{}` {what}", self.name.value);
        let fault = Diagnostic::error(&code::UNTEMPLATED, title).at(span, "the platform does not say that the operator renders it");
        match self.templated {
            Some(fields) if !fields.is_empty() => {
                let fault = fault.at_if(fields.first().map(|field| field.span), "what it renders");
                fault.help(format!(
                    "use it in {}, or ask the platform to add `{}` to `templated`",
                    quoted_list(fields.iter().map(|field| field.value.as_str())),
                    self.name.value
                ))
            }
            Some(_) | None => fault.help(format!("ask the platform to add `templated: [{}]` to the operator", self.name.value)),
        }
    }
}

/// Whether Jinja gives a text back as it is, wherever other texts stand beside it.
fn is_untouched(text: &str) -> bool {
    !["{{", "{%", "{#", "\r"].iter().any(|mark| text.contains(mark)) && !text.ends_with(['{', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_that_open_nothing_are_left_alone() {
        for text in ["", "plain", "[0-9]{2}", "{}", "a } b", "é"] {
            assert!(is_untouched(text), "{text:?}");
        }
        for text in ["{{ ds }}", "{% if %}", "{# no #}", "ends {", "line\n", "a\rb"] {
            assert!(!is_untouched(text), "{text:?}");
        }
    }
}
