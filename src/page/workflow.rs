//! One workflow as the page's script reads it.

use std::collections::BTreeMap;

use indexmap::IndexSet;
use jiff::Timestamp;
use serde::Serialize;

use super::calendar::Calendar;
use super::drawing::{Drawing, Notes, drawings};
use super::facts::{self, Fact};
use super::room::Room;
use super::{File, LayeredValue, Origin, Pod, Subject};
use crate::delta::in_words;
use crate::ir::{FanOut, Member, Need, Task, TaskKind};

/// A workflow, for the script.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub(super) name: String,
    /// The file that it is written in, as findings name it.
    file: String,
    description: Option<String>,
    schedule: String,
    facts: Vec<Fact>,
    drawings: BTreeMap<String, Drawing>,
    tasks: Vec<ShownTask>,
    files: Vec<ShownText>,
    calendar: Calendar,
}

#[derive(Debug, Serialize)]
struct ShownTask {
    path: String,
    kind: &'static str,
    note: String,
    needs: Vec<String>,
    facts: Vec<Fact>,
    /// Each key with the places of all who wrote it in the page's list of origins, the strongest first.
    values: Vec<(String, Vec<usize>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<ShownText>,
}

#[derive(Debug, Serialize)]
struct ShownText {
    /// A path, or a task's id in the target.
    name: String,
    text: String,
    /// What of it is not there, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

impl ShownText {
    fn new(name: String, text: String, room: &mut Room) -> Self {
        let (text, missing) = room.take(text);
        Self { name, text, missing }
    }
}

impl Shown {
    /// Who wrote values goes into `origins`, where each is kept once for all tasks.
    pub(super) fn of(subject: Subject<'_>, from: Timestamp, origins: &mut IndexSet<Origin>, room: &mut Room) -> Self {
        let Subject { workflow, file, layers, pods, files } = subject;
        let mut layers: BTreeMap<String, Vec<LayeredValue>> = layers.into_iter().collect();
        let mut pods = pods.into_iter();
        let mut notes = Notes::new();
        let mut tasks = Vec::new();
        // Before the pods: of the two a file is what one cannot do without.
        let files = files.into_iter().map(|File { path, text }| ShownText::new(path, text, room)).collect();
        for member in workflow.members() {
            let path = member.path();
            let pod = pod_of(member.task, &mut pods);
            let note = facts::note(member.task, pod.as_ref());
            notes.insert(path.clone(), note.clone());
            tasks.push(ShownTask {
                kind: kind(&member.task.kind),
                note,
                needs: needs(&member),
                facts: facts::of_task(&member, pod.as_ref()),
                values: values(layers.remove(&path).unwrap_or_default(), origins),
                pod: pod.map(|Pod { id, pod: _, text }| ShownText::new(id, text, room)),
                path,
            });
        }
        Self {
            name: format!("{}/{}", workflow.team, workflow.name),
            file,
            description: workflow.description.clone(),
            schedule: in_words(workflow),
            facts: facts::of_workflow(workflow),
            drawings: drawings(workflow, &notes),
            tasks,
            files,
            calendar: Calendar::of(workflow, from),
        }
    }
}

/// The pod of a task: they come in the order of the tasks that have one.
fn pod_of(task: &Task, pods: &mut impl Iterator<Item = Pod>) -> Option<Pod> {
    match &task.kind {
        TaskKind::Container(_) => pods.next(),
        TaskKind::Operator(_) | TaskKind::Wait(_) => None,
    }
}

fn kind(kind: &TaskKind) -> &'static str {
    match kind {
        TaskKind::Container(_) => "container",
        TaskKind::Operator(_) => "operator",
        TaskKind::Wait(_) => "wait",
    }
}

/// What a task waits for, as a path: what itself and the groups around it need, and over whose output they are repeated.
fn needs(member: &Member<'_>) -> Vec<String> {
    let around = member.groups.iter().flat_map(|group| &group.needs);
    let mapped = member.fan_outs().filter_map(|(fan_out, _)| match fan_out {
        FanOut::Mapped { task, .. } => Some(task.to_string()),
        FanOut::Static { .. } => None,
    });
    let mut needs: IndexSet<String> = member.task.needs.iter().chain(around).map(Need::path).collect();
    needs.extend(mapped);
    needs.into_iter().collect()
}

fn values(values: Vec<LayeredValue>, origins: &mut IndexSet<Origin>) -> Vec<(String, Vec<usize>)> {
    let mut place = |origin: Origin| origins.insert_full(origin).0;
    values.into_iter().map(|LayeredValue { key, by }| (key, by.into_iter().map(&mut place).collect())).collect()
}
