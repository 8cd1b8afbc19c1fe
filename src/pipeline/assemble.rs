//! One workflow's nodes to a typed and checked workflow: blueprints, the environment and variables put in.

use std::collections::{BTreeMap, BTreeSet};

use super::config::decode;
use super::library::Library;
use super::load::ParsedWorkflow;
use super::salvage::salvage;
use crate::check;
use crate::diag::{Severity, Sink};
use crate::expand::{Expanded, Origins, Shelf, expand};
use crate::name::BlueprintReference;
use crate::schema::Kind;
use crate::source::{SourceId, Sources, Spanned, Texts};
use crate::spec::{Gaps, Project, Scalar, Table, Workflow, read_allowances};
use crate::yaml::{self, Node};

/// What the workflows of a source are put together with.
pub(super) struct Assembling<'a> {
    pub(super) project: &'a Project,
    pub(super) library: &'a Library<'a>,
    pub(super) shelf: &'a Shelf,
    pub(super) sources: &'a Sources,
}

/// A workflow, and what it took from the platform.
pub(super) struct Assembled {
    pub(super) workflow: ParsedWorkflow,
    pub(super) environment: Option<String>,
    pub(super) variables: BTreeMap<String, String>,
}

/// A workflow as it is in one environment.
struct Typed {
    /// It, and the platform's variables that it uses. `None` when something is wrong, which has been told.
    whole: Option<(Workflow, BTreeMap<String, String>)>,
    origins: Origins,
    environments: Vec<Spanned<String>>,
    blueprints: BTreeSet<BlueprintReference>,
}

impl Assembling<'_> {
    /// `found` is what reading the file told. `None` when something is wrong, which has been told. What a workflow says for other environments is checked too, and then dropped.
    pub(super) fn assemble(&self, path: &str, id: SourceId, node: Node, found: Sink) -> (Sink, Option<Assembled>) {
        let mut sink = found;
        let allowances = read_allowances(id, &self.sources.file(id).text, &mut sink);
        let may_vary = node.get("environments").is_some() || node.get("uses").is_some();
        let environment = if may_vary { self.library.environment() } else { String::new() };
        let plain = may_vary.then(|| node.clone());
        let Typed { whole, origins, environments, blueprints } = self.typed(id, node, &environment, &mut sink);
        let mut elsewhere = Sink::new();
        for other in environments.iter().filter(|other| other.value != environment) {
            if let Some(node) = plain.clone() {
                self.typed(id, node, &other.value, &mut elsewhere);
            }
        }
        let sound = !elsewhere.has_errors();
        sink.extend(elsewhere.into_sorted());
        let Some((spec, variables)) = whole.filter(|_| sound) else { return (sink, None) };
        let (warnings, errors): (Vec<_>, Vec<_>) = sink.into_sorted().into_iter().partition(|fault| fault.severity == Severity::Warning);
        let mut sink = Sink::new();
        sink.extend(errors);
        let environment = (!environments.is_empty()).then_some(environment);
        let (file, data, adopted) = (path.to_owned(), BTreeMap::new(), None);
        let workflow = ParsedWorkflow { file, id, spec, data, origins, environments, blueprints, allowances, warnings, adopted };
        (sink, Some(Assembled { workflow, environment, variables }))
    }

    fn typed(&self, id: SourceId, node: Node, environment: &str, sink: &mut Sink) -> Typed {
        let Expanded { node, origins, environments, blueprints, holes: _, is_whole } =
            expand(node, self.shelf, environment, self.sources, sink);
        let mut found = Sink::new();
        let texts = Texts::of(self.sources, std::iter::once(id).chain(origins.sources()));
        let decoded = if is_whole { decode::<Workflow>(Kind::Workflow, node, &texts, &mut found) } else { None };
        let whole = decoded.map(|mut spec| {
            let variables = self.add_variables(&mut spec);
            check::check(&spec, &Gaps::default(), &mut found);
            (spec, variables)
        });
        if whole.is_none() {
            self.check_rest(id, environment, &texts, &mut found);
        }
        let sound = !found.has_errors();
        sink.extend(found.into_sorted().into_iter().map(|fault| origins.explain(fault)));
        Typed { whole: whole.filter(|_| sound), origins, environments, blueprints }
    }

    /// Checks what is left of a workflow without what is wrong in it. It is read anew: a workflow without faults is never copied for this.
    fn check_rest(&self, id: SourceId, environment: &str, texts: &Texts, sink: &mut Sink) {
        let mut told_before = Sink::new();
        let Some(node) = yaml::parse(id, &self.sources.file(id).text, &mut told_before) else { return };
        let Expanded { node, holes, .. } = expand(node, self.shelf, environment, self.sources, &mut told_before);
        if let Some((mut spec, gaps)) = salvage(node, &holes, texts, sink) {
            self.add_variables(&mut spec);
            check::check(&spec, &gaps, sink);
        }
    }

    /// Adds the variables that the workflow uses and does not have itself: the project's, and then the platform's, which are given back.
    fn add_variables(&self, spec: &mut Workflow) -> BTreeMap<String, String> {
        let place = spec.workflow.span;
        let mut missing: Vec<String> = check::variables(spec).map(str::to_owned).collect();
        missing.sort_unstable();
        missing.dedup();
        missing.retain(|name| spec.vars.as_ref().and_then(|vars| vars.get(name)).is_none());
        let mut taken = BTreeMap::new();
        for name in missing {
            let own = self.project.vars.as_ref().and_then(|vars| vars.get(&name));
            let found = own.or_else(|| self.library.variable(&name));
            let Some(Scalar { text, span: _ }) = found else { continue };
            if own.is_none() {
                taken.insert(name.clone(), text.clone());
            }
            let scalar = Scalar { text: text.clone(), span: place };
            spec.vars.get_or_insert_with(Table::default).entries.push((Spanned::new(name, place), scalar));
        }
        taken
    }
}
