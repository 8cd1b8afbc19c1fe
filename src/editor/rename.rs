//! Another name for a task, wherever its workflow's file has the name.
//!
//! Only what is sure: a name that no other task or group has, in a file that can be read whole, and nothing left of the old name where
//! it would mean the task. Everything else is refused, in words.

use std::collections::BTreeSet;

use super::read::strictly;
use crate::source::Span;
use crate::yaml::{Entry, Node};

/// What is renamed at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The name as it is.
    pub name: String,
    /// Where it stands at the place that was asked about.
    pub here: Span,
    /// Every place that has it, in their order.
    pub places: Vec<Span>,
}

/// What would be renamed at a byte offset of a workflow's text.
///
/// # Errors
/// In words, when there is no task's name, or it is not sure where the name is meant.
pub fn renamed(text: &str, offset: usize) -> Result<Renamed, String> {
    let root = strictly(text).map_err(|_| "a task can be renamed once the file is YAML again".to_owned())?;
    let name = word_at(text, offset).filter(|word| !word.is_empty());
    let name = name.ok_or_else(|| "only tasks can be renamed here".to_owned())?;
    let places = Mentions::of(text, &root, name)?;
    let here = places.iter().find(|place| (place.start as usize..=place.end as usize).contains(&offset)).copied();
    let here = here.ok_or_else(|| "only tasks can be renamed here".to_owned())?;
    Ok(Renamed { name: name.to_owned(), here, places })
}

/// The places that get a new name, one that a task may have, when what is at a byte offset is renamed.
///
/// # Errors
/// In words, when nothing can be renamed there, or not to this.
pub fn rename(text: &str, offset: usize, to: &str) -> Result<Vec<Span>, String> {
    let Renamed { name, here: _, places } = renamed(text, offset)?;
    let is_taken = strictly(text).is_ok_and(|root| defined(&root, to).next().is_some());
    if to != name && is_taken {
        return Err(format!("`{to}` is another task or group of this workflow"));
    }
    let mut edited = text.to_owned();
    for place in places.iter().rev() {
        edited.replace_range(place.start as usize..place.end as usize, to);
    }
    // What an escape or a fold hides from the search is seen in what the text means.
    let after = strictly(&edited).map_err(|_| format!("with `{to}` the file would be no YAML"))?;
    if to != name && Mentions::collect(&edited, &after, &name).is_left() {
        return Err(format!("`{name}` is written in a way that cannot be changed: write it without escapes"));
    }
    Ok(places)
}

/// The places that mean a task.
struct Mentions<'a> {
    text: &'a str,
    name: &'a str,
    places: BTreeSet<(u32, Span)>,
    /// Whether the name is meant at a place that does not show it letter by letter.
    hidden: bool,
    /// Whether a text of Airflow's own templating speaks of it, or of something that is called the same.
    native: bool,
}

impl<'a> Mentions<'a> {
    /// Those of a task that has its name alone.
    fn of(text: &'a str, root: &'a Node, name: &'a str) -> Result<Vec<Span>, String> {
        let tables: Vec<&str> = defined(root, name).collect();
        match tables.as_slice() {
            ["tasks"] => {}
            ["groups"] => return Err(format!("`{name}` is a group, and only tasks can be renamed here")),
            [] => return Err(format!("`{name}` is no task of this file, and only tasks can be renamed here")),
            _ => return Err(format!("several tasks or groups are called `{name}`, so it is not sure which is meant where")),
        }
        if is_of_a_blueprint(root, name, false) {
            return Err(format!("`{name}` may be a task of the blueprint that is used around it, and that has it under this name"));
        }
        let found = Self::collect(text, root, name);
        if found.native {
            return Err(format!("a text in Airflow's own templating has `{name}` in it, and what that means is not known here"));
        }
        if found.hidden {
            return Err(format!("`{name}` is written in a way that cannot be changed: write it without escapes"));
        }
        Ok(found.places.into_iter().map(|(_, place)| place).collect())
    }

    fn collect(text: &'a str, root: &'a Node, name: &'a str) -> Self {
        let mut found = Self { text, name, places: BTreeSet::new(), hidden: false, native: false };
        let environments = root.get("environments").map(Node::entries).unwrap_or_default();
        for body in std::iter::once(root).chain(environments.iter().map(|entry| &entry.value)) {
            found.body(body);
        }
        found.texts(root);
        found
    }

    /// Whether the name is meant anywhere.
    fn is_left(&self) -> bool {
        self.hidden || self.native || !self.places.is_empty()
    }

    /// A workflow or a group.
    fn body(&mut self, body: &Node) {
        for Entry { key, value } in table(body, "tasks") {
            if key.value == self.name {
                self.whole(key.span);
            }
            self.needs(value);
        }
        for Entry { key: _, value } in table(body, "groups") {
            self.needs(value);
            self.body(value);
        }
    }

    fn needs(&mut self, node: &Node) {
        let lists = ["needs", "teardown"].into_iter().filter_map(|key| node.get(key));
        for item in lists.flat_map(Node::items).filter(|item| item.as_str() == Some(self.name)) {
            self.whole(item.span);
        }
    }

    /// A key or a text that is the name and nothing else.
    fn whole(&mut self, span: Span) {
        let written = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        match written.find(self.name).filter(|_| written.trim_matches(['"', '\'']) == self.name) {
            Some(at) => self.place(span, span.start as usize + at),
            None => self.hidden = true,
        }
    }

    fn place(&mut self, span: Span, start: usize) {
        let place = Span::new(span.source, start, start + self.name.len());
        self.places.insert((place.start, place));
    }

    /// Expressions in texts, wherever they are.
    fn texts(&mut self, node: &Node) {
        if let Some(meaning) = node.as_str() {
            let (from, to) = (node.span.start as usize, node.span.end as usize);
            let found: Vec<usize> = expressions(self.text.get(from..to).unwrap_or_default(), self.name).collect();
            self.hidden |= found.len() != expressions(meaning, self.name).count();
            self.native |= is_in_native(meaning, self.name);
            found.into_iter().for_each(|at| self.place(node.span, from + at));
        }
        node.entries().iter().for_each(|entry| self.texts(&entry.value));
        node.items().iter().for_each(|item| self.texts(item));
    }
}

fn table<'a>(body: &'a Node, name: &str) -> &'a [Entry] {
    body.get(name).map(Node::entries).unwrap_or_default()
}

/// For each task or group of a name, in which kind of table it is.
fn defined<'a>(body: &'a Node, name: &'a str) -> Box<dyn Iterator<Item = &'static str> + 'a> {
    let own = ["tasks", "groups"].into_iter().flat_map(move |kind| {
        let is_it = move |entry: &&Entry| entry.key.value == name;
        table(body, kind).iter().filter(is_it).map(move |_| kind)
    });
    Box::new(own.chain(table(body, "groups").iter().flat_map(move |group| defined(&group.value, name))))
}

/// Whether a task stands where a blueprint is used, so that it may say more of one of the blueprint's.
fn is_of_a_blueprint(body: &Node, name: &str, is_within: bool) -> bool {
    let is_within = is_within || body.get("uses").is_some();
    let is_here = is_within && table(body, "tasks").iter().any(|entry| entry.key.value == name);
    is_here || table(body, "groups").iter().any(|group| is_of_a_blueprint(&group.value, name, is_within))
}

/// Where the name stands in the expressions of a text that mean its output.
fn expressions<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices("${{").filter_map(move |(opening, _)| {
        let inside = text[opening + 3..].trim_start();
        let rest = inside.strip_prefix("tasks.")?.strip_prefix(name)?;
        rest.starts_with(|next: char| !is_of_name(next)).then_some(text.len() - rest.len() - name.len())
    })
}

/// Whether a template of Airflow's has the name as a word.
fn is_in_native(text: &str, name: &str) -> bool {
    let opens = |(at, opening): (usize, &str)| opening == "{%" || !text[..at].ends_with('$');
    let is_native = text.match_indices("{{").chain(text.match_indices("{%")).any(opens);
    is_native && text.split(|character| !is_of_name(character)).any(|word| word == name)
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// The word around an offset.
fn word_at(text: &str, offset: usize) -> Option<&str> {
    let start = text.get(..offset)?.trim_end_matches(is_of_name).len();
    let rest = &text[start..];
    Some(&rest[..rest.len() - rest.trim_start_matches(is_of_name).len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: &str = r#"workflow: retrain   # pull, then train: žluťoučký
tasks:
  pull: { output: true, args: [pull, "${{ task }}"] }
  pull-all: { needs: [pull] }
  "train": { needs: ["pull", pull-all], args: ["${{ tasks.pull.output.rows }}, ${{tasks.pull.output}}", "${{ 'tasks.pull.output' }}"] }
  clean: { needs: [train], teardown: [pull], run_if: "${{ tasks.pull.output.ok }}" }
groups:
  models: { needs: [pull], tasks: { fit: { for_each: { row: "${{ tasks.pull.output }}" } } } }
environments:
  staging: { tasks: { pull: { retries: 0 } } }
"#;

    fn edited(text: &str, what: &str, to: &str) -> Result<String, String> {
        let offset = text.find(what).expect("it is there");
        let mut edited = text.to_owned();
        for place in rename(text, offset, to)?.iter().rev() {
            edited.replace_range(place.start as usize..place.end as usize, to);
        }
        Ok(edited)
    }

    #[test]
    fn a_task_is_renamed_wherever_it_is_meant_and_nowhere_else() {
        let wanted = r#"workflow: retrain   # pull, then train: žluťoučký
tasks:
  load: { output: true, args: [pull, "${{ task }}"] }
  pull-all: { needs: [load] }
  "train": { needs: ["load", pull-all], args: ["${{ tasks.load.output.rows }}, ${{tasks.load.output}}", "${{ 'tasks.pull.output' }}"] }
  clean: { needs: [train], teardown: [load], run_if: "${{ tasks.load.output.ok }}" }
groups:
  models: { needs: [load], tasks: { fit: { for_each: { row: "${{ tasks.load.output }}" } } } }
environments:
  staging: { tasks: { load: { retries: 0 } } }
"#;
        for place in ["pull: {", "pull] }\n  \"train", "pull\", pull-all", "pull.output.rows", "pull], run_if", "pull: { retries"] {
            assert_eq!(edited(WORKFLOW, place, "load").as_deref(), Ok(wanted), "{place}");
        }
        assert_eq!(edited(&edited(WORKFLOW, "pull: {", "load").expect("renamed"), "load: {", "pull").as_deref(), Ok(WORKFLOW));
        let found = renamed(WORKFLOW, WORKFLOW.find("train\": {").expect("it is there")).expect("a task");
        assert_eq!((found.name.as_str(), found.places.len()), ("train", 2), "without the quotes");
    }

    #[test]
    fn what_is_not_sure_is_refused_in_words() {
        for (what, words) in [
            ("retrain ", "no task of this file"),
            ("pull, then", "only tasks"),
            ("pull, \"${{", "only tasks"),
            ("models", "is a group"),
            ("retries", "no task of this file"),
            ("  pull: {", "only tasks"),
        ] {
            let refused = edited(WORKFLOW, what, "load").expect_err(what);
            assert!(refused.contains(words), "{what}: {refused}");
        }
        for (to, words) in [("train", "another task or group"), ("fit", "another"), ("models", "another")] {
            let refused = edited(WORKFLOW, "pull: {", to).expect_err(to);
            assert!(refused.contains(words), "{to}: {refused}");
        }
        for (from, to, words) in [
            ("fit: {", "pull: {", "several"),
            ("tasks:\n  pull", "uses: platform/train@1\ntasks:\n  pull", "a task of the blueprint"),
            ("needs: [\"pull\", ", "needs: [\"p\\u0075ll\", ", "without escapes"),
            ("\"${{ tasks.pull.output.ok }}\"", "\"${{ t\\u0061sks.pull.output.ok }}\"", "without escapes"),
            ("args: [pull, ", "args: [\"{{ ti.xcom_pull(task_ids='pull') }}\", ", "Airflow's own"),
            ("needs: [train]", "needs: [train", "YAML"),
        ] {
            assert!(WORKFLOW.contains(from), "{from}");
            let refused = edited(&WORKFLOW.replace(from, to), "pull: {", "load").expect_err(to);
            assert!(refused.contains(words), "{to}: {refused}");
        }
    }

    #[test]
    fn no_place_of_any_text_is_too_much() {
        for end in (0..WORKFLOW.len()).filter(|end| WORKFLOW.is_char_boundary(*end)) {
            let _ = rename(WORKFLOW, end, "load");
            let _ = rename(&WORKFLOW[..end], end, "load");
        }
    }
}
