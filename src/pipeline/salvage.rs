//! What is left of a workflow once what is wrong in it is taken out, so that one fault does not hide those of all others.
//!
//! What goes is the smallest part that a workflow can be without: a setting, a variable, a task. Of what is gone, [`Gaps`] remembers
//! enough that nothing is told of its absence.

use crate::diag::{Diagnostic, Severity, Sink};
use crate::expand::{Holes, Shape};
use crate::schema::{self, Kind, Misfit};
use crate::source::{Span, Spanned, Texts};
use crate::spec::{Context, Decode, Gaps, Workflow};
use crate::yaml::{Entry, Node, Value};

/// Faults of shape up to which the rest is looked at. Whoever has more of them has enough to read.
const MOST: usize = 200;

/// A name for a workflow whose own is missing or wrong; no message shows it.
const STAND_IN: &str = "unnamed";

/// What can be understood of a workflow with these holes that may have faults of shape too, and what cannot. All that its shape and its types
/// refuse is told. `None` when too little is left.
pub(super) fn salvage(node: Node, holes: &Holes, texts: &Texts, sink: &mut Sink) -> Option<(Workflow, Gaps)> {
    let mut remains = Remains { node, gaps: Gaps::default() };
    remains.leave_out(holes);
    schema::validate(Kind::Workflow, &remains.node, texts, sink);
    let misfits = schema::misfits(Kind::Workflow, &remains.node);
    if misfits.len() > MOST {
        return None;
    }
    misfits.iter().for_each(|misfit| remains.cut(misfit));
    let (decoded, faults) = remains.decode(texts)?;
    if faults.is_empty() {
        return Some((decoded?, remains.gaps));
    }
    // Of two faults in one setting, the second would be found in what is around it once the first is cut out with all of the setting.
    let spans = faults.iter().take(MOST).filter_map(|fault| fault.labels.first()?.place.span());
    let places: Option<Vec<Misfit>> = spans.map(|span| place(&remains.node, span)).collect();
    places?.iter().for_each(|place| remains.cut(place));
    sink.extend(faults);
    let (decoded, faults) = remains.decode(texts)?;
    decoded.filter(|_| faults.is_empty()).map(|spec| (spec, remains.gaps))
}

struct Remains {
    node: Node,
    gaps: Gaps,
}

/// The maps of a workflow that can be without an entry.
#[derive(Clone, Copy)]
enum Level {
    Workflow,
    Group,
    /// A task, or what holds for many.
    Settings,
    Tasks,
    Groups,
    /// Values by names that a file chooses and refers to.
    Named,
    /// Values by names that mean something elsewhere.
    Values,
}

impl Level {
    /// What the value of a key is, when it can be without an entry too.
    fn below(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Workflow | Self::Group, "tasks") => Some(Self::Tasks),
            (Self::Workflow | Self::Group, "groups") => Some(Self::Groups),
            (Self::Workflow | Self::Group, "defaults") | (Self::Tasks, _) => Some(Self::Settings),
            (Self::Workflow, "vars" | "params") => Some(Self::Named),
            (Self::Groups, _) => Some(Self::Group),
            (Self::Settings, "env" | "labels" | "annotations") => Some(Self::Values),
            (Self::Workflow | Self::Group | Self::Settings | Self::Named | Self::Values, _) => None,
        }
    }

    fn remember(self, map: Span, Entry { key, value }: &Entry, misfit: &Misfit, gaps: &mut Gaps) {
        gaps.add_key(map, &key.value);
        let is_empty_or_scalar = value.entries().is_empty() && value.items().is_empty();
        match self {
            Self::Tasks | Self::Groups | Self::Named if misfit.is_key => gaps.add_names(),
            Self::Tasks | Self::Groups | Self::Named => gaps.add_name(&key.value),
            Self::Workflow | Self::Group if self.holds_names(&key.value) || misfit.is_key && !is_empty_or_scalar => gaps.add_names(),
            Self::Workflow | Self::Group | Self::Settings | Self::Values => {}
        }
        if misfit.is_key {
            gaps.add_strange_key(map);
        }
    }

    fn holds_names(self, key: &str) -> bool {
        match self.below(key) {
            Some(Self::Tasks | Self::Groups | Self::Named) => true,
            Some(Self::Workflow | Self::Group | Self::Settings | Self::Values) | None => false,
        }
    }
}

impl Remains {
    /// Takes out what could not be put in.
    fn leave_out(&mut self, holes: &Holes) {
        for steps in holes.places(&self.node) {
            self.cut(&Misfit { steps, is_key: false });
        }
        for (shape, map) in holes.maps() {
            self.gaps.add_strange_key(map);
            if shape != Shape::Task {
                self.gaps.add_names();
            }
        }
        if self.gaps.may_have(self.node.span, "workflow") {
            self.give_a_name();
        }
    }

    /// Takes out what a misfit is about. What is missing at the top leaves nothing to take out.
    fn cut(&mut self, misfit: &Misfit) {
        let Self { node, gaps } = self;
        let (mut at, mut level) = (node, Level::Workflow);
        for (depth, step) in misfit.steps.iter().enumerate() {
            let (map, is_last) = (at.span, depth + 1 == misfit.steps.len());
            let Value::Map(entries) = &mut at.value else { return };
            let Some(index) = entries.iter().position(|entry| entry.key.value == *step) else { return };
            match level.below(step).filter(|_| !is_last && matches!(entries[index].value.value, Value::Map(_))) {
                Some(below) => {
                    level = below;
                    at = &mut entries[index].value;
                }
                None => {
                    let is_key = misfit.is_key && is_last;
                    let steps = Vec::new();
                    level.remember(map, &entries.remove(index), &Misfit { steps, is_key }, gaps);
                    return;
                }
            }
        }
    }

    /// The rest as its type, and what the type refuses. `None` when the schema does so still.
    fn decode(&mut self, texts: &Texts) -> Option<(Option<Workflow>, Vec<Diagnostic>)> {
        self.give_a_name();
        if !schema::misfits(Kind::Workflow, &self.node).is_empty() {
            return None;
        }
        let mut sink = Sink::new();
        let decoded = Workflow::decode(self.node.clone(), &mut Context { texts, sink: &mut sink });
        let faults = sink.into_sorted().into_iter().filter(|fault| fault.severity == Severity::Error).collect();
        Some((decoded, faults))
    }

    fn give_a_name(&mut self) {
        let span = self.node.span;
        if let Value::Map(entries) = &mut self.node.value
            && !entries.iter().any(|entry| entry.key.value == "workflow")
        {
            let value = Node { span, value: Value::String(STAND_IN.to_owned()) };
            entries.push(Entry { key: Spanned::new("workflow".to_owned(), span), value });
            self.gaps.add_key(span, "workflow");
        }
    }
}

/// Where in a node a span is. What blueprints gave is not inside what is around it, so every branch is looked into.
fn place(node: &Node, span: Span) -> Option<Misfit> {
    let has = |outer: Span| outer.source == span.source && outer.start <= span.start && span.end <= outer.end;
    let below = |step: String, inner: &Node| {
        let mut found = place(inner, span)?;
        found.steps.insert(0, step);
        Some(found)
    };
    let in_entry = |entry: &Entry| match has(entry.key.span) {
        true => Some(Misfit { steps: vec![entry.key.value.clone()], is_key: true }),
        false => below(entry.key.value.clone(), &entry.value),
    };
    let in_item = |(index, item): (usize, &Node)| below(index.to_string(), item);
    let inside = node.entries().iter().find_map(in_entry).or_else(|| node.items().iter().enumerate().find_map(in_item));
    inside.or_else(|| has(node.span).then(|| Misfit { steps: Vec::new(), is_key: false }))
}
