//! What the platform asks of one task, whichever layers its settings come from.
//!
//! In go a resolved task and the layers that it was merged from, out come violations. A violation points at the strongest layer that
//! gave the value, so one of the platform's own defaults points at the platform's file. One check is one file and one row.

mod allowed;
mod bounds;
mod ceiling;
mod enforced;
mod metadata;
mod placement;
mod pool;
mod required;
mod security;

use super::Policy;
use crate::diag::Sink;
use crate::ir;
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{EnvValue, Settings};

/// One task and what holds for it.
pub struct TaskCase<'a> {
    /// What holds for the team.
    pub policy: &'a Policy<'a>,
    /// The task as it was written.
    pub written: &'a crate::spec::Task,
    /// Its name, with its place.
    pub name: &'a Spanned<TaskName>,
    /// What it became.
    pub task: &'a ir::Task,
    /// The settings that it was merged from, from the weakest layer to the strongest.
    pub layers: &'a [&'a Settings],
    /// Over what it is repeated, the outermost first.
    pub fan_outs: Vec<&'a ir::FanOut>,
}

/// A check of one task.
type Check = fn(&TaskCase<'_>, &mut Sink);

/// Every check, by the name of its file.
const CHECKS: [(&str, Check); 9] = [
    ("allowed", allowed::check),
    ("bounds", bounds::check),
    ("ceiling", ceiling::check),
    ("enforced", enforced::check),
    ("metadata", metadata::check),
    ("placement", placement::check),
    ("pool", pool::check),
    ("required", required::check),
    ("security", security::check),
];

/// Asks the platform about one task. Nothing is refused in the name of a policy that is only assumed.
pub fn check_task(case: &TaskCase<'_>, sink: &mut Sink) {
    if !case.policy.is_assumed {
        CHECKS.iter().for_each(|(_, check)| check(case, sink));
    }
}

impl<'a> TaskCase<'a> {
    /// The pod; none for a task that runs none.
    fn pod(&self) -> Option<&'a ir::Value> {
        match &self.task.kind {
            ir::TaskKind::Container(container) => Some(&container.pod),
            ir::TaskKind::Operator(_) | ir::TaskKind::Wait(_) => None,
        }
    }

    /// The pod's containers of all kinds, in the order in which Kubernetes lists them.
    fn containers(&self) -> impl Iterator<Item = &'a ir::Value> {
        let spec = self.pod().and_then(|pod| pod.get("spec"));
        let lists = ["initContainers", "containers", "ephemeralContainers"].into_iter();
        lists.filter_map(move |list| spec?.get(list)).flat_map(ir::Value::items)
    }

    /// What the strongest layer that has it says.
    fn strongest<T>(&self, field: impl Fn(&'a Settings) -> Option<T>) -> Option<T> {
        self.layers.iter().rev().find_map(|settings| field(settings))
    }

    /// Where the strongest layer writes a text that became part of the pod; the task's name when none does to the letter.
    fn place_of_text(&self, text: &str) -> Span {
        self.strongest(|settings| text_in_settings(settings, text)).unwrap_or(self.name.span)
    }

    /// Where the strongest layer writes a key of the pod; the task's name when none does.
    fn place_of_key(&self, key: &str) -> Span {
        self.strongest(|settings| settings.pod.as_ref()?.node.place_of_key(key)).unwrap_or(self.name.span)
    }

    /// The texts that a text becomes: one, or the different ones of the fan-outs around it. `None` when only the run knows.
    fn texts(&self, text: &ir::Text) -> Option<Vec<String>> {
        let texts = text.instances(self.fan_outs.iter().copied());
        texts.iter().map(|text| text.as_literal().map(str::to_owned)).collect()
    }
}

fn text_in_settings(settings: &Settings, text: &str) -> Option<Span> {
    let variable = settings.env.iter().flat_map(|env| env.iter()).find_map(|(_, value)| match value {
        EnvValue::Secret(reference) | EnvValue::ConfigMap(reference) => (reference.name.value == text).then_some(reference.name.span),
        EnvValue::Text(_) => None,
    });
    let named = || [&settings.pods.service_account, &settings.pods.priority_class].into_iter().flatten().find(|name| name.value.0 == text);
    let volume = || settings.pods.templates().find(|template| template.as_literal() == Some(text)).map(|template| template.span);
    let overlay = || settings.pod.as_ref()?.node.place_of_text(text);
    variable.or_else(|| named().map(|name| name.span)).or_else(volume).or_else(overlay)
}

/// The text of a key, when it has no references.
fn literal<'a>(value: &'a ir::Value, key: &str) -> Option<&'a str> {
    match value.get(key)? {
        ir::Value::Text(text) => text.as_literal(),
        ir::Value::Null | ir::Value::Bool(_) | ir::Value::Number(_) | ir::Value::List(_) | ir::Value::Map(_) => None,
    }
}

/// Whether a key is `true`.
fn is_on(value: &ir::Value, key: &str) -> bool {
    matches!(value.get(key), Some(ir::Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test looks at the files of the repository")]
    fn every_file_is_a_row_of_the_table() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/policy/task");
        let mut files: Vec<String> = fs_err::read_dir(folder)
            .expect("the folder is there")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
            .filter(|name| name != "mod")
            .collect();
        files.sort();
        assert_eq!(files, CHECKS.map(|(name, _)| name));
    }
}
