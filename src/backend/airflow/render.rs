//! The templates, run: layout only. Every interpolation is a Python expression or is written as a literal.

use std::sync::LazyLock;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context, syntax::SyntaxConfig, value::Object,
};

use super::{
    edges,
    python::{Expression, Identifier, Placed, WIDTH},
    version::{POD_OPERATOR, WORKFLOW_SENSOR},
    view::{Argument, Callback, File, Source, Statement},
};

const STEP: usize = 4;

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/airflow/", $name, ".py.jinja")))),*]
    };
}

/// The templates, by name.
pub(super) static TEMPLATES: &[(&str, &str)] = templates!["dag" "task" "group" "loop" "mapped" "expand" "items" "edges" "teardown"];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .block_delimiters("<%", "%>")
        .variable_delimiters("<<", ">>")
        .comment_delimiters("<#", "#>")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.expect("the delimiters differ"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Custom("python".into()));
    environment.set_formatter(write_python);
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("our own template");
    }
    environment
});

impl Object for Placed {
    fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }
}

/// Writes an interpolation: an expression as itself; anything else is a mistake in a template.
fn write_python(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.downcast_object_ref::<Placed>() {
        Some(placed) => write!(out, "{placed}").map_err(Error::from),
        None => Err(Error::new(ErrorKind::InvalidOperation, "only Python expressions can be written")),
    }
}

/// The text of a file.
pub(super) fn render(file: File) -> String {
    let File { file: source, imports, constants, callbacks, only_if, arguments, body } = file;
    let sections = imports.iter().map(|(module, _)| module.as_str() == "datetime").collect::<Vec<_>>();
    let imports = imports.iter().enumerate().map(|(index, (module, names))| {
        context! {
            module => name(module),
            names => names.iter().map(name).collect::<Vec<_>>(),
            ends_section => index + 1 < sections.len() && sections[index] != sections[index + 1],
        }
    });
    let constants = constants.into_iter().map(|(constant, value)| {
        let before = constant.as_str().len() + 3;
        context! { name => name(&constant), value => placed(value, 0, before, 0, WIDTH) }
    });
    let mut out = run(
        "dag",
        context! {
            file => short(Expression::text(source)),
            imports => imports.collect::<Vec<_>>(),
            constants => constants.collect::<Vec<_>>(),
            callbacks => callbacks.into_iter().map(callback).collect::<Vec<_>>(),
            only_if => optional(&only_if),
            arguments => keywords(arguments, 0),
        },
    );
    write_body(&mut out, body, STEP);
    out
}

fn callback(Callback { function, notifier }: Callback) -> Value {
    const CALLED: usize = "(context)".len();
    context! { name => name(&function), notifier => placed(notifier, STEP, STEP, CALLED, WIDTH) }
}

/// Writes statements, `indent` columns deep, an empty line between them.
fn write_body(out: &mut String, body: Vec<Statement>, indent: usize) {
    for (index, statement) in body.into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        write_statement(out, statement, indent);
    }
}

fn write_statement(out: &mut String, statement: Statement, indent: usize) {
    let (text, body) = match statement {
        Statement::Task { variable, arguments, pod: _ } => (task(&Identifier::fixed(POD_OPERATOR), &variable, arguments, indent), None),
        Statement::Sensor { variable, arguments } => (task(&Identifier::fixed(WORKFLOW_SENSOR), &variable, arguments, indent), None),
        Statement::Raw { variable, class, arguments } => (task(&class, &variable, arguments, indent), None),
        Statement::Group { variable, id, body } => {
            (run("group", context! { variable => optional(&variable), id => short(id) }), Some(body))
        }
        Statement::Loop { variable, rows, body } => {
            (run("loop", context! { variable => name(&variable), rows => name(&rows) }), Some(body))
        }
        Statement::Mapped { function, variable, id, body } => {
            (run("mapped", context! { function => name(&function), variable => name(&variable), id => short(id) }), Some(body))
        }
        Statement::Expand { variable, function, argument, items } => (
            run(
                "expand",
                context! {
                    variable => optional(&variable), function => name(&function), argument => name(&argument), items => items_of(&items),
                },
            ),
            None,
        ),
        Statement::Items { function, id, path, batch, taken } => {
            let path: Vec<Value> = path.iter().map(|key| short(Expression::text(key))).collect();
            let batch = batch.map(|size| short(Expression::number(size)));
            let taken = taken.map(|(variable, task)| context! { variable => name(&variable), output => output_of(&task) });
            (run("items", context! { function => name(&function), id => short(id), path, batch, taken }), None)
        }
        Statement::Edges(needs) => (run("edges", context! { chains => chains(needs, indent) }), None),
        Statement::Teardown { task, setups } => {
            let setups = (!setups.is_empty()).then(|| placed(edges::step(&setups), 0, 0, 0, WIDTH - indent));
            (run("teardown", context! { task => name(&task), setups }), None)
        }
        Statement::Pass => ("pass\n".to_owned(), None),
    };
    // No literal has a line break in it, so every line is one of code.
    for line in text.lines() {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
        out.push('\n');
    }
    if let Some(body) = body {
        write_body(out, body, indent + STEP);
    }
}

fn task(class: &Identifier, variable: &Option<Identifier>, arguments: Vec<Argument>, indent: usize) -> String {
    let class = name(class);
    run("task", context! { class, variable => optional(variable), arguments => keywords(arguments, indent) })
}

fn run(template: &str, values: Value) -> String {
    let template = ENVIRONMENT.get_template(template).expect("one of our own templates");
    template.render(values).expect("our own template over our own view")
}

fn chains(needs: Vec<(Identifier, Vec<Identifier>)>, indent: usize) -> Vec<Value> {
    let steps = |chain: edges::Chain| {
        let before = if edges::width(&chain) > WIDTH - indent { WIDTH } else { 0 };
        chain.iter().map(|nodes| placed(edges::step(nodes), 0, before, 0, WIDTH)).collect::<Vec<_>>()
    };
    edges::chains(needs, indent).into_iter().map(|chain| Value::from(steps(chain))).collect()
}

fn items_of(items: &Source) -> Value {
    match items {
        Source::Output(task) => output_of(task),
        Source::Taken { function, task } => {
            let output = Expression::Name(task.attribute("output"));
            short(Expression::Call(function.clone(), vec![output], Vec::new()))
        }
        Source::Known(list) => name(list),
    }
}

fn output_of(task: &Identifier) -> Value {
    short(Expression::Name(task.attribute("output")))
}

/// Keyword arguments of a call that stands `indent` columns deep. The template's own lines are not indented yet.
fn keywords(arguments: Vec<Argument>, indent: usize) -> Vec<Value> {
    let keyword = |(keyword, expression): Argument| {
        let before = STEP + keyword.as_str().len() + 1;
        Value::from_object(Placed { keyword: Some(keyword), expression, indent: STEP, before, after: 1, width: WIDTH - indent })
    };
    arguments.into_iter().map(keyword).collect()
}

fn placed(expression: Expression, indent: usize, before: usize, after: usize, width: usize) -> Value {
    Value::from_object(Placed { keyword: None, expression, indent, before, after, width })
}

fn short(expression: Expression) -> Value {
    Value::from_object(Placed::short(expression))
}

fn name(identifier: &Identifier) -> Value {
    short(Expression::Name(identifier.clone()))
}

fn optional(identifier: &Option<Identifier>) -> Value {
    identifier.as_ref().map_or(Value::from(false), name)
}
