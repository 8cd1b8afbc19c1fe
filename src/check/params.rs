//! Parameters of a run.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::{Schedule, Table, Workflow};

/// Airflow's metrics exporter reads this parameter as labels, and the compiler fills it with the team's name.
const RESERVED: &str = "labels";

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    let is_scheduled = matches!(workflow.schedule, Some(Schedule::Fields(_)));
    for (name, param) in workflow.params.iter().flat_map(Table::iter) {
        let fault = |title: String| Diagnostic::error(&code::PARAM, title).at(name.span, "");
        let is_word = name.value.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_word {
            sink.push(
                fault(format!("`{}` is no name for a parameter", name.value)).help("write letters, digits and `_`, such as `min_rows`"),
            );
        }
        if name.value == RESERVED {
            sink.push(
                fault("the parameter `labels` is taken: it tells the team's name to the metrics".to_owned()).help("choose another name"),
            );
        }
        let mut schema = param.schema.to_json();
        let default = schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
        match jsonschema::draft202012::new(&schema) {
            Err(error) => sink.push(
                fault(format!("parameter `{}` is no JSON Schema: {error}", name.value)).help("write `{ type: integer, default: 1000 }`"),
            ),
            Ok(validator) => {
                let place = param.schema.get("default").map_or(name.span, |node| node.span);
                if let Some(error) = default.as_ref().and_then(|default| validator.iter_errors(default).next()) {
                    let wrong =
                        Diagnostic::error(&code::PARAM, format!("the default of parameter `{}` does not fit its own schema", name.value));
                    sink.push(wrong.at(place, error.to_string()).help("change the default, or the schema beside it"));
                }
                if default.is_none() && is_scheduled {
                    sink.push(
                        fault(format!("parameter `{}` has no default", name.value))
                            .help("add `default:`, or the schedule has nothing to start a run with"),
                    );
                }
            }
        }
    }
}
