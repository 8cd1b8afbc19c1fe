//! What `platform.yaml` and a grant cannot mean, though each key is well formed.

use super::lint::{check_adoptions, check_dag_ids, check_unmanaged, check_unmanaged_beside};
use super::operator::check_operators;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::spec::{Allowed, Enforced, Grant, Notifier, Platform, Reference, Table, Template};

/// Tells what is wrong with a platform's file by itself. `format` is that of this compiler's files.
pub fn check_platform(platform: &Platform, format: u32, sink: &mut Sink) {
    if let Some(wanted) = platform.format.as_ref().filter(|wanted| wanted.value > format) {
        let title = format!("the platform wants files of format {}, and this compiler writes format {format}", wanted.value);
        sink.push(Diagnostic::error(&code::FORMAT, title).at(wanted.span, "").help("install a newer version of Freehold"));
    }
    super::Rules::read(platform, sink);
    check_operators(platform, sink);
    check_unmanaged(platform, sink);
    if let Some(allowed) = &platform.allow {
        check_patterns(allowed, sink);
    }
    platform.notifiers.iter().flat_map(Table::iter).for_each(|(_, notifier)| check_notifier(notifier, sink));
    if let Some(Enforced { env, labels, annotations, span: _ }) = &platform.enforce {
        let variables = env.iter().flat_map(Table::iter).map(|(_, value)| value);
        let others = [labels, annotations].into_iter().flatten().flat_map(Table::iter).map(|(_, value)| value);
        let is_fine = |reference: &Reference| match reference {
            Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task | Reference::Run(_) => {
                true
            }
            Reference::Variable(_) | Reference::Each { .. } | Reference::Param(_) | Reference::Output { .. } => false,
        };
        for template in variables.chain(others) {
            check_references(template, is_fine, "`environment`, `team`, `source`, `workflow`, `task`, `run.date` or `run.id`", sink);
        }
    }
}

/// Tells references of a notifier that have no value where it tells of a run.
fn check_notifier(notifier: &Notifier, sink: &mut Sink) {
    let is_fine = |reference: &Reference| match reference {
        Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task | Reference::Run(_) => true,
        Reference::Variable(_) | Reference::Each { .. } | Reference::Param(_) | Reference::Output { .. } => false,
    };
    let known = "`environment`, `team`, `source`, `workflow`, `task`, `run.id` or another value of the run";
    for (_, argument) in notifier.with.iter().flat_map(Table::iter) {
        argument.templates().iter().for_each(|template| check_references(template, is_fine, known, sink));
    }
}

/// Tells what is wrong with a grant by itself, beside its name.
pub fn check_grant(grant: &Grant, sink: &mut Sink) {
    grant.allow.iter().for_each(|allowed| check_patterns(allowed, sink));
    check_dag_ids(std::slice::from_ref(grant), sink);
    check_adoptions(grant, sink);
}

/// Tells what a platform's file and a grant cannot mean together, though each may by itself.
pub fn check_together(platform: &Platform, grant: &Grant, sink: &mut Sink) {
    check_unmanaged_beside(platform, std::slice::from_ref(grant), sink);
}

/// Tells references that a list of names cannot hold.
fn check_patterns(allowed: &Allowed, sink: &mut Sink) {
    let Allowed {
        secrets,
        config_maps,
        persistent_volume_claims,
        service_accounts,
        priority_classes,
        host_paths,
        capabilities,
        node_names,
        schedulers,
        taints,
        span: _,
    } = allowed;
    let names = [secrets, config_maps, persistent_volume_claims, service_accounts, priority_classes];
    let excepted = [host_paths, capabilities, node_names, schedulers, taints];
    let lists = names.into_iter().chain(excepted);
    let is_fine = |reference: &Reference| matches!(reference, Reference::Environment | Reference::Team);
    for template in lists.flatten().flatten() {
        check_references(template, is_fine, "`environment` or `team`", sink);
    }
}

fn check_references(template: &Template, is_fine: impl Fn(&Reference) -> bool, known: &str, sink: &mut Sink) {
    for reference in template.references().filter(|reference| !is_fine(&reference.value)) {
        let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, "the platform's file cannot refer to what only a workflow knows");
        sink.push(fault.at(reference.span, "").help(format!("refer to {known}")));
    }
}
