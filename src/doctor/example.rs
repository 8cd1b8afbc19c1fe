//! The repository that `freehold init central` writes into its first grant, so that there is a line to edit: nobody's.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TeamName;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// Its name, which no template may change alone.
const NAME: &str = "my-company/my-model";

/// Tells when a grant still binds it.
pub(super) fn check(team: &TeamName, grant: &[u8], sources: &Sources, sink: &mut Sink) {
    // There are as many grants as teams, so most are not read a second time.
    let Some(text) = std::str::from_utf8(grant).ok().filter(|text| text.contains(NAME)) else { return };
    let id = sources.add(format!("teams/{team}.yaml"), text);
    // What is wrong with the grant is told by whoever reads it as one.
    let node = yaml::parse(id, text, &mut Sink::new());
    let bindings = node.as_ref().and_then(|node| node.get("repositories")).map(Node::items).unwrap_or_default();
    for name in bindings.iter().filter_map(|binding| binding.get("name")).filter(|name| name.as_str() == Some(NAME)) {
        let fault = Diagnostic::warning(&code::NOBODY, format!("team `{team}` is granted the example's repository, `{NAME}`"));
        let fault = fault.at(name.span, "`freehold init central` wrote it, for you to put the team's own here");
        sink.push(fault.help(
            "write the team's repository and the number that the host gave it: on GitHub `gh api repos/OWNER/NAME --jq .id`, on GitLab \
             the project's ID",
        ));
    }
}
