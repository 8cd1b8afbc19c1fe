//! What CPython's own `ast` reads in compiled files: one interpreter, asked again and again.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A line of JSON with a file's text in, a line with its strings and names out.
const PROGRAM: &str = r#"
import ast, json, sys
for line in sys.stdin:
    tree = ast.parse(json.loads(line))
    strings, names = set(), set()
    # Only files that people wrote themselves have these: what is generated puts no text together.
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            strings.add(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.add(node.name)
        if isinstance(node, ast.ImportFrom):
            names.add(node.module)
    print(json.dumps([sorted(strings), sorted(names)]), flush=True)
"#;

struct Interpreter {
    _child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Interpreter {
    fn start() -> Self {
        let mut child = Command::new("python3")
            .args(["-I", "-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there, which tests/run.sh needs too");
        let (asked, answers) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Self { _child: child, asked, answers: BufReader::new(answers) }
    }
}

/// The strings and the names of a compiled file.
pub(crate) fn strings_and_names(python: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    static INTERPRETER: OnceLock<Mutex<Interpreter>> = OnceLock::new();
    let interpreter = INTERPRETER.get_or_init(|| Mutex::new(Interpreter::start()));
    let mut interpreter = interpreter.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(interpreter.asked, "{}", serde_json::Value::from(python)).expect("asked");
    let mut answer = String::new();
    interpreter.answers.read_line(&mut answer).expect("answered");
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("CPython does not read it: {error}\n{python}"))
}
