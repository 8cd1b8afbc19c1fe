//! Where a node does not fit its schema, for whoever goes on with the rest.

use jsonschema::error::ValidationErrorKind;

use super::Kind;
use super::lookup::steps;
use crate::yaml::Node;

/// A place that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Keys of maps and indexes of lists that lead to it from the top.
    pub steps: Vec<String>,
    /// Whether it is the last key itself, and not its value.
    pub is_key: bool,
}

/// Where a node does not fit the schema of a kind of file; what is missing from a map is a misfit of the map.
#[must_use]
pub fn misfits(kind: Kind, node: &Node) -> Vec<Misfit> {
    let instance = node.to_json();
    let mut found = Vec::new();
    for error in kind.validator().iter_errors(&instance) {
        let place: Vec<String> = steps(error.instance_path().as_str()).collect();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let key = |key: &String| Misfit { steps: [place.as_slice(), std::slice::from_ref(key)].concat(), is_key: true };
                found.extend(unexpected.iter().map(key));
            }
            _ => found.push(Misfit { steps: place, is_key: false }),
        }
    }
    found
}
