//! Tags: only those of the core schema, and only where they fit.

use granit_parser::Tag;

use super::Value;
use super::scalar::{Plain, resolve};

/// The value of a scalar under its tag; `None` when the tag is not known or does not fit.
pub(super) fn value(tag: &Tag, text: &str) -> Option<Value> {
    let suffix = tag.core_suffix()?;
    if suffix == "str" {
        return Some(Value::String(text.to_owned()));
    }
    let Plain::Value(value) = resolve(text) else { return None };
    let fits = match &value {
        Value::Null => suffix == "null",
        Value::Bool(_) => suffix == "bool",
        Value::Number(number) => suffix == "float" || (suffix == "int" && !number.is_f64()),
        Value::String(_) | Value::List(_) | Value::Map(_) => false,
    };
    fits.then_some(value)
}
