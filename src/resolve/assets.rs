//! Assets of a team's workflows: who produces what starts whom.
//!
//! An asset may be produced by any team, so one that nobody here produces is no fault; it is told only when it looks like a slip.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{DiGraph, NodeIndex};

use super::waits::Rest;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::{AssetUri, TeamName, WorkflowName};
use crate::source::Spanned;
use crate::spec::{AwaitedAsset, Workflow, WorkflowReference};

type Producers<'a> = BTreeMap<&'a AssetUri, Vec<(&'a Workflow, &'a Spanned<AssetUri>)>>;

/// Checks what starts a team's workflows and what they produce.
pub fn check_assets<'a>(team: &TeamName, workflows: impl IntoIterator<Item = &'a Workflow>, rest: &Rest, sink: &mut Sink) {
    let workflows: Vec<&Workflow> = workflows.into_iter().collect();
    let mut producers: Producers<'_> = BTreeMap::new();
    for workflow in &workflows {
        for (asset, _) in workflow.produced() {
            producers.entry(&asset.value).or_default().push((workflow, asset));
        }
    }
    let by_name: BTreeMap<&WorkflowName, &Workflow> = workflows.iter().map(|workflow| (&workflow.workflow.value, *workflow)).collect();
    for workflow in &workflows {
        for awaited in workflow.awaited_assets() {
            let fault = match own_producer(awaited, team) {
                Some(from) => wrong_producer(awaited, from, (team, &by_name, rest)),
                None if awaited.from.is_none() => slip(awaited, &producers),
                None => None,
            };
            sink.extend(fault);
        }
    }
    tell_rings(&workflows, &producers, sink);
}

/// The workflow of the own team that an asset is said to come from.
fn own_producer<'a>(awaited: &'a AwaitedAsset, team: &TeamName) -> Option<&'a Spanned<WorkflowReference>> {
    awaited.from.as_ref().filter(|from| from.value.team.as_ref().is_none_or(|named| named == team))
}

fn wrong_producer(
    awaited: &AwaitedAsset,
    from: &Spanned<WorkflowReference>,
    (team, here, rest): (&TeamName, &BTreeMap<&WorkflowName, &Workflow>, &Rest),
) -> Option<Diagnostic> {
    let name = &from.value.workflow;
    let asset = &awaited.asset;
    let Some(producer) = here.get(name) else {
        let is_gone = rest.names().is_some_and(|names| !names.contains(name));
        let fault = Diagnostic::error(&code::UNKNOWN_AWAITED, format!("team `{team}` has no workflow `{name}`")).at(from.span, "");
        return is_gone.then(|| fault.help("write the name behind `workflow:` in its file, or leave `from` out"));
    };
    // What a hand-written file produces stands in the file.
    if producer.adopted.is_some() {
        return None;
    }
    let made: Vec<&str> = producer.produced().map(|(asset, _)| asset.value.as_str()).collect();
    if made.contains(&asset.value.as_str()) {
        return None;
    }
    let fault = Diagnostic::error(&code::UNKNOWN_ASSET, format!("`{name}` does not produce `{}`", asset.value));
    let fault = fault.at(asset.span, "nothing would start a run").at(producer.workflow.span, "this workflow");
    Some(match made.as_slice() {
        [] => fault.help(format!("add `produces: [{}]` to the task of `{name}` that writes it", asset.value)),
        made => fault.help(format!("it produces {}", quoted_list(made.iter().copied()))),
    })
}

/// Letters by which a misspelt URI differs at the most. Those of a team are alike, so being alike is no sign.
const SLIP: usize = 2;

fn slip(awaited: &AwaitedAsset, producers: &Producers<'_>) -> Option<Diagnostic> {
    let asset = &awaited.asset;
    if producers.contains_key(&asset.value) {
        return None;
    }
    let near = producers.iter().find(|(made, _)| (1..=SLIP).contains(&strsim::osa_distance(made.as_str(), asset.value.as_str())));
    let (near, made) = near?;
    let fault = Diagnostic::warning(&code::UNKNOWN_ASSET, format!("nothing here produces `{}`", asset.value)).at(asset.span, "");
    let fault = fault.at_if(made.first().map(|(_, place)| place.span), "but this");
    Some(
        fault.help(format!(
            "write `{near}`; if another team produces the other, name it: `{{ asset: {}, from: team/workflow }}`",
            asset.value
        )),
    )
}

/// Tells every ring of workflows that start each other for ever.
fn tell_rings(workflows: &[&Workflow], producers: &Producers<'_>, sink: &mut Sink) {
    let mut graph: DiGraph<&Workflow, (&AwaitedAsset, &Spanned<AssetUri>)> = DiGraph::new();
    let nodes: BTreeMap<&WorkflowName, NodeIndex> =
        workflows.iter().map(|workflow| (&workflow.workflow.value, graph.add_node(*workflow))).collect();
    for workflow in workflows {
        for awaited in workflow.awaited_assets() {
            for (producer, made) in producers.get(&awaited.asset.value).into_iter().flatten() {
                graph.add_edge(nodes[&workflow.workflow.value], nodes[&producer.workflow.value], (awaited, made));
            }
        }
    }
    for ring in petgraph::algo::tarjan_scc(&graph) {
        let ring: BTreeSet<NodeIndex> = ring.into_iter().collect();
        let edges = ring.iter().flat_map(|node| graph.edges(*node));
        let mut inside: Vec<_> =
            edges.filter(|edge| ring.contains(&petgraph::visit::EdgeRef::target(edge))).map(|edge| *edge.weight()).collect();
        inside.sort_by_key(|(awaited, _)| awaited.asset.span);
        if inside.is_empty() {
            continue;
        }
        let names: BTreeSet<&str> = ring.iter().map(|node| graph[*node].workflow.value.as_str()).collect();
        let title = match names.iter().collect::<Vec<_>>().as_slice() {
            [only] => format!("`{only}` starts itself, again and again"),
            _ => format!("{} start each other, again and again", quoted_list(names)),
        };
        let mut fault = Diagnostic::error(&code::ASSET_RING, title);
        for (awaited, made) in inside {
            fault = fault.at(awaited.asset.span, "started by this").at(made.span, "produced here");
        }
        sink.push(fault.help("take one of these assets out of `assets`, or out of `produces`"));
    }
}
