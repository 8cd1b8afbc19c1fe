//! One task: its layers merged into what runs.

use std::time::Duration;

use super::condition::resolve_conditions;
use super::container::build_pod;
use super::fan_out::{Lacking, ResolvedFanOut, resolve_fan_out};
use super::handling::resolve_handling;
use super::layers::Layers;
use super::operator::resolve_operator;
use super::room::Room;
use super::size::check_sizes;
use super::{Surroundings, native_templates, notify};
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::ir::{self, TaskKind, TriggerRule, amount};
use crate::name::TaskName;
use crate::policy::{Policy, TaskCase, check_awaited_file, check_pool, check_profile, check_task};
use crate::source::Spanned;
use crate::spec::{Group, Quantity, Reference, Resources, Settings, Table, Task, Template, WaitFor, Workflow, WorkflowReference};

/// Tries after the first, when no layer says.
const RETRIES: u32 = 0;
/// Wait before a try, when no layer says: Airflow's own default.
const RETRY_DELAY: Duration = Duration::from_secs(300);
/// Wait for a node, when no layer says: enough for a node pool that starts from zero.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(600);
/// Wait for another workflow, when the task does not say: a workflow that is a day late is not coming.
const WITHIN: Duration = Duration::from_secs(86_400);

/// What stands around a task.
pub(super) struct Scope<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) surroundings: &'a Surroundings<'a>,
    /// What the workflow may still take.
    pub(super) room: &'a Room,
    /// The groups around it, the outermost first.
    pub(super) groups: Vec<Around<'a>>,
}

/// A group around a task.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) name: &'a TaskName,
    pub(super) group: &'a Group,
    pub(super) fan_out: Option<&'a ResolvedFanOut>,
}

impl<'a> Scope<'a> {
    /// What is meant by names in `needs`: of each the nearest one, beside what needs it or beside a group around that.
    pub(super) fn needs(&self, names: Option<&Vec<Spanned<TaskName>>>) -> Vec<ir::Need> {
        names.into_iter().flatten().map(|name| self.need(&name.value)).collect()
    }

    fn need(&self, name: &TaskName) -> ir::Need {
        let inside = |around: &Around<'_>| {
            let Group { tasks, groups, .. } = around.group;
            let is_task = tasks.as_ref().is_some_and(|tasks| tasks.get(name.as_str()).is_some());
            is_task || groups.as_ref().is_some_and(|groups| groups.get(name.as_str()).is_some())
        };
        let depth = self.groups.iter().rposition(inside).map_or(0, |at| at + 1);
        ir::Need { groups: self.groups[..depth].iter().map(|around| around.name.clone()).collect(), name: name.clone() }
    }

    /// The fan-outs that repeat a task here, the outermost first.
    pub(super) fn repeated(&self, own: Option<&'a ResolvedFanOut>) -> Vec<&'a ResolvedFanOut> {
        self.groups.iter().filter_map(|around| around.fan_out).chain(own).collect()
    }
}

/// Resolves one task; `None` when something is wrong, which has been told.
pub(super) fn resolve_task(name: &Spanned<TaskName>, task: &Task, scope: &Scope<'_>, sink: &mut Sink) -> Option<ir::Task> {
    let policy = scope.surroundings.policy;
    let groups = scope.groups.iter().map(|around| around.group);
    let layers = Layers::of(policy.platform, scope.workflow, groups, task, |name| check_profile(name, policy, sink));
    if let Some(pool) = layers.last(|settings| settings.pool.as_ref()) {
        check_pool(pool, policy, sink);
    }
    let own = match &task.for_each {
        Some(for_each) => Some(resolve_fan_out(for_each, task.batch.as_ref(), scope.surroundings, sink)?),
        None => None,
    };
    let run_if = resolve_conditions((name, task), &scope.repeated(own.as_ref()), scope, sink);
    let kind = match (&task.wait_for, &task.operator) {
        (Some(wait), _) => {
            scope.room.take_tasks(&scope.repeated(None))?;
            TaskKind::Wait(resolve_wait(wait, policy, sink)?)
        }
        (None, Some(class)) => TaskKind::Operator(Box::new(resolve_operator(class, (&name.value, task), own, &layers, scope, sink)?)),
        (None, None) => TaskKind::Container(Box::new(resolve_container(name, task, own, &layers, scope, sink)?)),
    };
    let teardown = task.teardown().map(|teardown| teardown.setups.iter().map(|setup| setup.value.clone()).collect());
    let is = |field: fn(&Settings) -> Option<&Spanned<bool>>| layers.last(field).is_some_and(|flag| flag.value);
    let resolved = ir::Task {
        name: name.value.clone(),
        description: task.description.as_ref().map(|text| text.value.clone()),
        needs: needs_of(task, scope),
        trigger_rule: match &teardown {
            Some(_) => TriggerRule::AllDone,
            None => layers.last(|settings| settings.trigger_rule.as_ref()).map(|rule| rule.value).unwrap_or_default(),
        },
        run_if,
        teardown,
        retries: layers.last(|settings| settings.retries.as_ref()).map_or(RETRIES, |retries| u32::from(retries.value)),
        retry_delay: layers.duration(|settings| settings.retry_delay.as_ref()).unwrap_or(RETRY_DELAY),
        retry_exponential_backoff: is(|settings| settings.retry_exponential_backoff.as_ref()),
        max_retry_delay: layers.duration(|settings| settings.max_retry_delay.as_ref()),
        pool: layers.last(|settings| settings.pool.as_ref()).map(|pool| pool.value.clone()),
        pool_slots: layers.last(|settings| settings.pool_slots.as_ref()).map_or(1, |slots| u32::from(slots.value.get())),
        priority_weight: layers.last(|settings| settings.priority_weight.as_ref()).map_or(1, |weight| weight.value),
        depends_on_past: is(|settings| settings.depends_on_past.as_ref()) || is(|settings| settings.wait_for_downstream.as_ref()),
        wait_for_downstream: is(|settings| settings.wait_for_downstream.as_ref()),
        produces: task.produces.iter().flatten().map(|asset| asset.value.clone()).collect(),
        notify: notify::of_task(&layers, scope.workflow, policy, sink),
        kind,
    };
    let fan_outs = scope.repeated(None).into_iter().map(|around| &around.fan_out).chain(resolved.fan_out()).collect();
    let layers: Vec<&Settings> = layers.iter().map(|(_, settings)| settings).collect();
    check_task(&TaskCase { policy, written: task, name, task: &resolved, layers: &layers, fan_outs }, sink);
    Some(resolved)
}

/// What a task says that it needs, and what it cleans up after.
fn needs_of(task: &Task, scope: &Scope<'_>) -> Vec<ir::Need> {
    let mut needs = scope.needs(task.needs.as_ref());
    for setup in scope.needs(task.teardown().map(|teardown| &teardown.setups)) {
        if !needs.contains(&setup) {
            needs.push(setup);
        }
    }
    needs
}

fn resolve_wait(wait: &WaitFor, policy: &Policy<'_>, sink: &mut Sink) -> Option<ir::Wait> {
    let WaitFor { workflow: named, within, offset, span: _ } = wait;
    let WorkflowReference { team, workflow } = &named.value;
    let team = team.as_ref().unwrap_or(policy.team());
    if !check_awaited_file(named.span, (team, workflow), policy, sink) {
        return None;
    }
    Some(ir::Wait {
        team: team.clone(),
        dag_id: policy.dag_ids.of(team, workflow),
        workflow: workflow.clone(),
        offset: offset.as_ref().map(|offset| offset.value.0).unwrap_or_default(),
        within: within.as_ref().map_or(WITHIN, |within| within.value.0),
    })
}

fn resolve_container(
    name: &Spanned<TaskName>,
    task: &Task,
    own: Option<ResolvedFanOut>,
    layers: &Layers<'_>,
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Option<ir::Container> {
    let repeated = scope.repeated(own.as_ref());
    scope.room.take_tasks(&repeated)?;
    let before = sink.as_slice().len();
    check_layers(layers, &repeated, scope, sink);
    let pod = build_pod(name, layers, &repeated, scope, sink)?;
    let fan_outs: Vec<_> = repeated.iter().map(|resolved| &resolved.fan_out).collect();
    // A batch that is too large is told by itself, and how large it may be.
    if sink.as_slice().len() == before {
        check_sizes(name, &pod, layers, &fan_outs, sink);
    }
    Some(ir::Container {
        max_parallel: task.max_parallel.as_ref().map(|count| u32::from(count.value.get())),
        execution_timeout: layers.duration(|settings| settings.execution_timeout.as_ref()),
        startup_timeout: layers.duration(|settings| settings.startup_timeout.as_ref()).unwrap_or(STARTUP_TIMEOUT),
        output: task.has_output(),
        handling: resolve_handling(layers, &pod, sink),
        profile: layers.profile.map(|name| name.value.clone()),
        fan_out: own.map(|resolved| resolved.fan_out),
        pod,
    })
}

/// What the platform has to say about values of any layer, and what the rows of a fan-out lack.
fn check_layers(layers: &Layers<'_>, repeated: &[&ResolvedFanOut], scope: &Scope<'_>, sink: &mut Sink) {
    let policy = scope.surroundings.policy;
    check_resources(layers, sink);
    for settings in layers.own() {
        native_templates(settings, policy, sink);
        settings.templates().for_each(|template| check_rows(template, repeated, sink));
        for (key, _) in [&settings.labels, &settings.annotations].into_iter().flatten().flat_map(Table::iter) {
            if key.value.starts_with("freehold/") {
                let fault = Diagnostic::error(&code::LABEL, format!("`{}` is set by Freehold", key.value)).at(key.span, "");
                sink.push(fault.help("choose a key that does not start with `freehold/`"));
            }
        }
    }
}

/// Tells when a request is over its limit, whichever layers they come from.
fn check_resources(layers: &Layers<'_>, sink: &mut Sink) {
    type Amounts = Table<String, Spanned<Quantity>>;
    let of = |pick: fn(&Resources) -> Option<&Amounts>| layers.merged(move |settings| settings.resources.as_ref().and_then(pick));
    let limits = of(|resources| resources.limits.as_ref());
    let requests = of(|resources| resources.requests.as_ref());
    requests.iter().chain(&limits).for_each(|(resource, quantity)| check_amount(resource, quantity, sink));
    check_devices(&requests, &limits, sink);
    for (resource, request) in requests {
        let Some((_, limit)) = limits.iter().find(|(name, _)| *name == resource) else { continue };
        if let (Some(asked), Some(allowed)) = (amount(&request.value.0), amount(&limit.value.0))
            && asked > allowed
        {
            let title = format!("`{}` of {resource} is requested, and the limit is `{}`", request.value.0, limit.value.0);
            let fault = Diagnostic::error(&code::REQUEST_OVER_LIMIT, title).at(request.span, "the request").at(limit.span, "the limit");
            sink.push(fault.help(format!("request at most `{}`, or raise the limit", limit.value.0)));
        }
    }
}

/// Resources that Kubernetes knows without a prefix.
const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Tells a resource that no node has, and an amount of memory that no process fits in: a slip in the unit.
fn check_amount(resource: &str, quantity: &Spanned<Quantity>, sink: &mut Sink) {
    let is_known = RESOURCES.contains(&resource) || resource.contains('/') || resource.starts_with("hugepages-");
    if !is_known {
        let ours = [
            ("mem", "memory"),
            ("gpu", "nvidia.com/gpu"),
            ("cpus", "cpu"),
            ("disk", "ephemeral-storage"),
            ("storage", "ephemeral-storage"),
        ];
        let meant = ours.iter().find(|(wrong, _)| *wrong == resource).map(|(_, right)| *right).or_else(|| suggest(resource, RESOURCES));
        let fault =
            Diagnostic::error(&code::RESOURCE, format!("there is no resource `{resource}`")).at(quantity.span, "no node has any of it");
        sink.push(fault.help(format!("write `{}`", meant.unwrap_or("cpu`, `memory` or `vendor.example/device"))));
    }
    if let Some(bytes) = amount(&quantity.value.0).filter(|bytes| resource == "memory" && *bytes < 1_048_576.0) {
        let written = quantity.value.0.trim_end_matches('m');
        let fault = Diagnostic::error(&code::RESOURCE, format!("`{}` of memory is {bytes} bytes", quantity.value.0)).at(quantity.span, "");
        sink.push(fault.help(format!("write a unit: `{written}Mi` or `{written}Gi`")));
    }
}

/// Tells amounts of a device that Kubernetes refuses: it gives out whole ones, and no more than are requested.
///
/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#consuming-extended-resources>
fn check_devices(requests: &[(&str, &Spanned<Quantity>)], limits: &[(&str, &Spanned<Quantity>)], sink: &mut Sink) {
    let is_device = |resource: &str| resource.contains('/') && !resource.contains("kubernetes.io/");
    for (resource, quantity) in requests.iter().chain(limits).filter(|(resource, _)| is_device(resource)) {
        if amount(&quantity.value.0).is_some_and(|amount| amount.fract() != 0.0) {
            let fault = Diagnostic::error(&code::RESOURCE, format!("`{}` of `{resource}` is no whole number", quantity.value.0));
            let why = "a device is given to one container as a whole";
            sink.push(fault.at(quantity.span, why).help(format!("write `{resource}: 1`, or ask the platform for a shared kind of device")));
        }
    }
    for (resource, request) in requests.iter().filter(|(resource, _)| is_device(resource)) {
        let limit = limits.iter().find(|(name, _)| name == resource).map(|(_, limit)| limit);
        let wanted = format!("write `limits: {{ {resource}: {} }}`", request.value.0);
        match limit {
            None => {
                let fault = Diagnostic::error(&code::RESOURCE, format!("`{resource}` is requested, and has no limit"));
                sink.push(fault.at(request.span, "Kubernetes gives out devices by their limit").help(wanted));
            }
            Some(limit) if amount(&limit.value.0) > amount(&request.value.0) => {
                let title = format!("`{}` of `{resource}` is requested, and the limit is `{}`", request.value.0, limit.value.0);
                let fault = Diagnostic::error(&code::RESOURCE, title).at(request.span, "the request").at(limit.span, "the limit");
                sink.push(fault.help(format!("{wanted}, and delete the request: devices cannot be shared")));
            }
            Some(_) => {}
        }
    }
}

/// Tells the first row that lacks a key that a text refers to.
pub(super) fn check_rows(template: &Template, repeated: &[&ResolvedFanOut], sink: &mut Sink) {
    for reference in template.references() {
        let Reference::Each { variable, path } = &reference.value else { continue };
        let Some(resolved) = repeated.iter().find(|resolved| resolved.fan_out.has_variable(variable)) else { continue };
        let whole: Vec<String> = std::iter::once(variable).chain(path).cloned().collect();
        let written = whole.join(".");
        if let Some((name, length, place)) = resolved.too_long(&whole) {
            let title = format!("`each.{written}` of `{name}` has {length} bytes");
            let fault = Diagnostic::error(&code::BATCH, title).at(reference.span, "Linux takes 128 KiB in one argument or variable");
            sink.push(fault.at(place, "items of one pod").help("lower `batch`, or hand over less of each item: `${{ each.customer.id }}`"));
            continue;
        }
        let Some(Lacking { name, item, place }) = resolved.lacking(&whole) else { continue };
        let item = item.and_then(serde_json::Value::as_object);
        let known: Vec<&str> = item.into_iter().flat_map(|object| object.keys().map(String::as_str)).collect();
        let near = path.last().and_then(|key| suggest(key, known.iter().copied()));
        let help = match near {
            Some(near) => format!("write `each.{variable}.{near}`"),
            None if path.is_empty() => format!("name a key: `each.{variable}.{}`", known.first().unwrap_or(&"id")),
            None if known.is_empty() => format!("the items are plain values: write `each.{variable}`"),
            None => format!("the item has {}", crate::diag::quoted_list(known)),
        };
        let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("item `{name}` has no text for `each.{written}`"));
        sink.push(fault.at(reference.span, "").at(place, "the item").help(help));
    }
}
