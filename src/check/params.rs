//! Parameters of a run.

use std::collections::BTreeSet;

use super::json_schema::WrittenSchema;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Spanned;
use crate::spec::{Gaps, Param, Part, Reference, Schedule, Table, Workflow, misfit};

/// Airflow's metrics exporter reads this parameter as labels, and the compiler fills it with the team's name.
const RESERVED: &str = "labels";
/// What one looks like.
const EXAMPLE: &str = "{ type: integer, default: 1000 }";

pub(super) fn check(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    let is_scheduled = matches!(workflow.schedule, Some(Schedule::Fields(_)));
    let used = used(workflow);
    let known = || workflow.params.iter().flat_map(Table::keys);
    // A reference to none is most probably meant to be one to the one that nobody uses.
    let is_sure = gaps.is_none() && used.iter().all(|name| known().any(|known| known == *name));
    for (name, param) in workflow.params.iter().flat_map(Table::iter) {
        let mut found = Sink::new();
        check_name(name, &mut found);
        let schema =
            WrittenSchema { node: &param.schema, what: format!("parameter `{}`", name.value), code: &code::PARAM, example: EXAMPLE };
        schema.check_keywords(&param.schema, &mut found);
        check_default(name, param, &schema, is_scheduled, &mut found);
        let is_sound = !found.has_errors();
        sink.extend(found.into_sorted());
        if is_sure && is_sound && !used.contains(name.value.as_str()) {
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

fn check_default(name: &Spanned<String>, param: &Param, written: &WrittenSchema<'_>, is_scheduled: bool, sink: &mut Sink) {
    let mut schema = param.schema.to_json();
    let default = schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
    let Some(validator) = written.validator(&schema, sink) else { return };
    if let Some(error) = default.as_ref().and_then(|default| validator.iter_errors(default).next()) {
        let fault = Diagnostic::error(&code::PARAM, format!("the default of parameter `{}` does not fit its own schema", name.value));
        let fault = fault.at(param.place_in_default(error.instance_path().as_str()), misfit(&error));
        let fault = fault.at(param.schema.place_of_pointer(error.schema_path().as_str()), "what the schema wants");
        sink.push(fault.help("change the default, or the schema beside it"));
    }
    if default.is_none() && is_scheduled {
        let fault = Diagnostic::error(&code::PARAM, format!("parameter `{}` has no default", name.value)).at(name.span, "");
        sink.push(fault.help("add `default:`, or the schedule has nothing to start a run with"));
    }
}

/// The parameters that some text refers to.
fn used(workflow: &Workflow) -> BTreeSet<&str> {
    workflow.templates().flat_map(|template| &template.parts).flat_map(|part| named(part, workflow)).collect()
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
