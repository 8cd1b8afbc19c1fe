//! The blueprints that the workflows of a source use: the project's own, and the platform's that are named.

use std::collections::{BTreeMap, BTreeSet};

use super::config::add;
use super::library::{BLUEPRINTS, Library, check_file, uses_of};
use crate::check;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::expand::{Found, NO_VERSION, Shelf};
use crate::io::ReadTree;
use crate::name::{BlueprintName, BlueprintReference, InvalidReference};
use crate::source::{Sources, Spanned};

/// What a source was put together with beside its own files.
#[derive(Debug, Default)]
pub struct Borrowed {
    pub(super) environment: Option<String>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) blueprints: BTreeMap<BlueprintReference, Option<Vec<u8>>>,
}

impl Borrowed {
    /// Whether a library has the same for it.
    #[must_use]
    pub fn is_same_in(&self, library: &Library<'_>) -> bool {
        let Self { environment, variables, blueprints } = self;
        environment.as_ref().is_none_or(|environment| *environment == library.environment())
            && variables.iter().all(|(name, text)| library.variable(name).is_some_and(|found| found.text == *text))
            && blueprints.iter().all(|(reference, bytes)| library.bytes(reference) == *bytes)
    }
}

/// The blueprints of a source while it is read.
pub(super) struct Shelves<'a> {
    pub(super) library: &'a Library<'a>,
    pub(super) sources: &'a Sources,
    pub(super) shelf: Shelf,
    /// References of the project's own.
    own: Vec<BlueprintReference>,
    /// References that have been followed.
    followed: BTreeSet<BlueprintReference>,
}

impl<'a> Shelves<'a> {
    /// Reads the project's own blueprints. All of them are published, used or not.
    pub(super) fn of(
        tree: &dyn ReadTree,
        prefix: &str,
        library: &'a Library<'a>,
        sources: &'a Sources,
        files: &mut BTreeMap<String, Vec<u8>>,
        sink: &mut Sink,
    ) -> Self {
        let mut shelves = Self { library, sources, shelf: Shelf::default(), own: Vec::new(), followed: BTreeSet::new() };
        let paths = match tree.list(BLUEPRINTS) {
            Ok(paths) => paths,
            Err(error) => {
                sink.push(super::load::unreadable(&format!("{prefix}{BLUEPRINTS}"), &error));
                return shelves;
            }
        };
        for path in paths.into_iter().filter(|path| path.ends_with(".yaml") || path.ends_with(".yml")) {
            shelves.read_own(tree, prefix, &path, files, sink);
        }
        shelves
    }

    fn read_own(
        &mut self,
        tree: &dyn ReadTree,
        prefix: &str,
        path: &str,
        files: &mut BTreeMap<String, Vec<u8>>,
        sink: &mut Sink,
    ) -> Option<()> {
        let stem = path.strip_prefix(BLUEPRINTS).and_then(|rest| rest.strip_prefix('/')?.strip_suffix(".yaml"));
        let Some(name) = stem.and_then(|stem| BlueprintName::parse(stem).ok()) else {
            let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{path}` is called after no blueprint"));
            sink.push(
                fault
                    .at_file(format!("{prefix}{path}"), "")
                    .help(format!("call it `{BLUEPRINTS}/<name>.yaml`, such as `{BLUEPRINTS}/train-model.yaml`")),
            );
            return None;
        };
        let reference = BlueprintReference::Own(name.clone());
        self.own.push(reference.clone());
        self.shelf.put(reference.clone(), Found::Broken);
        let bytes = super::load::read(tree, prefix, path).map_err(|fault| sink.push(fault)).ok()?;
        files.insert(path.to_owned(), bytes.clone());
        let file = add(format!("{prefix}{path}"), bytes, self.sources, sink)?;
        check::check_secrets(file, &self.sources.file(file).text, sink);
        if let Some(blueprint) = check_file(file, name.as_str(), self.sources, sink) {
            self.shelf.put(reference, Found::Whole(blueprint.into()));
        }
        Some(())
    }

    /// Looks up what workflows use, and what that uses in turn. One after another, so that files are numbered alike in every run.
    pub(super) fn look_up(&mut self, uses: Vec<Spanned<String>>, sink: &mut Sink) {
        let mut waiting = uses;
        while let Some(next) = waiting.pop() {
            let reference = match BlueprintReference::parse(&next.value) {
                Ok(reference) => reference,
                Err(InvalidReference::Unversioned(name) | InvalidReference::Version(name)) => {
                    BlueprintReference::Platform { name, version: NO_VERSION }
                }
                // What names nothing is told where it is used.
                Err(InvalidReference::OwnVersion(_) | InvalidReference::Owner(_) | InvalidReference::Name(_)) => continue,
            };
            if !self.followed.insert(reference.clone()) {
                continue;
            }
            let found = match &reference {
                BlueprintReference::Platform { name, version } => self.library.find(name, *version, self.sources, sink),
                BlueprintReference::Own(_) => self.shelf.find(&reference).cloned().unwrap_or_else(|| Found::Nothing(self.own.clone())),
            };
            if let Found::Whole(blueprint) = &found {
                waiting.extend(uses_of(blueprint));
            }
            self.shelf.put(reference, found);
        }
    }

    /// The platform's blueprints that were looked up, as they are.
    pub(super) fn borrowed(&self) -> BTreeMap<BlueprintReference, Option<Vec<u8>>> {
        let platforms = self.shelf.references().filter(|reference| matches!(reference, BlueprintReference::Platform { .. }));
        platforms.map(|reference| (reference.clone(), self.library.bytes(reference))).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Sink;
    use crate::io::Memory;
    use crate::pipeline::{Library, load_source};
    use crate::source::Sources;

    const PLATFORM: &str = "platform: acme\ntarget: { airflow: \"3.1\" }\nvars: { bucket: one, other: x }\n";
    const BLUEPRINT: &str = "blueprint: train\ntask: { image: 'registry.example/x:1', args: ['${{ vars.bucket }}'] }\n";

    fn central(platform: &str, blueprint: &str) -> Memory {
        Memory::from_iter([("platform.yaml", platform), ("blueprints/train/1.yaml", blueprint)])
    }

    #[test]
    fn a_source_is_read_again_when_something_that_it_borrowed_has_changed_and_only_then() {
        let project = Memory::from_iter([
            ("freehold.yaml", "team: churn\nsource: model\n"),
            ("workflows/a.yaml", "workflow: a\ntasks: { t: { uses: platform/train@1 } }\nenvironments: { staging: { schedule: none } }\n"),
        ]);
        let mut sink = Sink::new();
        let now = central(PLATFORM, BLUEPRINT);
        let source = load_source(&project, "", &Library::of(&now), &Sources::new(), &mut sink).expect("it loads");
        assert!(sink.as_slice().is_empty(), "{:?}", sink.as_slice());
        let is_same = |platform: &str, blueprint: &str| source.borrowed.is_same_in(&Library::of(&central(platform, blueprint)));
        assert!(is_same(PLATFORM, BLUEPRINT));
        assert!(is_same(&PLATFORM.replace("other: x", "other: y"), BLUEPRINT), "nothing uses that variable");
        assert!(!is_same(&PLATFORM.replace("bucket: one", "bucket: two"), BLUEPRINT));
        assert!(!is_same(&format!("{PLATFORM}environment: staging\n"), BLUEPRINT));
        assert!(!is_same(PLATFORM, &BLUEPRINT.replace("x:1", "x:2")));
        assert!(!source.borrowed.is_same_in(&Library::not_at_hand()));
    }
}
