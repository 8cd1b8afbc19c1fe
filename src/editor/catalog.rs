//! The published schemas, read along the way to a place.

use serde_json::Value;

use super::cursor::Step;
use crate::schema::{Kind, published_document};

/// A schema, and the document that its references are in.
#[derive(Clone, Copy)]
struct Branch {
    schema: &'static Value,
    document: &'static Value,
}

/// What the schemas say of one place: every branch that could hold there.
pub(super) struct Catalog {
    branches: Vec<Branch>,
    /// What is said where the place is named, which is nearer than what its type says.
    about: Option<&'static str>,
}

impl Catalog {
    /// The place that steps lead to.
    pub(super) fn at(kind: Kind, steps: &[Step]) -> Self {
        let document = published_document(kind.file());
        let whole = Self { branches: branches(vec![Branch { schema: document, document }]), about: None };
        steps.iter().fold(whole, |catalog, step| catalog.step(step))
    }

    fn step(&self, step: &Step) -> Self {
        let mut next = match step {
            Step::Key(key) => self.below(|schema| schema.get("properties")?.get(key)),
            Step::Item(_) => self.below(|schema| schema.get("items")),
        };
        if next.is_empty() && matches!(step, Step::Key(_)) {
            next = self.below(|schema| schema.get("additionalProperties"));
        }
        let about = next.iter().find_map(|branch| branch.schema.get("description")?.as_str());
        Self { branches: branches(next), about }
    }

    fn below(&self, take: impl Fn(&'static Value) -> Option<&'static Value>) -> Vec<Branch> {
        self.branches.iter().filter_map(|branch| Some(Branch { schema: take(branch.schema)?, ..*branch })).collect()
    }

    fn schemas(&self) -> impl Iterator<Item = &'static Value> {
        self.branches.iter().map(|branch| branch.schema)
    }

    /// What it is for.
    pub(super) fn about(&self) -> Option<&'static str> {
        self.about.or_else(|| self.schemas().find_map(|schema| schema.get("description")?.as_str()))
    }

    /// The keys that a map here may have, with what each is for.
    pub(super) fn keys(&self) -> Vec<(&'static str, Self)> {
        let mut found: Vec<(&'static str, Self)> = Vec::new();
        for (name, _) in self.schemas().filter_map(|schema| schema.get("properties")?.as_object()).flatten() {
            if found.iter().all(|(known, _)| known != name) {
                found.push((name, self.step(&Step::Key(name.clone()))));
            }
        }
        found
    }

    /// The texts that may stand here, where only some may.
    pub(super) fn texts(&self) -> Vec<&'static str> {
        let listed = self.schemas().filter_map(|schema| schema.get("enum")?.as_array()).flatten();
        let fixed = self.schemas().filter_map(|schema| schema.get("const"));
        let mut texts: Vec<&'static str> = listed.chain(fixed).filter_map(Value::as_str).collect();
        // A text may be written as a number or a boolean too: there nobody looks for these.
        let is_free = self.has_type("string") && self.has_type("number");
        if self.has_type("boolean") && !self.has_type("object") && !is_free {
            texts.extend(["true", "false"]);
        }
        texts
    }

    /// Whether a value of a JSON type may stand here.
    pub(super) fn has_type(&self, name: &str) -> bool {
        let is = |kind: &Value| kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name));
        self.schemas().filter_map(|schema| schema.get("type")).any(is)
    }
}

/// Schemas with all that could hold beside them or in their place.
fn branches(mut found: Vec<Branch>) -> Vec<Branch> {
    let mut at = 0;
    while let Some(branch) = found.get(at).copied() {
        at += 1;
        let Branch { schema, document } = branch;
        let lists = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let single = ["then", "else"].iter().filter_map(|key| schema.get(key));
        let here = lists.chain(single).map(|schema| Branch { schema, document });
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|reference| referred(reference, document));
        for next in here.chain(referred) {
            if !found.iter().any(|known| std::ptr::eq(known.schema, next.schema)) {
                found.push(next);
            }
        }
    }
    found
}

/// What a reference is to: in the same document, or in another that is published.
fn referred(reference: &str, document: &'static Value) -> Option<Branch> {
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let document = if file.is_empty() { document } else { published_document(file.rsplit('/').next()?) };
    Some(Branch { schema: document.pointer(pointer)?, document })
}
