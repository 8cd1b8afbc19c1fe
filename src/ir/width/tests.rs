//! What can run together, held to runs of an Airflow in miniature, and to all sets of few tasks.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::Width;
use crate::ir::{Container, FanOut, Group, Handling, Need, Node, Notify, Row, Task, TaskKind, TriggerRule, Value};
use crate::name::TaskName;

fn name(text: &str) -> TaskName {
    TaskName::parse(text).expect("a name")
}

fn task(own: &str, needs: Vec<Need>, trigger_rule: TriggerRule) -> Task {
    let container = Container {
        fan_out: None,
        max_parallel: None,
        execution_timeout: None,
        startup_timeout: Duration::from_secs(600),
        output: false,
        handling: Handling::default(),
        profile: None,
        pod: Value::Null,
    };
    Task {
        name: name(own),
        description: None,
        needs,
        trigger_rule,
        run_if: Vec::new(),
        teardown: None,
        retries: 0,
        retry_delay: Duration::ZERO,
        retry_exponential_backoff: false,
        max_retry_delay: None,
        pool: None,
        pool_slots: 1,
        priority_weight: 1,
        depends_on_past: false,
        wait_for_downstream: false,
        produces: Vec::new(),
        notify: Notify::default(),
        kind: TaskKind::Container(Box::new(container)),
    }
}

fn rows(count: usize) -> Option<FanOut> {
    let row = |number: usize| Row { key: format!("r{number}"), value: serde_json::Value::Null };
    (count > 1).then(|| FanOut::Static { variables: Vec::new(), rows: (0..count).map(row).collect() })
}

/// The most tasks together.
fn most(nodes: &[Node]) -> f64 {
    heaviest(nodes, &|_| 1.0)
}

fn heaviest(nodes: &[Node], weight: &dyn Fn(&Task) -> f64) -> f64 {
    Width { weight, tasks_at_once: 1000.0 }.of(nodes)
}

fn need(groups: &[&str], own: &str) -> Need {
    Need { groups: groups.iter().map(|group| name(group)).collect(), name: name(own) }
}

fn group(own: &str, needs: Vec<Need>, items: usize, max_parallel: Option<u32>, nodes: Vec<Node>) -> Node {
    Node::Group(Group { name: name(own), needs, fan_out: rows(items), max_parallel, nodes })
}

/// `extract`, `load` after it, and `report` after that whatever came of it, within a group or outside.
fn chain(around: &[&str]) -> Vec<Node> {
    let tasks = [
        task("extract", Vec::new(), TriggerRule::AllSuccess),
        task("load", vec![need(around, "extract")], TriggerRule::AllSuccess),
        task("report", vec![need(around, "load")], TriggerRule::AllDone),
    ];
    tasks.map(Node::Task).into()
}

#[test]
fn one_of_a_chain_runs_at_a_time() {
    assert_eq!(most(&chain(&[])), 1.0);
    // Each item has its own.
    let customers = group("customers", Vec::new(), 30, None, chain(&["customers"]));
    assert_eq!(most(std::slice::from_ref(&customers)), 30.0);
    let after = |rule| Node::Task(task("after", vec![need(&[], "customers")], rule));
    assert_eq!(most(&[customers.clone(), after(TriggerRule::AllDone)]), 30.0);
    assert_eq!(most(&[customers, after(TriggerRule::OneFailed)]), 31.0);
}

#[test]
fn a_bound_is_each_tasks_own() {
    let bounded = |items, bound| most(&[group("customers", Vec::new(), items, Some(bound), chain(&["customers"]))]);
    // While two customers are at the last task, two others are at the one before.
    assert_eq!((bounded(30, 2), bounded(5, 2), bounded(2, 4)), (6.0, 5.0, 2.0));
}

#[test]
fn what_ends_without_having_run_is_followed_early() {
    let two = ["left", "right"].map(|own| Node::Task(task(own, Vec::new(), TriggerRule::AllSuccess)));
    let both = |own, rule| Node::Task(task(own, vec![need(&[], "left"), need(&[], "right")], rule));
    let after = |own, rule| Node::Task(task(own, vec![need(&[], "join")], rule));
    let most_of = |join, after| most(&[two.to_vec(), vec![join, after]].concat());
    // When `left` fails, `join` is done, and `after` runs beside `right`.
    assert_eq!(most_of(both("join", TriggerRule::AllSuccess), after("after", TriggerRule::AllDone)), 3.0);
    assert_eq!(most_of(both("join", TriggerRule::AllSuccess), after("after", TriggerRule::AllSuccess)), 2.0);
    assert_eq!(most_of(both("join", TriggerRule::AllDone), after("after", TriggerRule::AllDone)), 2.0);
}

#[test]
fn what_of_a_group_may_still_run_runs_beside_what_follows() {
    // `first` starts when one of the two has succeeded, and is all that `after` waits for.
    let inside = [task("left", Vec::new(), TriggerRule::AllSuccess), task("right", Vec::new(), TriggerRule::AllSuccess), {
        task("first", vec![need(&["race"], "left"), need(&["race"], "right")], TriggerRule::OneSuccess)
    }];
    let race = group("race", Vec::new(), 1, None, inside.map(Node::Task).into());
    let nodes = [race, Node::Task(task("after", vec![need(&[], "race")], TriggerRule::AllSuccess))];
    assert!(heaviest(&nodes, &|task| if task.name.as_str() == "after" { 10.0 } else { 1.0 }) >= 11.0);
}

#[test]
fn what_is_needed_further_out_may_end_a_task_early() {
    // When `other` fails, `join` is done while `slow` runs, and `tell` runs beside it.
    let inside = [
        task("slow", Vec::new(), TriggerRule::AllSuccess),
        task("join", vec![need(&["some"], "slow"), need(&[], "other")], TriggerRule::AllSuccess),
        task("tell", vec![need(&["some"], "join")], TriggerRule::AllDone),
    ];
    let nodes = [Node::Task(task("other", Vec::new(), TriggerRule::AllSuccess)), {
        group("some", Vec::new(), 1, None, inside.map(Node::Task).into())
    }];
    let weight = |task: &Task| f64::from(u8::from(["slow", "tell"].contains(&task.name.as_str())));
    assert_eq!(heaviest(&nodes, &weight), 2.0);
}

/// Choices, made by numbers that a test is given: 0 once they are used up.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % count
    }
}

fn any_rule(choices: &mut Choices<'_>) -> TriggerRule {
    // Half of all have the usual one.
    TriggerRule::ALL.get(choices.below(2 * TriggerRule::ALL.len())).copied().unwrap_or_default()
}

/// Some nodes, each of which may need those before it, and those before the groups around it.
fn any_nodes(choices: &mut Choices<'_>, around: &[&str], further_out: &[Need]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for number in 0..1 + choices.below(4) {
        let mut needs: Vec<Need> = Vec::new();
        for other in &nodes {
            if choices.below(2) == 0 {
                needs.push(Need { groups: around.iter().map(|group| name(group)).collect(), name: other.name().clone() });
            }
        }
        needs.extend(further_out.iter().filter(|_| choices.below(6) == 1).cloned());
        let own = format!("n{}{number}", around.len());
        if around.len() < 2 && choices.below(3) == 1 {
            let (items, bound) = ([1, 1, 2, 3][choices.below(4)], [None, None, Some(1), Some(2)][choices.below(4)]);
            // What the group needs already, and what stands beside it, may be needed by what is in it.
            let sight: Vec<Need> = further_out.iter().chain(&needs).cloned().collect();
            let inside = any_nodes(choices, &[around, &[own.as_str()]].concat(), &sight);
            nodes.push(group(&own, needs, items, bound, inside));
        } else {
            nodes.push(Node::Task(task(&own, needs, any_rule(choices))));
        }
    }
    nodes
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    None,
    Running,
    Success,
    Failed,
    Skipped,
    UpstreamFailed,
}

/// A task of a run.
struct Instance {
    rule: TriggerRule,
    upstream: Vec<usize>,
    weight: u32,
    /// The operator in Airflow that it is an instance of, and how many of those run at once.
    operator: String,
    bound: Option<u32>,
}

/// What a task of [`any_nodes`] weighs: by its depth and its number, the last two of its name.
fn weight_of(task: &Task, weights: &[u8; 12]) -> u32 {
    let own = task.name.as_str()[1..].bytes().fold(0, |place, digit| 4 * place + usize::from(digit - b'0'));
    u32::from(weights[own])
}

/// All tasks of a run, as Airflow has them: a group's first tasks wait for what it waits for, and who needs a group waits for its last ones.
struct Run {
    weights: [u8; 12],
    instances: Vec<Instance>,
}

impl Run {
    /// The instances of nodes of one item of all around; `seen` has those that are waited for by whoever needs a name.
    fn add(
        &mut self,
        nodes: &[Node],
        (prefix, around): (&str, Option<&TaskName>),
        bound: Option<u32>,
        entry: &[usize],
        seen: &HashMap<Need, Vec<usize>>,
    ) -> Vec<usize> {
        let mut seen = seen.clone();
        let mut is_needed: Vec<&TaskName> = Vec::new();
        let mut own: Vec<(Need, Vec<usize>)> = Vec::new();
        let depth = prefix.matches('/').count();
        for node in nodes {
            let beside: Vec<_> = node.needs().iter().filter(|need| need.groups.len() == depth).collect();
            is_needed.extend(beside.iter().map(|need| &need.name));
            let mut upstream: Vec<usize> = node.needs().iter().flat_map(|need| seen[need].clone()).collect();
            if beside.is_empty() {
                upstream.extend(entry);
            }
            upstream.sort_unstable();
            upstream.dedup();
            let is_instances = matches!(node.items(around), Some(crate::ir::Items::Instances));
            let bound = if is_instances { node.max_parallel() } else { bound };
            let mut last = Vec::new();
            for item in 0..node.fan_out().and_then(FanOut::count).unwrap_or(1) {
                let item = if is_instances { String::new() } else { item.to_string() };
                let path = format!("{prefix}{}{item}", node.name());
                match node {
                    Node::Task(task) => {
                        last.push(self.instances.len());
                        self.instances.push(Instance {
                            rule: task.trigger_rule,
                            upstream: upstream.clone(),
                            weight: weight_of(task, &self.weights),
                            operator: path,
                            bound,
                        });
                    }
                    Node::Group(group) => {
                        let inside = node.instances_in(around);
                        last.extend(self.add(&group.nodes, (&format!("{path}/"), inside), bound, &upstream, &seen));
                    }
                }
            }
            let groups: Vec<TaskName> = prefix.split_terminator('/').map(|part| name(&part[..3])).collect();
            let at = Need { groups, name: node.name().clone() };
            seen.insert(at.clone(), last.clone());
            own.push((at, last));
        }
        own.into_iter().filter(|(at, _)| !is_needed.contains(&&at.name)).flat_map(|(_, last)| last).collect()
    }

    /// What becomes of a task that has not run, as Airflow's scheduler decides it: `Running` for one that may start.
    fn next(&self, states: &[State], instance: &Instance) -> State {
        let count = |state: State| instance.upstream.iter().filter(|place| states[**place] == state).count();
        let (succeeded, skipped) = (count(State::Success), count(State::Skipped));
        let (failed, lost) = (count(State::Failed) + count(State::UpstreamFailed), State::UpstreamFailed);
        let all = instance.upstream.len();
        let is_done = succeeded + skipped + failed == all;
        let start = |is_met: bool| if is_met { State::Running } else { State::None };
        match instance.rule {
            _ if all == 0 => State::Running,
            TriggerRule::Always => State::Running,
            TriggerRule::AllSuccess if failed > 0 => lost,
            TriggerRule::AllSuccess if skipped > 0 => State::Skipped,
            TriggerRule::AllSuccess => start(succeeded == all),
            TriggerRule::AllFailed if succeeded + skipped > 0 => State::Skipped,
            TriggerRule::AllFailed => start(failed == all),
            TriggerRule::AllDone => start(is_done),
            TriggerRule::OneSuccess if is_done && skipped == all => State::Skipped,
            TriggerRule::OneSuccess if is_done && succeeded == 0 => lost,
            TriggerRule::OneSuccess => start(succeeded > 0),
            TriggerRule::OneFailed if is_done && failed == 0 => State::Skipped,
            TriggerRule::OneFailed => start(failed > 0),
            TriggerRule::OneDone if is_done && skipped == all => State::Skipped,
            TriggerRule::OneDone => start(succeeded + failed > 0),
            TriggerRule::NoneFailed if failed > 0 => lost,
            TriggerRule::NoneFailed => start(is_done),
            TriggerRule::NoneFailedMinOneSuccess if failed > 0 => lost,
            TriggerRule::NoneFailedMinOneSuccess if skipped == all => State::Skipped,
            TriggerRule::NoneFailedMinOneSuccess => start(is_done && succeeded > 0),
            TriggerRule::NoneSkipped if skipped > 0 => State::Skipped,
            TriggerRule::NoneSkipped => start(is_done),
            TriggerRule::AllSkipped if succeeded + failed > 0 => State::Skipped,
            TriggerRule::AllSkipped => start(skipped == all),
        }
    }

    /// Runs all to the end, in an order and with outcomes of choice; the heaviest that ran together.
    fn play(&self, choices: &mut Choices<'_>) -> u32 {
        let mut states = vec![State::None; self.instances.len()];
        let mut most = 0;
        loop {
            let running: Vec<usize> = (0..states.len()).filter(|place| states[*place] == State::Running).collect();
            most = most.max(running.iter().map(|place| self.instances[*place].weight).sum());
            let may_start = |instance: &Instance| {
                let others = running.iter().filter(|place| self.instances[**place].operator == instance.operator).count();
                instance.bound.is_none_or(|bound| others < bound as usize)
            };
            let waiting = (0..states.len()).filter(|place| states[*place] == State::None);
            let decided = waiting.map(|place| (place, self.next(&states, &self.instances[place])));
            let mut open: Vec<(usize, State)> = decided
                .filter(|(place, next)| *next != State::None && (*next != State::Running || may_start(&self.instances[*place])))
                .collect();
            // Starting what can start comes first most of the time, so that much is together.
            if open.is_empty() || choices.below(4) == 1 {
                let outcome = [State::Success, State::Success, State::Failed, State::Skipped][choices.below(4)];
                open.extend(running.iter().map(|place| (*place, outcome)));
            }
            if open.is_empty() {
                return most;
            }
            let (place, next) = open.swap_remove(choices.below(open.len()));
            states[place] = next;
        }
    }
}

/// The most nodes of which none comes after another, by trying all sets.
fn largest_antichain(count: usize, edges: &[(usize, usize)]) -> u32 {
    let mut after = vec![0_u32; count];
    for to in 0..count {
        for (from, _) in edges.iter().filter(|(_, end)| *end == to) {
            after[to] |= after[*from] | 1 << from;
        }
    }
    let is_free = |set: &u32| (0..count).all(|place| set & 1 << place == 0 || set & after[place] == 0);
    (0..1_u32 << count).filter(is_free).map(u32::count_ones).max().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn never_less_than_what_runs_together(weights in prop::array::uniform12(0..5_u8), shape in prop::collection::vec(any::<u8>(), 0..80), order in prop::collection::vec(any::<u8>(), 1..200)) {
        let nodes = any_nodes(&mut Choices(shape.iter()), &[], &[]);
        let mut run = Run { weights, instances: Vec::new() };
        run.add(&nodes, ("", None), None, &[], &HashMap::new());
        let most = heaviest(&nodes, &|task| f64::from(weight_of(task, &weights)));
        for start in 0..6.min(order.len()) {
            let together = run.play(&mut Choices(order[start..].iter()));
            prop_assert!(most >= f64::from(together), "{together} ran together, and {most} was said: {nodes:#?}");
        }
    }

    #[test]
    fn the_largest_set_of_which_none_waits_for_another(edges in prop::collection::vec((0..9_usize, 0..9_usize), 0..20)) {
        let edges: Vec<_> = edges.into_iter().filter(|(from, to)| from < to).collect();
        let own = |place: usize| format!("t{place}");
        let needs = |place: usize| edges.iter().filter(move |(_, to)| *to == place).map(|(from, _)| need(&[], &own(*from)));
        let nodes: Vec<_> = (0..9).map(|place| Node::Task(task(&own(place), needs(place).collect(), TriggerRule::AllSuccess))).collect();
        prop_assert_eq!(most(&nodes), f64::from(largest_antichain(9, &edges)));
    }
}
