//! Any text, put in the place of any text that a workflow of the fixtures has, is refused, or is that very text in the Python that the
//! real parser reads. A new feature brings its folder of fixtures, and with it its texts.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use freehold::diag::{Severity, Sink};
use freehold::source::Sources;
use freehold::yaml;
use proptest::prelude::{ProptestConfig, Strategy, proptest};
use proptest::sample::{Index, select};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use serde_json::Value;

use super::{features, laid_out, support};

/// A text of a fixture: which folder and which file it is in, and where in that.
struct Leaf {
    feature: usize,
    file: String,
    pointer: String,
}

/// Every text of every workflow.
fn leaves() -> &'static [Leaf] {
    static FOUND: OnceLock<Vec<Leaf>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut found = Vec::new();
        for (feature, folder) in features().iter().enumerate() {
            let workflows = support::files(&folder.join("workflows"));
            for file in workflows.keys().filter(|file| file.ends_with(".yaml") && !file.contains('/')) {
                let path = format!("workflows/{file}");
                let Some(document) = read(folder, &path).filter(|document| document.get("workflow").is_some()) else { continue };
                collect(&document, String::new(), &mut |pointer| found.push(Leaf { feature, file: path.clone(), pointer }));
            }
        }
        assert!(found.len() > 300, "{} texts", found.len());
        found
    })
}

fn read(folder: &Path, file: &str) -> Option<Value> {
    let text = fs_err::read_to_string(folder.join(file)).expect("read");
    let id = Sources::new().add(file, &*text);
    yaml::parse(id, &text, &mut Sink::new()).map(|node| node.to_json())
}

fn collect(value: &Value, pointer: String, found: &mut impl FnMut(String)) {
    match value {
        Value::String(_) => found(pointer),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| collect(item, format!("{pointer}/{at}"), found)),
        Value::Object(map) => {
            for (key, inner) in map {
                collect(inner, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a hostile author would write, and anything else.
fn texts() -> impl Strategy<Value = String> {
    let special = [
        "'",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "'''",
        "\"\"\"",
        "\\N{",
        "\\u2028",
        "\u{2028}",
        "\u{85}",
        "\u{0}",
        "\u{1b}",
        "{",
        "}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "#",
        "<<",
        ">>",
        "<%",
        "%%",
        "$",
        "${",
        "{{ var.value.x }}",
        "{% raw %}",
        "\nimport os\n",
        "'+__import__('os').system('id')+'",
        ")",
        "]",
        ".sql",
        ".yaml",
        "é",
        "😀",
        "\u{fffd}",
        "\u{ffff}",
        "x",
        " ",
    ];
    let part = proptest::prop_oneof![select(special.to_vec()).prop_map(str::to_owned), "\\PC{0,3}", "(?s).{0,3}"];
    proptest::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

/// The names that code uses, and its strings.
#[derive(Default)]
struct Code {
    names: BTreeSet<String>,
    strings: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Code {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => self.names.extend(import.names.iter().map(|alias| alias.name.to_string())),
            Stmt::ImportFrom(import) => {
                self.names.extend(import.module.iter().map(ToString::to_string));
                self.names.extend(import.names.iter().map(|alias| alias.name.to_string()));
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::StringLiteral(literal) => drop(self.strings.insert(literal.value.to_str().to_owned())),
            Expr::Name(name) => drop(self.names.insert(name.id.to_string())),
            Expr::Attribute(attribute) => drop(self.names.insert(attribute.attr.to_string())),
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// What a folder compiles to; `None` when it is refused.
fn code(folder: &Path) -> Option<Code> {
    let outcome = support::compile(folder);
    if outcome.diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return None;
    }
    let mut code = Code::default();
    for artifact in outcome.compiled.artifacts.iter().filter(|artifact| artifact.path.as_str().ends_with(".py")) {
        let python = std::str::from_utf8(&artifact.bytes).expect("text");
        let parsed = ruff_python_parser::parse_module(python).unwrap_or_else(|error| panic!("{error}\n{python}"));
        code.visit_body(&parsed.syntax().body);
    }
    Some(code)
}

fn jinja(source: &str) -> Option<String> {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    minijinja::Environment::new().render_str(&format!("{source}."), ()).ok().and_then(|text| text.strip_suffix('.').map(str::to_owned))
}

/// A word that no fixture has.
const CANARY: &str = "canary";

#[track_caller]
fn put(leaf: &Leaf, text: &str) {
    let feature = &features()[leaf.feature];
    let folder = laid_out(feature, "3.3");
    let compiled = |text: &str| {
        let mut document = read(feature, &leaf.file).expect("it is YAML");
        *document.pointer_mut(&leaf.pointer).expect("it was there") = Value::String(text.to_owned());
        // JSON is YAML.
        support::write(folder.path(), &leaf.file, document.to_string().as_bytes());
        code(folder.path())
    };
    let Some(Code { names, strings }) = compiled(text) else { return };
    let Some(Code { names: known, strings: canaries }) = compiled(CANARY) else { return };
    let place = format!("{} {}", leaf.file, leaf.pointer);
    let new: Vec<&String> = names.difference(&known).collect();
    assert!(new.is_empty(), "{place}: {text:?} made the names {new:?}");
    let meant: Vec<&String> = canaries.iter().filter(|string| string.contains(CANARY)).collect();
    for string in strings.difference(&canaries) {
        let is_itself = |canary: &&&String| *string == canary.replace(CANARY, text);
        let is_shown = |canary: &&&String| jinja(string) == jinja(canary).map(|shown| shown.replace(CANARY, text));
        assert!(
            meant.iter().any(|canary| is_itself(&canary) || is_shown(&canary)),
            "{place}: {text:?} became {string:?}, and not {meant:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn t27_t28_any_text_in_any_place_is_refused_or_is_that_very_text(at in proptest::prelude::any::<Index>(), text in texts()) {
        put(at.get(leaves()), &text);
    }
}
