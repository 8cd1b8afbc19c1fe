//! Over what a task or a group is repeated.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode, Table};
use super::param::Scalar;
use super::record::{inline_schema, record};
use super::template::{Part, Reference, Template};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// Over what a task or a group is repeated: the product of all variables' items, or one item of each side by side.
#[derive(Debug, Clone)]
pub struct ForEach {
    /// The names behind `each.`, at least one, each with its items.
    pub variables: Vec<(Spanned<String>, Items)>,
    /// Whether the lists go side by side, in place of all combinations.
    pub zip: Option<Spanned<bool>>,
    /// Combinations that come on top, each a map from every variable to its item.
    pub include: Vec<Combination>,
    /// Combinations that are left out, each a map from some variables to what their items hold.
    pub exclude: Vec<Combination>,
    /// Where the whole of it stands.
    pub span: Span,
}

/// Items of variables.
#[derive(Debug, Clone)]
pub struct Combination {
    /// Variables and their items, in the order written.
    pub entries: Vec<Entry>,
    /// Where it stands.
    pub span: Span,
}

impl Combination {
    /// The item of a variable.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key.value == variable).map(|entry| &entry.value)
    }
}

/// Where the items of a variable come from.
#[derive(Debug, Clone)]
pub enum Items {
    /// Written here.
    Values(Vec<Node>, Span),
    /// Rows of a data file beside the workflow.
    File(FileItems),
    /// Another task's output, at run time.
    Output(OutputItems),
}

record! {
    /// Rows of a data file.
    pub struct FileItems {
        /// Path of a CSV, JSON or YAML file, relative to the workflow's file.
        file: Spanned<String>,
        /// The column, or key, whose value names an item; `id` unless you say otherwise. A list of texts needs none.
        key: Option<Spanned<String>>,
        /// Takes only the rows that have these values: `{tier: gold, region: [eu, us]}`.
        filter: Option<Table<String, Accepted>>,
    }
}

/// Items of another task's output.
#[derive(Debug, Clone)]
pub struct OutputItems {
    /// The task.
    pub task: Spanned<String>,
    /// Keys that lead from its output to the list.
    pub path: Vec<String>,
    /// The key of an item that names it in the user interface.
    pub key: Option<Spanned<String>>,
}

/// One value, or several of which each will do.
#[derive(Debug, Clone)]
pub struct Accepted(pub Vec<Scalar>);

impl Decode for Accepted {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::List(_) => Vec::decode(node, context).map(Self),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => {
                Scalar::decode(node, context).map(|scalar| Self(vec![scalar]))
            }
        }
    }
}

inline_schema! { Accepted "Accepted" {
    "type": ["string", "number", "boolean", "array"],
    "items": { "type": ["string", "number", "boolean"] },
    "minItems": 1,
    "x-expects": "a value, or a list of values",
} }

/// Keys that say how several variables go together. In a map with a single key, that key is a variable whatever it is called.
const TOGETHER: [&str; 3] = ["zip", "include", "exclude"];

impl Decode for ForEach {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let Value::Map(entries) = node.value else {
            context.invalid(span, "a map from a variable to its items is expected here", "write `for_each: { customer: [a, b] }`");
            return None;
        };
        let is_alone = entries.len() == 1;
        let mut for_each = Self { variables: Vec::new(), zip: None, include: Vec::new(), exclude: Vec::new(), span };
        for Entry { key, value } in entries {
            let word = Some(key.value.as_str()).filter(|word| !is_alone && TOGETHER.contains(word));
            match word {
                Some("zip") => for_each.zip = Some(Decode::decode(value, context)?),
                Some("include") => for_each.include = decode_combinations(value, context)?,
                Some(_) => for_each.exclude = decode_combinations(value, context)?,
                None => for_each.variables.push((key, decode_items(value, context)?)),
            }
        }
        if for_each.variables.is_empty() {
            context.invalid(span, "there is no variable to repeat over", "write `for_each: { customer: [a, b] }`");
            return None;
        }
        Some(for_each)
    }
}

impl ForEach {
    /// The only variable and the output that its items come from, for a fan-out that is known at run time only.
    #[must_use]
    pub fn output(&self) -> Option<&OutputItems> {
        self.variables.iter().find_map(|(_, items)| match items {
            Items::Output(output) => Some(output),
            Items::Values(..) | Items::File(_) => None,
        })
    }

    /// The data files that it takes rows from.
    pub fn files(&self) -> impl Iterator<Item = &FileItems> {
        self.variables.iter().filter_map(|(_, items)| match items {
            Items::File(file) => Some(file),
            Items::Values(..) | Items::Output(_) => None,
        })
    }
}

fn decode_combinations(node: Node, context: &mut Context<'_>) -> Option<Vec<Combination>> {
    let span = node.span;
    let Value::List(items) = node.value else {
        context.invalid(span, "a list of combinations is expected here", "write `[{ region: eu, model: small }]`");
        return None;
    };
    items.into_iter().map(|item| decode_combination(item, context)).collect()
}

fn decode_combination(node: Node, context: &mut Context<'_>) -> Option<Combination> {
    let span = node.span;
    let Value::Map(entries) = node.value else {
        context.invalid(span, "a combination is a map from variables to items", "write `{ region: eu, model: small }`");
        return None;
    };
    Some(Combination { entries, span })
}

const FORMS: &str = "write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`";

fn decode_items(node: Node, context: &mut Context<'_>) -> Option<Items> {
    let span = node.span;
    match node.value {
        Value::List(items) => Some(Items::Values(items, span)),
        Value::Map(_) if node.get("output").is_some() => decode_output(&node, context),
        Value::Map(_) => FileItems::decode(node, context).map(Items::File),
        Value::String(_) => output_of(node, None, context).map(Items::Output),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            context.invalid(span, "a list is expected here", FORMS);
            None
        }
    }
}

/// `{output: "${{ tasks.NAME.output }}", key: name}`.
fn decode_output(node: &Node, context: &mut Context<'_>) -> Option<Items> {
    let (mut output, mut name) = (None, None);
    for Entry { key, value } in node.entries().iter().cloned() {
        match key.value.as_str() {
            "output" => output = Some(value),
            "key" => name = Some(Spanned::<String>::decode(value, context)?),
            other => {
                context.invalid(key.span, format!("an output has no `{other}`"), "write `{output: \"${{ tasks.NAME.output }}\", key: id}`");
                return None;
            }
        }
    }
    output_of(output?, name, context).map(Items::Output)
}

fn output_of(node: Node, key: Option<Spanned<String>>, context: &mut Context<'_>) -> Option<OutputItems> {
    let template = Template::decode(node, context)?;
    if let [Part::Reference(Spanned { value: Reference::Output { task, path }, span })] = template.parts.as_slice() {
        return Some(OutputItems { task: Spanned::new(task.clone(), *span), path: path.clone(), key });
    }
    let text = context.slice(template.span).trim_matches(['"', '\'']).to_owned();
    context.invalid(template.span, format!("`{text}` is no list to repeat over"), FORMS);
    None
}

impl JsonSchema for ForEach {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ForEach".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut items = FileItems::json_schema(generator);
        if let Some(properties) = items.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
            let output =
                "A list that a task hands over, with the `key` that names an item: `{output: \"${{ tasks.list.output }}\", key: id}`.";
            properties.insert("output".to_owned(), serde_json::json!({ "type": "string", "description": output }));
        }
        items.remove("required");
        items.insert("if".to_owned(), serde_json::json!({ "required": ["output"] }));
        items.insert("else".to_owned(), serde_json::json!({ "required": ["file"] }));
        items.insert("type".to_owned(), serde_json::json!(["object", "array", "string"]));
        items.insert("x-expects".to_owned(), "a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`".into());
        items.insert("items".to_owned(), serde_json::json!({ "type": ["string", "number", "boolean", "object"] }));
        items.insert("minItems".to_owned(), 1.into());
        json_schema!({
            "type": "object",
            "x-expects": "variables and their items: `{customer: [a, b]}`, `{customer: {file: customers.csv, key: id}}`, `{customer: \"${{ tasks.NAME.output }}\"}` or, for all pairs, `{region: [eu, us], model: [small, big]}`",
            "minProperties": 1,
            "properties": {
                "zip": {
                    "type": ["boolean", "array", "object", "string"],
                    "description": "With several variables: whether their lists go side by side, in place of all combinations.",
                },
                "include": {
                    "type": ["array", "object", "string"],
                    "description": "With other variables: combinations that come on top, such as `[{region: us, model: tiny}]`.",
                },
                "exclude": {
                    "type": ["array", "object", "string"],
                    "description": "With other variables: combinations that are left out, such as `[{region: eu, model: big}]`.",
                },
            },
            "additionalProperties": items,
        })
    }
}
