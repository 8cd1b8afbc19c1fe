//! Empty folders that one task fills and the next one looks into: each pod has a fresh one.

use std::collections::{BTreeSet, HashMap};

use super::container::literal;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{self, Member, Node, TaskKind, Value};
use crate::name::TaskName;
use crate::source::Span;
use crate::spec::{self, Settings, Table, Workflow};

/// Words in the name or the path of a folder that is not meant for others.
const SCRATCH: [&str; 16] = [
    "buffer",
    "cache",
    "dshm",
    "home",
    "local",
    "log",
    "logs",
    "run",
    "scratch",
    "shm",
    "spill",
    "swap",
    "temp",
    "tmp",
    "work",
    "workspace",
];

/// Warns when a task and one that it needs have an empty folder of one name at one place, which the team calls no scratch space.
pub(super) fn check_handovers(workflow: &Workflow, nodes: &[Node], sink: &mut Sink) {
    let mut told: BTreeSet<Span> = BTreeSet::new();
    let (members, written) = (ir::members(nodes), workflow.members());
    let written: HashMap<String, &spec::Member<'_>> = written.iter().map(|member| (member.path().join("."), member)).collect();
    let place = |member: &Member<'_>, volume: &str| place_in(workflow, written.get(&member.path())?, volume);
    let inside = inside(&members);
    for member in &members {
        let folders = folders(member.task);
        if folders.is_empty() {
            continue;
        }
        for other in member.task.needs.iter().filter_map(|need| inside.get(&need.path())).flatten() {
            for (name, _) in self::folders(other.task).into_iter().filter(|folder| folders.contains(folder)) {
                // One that the platform gives to all is no idea of the team's.
                let (Some(place), Some(first)) = (place(member, name), place(other, name)) else { continue };
                if told.insert(place) {
                    sink.push(fault(name, &member.task.name, &other.task.name, place, first));
                }
            }
        }
    }
}

/// By the path of each task and each group, the tasks that it is or has.
fn inside<'a>(members: &'a [Member<'a>]) -> HashMap<String, Vec<&'a Member<'a>>> {
    let mut found: HashMap<String, Vec<&Member<'_>>> = HashMap::new();
    for member in members {
        let path = member.path();
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        ends.for_each(|end| found.entry(path[..end].to_owned()).or_default().push(member));
    }
    found
}

fn fault(name: &str, reader: &TaskName, writer: &TaskName, place: Span, first: Span) -> Diagnostic {
    let title = format!("`{reader}` does not see what `{writer}` writes to the volume `{name}`");
    let fault = Diagnostic::warning(&code::HANDOVER, title).at(place, "each pod gets a fresh, empty folder");
    let fault = fault.at_if((first != place).then_some(first), "another folder");
    fault.help("write `pvc: NAME` to hand over data; if it is scratch space, call it `scratch`")
}

/// Names and places of the empty folders that a task writes to, when nothing but its own container could fill them.
fn folders(task: &ir::Task) -> Vec<(&str, &str)> {
    let TaskKind::Container(container) = &task.kind else { return Vec::new() };
    let items = |key: &str| container.pod.get("spec").and_then(|spec| spec.get(key)).map(Value::items).unwrap_or_default();
    let ([base], []) = (items("containers"), items("initContainers")) else { return Vec::new() };
    let on_disk = |volume: &&Value| volume.get("emptyDir").is_some_and(|folder| folder.get("medium").is_none());
    let empty: Vec<&str> = items("volumes").iter().filter(on_disk).filter_map(|volume| literal(volume, "name")).collect();
    let mounts = base.get("volumeMounts").map(Value::items).unwrap_or_default();
    let writable = mounts.iter().filter(|mount| mount.get("readOnly") != Some(&Value::Bool(true)));
    let places = writable.filter_map(|mount| Some((literal(mount, "name")?, literal(mount, "mountPath")?)));
    places.filter(|(name, at)| empty.contains(name) && !is_scratch(name) && !is_scratch(at)).collect()
}

fn is_scratch(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| SCRATCH.contains(&word))
}

/// Where the team writes a task's volume, in the nearest layer that has it.
pub(super) fn place_in(workflow: &Workflow, written: &spec::Member<'_>, volume: &str) -> Option<Span> {
    let groups = written.groups.iter().rev().map(|(_, group)| group.defaults.as_ref());
    let layers = std::iter::once(Some(&written.task.settings)).chain(groups).chain([workflow.defaults.as_ref()]);
    layers.flatten().find_map(|settings| place_of(settings, volume))
}

fn place_of(settings: &Settings, volume: &str) -> Option<Span> {
    let short = settings.pods.volumes.as_ref().and_then(|volumes: &Table<_, _>| volumes.get(volume)).map(|volume| volume.span);
    let volumes = || settings.pod.as_ref()?.node.get("volumes");
    let overlay = || volumes()?.items().iter().find(|item| item.get("name").and_then(|name| name.as_str()) == Some(volume));
    short.or_else(|| overlay().map(|item| item.span))
}
