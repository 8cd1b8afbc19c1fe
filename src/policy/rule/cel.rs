//! Common Expression Language, within budgets.
//!
//! CEL has no loops but its macros (`all`, `exists`, `map`, `filter`), which go over lists that are there. So an expression ends, and
//! what it costs is known before it is asked: its size times the longest list for each macro inside another. More than a budget is
//! refused. The parser has its own limit of depth; a panic of it, or of the interpreter, becomes a fault of the rule.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{EntryExpr, Expr, IdedExpr, operators};
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;
use cel::objects::Key;
use cel::{Context, Env, ParseErrors, Program, Value};
use serde_json::{Map, Value as Json};

/// Bytes of one expression.
const LONGEST: usize = 2000;
/// Brackets inside each other.
const BRACKETS: usize = 24;
/// What the generated parser may need for that many: it takes some 150 KB for each when it is not optimized.
const STACK: usize = 64 * 1024 * 1024;
/// Levels of an expression's tree, which is walked by recursion when it is asked.
const LEVELS: u32 = 24;
/// Steps of one expression over one input.
const BUDGET: u64 = 4_000_000;
/// Steps that a regular expression counts for, which is read each time that it is asked.
const PATTERN: u64 = 100;
/// Macros inside each other.
const DEEPEST: u32 = 3;

/// An expression that has been read.
#[derive(Debug)]
pub(super) struct Expression {
    program: Program,
    size: u64,
    depth: u32,
    /// Items of the longest list or map that is written in it.
    written: u64,
    /// How often it adds: two lists are one as long as both.
    joins: u64,
}

impl Expression {
    /// Reads an expression over variables of these names; the reason why not in words.
    pub(super) fn read(text: &str, variables: &[&str]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it has {} bytes, and {LONGEST} are allowed", text.len()));
        }
        if brackets(text) > BRACKETS {
            return Err(format!("brackets stand {} deep inside each other, and {BRACKETS} are allowed", brackets(text)));
        }
        let parsed = parse(text)?;
        let program = parsed.map_err(|errors| {
            let first = errors.errors.first();
            first.map_or_else(|| "it is no CEL".to_owned(), |error| format!("at character {}: {}", error.pos.1, plain(&error.msg)))
        })?;
        let Measure { size, depth, levels, written, joins, own } = Measure::of(program.expression());
        if levels > LEVELS {
            return Err(format!("it has {levels} levels, and {LEVELS} are allowed: divide it into two rules"));
        }
        if depth > DEEPEST {
            return Err(format!("macros stand {depth} deep inside each other, and {DEEPEST} are allowed"));
        }
        let references = program.references();
        let mut used = references.variables();
        used.sort_unstable();
        if let Some(unknown) = used.into_iter().find(|name| !own.contains(*name) && !variables.contains(name)) {
            return Err(format!("there is no `{unknown}`"));
        }
        Ok(Self { program, size, depth, written, joins })
    }

    /// Whether it is true; the reason why that is not known in words.
    pub(super) fn is_true(&self, facts: &Facts<'_, '_>) -> Result<bool, String> {
        match self.value(facts)? {
            Value::Bool(flag) => Ok(flag),
            other => Err(format!("it is {:?}, and not true or false", other.type_of()).to_lowercase()),
        }
    }

    fn value(&self, facts: &Facts<'_, '_>) -> Result<Value, String> {
        let longest = facts.longest.max(self.written).saturating_mul(self.joins.saturating_add(1));
        let cost = longest.saturating_pow(self.depth).saturating_mul(self.size);
        if cost > BUDGET {
            return Err(format!("it takes up to {cost} steps, and {BUDGET} are allowed"));
        }
        let run = catch_unwind(AssertUnwindSafe(|| self.program.execute(&facts.context)));
        run.map_err(|_| "the interpreter fails at it".to_owned())?.map_err(|error| plain(&error.to_string()))
    }
}

/// An error as a part of a sentence.
fn plain(message: &str) -> String {
    // The parser goes on with every token that there is.
    let message = message.split(" expecting {").next().unwrap_or(message);
    let mut characters = message.trim().chars().map(|character| if character == '\n' { ' ' } else { character });
    characters.next().map(|first| first.to_lowercase().chain(characters).take(200).collect()).unwrap_or_default()
}

/// The most brackets that are open at once; those in quotes count too, which errs on the safe side.
fn brackets(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Parses on a stack of its own: the parser recurses deeply, and a stack that is full ends the process.
fn parse(text: &str) -> Result<Result<Program, ParseErrors>, String> {
    std::thread::scope(|scope| {
        let parse = || catch_unwind(AssertUnwindSafe(|| Program::compile(text)));
        let parser = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse).map_err(|error| error.to_string())?;
        let failed = || "the parser fails at it".to_owned();
        parser.join().map_err(|_| failed())?.map_err(|_| failed())
    })
}

/// How large an expression's tree is.
#[derive(Debug, Default)]
struct Measure {
    /// Nodes.
    size: u64,
    /// Macros inside each other.
    depth: u32,
    /// Nodes inside each other.
    levels: u32,
    /// Items of the longest list or map that is written in it.
    written: u64,
    /// Additions.
    joins: u64,
    /// Variables that its macros bring.
    own: BTreeSet<String>,
}

impl Measure {
    fn of(expression: &IdedExpr) -> Self {
        let mut measure = Self::default();
        measure.visit(expression, 0, 1);
        measure
    }

    fn visit(&mut self, expression: &IdedExpr, inside: u32, level: u32) {
        self.size += 1;
        self.levels = self.levels.max(level);
        // Deeper is refused, and need not be walked.
        if level > LEVELS {
            return;
        }
        self.weigh(&expression.expr);
        let mut each = |inner: &IdedExpr| self.visit(inner, inside, level + 1);
        match &expression.expr {
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
            Expr::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).for_each(each),
            Expr::List(list) => list.elements.iter().for_each(each),
            Expr::Select(select) => each(&select.operand),
            Expr::Map(map) => map.entries.iter().for_each(|entry| entry_parts(&entry.expr).for_each(&mut each)),
            Expr::Struct(made) => made.entries.iter().for_each(|entry| entry_parts(&entry.expr).for_each(&mut each)),
            Expr::Comprehension(inner) => {
                self.depth = self.depth.max(inside + 1);
                self.own.extend([&inner.iter_var, &inner.accu_var].into_iter().chain(&inner.iter_var2).cloned());
                for part in [&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
                    self.visit(part, inside + 1, level + 1);
                }
            }
        }
    }
}

impl Measure {
    /// What a node costs beside being one.
    fn weigh(&mut self, expression: &Expr) {
        let written = match expression {
            Expr::Call(call) => {
                // A macro adds to its own result, one item a round; nobody can write that name.
                let is_own = |operand: &IdedExpr| matches!(&operand.expr, Expr::Ident(name) if name.starts_with('@'));
                self.joins += u64::from(call.func_name == operators::ADD && !call.args.first().is_some_and(is_own));
                self.size += if call.func_name == "matches" { PATTERN } else { 0 };
                0
            }
            Expr::List(list) => list.elements.len(),
            Expr::Map(map) => map.entries.len(),
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Select(_) | Expr::Struct(_) | Expr::Comprehension(_) => 0,
        };
        self.written = self.written.max(written as u64);
    }
}

fn entry_parts(entry: &EntryExpr) -> impl Iterator<Item = &IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
    .into_iter()
}

/// CEL's own functions. To make them takes longer than to ask a rule.
static LIBRARY: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What rules are asked about, as CEL sees it.
pub(super) struct Facts<'p, 'v> {
    context: Context<'p, 'v>,
    /// Items of the longest list or map in it.
    longest: u64,
}

impl<'v> Facts<'_, 'v> {
    /// Of variables and their values.
    pub(super) fn of(variables: &'v Map<String, Json>) -> Self {
        let mut facts = Self { context: Context::with_env(Arc::clone(&LIBRARY)), longest: 1 };
        variables.iter().for_each(|(name, value)| facts.add(name, value));
        facts
    }

    /// The same with one variable more, which hides an older one of its name.
    pub(super) fn with<'p>(&'p self, name: &str, value: &'v Json) -> Facts<'p, 'v> {
        let mut facts = Facts { context: self.context.new_inner_scope(), longest: self.longest };
        facts.add(name, value);
        facts
    }

    fn add(&mut self, name: &str, value: &'v Json) {
        let value = to_cel(value, &mut self.longest);
        self.context.add_variable_as_val(name, value);
    }
}

/// A value that borrows its texts. Whole numbers are `int`: CEL does not reckon with `int` and `uint` together.
fn to_cel<'v>(json: &'v Json, longest: &mut u64) -> Box<dyn Val + 'v> {
    let mut count = |items: usize| *longest = (*longest).max(items as u64);
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(flag) => Box::new(CelBool::from(*flag)),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or_default())),
        },
        Json::String(text) => Box::new(CelString::from(text.as_str())),
        Json::Array(items) => {
            count(items.len());
            Box::new(CelList::from(items.iter().map(|item| to_cel(item, longest)).collect::<Vec<_>>()))
        }
        Json::Object(fields) => {
            count(fields.len());
            let pair = |(key, value): (&'v String, &'v Json)| (CelMapKey::from(key.as_str()), to_cel(value, longest));
            Box::new(CelMap::from(fields.iter().map(pair).collect::<HashMap<_, _>>()))
        }
    }
}

/// A text with CEL in `${{ … }}`.
#[derive(Debug)]
pub(super) struct Message {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Value(Expression),
}

impl Message {
    /// Reads a text; the reason why not in words.
    pub(super) fn read(text: &str, variables: &[&str]) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("${{") {
            let (inner, after) = after.split_once("}}").ok_or("`${{` is not closed")?;
            parts.push(Part::Literal(before.to_owned()));
            parts.push(Part::Value(Expression::read(inner.trim(), variables)?));
            rest = after;
        }
        parts.push(Part::Literal(rest.to_owned()));
        Ok(Self { parts })
    }

    /// The text with its values; the reason why there is none in words.
    pub(super) fn text(&self, facts: &Facts<'_, '_>) -> Result<String, String> {
        let part = |part: &Part| match part {
            Part::Literal(text) => Ok(text.clone()),
            Part::Value(expression) => expression.value(facts).map(|value| shown(&value)),
        };
        self.parts.iter().map(part).collect()
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "none".to_owned(),
        Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        // A map has no order, and a message has to be the same each time.
        Value::Map(map) => {
            let name = |key: &Key| match key {
                Key::String(text) => text.to_string(),
                Key::Int(number) => number.to_string(),
                Key::Uint(number) => number.to_string(),
                Key::Bool(flag) => flag.to_string(),
            };
            let mut entries: Vec<String> = map.map.iter().map(|(key, value)| format!("{}: {}", name(key), shown(value))).collect();
            entries.sort_unstable();
            entries.join(", ")
        }
        other => format!("{:?}", other.type_of()).to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: [&str; 2] = ["task", "workflow"];

    /// What nobody writes, and everybody could.
    #[test]
    fn hostile_expressions_are_refused_and_crash_nothing() {
        let deep = |open: &str, close: &str, count: usize| format!("{}1{}", open.repeat(count), close.repeat(count));
        let hostile = [
            deep("(", ")", BRACKETS),
            deep("[", "]", BRACKETS),
            deep("size(", ")", BRACKETS),
            deep("{1:", "}", BRACKETS),
            deep("-(!(", "))", BRACKETS / 2),
            deep("!(", ")", BRACKETS),
            format!("{}1", "1+".repeat(LEVELS as usize - 1)),
            format!("{}1", "1<".repeat(LEVELS as usize - 1)),
            format!("task{}", "[0]".repeat(LEVELS as usize - 1)),
            deep("(", ")", 900),
            deep("[", "]", 900),
            deep("!", "", 1900),
            deep("-", "", 1900),
            format!("{}1", "1+".repeat(990)),
            format!("{}true", "false&&".repeat(280)),
            format!("{}1", "true?".repeat(300)),
            format!("task{}", ".a".repeat(990)),
            "[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))".to_owned(),
            "'\\u0000' + \"".to_owned(),
            "\u{0}".to_owned(),
            "📛.x".to_owned(),
            String::new(),
            "a".repeat(3000),
            "task.matches('(a+)+$')".to_owned(),
            "'a'.matches('(((((a{100}){100}){100}){100}){100})')".to_owned(),
            "9223372036854775807 + 1 > 0".to_owned(),
            "1 / 0 == 1".to_owned(),
            "-9223372036854775808 / -1 > 0".to_owned(),
            "[1, 2][7] == 1".to_owned(),
            "{'a': 1}.b == 1".to_owned(),
            "'x' in 5".to_owned(),
        ];
        let facts = Facts { context: Context::default(), longest: 10 };
        for text in hostile {
            let judged = Expression::read(&text, &VARIABLES).and_then(|expression| expression.is_true(&facts));
            assert!(judged != Ok(true), "{text}: {judged:?}");
        }
    }

    #[test]
    fn what_an_expression_costs_is_known_before_it_is_asked() {
        let pairs = Expression::read("workflow.all(a, workflow.all(b, a == b))", &VARIABLES).expect("it is CEL");
        assert_eq!(pairs.depth, 2);
        let facts = |longest| Facts { context: Context::default(), longest };
        assert!(pairs.value(&facts(5000)).is_err_and(|reason| reason.contains("steps")));
        assert!(pairs.value(&facts(50)).is_err_and(|reason| !reason.contains("steps")));
    }

    #[test]
    fn what_is_written_out_or_put_together_costs_as_much_as_what_is_there() {
        let facts = |longest| Facts { context: Context::default(), longest };
        let is_refused = |text: &str, longest| {
            let expression = Expression::read(text, &VARIABLES).expect("it is CEL");
            expression.value(&facts(longest)).is_err_and(|reason| reason.contains("steps"))
        };
        let three = |list: &str| format!("{list}.all(a, {list}.all(b, {list}.all(c, true)))");
        let list = |items: usize| format!("[{}1]", "1,".repeat(items - 1));
        assert!(is_refused(&three(&list(250)), 1), "15 million rounds");
        assert!(!is_refused(&three(&list(20)), 1));
        let joined = format!("({}workflow)", "workflow+".repeat(9));
        assert!(is_refused(&format!("{joined}.all(a, {joined}.all(b, a == b))"), 100), "a million rounds");
        assert!(!is_refused("workflow.all(a, workflow.all(b, a == b))", 100));
        let pattern = "workflow.all(a, workflow.all(b, a.matches('^x+$')))";
        assert!(is_refused(pattern, 300) && !is_refused(pattern, 100), "90,000 regular expressions");
        assert!(!is_refused("workflow.all(a, a.matches('^x+$'))", 5000));
    }

    #[test]
    fn a_variable_that_there_is_not_is_found_when_the_rule_is_read() {
        assert_eq!(Expression::read("taks.retries > 1", &VARIABLES).err().as_deref(), Some("there is no `taks`"));
        assert!(Expression::read("workflow.tasks.exists(each, each.retries > 1)", &VARIABLES).is_ok());
    }
}
