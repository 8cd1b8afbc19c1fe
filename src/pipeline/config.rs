//! One file through parse, schema and spec.

use std::collections::BTreeSet;

use super::ParsedSource;
use crate::backend::{Backend, Target};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::io::{ReadError, ReadTree};
use crate::name::TeamName;
use crate::policy::{self, DagIds, Policy, Rules};
use crate::schema::{self, Kind};
use crate::source::{SourceId, Sources, Span, Spanned, Texts};
use crate::spec::{Context, Decode, Grant, Platform};
use crate::yaml;

/// Reads a file of a kind. `None` when something is wrong, which has been told.
pub fn read_config<T: Decode>(kind: Kind, file: SourceId, sources: &Sources, sink: &mut Sink) -> Option<T> {
    let node = yaml::parse(file, &sources.file(file).text, sink)?;
    decode(kind, node, &Texts::of(sources, [file]), sink)
}

/// Reads a node that was written in these texts.
pub(super) fn decode<T: Decode>(kind: Kind, node: yaml::Node, texts: &Texts, sink: &mut Sink) -> Option<T> {
    if !schema::validate(kind, &node, texts, sink) {
        return None;
    }
    let mut found = Sink::new();
    let decoded = T::decode(node, &mut Context { texts, sink: &mut found });
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    decoded.filter(|_| sound)
}

/// Bytes of a file to a source. `None` when they are no text, which has been told.
pub(super) fn add(path: String, bytes: Vec<u8>, sources: &Sources, sink: &mut Sink) -> Option<SourceId> {
    match yaml::decode(&path, bytes) {
        Ok(text) => Some(sources.add(path, text)),
        Err(fault) => {
            sink.push(*fault);
            None
        }
    }
}

/// The backend that a platform compiles for; `None` for a version that there is none for.
#[must_use]
pub fn backend_of(platform: &Platform) -> Option<Box<dyn Backend>> {
    Target::named(AIRFLOW)?.backend(&platform.target.airflow.value)
}

const AIRFLOW: &str = "airflow";

fn check_target(version: &Spanned<String>, sink: &mut Sink) -> bool {
    let known = Target::named(AIRFLOW).map(|target| target.versions).unwrap_or_default();
    let is_known = known.contains(&version.value.as_str());
    if !is_known {
        let minor: Vec<&str> = version.value.splitn(3, '.').take(2).collect();
        let near = known.iter().find(|known| **known == minor.join("."));
        let help = near.map_or_else(
            || format!("write one of {}, in quotes", quoted_list(known.iter().copied())),
            |near| format!("write `airflow: \"{near}\"`"),
        );
        sink.push(
            Diagnostic::error(&code::TARGET, format!("nothing is compiled for Airflow `{}`", version.value))
                .at(version.span, "")
                .help(help),
        );
    }
    is_known
}

/// What is not granted is refused: a missing file is a fault, never an empty one.
fn present<'a>(bytes: Option<&'a [u8]>, path: &str, named_at: Option<Span>, sink: &mut Sink) -> Option<&'a [u8]> {
    if bytes.is_none() {
        sink.push(missing(path, named_at));
    }
    bytes
}

fn missing(path: &str, named_at: Option<Span>) -> Diagnostic {
    let fault = Diagnostic::error(&code::MISSING_POLICY, format!("the central repository has no `{path}`"));
    let fault = match named_at {
        Some(span) => fault.at(span, "nothing is granted to this team"),
        None => fault.at_file(path, ""),
    };
    fault.help(format!("check the team's name, or ask the platform team to add `{path}`"))
}

/// A team that has no grant, with the one that was most probably meant.
fn missing_grant(team: &TeamName, named_at: Span, grants: &[String]) -> Diagnostic {
    let known: Vec<&str> = grants.iter().filter_map(|path| path.strip_prefix("teams/")?.strip_suffix(".yaml")).collect();
    let near = suggest(team.as_str(), known).map(|near| format!("write `team: {near}`"));
    missing(&format!("teams/{team}.yaml"), Some(named_at)).help_if(near)
}

/// What holds for one team, read from its two files.
#[derive(Debug)]
pub struct PolicyFiles {
    /// The platform's file.
    pub platform: Platform,
    /// The team's grant.
    pub grant: Grant,
    /// The DAG ids that the grant gives, and those that grants of teams that are waited for give.
    pub dag_ids: DagIds,
    /// Whether they are only assumed, because the central repository is not at hand: then nothing is refused in their name.
    pub is_assumed: bool,
}

impl PolicyFiles {
    /// Reads both; `None` when either is missing or wrong, which has been told. `named_at` is where the team's name is written, when
    /// it is written in a file.
    pub fn read(
        platform: Option<&[u8]>,
        grant: Option<&[u8]>,
        team: &TeamName,
        named_at: Option<Span>,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Option<Self> {
        let platform = Self::read_platform(platform, sources, sink);
        let grant = Self::read_grant(grant, team, named_at, sources, sink);
        Some(Self::of(platform?, grant?))
    }

    /// Reads both from a tree of the central repository, for a team that is named in a project's file.
    ///
    /// # Errors
    /// When the tree cannot be read.
    pub fn read_in(tree: &dyn ReadTree, team: &Spanned<TeamName>, sources: &Sources, sink: &mut Sink) -> Result<Option<Self>, ReadError> {
        let (platform, grant) = (tree.read("platform.yaml")?, tree.read(&format!("teams/{}.yaml", team.value))?);
        if grant.is_some() {
            let policy = Self::read(platform.as_deref(), grant.as_deref(), &team.value, Some(team.span), sources, sink);
            return Ok(policy.filter(|policy| policy.is_sound(sink)));
        }
        Self::read_platform(platform.as_deref(), sources, sink);
        sink.push(missing_grant(&team.value, team.span, &tree.list("teams")?));
        Ok(None)
    }

    /// Whether the two files can hold together; what is in the way is told.
    fn is_sound(&self, sink: &mut Sink) -> bool {
        let mut found = Sink::new();
        policy::check_together(&self.platform, &self.grant, &mut found);
        let is_sound = !found.has_errors();
        sink.extend(found.into_sorted());
        is_sound
    }

    /// What holds for the team of a grant.
    #[must_use]
    pub fn of(platform: Platform, grant: Grant) -> Self {
        let mut dag_ids = DagIds::default();
        dag_ids.add(&grant);
        Self { platform, grant, dag_ids, is_assumed: false }
    }

    /// Takes in the DAG ids that the grants of other teams give to workflows which these sources wait for. A grant that cannot be
    /// understood gives none: that is told where it is judged.
    ///
    /// # Errors
    /// When the tree that the policy is from cannot be read.
    pub fn read_awaited<'a>(&mut self, tree: &dyn ReadTree, sources: impl IntoIterator<Item = &'a ParsedSource>) -> Result<(), ReadError> {
        let teams: BTreeSet<TeamName> = sources.into_iter().flat_map(ParsedSource::awaited_teams).collect();
        for team in teams {
            let grant = tree.read(&format!("teams/{team}.yaml"))?;
            let grant = Self::read_grant(grant.as_deref(), &team, None, &Sources::new(), &mut Sink::new());
            grant.iter().for_each(|grant| self.dag_ids.add(grant));
        }
        Ok(())
    }

    /// Reads the platform's file.
    pub fn read_platform(bytes: Option<&[u8]>, sources: &Sources, sink: &mut Sink) -> Option<Platform> {
        let bytes = present(bytes, "platform.yaml", None, sink)?;
        let file = add("platform.yaml".to_owned(), bytes.to_vec(), sources, sink)?;
        let platform: Platform = read_config(Kind::Platform, file, sources, sink)?;
        let mut found = Sink::new();
        policy::check_platform(&platform, super::FORMAT_VERSION, &mut found);
        let sound = !found.has_errors() && check_target(&platform.target.airflow, sink);
        sink.extend(found.into_sorted());
        sound.then_some(platform)
    }

    /// Reads a team's grant.
    pub fn read_grant(bytes: Option<&[u8]>, team: &TeamName, named_at: Option<Span>, sources: &Sources, sink: &mut Sink) -> Option<Grant> {
        let path = format!("teams/{team}.yaml");
        let bytes = present(bytes, &path, named_at, sink)?;
        let file = add(path.clone(), bytes.to_vec(), sources, sink)?;
        let grant: Grant = read_config(Kind::Grant, file, sources, sink)?;
        let mut found = Sink::new();
        policy::check_grant_path(&grant, &path, &mut found);
        policy::check_grant(&grant, &mut found);
        let sound = !found.has_errors();
        sink.extend(found.into_sorted());
        sound.then_some(grant)
    }

    /// Both together, as a workflow is judged by them.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        // What is wrong with a rule was told when the file was read.
        let rules = Rules::read(&self.platform, &mut Sink::new());
        Policy { platform: &self.platform, grant: &self.grant, dag_ids: &self.dag_ids, is_assumed: self.is_assumed, rules }
    }

    /// What is assumed where no central repository is at hand.
    pub fn assumed(team: &TeamName, sources: &Sources, sink: &mut Sink) -> Option<Self> {
        let (platform, grant) = Self::default_files(team);
        let assumed = Self::read(Some(platform.as_bytes()), Some(grant.as_bytes()), team, None, sources, sink)?;
        Some(Self { is_assumed: true, ..assumed })
    }

    /// The two files of a central repository that nobody has edited yet.
    #[must_use]
    pub fn default_files(team: &TeamName) -> (String, String) {
        ("platform: local\ntarget: { airflow: \"3.1\" }\n".to_owned(), format!("team: {team}\n"))
    }
}
