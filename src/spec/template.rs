//! Texts with `${{ … }}` in them.
//!
//! The grammar is small on purpose: dotted names, and a quoted text for what would otherwise be taken for a template. There are
//! no operators, functions or conditions, so a text says what it becomes.

use super::decode::{Context, Decode};
use super::record::inline_schema;
use crate::diag::{Diagnostic, codes as code, quoted_list, suggest};
use crate::ir::RunValue;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// A text: literal parts and references.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Where the whole text stands.
    pub span: Span,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Exactly this text.
    Literal(String),
    /// `${{ … }}`.
    Reference(Spanned<Reference>),
    /// `{{ … }}` or `{% … %}`: the target's own templating, if the platform allows it.
    Native(Spanned<String>),
}

/// What stands between `${{` and `}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `environment`: the central branch's environment.
    Environment,
    /// `team`: the team's name.
    Team,
    /// `source`: the name of the team's source.
    Source,
    /// `workflow`: the workflow's name.
    Workflow,
    /// `task`: the task's name.
    Task,
    /// `vars.x`.
    Variable(String),
    /// `each.variable.key…`.
    Each {
        /// The fan-out's variable.
        variable: String,
        /// Keys behind it.
        path: Vec<String>,
    },
    /// `run.x`.
    Run(RunValue),
    /// `params.x`.
    Param(String),
    /// `tasks.x.output.key…`.
    Output {
        /// The task.
        task: String,
        /// Keys behind `output`.
        path: Vec<String>,
    },
}

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// What an expression may start with, for help texts.
const ROOTS: [&str; 10] = ["environment", "team", "source", "workflow", "task", "vars", "each", "run", "params", "tasks"];

impl Template {
    /// Reads the template of a text that stands at `span`; faults are told and `None` returned.
    pub fn parse(text: &str, span: Span, context: &mut Context<'_>) -> Option<Self> {
        if !text.contains("{{") && !text.contains("{%") {
            let parts = if text.is_empty() { Vec::new() } else { vec![Part::Literal(text.to_owned())] };
            return Some(Self { parts, span });
        }
        Reader { text, at: 0, span, searched: span.start as usize, context }.read().map(|parts| Self { parts, span })
    }

    /// Its references with their places.
    pub fn references(&self) -> impl Iterator<Item = &Spanned<Reference>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Reference(reference) => Some(reference),
            Part::Literal(_) | Part::Native(_) => None,
        })
    }

    /// The text when it has no reference.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// Reads one text from left to right.
struct Reader<'t, 'c, 's> {
    text: &'t str,
    at: usize,
    span: Span,
    /// Where in the file the next piece is looked for: a scalar with escapes or folds has other offsets than its value.
    searched: usize,
    context: &'c mut Context<'s>,
}

impl Reader<'_, '_, '_> {
    fn read(mut self) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        let mut sound = true;
        while let Some((start, opening)) = self.next_opening() {
            push_literal(&mut parts, &self.text[self.at..start]);
            let part = if opening == OPEN { self.expression(start) } else { Some(self.native(start, opening)) };
            match part {
                Some(Part::Literal(text)) => push_literal(&mut parts, &text),
                Some(part) => parts.push(part),
                None => sound = false,
            }
        }
        push_literal(&mut parts, &self.text[self.at..]);
        sound.then_some(parts)
    }

    fn next_opening(&self) -> Option<(usize, &'static str)> {
        let found = [OPEN, "{{", "{%"].iter().filter_map(|opening| self.text[self.at..].find(opening).map(|at| (self.at + at, *opening)));
        found.min_by_key(|(at, _)| *at)
    }

    /// The place of `piece` in the file when it stands there to the letter, otherwise that of the whole text.
    fn place(&mut self, piece: &str) -> Span {
        let rest = Span { start: u32::try_from(self.searched).unwrap_or(u32::MAX), ..self.span };
        let found = self.context.slice(rest).find(piece);
        match found {
            Some(at) => {
                let start = self.searched + at;
                self.searched = start + piece.len();
                Span::new(self.span.source, start, self.searched)
            }
            None => self.span,
        }
    }

    fn native(&mut self, start: usize, opening: &str) -> Part {
        let closing = if opening == "{{" { CLOSE } else { "%}" };
        let end = self.text[start..].find(closing).map_or(self.text.len(), |at| start + at + closing.len());
        self.at = end;
        let piece = &self.text[start..end];
        Part::Native(Spanned::new(piece.to_owned(), self.place(piece)))
    }

    fn expression(&mut self, start: usize) -> Option<Part> {
        let inside = start + OPEN.len();
        let Some(end) = find_close(&self.text[inside..]).map(|at| inside + at) else {
            let span = self.place(&self.text[start..]);
            self.at = self.text.len();
            let fault = Diagnostic::error(&code::EXPRESSION_SYNTAX, "an expression is not closed").at(span, "it is opened here");
            self.context.sink.push(fault.help("close it with `}}`: `${{ run.date }}`"));
            return None;
        };
        self.at = end + CLOSE.len();
        let span = self.place(&self.text[start..self.at]);
        let inner = self.text[inside..end].trim();
        if let Some(quoted) = inner.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Part::Literal(quoted.replace("''", "'")));
        }
        match parse_reference(inner) {
            Ok(reference) => Some(Part::Reference(Spanned::new(reference, span))),
            Err(fault) => {
                self.context.sink.push(fault.at(span, ""));
                None
            }
        }
    }
}

/// Where the `}}` is that is not inside a quoted text.
fn find_close(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| {
        quoted ^= character == '\'';
        (!quoted && text[at..].starts_with(CLOSE)).then_some(at)
    })
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Literal(last)) => last.push_str(text),
        Some(Part::Reference(_) | Part::Native(_)) | None => parts.push(Part::Literal(text.to_owned())),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
}

fn parse_reference(text: &str) -> Result<Reference, Diagnostic> {
    let words: Vec<&str> = text.split('.').map(str::trim).collect();
    if let Some(help) = compared(text) {
        return Err(Diagnostic::error(&code::EXPRESSION_SYNTAX, format!("`{text}` is no expression")).help(help));
    }
    if let Some(odd) = words.iter().find(|word| !is_word(word)) {
        let title = if text.is_empty() { "an expression is empty".to_owned() } else { format!("`{text}` is no expression") };
        let why = if odd.is_empty() {
            "write names with single dots between them"
        } else {
            "write names with dots between them; there are no operators or functions"
        };
        return Err(
            Diagnostic::error(&code::EXPRESSION_SYNTAX, title).help(format!("{why}: `${{{{ run.date }}}}`, `${{{{ vars.bucket }}}}`"))
        );
    }
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match words.as_slice() {
        ["environment"] => Ok(Reference::Environment),
        ["team"] => Ok(Reference::Team),
        ["source"] => Ok(Reference::Source),
        ["workflow"] => Ok(Reference::Workflow),
        ["task"] => Ok(Reference::Task),
        ["vars", name] => Ok(Reference::Variable((*name).to_owned())),
        ["params", name] => Ok(Reference::Param((*name).to_owned())),
        ["each", variable, path @ ..] => Ok(Reference::Each { variable: (*variable).to_owned(), path: owned(path) }),
        ["tasks", task, "output", path @ ..] => Ok(Reference::Output { task: (*task).to_owned(), path: owned(path) }),
        ["run", word] => run_value(word),
        _ => Err(unknown_reference(text, words[0])),
    }
}

/// Operators of other tools, and the keys of `run_if` that say the same.
const OPERATORS: [(&str, &str); 6] =
    [("==", "equals"), ("!=", "not_equals"), (">=", "at_least"), ("<=", "at_most"), (">", "above"), ("<", "below")];

/// What to write for a comparison.
fn compared(text: &str) -> Option<String> {
    let (value, key, wanted) = OPERATORS.iter().find_map(|(operator, key)| {
        let (value, wanted) = text.split_once(operator)?;
        Some((value.trim(), key, wanted.trim()))
    })?;
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['{', '}', '"', '\n']);
    (parse_reference(value).is_ok() && is_plain(wanted))
        .then(|| format!("compare in the task: `run_if: {{ value: \"${{{{ {value} }}}}\", {key}: {} }}`", wanted.trim_matches('\'')))
}

fn run_value(word: &str) -> Result<Reference, Diagnostic> {
    let found = RunValue::ALL.iter().find(|value| value.as_str() == word);
    found.map(|value| Reference::Run(*value)).ok_or_else(|| {
        let known = RunValue::ALL.iter().map(|value| value.as_str());
        let airflows = AIRFLOWS.iter().find(|(name, _)| *name == word).and_then(|(_, ours)| ours.strip_prefix("run."));
        let help = airflows.or_else(|| suggest(word, known.clone())).map_or_else(
            || {
                format!(
                    "a run knows {}",
                    quoted_list(
                        RunValue::ALL.iter().map(|value| format!("run.{}", value.as_str())).collect::<Vec<_>>().iter().map(String::as_str)
                    )
                )
            },
            |near| format!("write `run.{near}`"),
        );
        Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("a run has no `{word}`")).help(help)
    })
}

/// What Airflow calls it, and what we do.
const AIRFLOWS: [(&str, &str); 9] = [
    ("ds", "run.date"),
    ("date", "run.date"),
    ("execution_date", "run.logical_date"),
    ("logical_date", "run.logical_date"),
    ("run_id", "run.id"),
    ("data_interval_start", "run.data_interval_start"),
    ("data_interval_end", "run.data_interval_end"),
    ("dag", "workflow"),
    ("dag_id", "workflow"),
];

/// Roots of other tools, and what to do here.
const ELSEWHERE: [(&str, &str); 4] = [
    ("secrets", "write `env: { NAME: { secret: NAME, key: KEY } }`: a secret is handed to the pod, and to nobody else"),
    ("item", "write `${{ each.VARIABLE }}`, with a variable of the `for_each`"),
    ("matrix", "write `${{ each.VARIABLE }}`, with a variable of the `for_each`"),
    ("steps", "write `${{ tasks.NAME.output }}`"),
];

/// Forms of each root, for the help text of an expression that starts well and goes on wrong.
fn form(root: &str) -> Option<&'static str> {
    Some(match root {
        "environment" => "environment",
        "team" => "team",
        "source" => "source",
        "workflow" => "workflow",
        "task" => "task",
        "vars" => "vars.NAME",
        "params" => "params.NAME",
        "each" => "each.VARIABLE.KEY",
        "tasks" => "tasks.NAME.output",
        "run" => "run.date",
        _ => return None,
    })
}

fn unknown_reference(text: &str, root: &str) -> Diagnostic {
    let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("`{text}` refers to nothing"));
    if root == "with" {
        return fault.help("arguments are known inside a blueprint only; here write `vars.NAME` or `params.NAME`");
    }
    if root == "env" && text != root {
        let help = "variables of the environment are the container's: set them with `env:` at the task, and write `$NAME` where its shell reads it";
        return fault.help(help);
    }
    // A task's own name is `task`; what hangs on it is another task's.
    if let (Some(name), Some("output" | "outptu" | "outputs" | "result" | "xcom") | None, "task" | "tasks") =
        (text.split('.').nth(1), text.split('.').nth(2), root)
    {
        return fault.help(format!("write `${{{{ tasks.{name}.output }}}}`"));
    }
    if let Some((_, ours)) = AIRFLOWS.iter().find(|(name, _)| *name == text) {
        return fault.help(format!("write `${{{{ {ours} }}}}`"));
    }
    if let Some((_, help)) = ELSEWHERE.iter().find(|(name, _)| *name == root) {
        return fault.help(*help);
    }
    if let Some(form) = form(root) {
        return fault.help(format!("write `${{{{ {form} }}}}`"));
    }
    match suggest(root, ROOTS) {
        Some(near) => fault.help(format!("write `{near}` in place of `{root}`")),
        None => fault.help(format!("an expression starts with one of {}", quoted_list(ROOTS))),
    }
}

impl Decode for Template {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let written = match node.value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => context.slice(node.span).to_owned(),
            Value::Null | Value::List(_) | Value::Map(_) => {
                context.invalid(node.span, "a text is expected here", "write a text, in quotes");
                return None;
            }
        };
        Self::parse(&written, node.span, context)
    }
}

inline_schema! { Template "Template" { "type": ["string", "number", "boolean"], "x-expects": "a text; `${{ … }}` in it is filled in" } }
