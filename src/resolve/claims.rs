//! Claims that fewer nodes may mount than would: a pod that waits for one says so nowhere, and ends when it has not started in time.
//!
//! The platform says how each claim may be mounted; what it says nothing of is not judged, and neither is a claim whose name differs by item.

use std::collections::{HashMap, HashSet};

use super::container::literal;
use super::handover::place_in;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{self, FanOut, Group, Member, Node, TaskKind, Value};
use crate::name::matches_glob;
use crate::policy::Policy;
use crate::source::{Span, Spanned};
use crate::spec::{self, Claim, ClaimAccess, Table, Workflow};

/// The label of a node that no other node has.
const HOST: &str = "kubernetes.io/hostname";

/// Warns of claims that more pods mount at once than may, and of those that are written to and must not be.
pub(super) fn check_claims(workflow: &Workflow, nodes: &[Node], policy: &Policy<'_>, sink: &mut Sink) {
    if policy.platform.claims.is_none() && policy.grant.claims.is_none() {
        return;
    }
    let (members, written) = (ir::members(nodes), workflow.members());
    let written: HashMap<String, &spec::Member<'_>> = written.iter().map(|member| (member.path().join("."), member)).collect();
    let repeated: HashSet<*const ir::Task> = ir::repeated_at_once(nodes).map(std::ptr::from_ref).collect();
    let mut mounted: Vec<(&str, &Claim, Vec<Mount<'_>>)> = Vec::new();
    for member in &members {
        for (claim, volume, is_written) in claims_of(member.task) {
            let Some(known) = known(policy, claim) else { continue };
            let place = written.get(&member.path()).and_then(|written| place_in(workflow, written, volume));
            let is_repeated = repeated.contains(&std::ptr::from_ref(member.task));
            let mount = Mount { member, place: place.unwrap_or(workflow.workflow.span), is_written, is_repeated };
            match mounted.iter_mut().find(|(name, _, _)| *name == claim) {
                Some((_, _, mounts)) => mounts.push(mount),
                None => mounted.push((claim, known, vec![mount])),
            }
        }
    }
    let order = Order::of(nodes);
    for (claim, known, mounts) in &mounted {
        sink.extend(Mounted { claim, access: &known.access, mounts, workflow, policy }.fault(&order));
    }
}

/// What is known of a claim: the team's own lines come before the platform's.
fn known<'a>(policy: &Policy<'a>, claim: &str) -> Option<&'a Claim> {
    let tables = [&policy.grant.claims, &policy.platform.claims].into_iter().flatten();
    tables.flat_map(Table::iter).find(|(pattern, _)| matches_glob(&pattern.value, claim)).map(|(_, claim)| claim)
}

/// The claims of a task's pod whose names are the same for every item, each with the volume's name and whether a container may write to it.
fn claims_of(task: &ir::Task) -> Vec<(&str, &str, bool)> {
    let TaskKind::Container(container) = &task.kind else { return Vec::new() };
    let items = |key: &str| container.pod.get("spec").and_then(|spec| spec.get(key)).map(Value::items).unwrap_or_default();
    let is_on = |value: &Value, key: &str| value.get(key) == Some(&Value::Bool(true));
    let of_volume = |volume: &'_ Value| {
        let mounts = ["initContainers", "containers"].into_iter().flat_map(items).flat_map(|container| container.get("volumeMounts"));
        let name = literal(volume, "name");
        mounts.flat_map(Value::items).any(|mount| literal(mount, "name") == name && !is_on(mount, "readOnly"))
    };
    let claims = items("volumes").iter().filter_map(|volume| Some((volume, volume.get("persistentVolumeClaim")?)));
    let named = claims.filter_map(|(volume, claim)| {
        Some((literal(claim, "claimName")?, literal(volume, "name")?, !is_on(claim, "readOnly") && of_volume(volume)))
    });
    named.collect()
}

/// A task that mounts a claim.
struct Mount<'a> {
    member: &'a Member<'a>,
    place: Span,
    is_written: bool,
    /// Whether several of its items may run at once.
    is_repeated: bool,
}

impl Mount<'_> {
    fn path(&self) -> String {
        self.member.path()
    }

    /// Whether all of its pods run on one node.
    fn is_pinned(&self) -> bool {
        let TaskKind::Container(container) = &self.member.task.kind else { return false };
        let Some(spec) = container.pod.get("spec") else { return false };
        let beside = spec.get("affinity").and_then(|affinity| affinity.get("podAffinity"));
        let beside = beside.and_then(|affinity| affinity.get("requiredDuringSchedulingIgnoredDuringExecution")).map(Value::items);
        spec.get("nodeName").is_some()
            || spec.get("nodeSelector").is_some_and(|labels| labels.get(HOST).is_some())
            || beside.unwrap_or_default().iter().any(|term| literal(term, "topologyKey") == Some(HOST))
    }
}

/// A claim, how it may be mounted, and who mounts it.
struct Mounted<'a> {
    claim: &'a str,
    access: &'a Spanned<ClaimAccess>,
    mounts: &'a [Mount<'a>],
    workflow: &'a Workflow,
    policy: &'a Policy<'a>,
}

impl Mounted<'_> {
    fn fault(&self, order: &Order) -> Option<Diagnostic> {
        match self.access.value {
            ClaimAccess::ReadWriteMany => None,
            ClaimAccess::ReadOnlyMany => self.written(),
            ClaimAccess::ReadWriteOnce if self.mounts.iter().all(Mount::is_pinned) => None,
            ClaimAccess::ReadWriteOnce => self.at_once(order, "one node at a time may mount it, and a pod on another one waits"),
            ClaimAccess::ReadWriteOncePod => self.at_once(order, "one pod at a time may mount it, and another one waits"),
        }
    }

    fn written(&self) -> Option<Diagnostic> {
        let mount = self.mounts.iter().find(|mount| mount.is_written)?;
        let title = format!("`{}` may write to the claim `{}`, which is read only", mount.path(), self.claim);
        let fault =
            Diagnostic::warning(&code::CLAIM_READ_ONLY, title).at(mount.place, "").at(self.access.span, "what the platform says of it");
        Some(fault.help("add `read_only: true`, or write to another claim"))
    }

    fn at_once(&self, order: &Order, why: &str) -> Option<Diagnostic> {
        if self.is_one_by_one() {
            return None;
        }
        let claim = self.claim;
        let told = |title: String, place: Span| Diagnostic::warning(&code::CLAIM_AT_ONCE, title).at(place, why);
        let first = self.mounts.first()?;
        let (fault, help) = if let Some(mount) = self.mounts.iter().find(|mount| mount.is_repeated) {
            let title = format!("items of `{}` run at once, and all mount the claim `{claim}`", mount.path());
            (told(title, mount.place), "give them a `pool` with one slot, a claim each, or one that is `ReadWriteMany`")
        } else if let Some((one, other)) = order.beside(self.mounts) {
            let title = format!("`{}` and `{}` run at once, and both mount the claim `{claim}`", one.path(), other.path());
            let fault = told(title, other.place).at_if((one.place != other.place).then_some(one.place), "the other one");
            (fault, "let one need the other, give them a `pool` with one slot, or use a claim that is `ReadWriteMany`")
        } else {
            let runs = self.workflow.max_active_runs.as_ref().filter(|runs| runs.value.get() > 1)?;
            let title = format!("two runs are active at once, and `{}` of both mounts the claim `{claim}`", first.path());
            (told(title, first.place).at(runs.span, "so many runs"), "write `max_active_runs: 1`, or use a claim that is `ReadWriteMany`")
        };
        Some(fault.at(self.access.span, "what the platform says of it").help(help))
    }

    /// Whether a pool of one slot, or the workflow itself, lets one task run at a time.
    fn is_one_by_one(&self) -> bool {
        let is_one = |count: &Option<Spanned<std::num::NonZeroU16>>, default: u32| {
            count.as_ref().map_or(default, |count| u32::from(count.value.get())) == 1
        };
        let Workflow { max_active_runs, max_active_tasks, .. } = self.workflow;
        if is_one(max_active_runs, ir::ACTIVE_RUNS) && is_one(max_active_tasks, ir::ACTIVE_TASKS) {
            return true;
        }
        let mut pools = self.mounts.iter().map(|mount| mount.member.task.pool.as_deref());
        let Some(pool) = pools.next().flatten().filter(|pool| pools.all(|other| other == Some(*pool))) else { return false };
        let known = self.policy.platform.pools.as_ref().and_then(|pools| pools.get(pool)).and_then(|pool| pool.fields.as_ref());
        known.and_then(|fields| fields.slots.as_ref()).is_some_and(|slots| slots.value == 1)
    }
}

/// Which tasks are done before which others start. A group has two places, before and behind all that is in it.
struct Order {
    /// By the path of each task and group, its first and its last place.
    places: HashMap<String, (usize, usize)>,
    /// For each place, those directly behind it.
    behind: Vec<Vec<usize>>,
    /// All places, each behind those that it waits for.
    sorted: Vec<usize>,
}

impl Order {
    fn of(nodes: &[Node]) -> Self {
        let mut order = Self { places: HashMap::new(), behind: Vec::new(), sorted: Vec::new() };
        nodes.iter().for_each(|node| order.place(node, ""));
        nodes.iter().for_each(|node| order.edges(node, ""));
        order.sort();
        order
    }

    fn place(&mut self, node: &Node, around: &str) {
        let path = format!("{around}{}", node.name());
        let first = self.behind.len();
        self.behind.push(Vec::new());
        let last = match node {
            Node::Task(_) => first,
            Node::Group(Group { nodes, .. }) => {
                nodes.iter().for_each(|node| self.place(node, &format!("{path}.")));
                self.behind.push(Vec::new());
                self.behind.len() - 1
            }
        };
        self.places.insert(path, (first, last));
    }

    fn edges(&mut self, node: &Node, around: &str) {
        let path = format!("{around}{}", node.name());
        let Some(&(first, last)) = self.places.get(&path) else { return };
        let listed = match node.fan_out() {
            Some(FanOut::Mapped { task, .. }) => Some(task.to_string()),
            Some(FanOut::Static { .. }) | None => None,
        };
        for needed in node.needs().iter().map(ir::Need::path).chain(listed) {
            if let Some(&(_, end)) = self.places.get(&needed) {
                self.behind[end].push(first);
            }
        }
        let Node::Group(Group { nodes, .. }) = node else { return };
        for inner in nodes {
            if let Some(&(start, end)) = self.places.get(&format!("{path}.{}", inner.name())) {
                self.behind[first].push(start);
                self.behind[end].push(last);
            }
            self.edges(inner, &format!("{path}."));
        }
        self.behind[first].push(last);
    }

    fn sort(&mut self) {
        let mut missing = vec![0_usize; self.behind.len()];
        self.behind.iter().flatten().for_each(|&place| missing[place] += 1);
        let mut ready: Vec<usize> = (0..missing.len()).rev().filter(|&place| missing[place] == 0).collect();
        while let Some(place) = ready.pop() {
            self.sorted.push(place);
            for &next in &self.behind[place] {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(next);
                }
            }
        }
    }

    /// Two of the tasks that no way leads between. In the order of places each is behind the one before, or there are such two: linear, where
    /// looking at all pairs would not be.
    fn beside<'a>(&self, mounts: &'a [Mount<'a>]) -> Option<(&'a Mount<'a>, &'a Mount<'a>)> {
        let at: HashMap<usize, &Mount<'_>> = mounts.iter().filter_map(|mount| Some((self.places.get(&mount.path())?.0, mount))).collect();
        let mut nearest: Vec<Option<usize>> = vec![None; self.behind.len()];
        let mut before: Option<(usize, &Mount<'_>)> = None;
        for (rank, &place) in self.sorted.iter().enumerate() {
            let mut passed = nearest[place];
            if let Some(mount) = at.get(&place) {
                match before {
                    Some((last, other)) if passed != Some(last) => return Some((other, mount)),
                    Some(_) | None => {}
                }
                before = Some((rank, mount));
                passed = Some(rank);
            }
            for &next in &self.behind[place] {
                nearest[next] = nearest[next].max(passed);
            }
        }
        None
    }
}
