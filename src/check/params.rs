//! Parameters of a run.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use super::{groups, tasks};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Spanned;
use crate::spec::{Arguments, Param, Part, Reference, Schedule, Settings, Table, Workflow};

/// Airflow's metrics exporter reads this parameter as labels, and the compiler fills it with the team's name.
const RESERVED: &str = "labels";

/// Keywords of JSON Schema that say something about a value. Others are let through: Airflow's form has some of its own.
const KEYWORDS: [&str; 33] = [
    "type",
    "enum",
    "const",
    "default",
    "title",
    "description",
    "examples",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "prefixItems",
    "contains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
];

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    let is_scheduled = matches!(workflow.schedule, Some(Schedule::Fields(_)));
    let used = used(workflow);
    let known = || workflow.params.iter().flat_map(Table::keys);
    // A reference to none is most probably meant to be one to the one that nobody uses.
    let is_sure = used.iter().all(|name| known().any(|known| known == *name));
    for (name, param) in workflow.params.iter().flat_map(Table::iter) {
        check_name(name, sink);
        check_keywords(param, sink);
        check_default(name, param, is_scheduled, sink);
        if is_sure && !used.contains(name.value.as_str()) {
            let fault = Diagnostic::warning(&code::PARAM, format!("no task uses parameter `{}`", name.value)).at(name.span, "");
            sink.push(fault.help(format!("write `${{{{ params.{} }}}}` where it is meant, or delete it", name.value)));
        }
    }
}

fn check_name(name: &Spanned<String>, sink: &mut Sink) {
    let fault = |title: String| Diagnostic::error(&code::PARAM, title).at(name.span, "");
    let is_word = name.value.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word {
        sink.push(fault(format!("`{}` is no name for a parameter", name.value)).help("write letters, digits and `_`, such as `min_rows`"));
    }
    if name.value == RESERVED {
        let title = "the parameter `labels` is taken: it tells the team's name to the metrics".to_owned();
        sink.push(fault(title).help("choose another name"));
    }
}

/// Misspelt keywords: JSON Schema passes over what it does not know, so that nothing would be checked.
fn check_keywords(param: &Param, sink: &mut Sink) {
    for (written, place) in param.keywords() {
        if KEYWORDS.contains(&written) {
            continue;
        }
        if let Some(near) = suggest(written, KEYWORDS) {
            let fault = Diagnostic::error(&code::PARAM, format!("JSON Schema has no keyword `{written}`")).at(place, "");
            sink.push(fault.help(format!("did you mean `{near}`?")));
        }
    }
}

fn check_default(name: &Spanned<String>, param: &Param, is_scheduled: bool, sink: &mut Sink) {
    let mut schema = param.schema.to_json();
    let default = schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
    // Airflow looks at formats too.
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    let validator = match options.build(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            sink.push(no_schema(name, param, &error));
            return;
        }
    };
    if let Some(error) = default.as_ref().and_then(|default| validator.iter_errors(default).next()) {
        let fault = Diagnostic::error(&code::PARAM, format!("the default of parameter `{}` does not fit its own schema", name.value));
        let fault = fault.at(param.place_in_default(error.instance_path().as_str()), reason(&error));
        let fault = fault.at(param.place(error.schema_path().as_str()), "what the schema wants");
        sink.push(fault.help("change the default, or the schema beside it"));
    }
    if default.is_none() && is_scheduled {
        let fault = Diagnostic::error(&code::PARAM, format!("parameter `{}` has no default", name.value)).at(name.span, "");
        sink.push(fault.help("add `default:`, or the schedule has nothing to start a run with"));
    }
}

/// JSON's types, and what else they are called elsewhere.
const TYPES: [(&str, &[&str]); 7] = [
    ("string", &["str", "text"]),
    ("integer", &["int"]),
    ("number", &["float", "double"]),
    ("boolean", &["bool"]),
    ("array", &["list"]),
    ("object", &["dict", "map"]),
    ("null", &["none"]),
];

fn no_schema(name: &Spanned<String>, param: &Param, error: &ValidationError<'_>) -> Diagnostic {
    let pointer = error.instance_path().as_str();
    let fault = Diagnostic::error(&code::PARAM, format!("parameter `{}` is no JSON Schema", name.value));
    let Some(written) = error.instance().as_str().filter(|_| pointer.ends_with("/type")) else {
        return fault.at(param.place(pointer), reason(error)).help("write `{ type: integer, default: 1000 }`");
    };
    let fault = fault.at(param.place(pointer), "JSON has no such type");
    let known = || TYPES.iter().map(|(name, _)| *name);
    let meant = TYPES.iter().find(|(_, others)| others.contains(&written)).map(|(name, _)| *name).or_else(|| suggest(written, known()));
    fault.help(meant.map_or_else(|| format!("write one of {}", quoted_list(known())), |meant| format!("write `type: {meant}`")))
}

/// What is wrong, in few words.
fn reason(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(ToString::to_string).collect();
            format!("it is none of {}", quoted_list(options.iter().map(String::as_str)))
        }
        _ => error.to_string(),
    }
}

/// The parameters that some text refers to.
fn used(workflow: &Workflow) -> BTreeSet<&str> {
    let settings = workflow.defaults.iter().chain(tasks(workflow).map(|(_, task)| &task.settings));
    let inner = groups(workflow).flat_map(|(_, group)| group.defaults.iter().chain(group.tasks.iter().map(|(_, task)| &task.settings)));
    let of_groups = groups(workflow).flat_map(|(_, group)| group.tasks.iter());
    let arguments = tasks(workflow).chain(of_groups).flat_map(|(_, task)| &task.with).flat_map(Arguments::templates);
    let parts = settings.chain(inner).flat_map(Settings::templates).chain(arguments).flat_map(|template| &template.parts);
    parts.flat_map(|part| named(part, workflow)).collect()
}

/// The parameters that a part of a text refers to, in our words or in the target's.
fn named<'a>(part: &'a Part, workflow: &'a Workflow) -> Vec<&'a str> {
    match part {
        Part::Literal(_) => Vec::new(),
        Part::Reference(Spanned { value: Reference::Param(name), span: _ }) => vec![name],
        Part::Reference(_) => Vec::new(),
        Part::Native(native) => {
            let names = workflow.params.iter().flat_map(Table::keys);
            names.filter(|name| native.value.contains("params") && native.value.contains(*name)).collect()
        }
    }
}
