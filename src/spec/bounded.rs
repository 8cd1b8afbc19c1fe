//! Whether judging a value by a JSON Schema ends soon.

use std::collections::BTreeMap;

use serde_json::Value;

/// Schemas that are gone through to judge one value, at most.
const MOST: u64 = 10_000;

/// Whether a schema goes through few schemas, references followed. A few references that each follow two others make billions, and one
/// that comes back to itself may never end: here, and in Airflow too, which judges the params of every DAG that it loads.
#[must_use]
pub fn is_bounded(schema: &Value) -> bool {
    visits(schema, schema, &mut BTreeMap::new()).is_some_and(|visits| visits <= MOST)
}

/// How many schemas are gone through; `None` for a circle, or for a reference that leads elsewhere. `known` holds what each reference
/// costs, and `None` while it is being followed.
fn visits<'a>(whole: &'a Value, node: &'a Value, known: &mut BTreeMap<&'a str, Option<u64>>) -> Option<u64> {
    let inner: Box<dyn Iterator<Item = &'a Value>> = match node {
        Value::Object(map) => Box::new(map.values()),
        Value::Array(items) => Box::new(items.iter()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Some(0),
    };
    let mut total: u64 = 0;
    for value in inner {
        total = total.saturating_add(visits(whole, value, known)?);
    }
    for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
        let Some(Value::String(reference)) = node.get(key) else { continue };
        let followed = match known.get(reference.as_str()) {
            Some(found) => (*found)?,
            None => {
                known.insert(reference, None);
                let target = whole.pointer(reference.strip_prefix('#')?)?;
                let found = visits(whole, target, known)?.saturating_add(1);
                known.insert(reference, Some(found));
                found
            }
        };
        total = total.saturating_add(followed);
    }
    // Without a reference it costs what was written, which the size of a file bounds.
    Some(total)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_bounded;

    #[test]
    fn t73_references_are_followed_as_often_as_a_validator_would() {
        let twice =
            |at: usize| json!({ "anyOf": [{ "$ref": format!("#/$defs/a{}", at + 1) }, { "$ref": format!("#/$defs/a{}", at + 1) }] });
        let ladder = |steps: usize| {
            let mut rungs: serde_json::Map<_, _> = (0..steps).map(|at| (format!("a{at}"), twice(at))).collect();
            rungs.insert(format!("a{steps}"), json!({ "type": "string" }));
            json!({ "$ref": "#/$defs/a0", "$defs": rungs })
        };
        assert!(is_bounded(&ladder(5)));
        assert!(!is_bounded(&ladder(30)));
        assert!(is_bounded(&json!({ "type": "array", "items": { "$ref": "#/$defs/row" }, "$defs": { "row": { "type": "string" } } })));
        for endless in [
            json!({ "$ref": "#" }),
            json!({ "items": { "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] } }),
            json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "not": { "$ref": "#/$defs/a" } } } }),
            json!({ "$dynamicRef": "#x", "$dynamicAnchor": "x" }),
            json!({ "$ref": "https://example.com/schema.json" }),
        ] {
            assert!(!is_bounded(&endless), "{endless}");
        }
    }
}
