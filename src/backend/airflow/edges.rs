//! What needs what → lines such as `extract >> [clean, count] >> train`, as few as will do.

use super::python::{Expression, Identifier, WIDTH};

/// One line: steps joined by `>>`, each of them one node or several.
pub(super) type Chain = Vec<Vec<Identifier>>;

/// The lines for nodes and what each of them needs, `indent` columns deep.
pub(super) fn chains(needs: Vec<(Identifier, Vec<Identifier>)>, indent: usize) -> Vec<Chain> {
    let mut fans: Vec<(Vec<Identifier>, Vec<Identifier>)> = Vec::new();
    for (node, sources) in needs.into_iter().filter(|(_, sources)| !sources.is_empty()) {
        // Python has no `list >> list`, so only what needs one single node shares a line with others.
        let shared = fans.iter_mut().find(|(known, _)| sources.len() == 1 && *known == sources);
        match shared {
            Some((_, nodes)) => nodes.push(node),
            None => fans.push((sources, vec![node])),
        }
    }
    let mut chains: Vec<Chain> = Vec::new();
    for (sources, nodes) in fans {
        let joined = chains.last_mut().filter(|chain| {
            let ends_alike = chain.last() == Some(&sources);
            ends_alike
                && (sources.len() == 1 || nodes.len() == 1)
                && width(chain) + 4 + width(std::slice::from_ref(&nodes)) <= WIDTH - indent
        });
        match joined {
            Some(chain) => chain.push(nodes),
            None => chains.push(vec![sources, nodes]),
        }
    }
    chains
}

/// What a step is in Python: a name, or a list of names.
pub(super) fn step(nodes: &[Identifier]) -> Expression {
    match nodes {
        [node] => Expression::Name(node.clone()),
        nodes => Expression::List(nodes.iter().cloned().map(Expression::Name).collect()),
    }
}

/// Columns of a line.
pub(super) fn width(chain: &[Vec<Identifier>]) -> usize {
    let step = |nodes: &Vec<Identifier>| {
        let names = nodes.iter().map(|name| name.as_str().len() + 2).sum::<usize>();
        if nodes.len() == 1 { names - 2 } else { names }
    };
    chain.iter().map(|nodes| step(nodes) + 4).sum::<usize>().saturating_sub(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(needs: &[(&'static str, &[&'static str])]) -> Vec<String> {
        let names = |names: &[&'static str]| names.iter().map(|name| Identifier::fixed(name)).collect::<Vec<_>>();
        let needs = needs.iter().map(|(node, sources)| (Identifier::fixed(node), names(sources))).collect();
        let show = |step: &Vec<Identifier>| step.iter().map(Identifier::as_str).collect::<Vec<_>>().join(",");
        chains(needs, 4).iter().map(|chain| chain.iter().map(show).collect::<Vec<_>>().join(" >> ")).collect()
    }

    #[test]
    fn a_row_of_tasks_is_one_line() {
        assert_eq!(lines(&[("a", &[]), ("b", &["a"]), ("c", &["b"])]), ["a >> b >> c"]);
    }

    #[test]
    fn a_fan_out_and_in_is_one_line() {
        assert_eq!(lines(&[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["b", "c"])]), ["a >> b,c >> d"]);
    }

    #[test]
    fn two_lists_are_never_joined() {
        assert_eq!(lines(&[("c", &["a", "b"]), ("d", &["a", "b"])]), ["a,b >> c", "a,b >> d"]);
    }

    #[test]
    fn a_line_that_would_get_too_long_is_two() {
        let long = "a_name_that_is_as_long_as_a_name_can_get_here";
        let longer = "another_one_that_is_as_long_as_a_name_can_get";
        let both = [format!("a >> {long}"), format!("{long} >> {longer}")];
        assert_eq!(lines(&[(long, &["a"]), (longer, &[long])]), both);
    }
}
