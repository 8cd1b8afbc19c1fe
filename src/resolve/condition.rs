//! Conditions of tasks: what they become, and branches that never meet.

use std::collections::{BTreeSet, HashMap};

use super::fan_out::ResolvedFanOut;
use super::task::{Scope, check_rows};
use super::text::{Values, native_in};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{self, Condition, Member, Node, Test, Text, TriggerRule};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{self, RunIf, Task, Workflow};

/// Conditions of a task and of all that it needs, of which it is asked whether they go together: a workflow has a handful.
const MOST_ASKED: usize = 64;

/// What must be so for a task to run: what the groups around it say, the outermost first, and what it says itself.
pub(super) fn resolve_conditions(
    (name, task): (&Spanned<TaskName>, &Task),
    repeated: &[&ResolvedFanOut],
    scope: &Scope<'_>,
    sink: &mut Sink,
) -> Vec<Condition> {
    let values = Values { workflow: scope.workflow, surroundings: scope.surroundings, task: &name.value, room: scope.room };
    let around = scope.groups.iter().filter_map(|around| around.group.run_if.as_ref());
    check_texts(task.run_if.as_ref(), repeated, scope, sink);
    let condition = |condition: &spec::Condition| Condition {
        value: values.text(&condition.value),
        test: condition.test,
        wanted: condition.wanted.iter().map(|wanted| values.text(wanted)).collect(),
    };
    around.chain(&task.run_if).flat_map(|run_if| &run_if.conditions).map(condition).collect()
}

/// What the platform has to say about texts in conditions, and what the rows of a fan-out lack.
pub(super) fn check_texts(run_if: Option<&RunIf>, repeated: &[&ResolvedFanOut], scope: &Scope<'_>, sink: &mut Sink) {
    let templates = || run_if.into_iter().flat_map(RunIf::templates);
    native_in(templates(), scope.surroundings.policy, sink);
    templates().for_each(|template| check_rows(template, repeated, sink));
}

/// A condition and where it was written.
type Placed<'a> = (&'a Condition, Span);

/// Warns of a task that never runs: it waits for the success of tasks that never run together.
pub(super) fn check_branches(workflow: &Workflow, nodes: &[Node], sink: &mut Sink) {
    let members = ir::members(nodes);
    if members.iter().all(|member| member.task.run_if.is_empty()) {
        return;
    }
    let written = workflow.members();
    let written: HashMap<String, &spec::Member<'_>> = written.iter().map(|member| (member.path().join("."), member)).collect();
    let (edges, count) = edges(&members);
    let mut conditions: Vec<Vec<Placed<'_>>> = members.iter().map(|member| own_conditions(member, &written)).collect();
    conditions.resize(count, Vec::new());
    let ranks = ir::ranks(count, &edges);
    let mut in_order = edges;
    in_order.sort_unstable_by_key(|(from, to)| (ranks[*from], *to));
    for (from, to) in in_order {
        let missing: Vec<_> = conditions[from].iter().filter(|placed| !conditions[to].contains(placed)).copied().collect();
        let room = MOST_ASKED.saturating_sub(conditions[to].len());
        conditions[to].extend(missing.into_iter().take(room));
    }
    // What follows a task that never runs never runs either: the first one is told.
    let mut told = BTreeSet::new();
    let mut by_rank: Vec<usize> = (0..members.len()).collect();
    by_rank.sort_by_key(|at| ranks[*at]);
    for at in by_rank {
        let Some((one, other)) = exclusive(&conditions[at]) else { continue };
        let Some(member) = written.get(&members[at].path()) else { continue };
        if told.insert((one.1, other.1)) {
            let is_own = [one, other].iter().all(|(condition, _)| members[at].task.run_if.contains(condition));
            sink.push(fault(member.name, is_own, &one, &other));
        }
    }
}

/// The conditions that stand at a task and the groups around it.
fn own_conditions<'a>(member: &Member<'a>, written: &HashMap<String, &spec::Member<'_>>) -> Vec<Placed<'a>> {
    let run_ifs = written.get(&member.path()).into_iter().flat_map(|written| written.run_ifs());
    let spans = run_ifs.flat_map(|run_if| &run_if.conditions).map(|condition| condition.span);
    member.task.run_if.iter().zip(spans).collect()
}

/// Who must have run for whom to run, as pairs of places, and how many places there are: the tasks as they are given, then groups, of which
/// those tasks count that nothing in them waits for.
fn edges(members: &[Member<'_>]) -> (Vec<(usize, usize)>, usize) {
    let mut places: HashMap<String, usize> = members.iter().enumerate().map(|(at, member)| (member.path(), at)).collect();
    let needs = |member: &Member<'_>| -> Vec<String> {
        let around = member.groups.iter().flat_map(|group| &group.needs);
        around.chain(&member.task.needs).map(ir::Need::path).collect()
    };
    let needed: BTreeSet<String> = members.iter().flat_map(needs).collect();
    let mut edges = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let path = member.path();
        let mut inner = path.as_str();
        while let Some((around, _)) = inner.rsplit_once('.').filter(|_| !needed.contains(inner)) {
            let count = places.len();
            edges.push((at, *places.entry(around.to_owned()).or_insert(count)));
            inner = around;
        }
    }
    for (at, member) in members.iter().enumerate().filter(|(_, member)| member.task.trigger_rule == TriggerRule::AllSuccess) {
        edges.extend(needs(member).iter().filter_map(|need| Some((*places.get(need)?, at))));
    }
    (edges, places.len())
}

fn fault(name: &Spanned<TaskName>, is_own: bool, one: &Placed<'_>, other: &Placed<'_>) -> Diagnostic {
    let (why, help) = if is_own {
        ("its conditions exclude each other", "change one of them".to_owned())
    } else {
        let rule = TriggerRule::NoneFailedMinOneSuccess.as_str();
        ("it waits for what never runs together", format!("add `trigger_rule: {rule}` to it: then one of them is enough"))
    };
    let fault = Diagnostic::warning(&code::NEVER_RUNS, format!("`{}` never runs: {why}", name.value));
    let fault = fault.at(name.span, if is_own { "" } else { "runs when all that it needs has run" });
    if one.1 == other.1 {
        return fault.at(one.1, format!("{}, and {}", one.0, other.0)).help(help);
    }
    [one, other].into_iter().fold(fault, |fault, (condition, span)| fault.at(*span, condition.to_string())).help(help)
}

/// Two conditions that never hold together.
fn exclusive<'a>(conditions: &[Placed<'a>]) -> Option<(Placed<'a>, Placed<'a>)> {
    let pairs = conditions.iter().enumerate().flat_map(|(at, one)| conditions[at + 1..].iter().map(move |other| (*one, *other)));
    pairs.into_iter().find(|((one, _), (other, _))| one.value == other.value && exclude(one, other))
}

fn exclude(one: &Condition, other: &Condition) -> bool {
    match (one.test, other.test) {
        (Test::OneOf, _) => texts(one).is_some_and(|texts| texts.iter().all(|text| holds(other, text) == Some(false))),
        (_, Test::OneOf) => exclude(other, one),
        (Test::NoneOf, _) | (_, Test::NoneOf) => false,
        (Test::Above | Test::AtLeast, Test::Below | Test::AtMost) => are_apart(one, other),
        (Test::Below | Test::AtMost, Test::Above | Test::AtLeast) => are_apart(other, one),
        (Test::Above | Test::AtLeast, Test::Above | Test::AtLeast) | (Test::Below | Test::AtMost, Test::Below | Test::AtMost) => false,
    }
}

/// Whether a condition holds of a text; `None` when only the run knows.
fn holds(condition: &Condition, text: &str) -> Option<bool> {
    let number = || text.parse::<f64>().ok();
    Some(match condition.test {
        Test::OneOf => texts(condition)?.contains(&text),
        Test::NoneOf => !texts(condition)?.contains(&text),
        Test::Above => number()? > bound(condition)?,
        Test::AtLeast => number()? >= bound(condition)?,
        Test::Below => number()? < bound(condition)?,
        Test::AtMost => number()? <= bound(condition)?,
    })
}

/// Whether no number is beyond the one and short of the other.
fn are_apart(least: &Condition, most: &Condition) -> bool {
    let (Some(from), Some(to)) = (bound(least), bound(most)) else { return false };
    let is_closed = least.test == Test::AtLeast && most.test == Test::AtMost;
    from > to || (from >= to && !is_closed)
}

fn texts(condition: &Condition) -> Option<Vec<&str>> {
    condition.wanted.iter().map(Text::as_literal).collect()
}

fn bound(condition: &Condition) -> Option<f64> {
    condition.wanted.first()?.as_literal()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(test: Test, wanted: &[&str]) -> Condition {
        let wanted = wanted.iter().map(|text| Text::literal(*text)).collect();
        Condition { value: Text::new([ir::Piece::Param("rows".to_owned())]), test, wanted }
    }

    #[test]
    fn conditions_that_no_value_fulfils_together_exclude_each_other() {
        use Test::{Above, AtLeast, AtMost, Below, NoneOf, OneOf};
        let excluding: [(Test, &[&str], Test, &[&str]); 8] = [
            (OneOf, &["full"], OneOf, &["delta", "none"]),
            (OneOf, &["full"], NoneOf, &["full"]),
            (OneOf, &["0"], Above, &["0"]),
            (Above, &["100"], AtMost, &["100"]),
            (Above, &["100"], Below, &["100"]),
            (AtLeast, &["100"], Below, &["100"]),
            (AtLeast, &["101"], AtMost, &["100"]),
            (OneOf, &["3", "4"], AtMost, &["2.5"]),
        ];
        let going: [(Test, &[&str], Test, &[&str]); 7] = [
            (OneOf, &["full", "delta"], OneOf, &["delta"]),
            (NoneOf, &["full"], NoneOf, &["delta"]),
            (AtLeast, &["100"], AtMost, &["100"]),
            (Above, &["1"], Above, &["2"]),
            (Below, &["1"], AtMost, &["2"]),
            (OneOf, &["many"], Above, &["2"]),
            (NoneOf, &["3"], Above, &["2"]),
        ];
        for (pairs, wanted) in [(excluding.as_slice(), true), (going.as_slice(), false)] {
            for (one, texts, other, more) in pairs {
                let (one, other) = (condition(*one, texts), condition(*other, more));
                assert_eq!(exclude(&one, &other), wanted, "{one} / {other}");
                assert_eq!(exclude(&other, &one), wanted, "{other} / {one}");
            }
        }
    }
}
