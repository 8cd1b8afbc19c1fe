//! Any text, put in the place of any text of the fixtures, is refused, or is that very text in the Python that ruff and CPython itself read: in
//! workflows and in blueprints, in the platform's file, in rows of data, and as a key where authors choose the keys. A new feature brings its folder of
//! fixtures, and with it its texts.

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

use super::{cpython, features, laid_out, support};

/// A text of a fixture: which folder and which file it is in, and where in that.
struct Leaf {
    feature: usize,
    file: String,
    pointer: String,
    /// The key below it that is meant; `None` for the value itself.
    key: Option<String>,
}

/// The texts of a kind of place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Values in a workflow.
    Workflow,
    /// Values in a blueprint, in the platform's file, and in rows of data.
    Around,
    /// Keys that authors choose.
    Key,
}

/// Maps whose keys authors choose, and that are no names in Python.
const OPEN: [&str; 11] =
    ["env", "labels", "annotations", "params", "vars", "with", "properties", "volumes", "nodeSelector", "requests", "filter"];

/// Every text of a kind.
fn leaves(kind: Kind) -> &'static [Leaf] {
    static FOUND: OnceLock<[Vec<Leaf>; 3]> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let (mut values, mut around, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (feature, folder) in features().iter().enumerate() {
            let folder = laid_out(folder, "3.3");
            for file in support::files(folder.path()).into_keys() {
                let is_beside =
                    file.starts_with("workflows/") && [".yaml", ".json", ".csv"].iter().any(|extension| file.ends_with(extension));
                // The policy is the same for all of them: one folder uses each of its parts.
                let is_policy = file == "platform.yaml" && feature_uses_the_policy(feature);
                let is_around = file.contains("blueprints/") || is_policy;
                let Some(document) = read(folder.path(), &file).filter(|_| is_beside || is_around) else { continue };
                // Rows of data are lists.
                let is_workflow = is_beside && document.is_object();
                collect(&document, String::new(), &mut |pointer, key| {
                    let is_key = key.is_some();
                    let leaf = Leaf { feature, file: file.clone(), pointer, key };
                    if is_key {
                        &mut keys
                    } else if is_workflow {
                        &mut values
                    } else {
                        &mut around
                    }
                    .push(leaf);
                });
            }
        }
        assert!(values.len() > 300 && around.len() > 80 && keys.len() > 80, "{} {} {}", values.len(), around.len(), keys.len());
        [values, around, keys]
    });
    match kind {
        Kind::Workflow => &found[0],
        Kind::Around => &found[1],
        Kind::Key => &found[2],
    }
}

fn feature_uses_the_policy(feature: usize) -> bool {
    features()[feature].file_name().is_some_and(|name| ["enforce", "notifications", "raw-operators"].iter().any(|user| name == *user))
}

/// A file as JSON; of a data file a list of rows.
fn read(folder: &Path, file: &str) -> Option<Value> {
    let text = fs_err::read_to_string(folder.join(file)).expect("read");
    if file.ends_with(".csv") {
        let mut lines = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        return Some(lines.records().map(|row| row.expect("a row").iter().map(Value::from).collect::<Value>()).collect());
    }
    let id = Sources::new().add(file, &*text);
    yaml::parse(id, &text, &mut Sink::new()).map(|node| node.to_json())
}

/// What [`read`] reads as this; JSON is YAML.
fn written(file: &str, document: &Value) -> Vec<u8> {
    if !file.ends_with(".csv") {
        return document.to_string().into_bytes();
    }
    let mut lines = csv::Writer::from_writer(Vec::new());
    for row in document.as_array().expect("rows") {
        lines.write_record(row.as_array().expect("cells").iter().map(|cell| cell.as_str().expect("a text"))).expect("written");
    }
    lines.into_inner().expect("written")
}

fn collect(value: &Value, pointer: String, found: &mut impl FnMut(String, Option<String>)) {
    match value {
        Value::String(_) => found(pointer, None),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| collect(item, format!("{pointer}/{at}"), found)),
        Value::Object(map) => {
            let is_open = pointer.rsplit('/').next().is_some_and(|last| OPEN.contains(&last));
            for (key, inner) in map {
                if is_open {
                    found(pointer.clone(), Some(key.clone()));
                }
                collect(inner, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A document with a text in the place of a leaf.
fn with(mut document: Value, leaf: &Leaf, text: &str) -> Value {
    let place = document.pointer_mut(&leaf.pointer).expect("it was there");
    match &leaf.key {
        None => *place = Value::String(text.to_owned()),
        Some(key) => {
            let map = place.as_object_mut().expect("it was a map");
            let value = map.shift_remove(key).expect("it was there");
            map.insert(text.to_owned(), value);
        }
    }
    document
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
#[derive(Debug, Default, PartialEq)]
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
    let (mut code, mut read_by_cpython) = (Code::default(), Code::default());
    for artifact in outcome.compiled.artifacts.iter().filter(|artifact| artifact.path.as_str().ends_with(".py")) {
        let python = std::str::from_utf8(&artifact.bytes).expect("text");
        let parsed = ruff_python_parser::parse_module(python).unwrap_or_else(|error| panic!("{error}\n{python}"));
        code.visit_body(&parsed.syntax().body);
        let (strings, names) = cpython::strings_and_names(python);
        read_by_cpython.strings.extend(strings);
        read_by_cpython.names.extend(names);
    }
    assert_eq!(code, read_by_cpython, "two parsers read it alike");
    Some(code)
}

fn jinja(source: &str) -> Option<String> {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    minijinja::Environment::new().render_str(&format!("{source}."), ()).ok().and_then(|text| text.strip_suffix('.').map(str::to_owned))
}

/// The text within a string of JSON, as the items of a batch have it.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A word that no fixture has.
const CANARY: &str = "canary";

#[track_caller]
fn put(leaf: &Leaf, text: &str) {
    let feature = &features()[leaf.feature];
    let folder = laid_out(feature, "3.3");
    let document = read(folder.path(), &leaf.file).expect("it can be read");
    let compiled = |text: &str| {
        support::write(folder.path(), &leaf.file, &written(&leaf.file, &with(document.clone(), leaf, text)));
        code(folder.path())
    };
    let Some(Code { names, strings }) = compiled(text) else { return };
    let Some(Code { names: known, strings: canaries }) = compiled(CANARY) else { return };
    // Blanks around a cell are for people who line up their columns.
    let text = if leaf.file.ends_with(".csv") { text.trim() } else { text };
    let place = format!("{} {} {}", leaf.file, leaf.pointer, leaf.key.as_deref().unwrap_or_default());
    let new: Vec<&String> = names.difference(&known).collect();
    assert!(new.is_empty(), "{place}: {text:?} made the names {new:?}");
    let meant: Vec<&String> = canaries.iter().filter(|string| string.contains(CANARY)).collect();
    for string in strings.difference(&canaries) {
        let is_itself = |canary: &str, text: &str| *string == canary.replace(CANARY, text);
        let is_shown = |canary: &str, text: &str| jinja(string) == jinja(canary).map(|shown| shown.replace(CANARY, text));
        let is_meant = |text: &str| meant.iter().any(|canary| is_itself(canary, text) || is_shown(canary, text));
        assert!(is_meant(text) || is_meant(&in_json(text)), "{place}: {text:?} became {string:?}, and not {meant:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn t27_t28_any_text_in_any_place_is_refused_or_is_that_very_text(at in proptest::prelude::any::<Index>(), text in texts()) {
        put(at.get(leaves(Kind::Workflow)), &text);
    }

    #[test]
    fn any_text_of_a_blueprint_the_platform_or_a_row_is_refused_or_is_that_very_text(at in proptest::prelude::any::<Index>(), text in texts()) {
        put(at.get(leaves(Kind::Around)), &text);
    }

    #[test]
    fn any_key_that_authors_choose_is_refused_or_is_that_very_text(at in proptest::prelude::any::<Index>(), text in texts()) {
        put(at.get(leaves(Kind::Key)), &text);
    }
}
