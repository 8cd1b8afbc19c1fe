//! Who is told what, as Airflow's callbacks.
//!
//! A notifier fills in its own fields when it is called, for good, so each call gets one of its own: a function of the file makes it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Argument, timedelta};
use crate::{
    backend::airflow::{
        jinja::{FilledBy, Scope},
        names::Names,
        python::{Expression, Identifier},
        version::{Import, Version},
    },
    ir::{Notifier, Notify, Workflow},
    name::ClassPath,
};

/// A function that calls a notifier.
pub(in crate::backend::airflow) struct Callback {
    /// Its name.
    pub(in crate::backend::airflow) function: Identifier,
    /// What makes the notifier.
    pub(in crate::backend::airflow) notifier: Expression,
}

/// The notifiers of a workflow, by name.
pub(super) struct Callbacks<'a> {
    workflow: &'a Workflow,
    /// The class of each, as the file calls it.
    classes: BTreeMap<&'a str, Identifier>,
    functions: BTreeMap<&'a str, Identifier>,
    /// Modules and what is imported from them.
    pub(super) imports: Vec<(Identifier, Identifier)>,
}

impl<'a> Callbacks<'a> {
    /// Takes the names that the notifiers' classes and functions need.
    pub(super) fn new(workflow: &'a Workflow, names: &mut Names) -> Self {
        let mut known: BTreeMap<&ClassPath, Identifier> = BTreeMap::new();
        let (mut classes, mut functions, mut imports) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for Notifier { name, class, arguments: _ } in &workflow.notifiers {
            // The grammar of paths has only what these take.
            let (Some(from), Some(imported)) = (Identifier::dotted(class.module()), Identifier::parse(class.class())) else { continue };
            let alias = known.entry(class).or_insert_with(|| {
                let alias = names.import(&imported);
                imports.push((from, if alias == imported { imported } else { imported.renamed(&alias) }));
                alias
            });
            classes.insert(name.as_str(), alias.clone());
            functions.insert(name.as_str(), names.variable(&[&format!("notify-{name}")]));
        }
        Self { workflow, classes, functions, imports }
    }

    /// The functions that somebody refers to.
    pub(super) fn functions(&self, date: &str) -> Vec<Callback> {
        let called = self.called();
        let notifiers = self.workflow.notifiers.iter().filter(|notifier| called.contains(notifier.name.as_str()));
        let callback = |notifier: &Notifier| {
            let class = self.classes.get(notifier.name.as_str())?.clone();
            let scope = Scope { params: &[], date, filled_by: FilledBy::Context, items: &[] };
            let function = self.functions.get(notifier.name.as_str())?.clone();
            Some(Callback { function, notifier: Expression::Call(class, Vec::new(), keywords(notifier, &scope)) })
        };
        notifiers.filter_map(callback).collect()
    }

    fn called(&self) -> BTreeSet<&str> {
        let tasks = self.workflow.nodes.iter().flat_map(crate::ir::Node::tasks).map(|task| &task.notify);
        let of = |Notify { on_failure, on_success, on_retry }: &'a Notify| [on_failure, on_success, on_retry].into_iter().flatten();
        tasks.chain([&self.workflow.notify]).flat_map(of).map(String::as_str).collect()
    }

    /// The arguments of a DAG or a task that say who is told.
    pub(super) fn arguments(&self, notify: &Notify) -> Vec<Argument> {
        let Notify { on_failure, on_success, on_retry } = notify;
        let named = [("on_failure_callback", on_failure), ("on_success_callback", on_success), ("on_retry_callback", on_retry)];
        let function = |name: &String| self.functions.get(name.as_str()).cloned().map(Expression::Name);
        let given = named.into_iter().filter(|(_, names)| !names.is_empty());
        given
            .map(|(argument, names)| (Identifier::fixed(argument), Expression::List(names.iter().filter_map(function).collect())))
            .collect()
    }

    /// The argument `deadline` of a DAG, and what it imports.
    pub(super) fn deadline(&self, version: Version) -> Option<(Argument, BTreeSet<Import>)> {
        let deadline = self.workflow.deadline.as_ref()?;
        let scope =
            Scope { params: &[], date: "(dag_run.logical_date or dag_run.run_after)[:10]", filled_by: FilledBy::Deadline, items: &[] };
        let alert = |name: &String| {
            let notifier = self.workflow.notifiers.iter().find(|notifier| notifier.name == *name)?;
            let arguments = keywords(notifier, &scope).into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect();
            let class = Expression::Name(self.classes.get(name.as_str())?.clone());
            let given = vec![(Identifier::fixed("kwargs"), Expression::Dict(arguments))];
            let callback = Expression::Call(version.place(Import::AsyncCallback).1, vec![class], given);
            let queued = version.place(Import::DeadlineReference).1.attribute("DAGRUN_QUEUED_AT");
            let given = [("reference", Expression::Name(queued)), ("interval", timedelta(deadline.after)), ("callback", callback)];
            let given = given.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect();
            Some(Expression::Call(version.place(Import::DeadlineAlert).1, Vec::new(), given))
        };
        let mut alerts: Vec<Expression> = deadline.notifiers.iter().filter_map(alert).collect();
        let written = if alerts.len() == 1 { alerts.pop()? } else { Expression::List(alerts) };
        let used = BTreeSet::from([Import::DeadlineAlert, Import::DeadlineReference, Import::AsyncCallback, Import::Timedelta]);
        Some(((Identifier::fixed("deadline"), written), used))
    }
}

fn keywords(notifier: &Notifier, scope: &Scope<'_>) -> Vec<Argument> {
    let Notifier { name: _, class: _, arguments } = notifier;
    arguments.iter().filter_map(|(name, value)| Some((Identifier::parse(name)?, scope.value(value)))).collect()
}
