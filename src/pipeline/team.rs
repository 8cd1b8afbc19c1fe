//! The compiler as the central repository is handed it.

use std::collections::BTreeMap;

use super::library::{read_blueprint, reference_of};
use super::load::workflow_nodes;
use super::together::Together;
use super::{Library, PROJECT_FILE, ParsedSource, ParsedWorkflow, PolicyFiles, check_grants, read_config};
use crate::central::{
    Adoption, Authority, Binding, Compiler, Departures, Gift, Life, LockedUsage, Override, OverrideRule, SourceFiles, TeamInput,
    TeamOutput, Unmanaged, WorkflowFile,
};
use crate::diag::{Diagnostic, Sink};
use crate::identity::{Issuer, Policy};
use crate::io::Memory;
use crate::ir::Moment;
use crate::name::{DagId, SourceName, TeamName, WorkflowAddress, WorkflowName};
use crate::policy::DagIds;
use crate::schema::Kind;
use crate::source::{Sources, Spanned};
use crate::spec::{self, Grant, Liftable, OverrideRecord, Platform, Project, RefPattern, Table};
use crate::yaml::Node;

/// Grows with every change that makes other bytes from the same files.
pub const FORMAT_VERSION: u32 = 4;
/// Workflows that one change may delete, when the grant does not say.
const DELETIONS: u32 = 5;
/// The share of a source's workflows, in percent, when the grant does not say.
const DELETION_SHARE: u32 = 50;
/// The ref that may publish, when the grant does not say.
const REF: &str = "refs/heads/main";

/// The environment, when the platform does not say.
const ENVIRONMENT: &str = "production";

/// Compiles teams from their published files, and reads their policy.
#[derive(Debug, Default)]
pub struct TeamCompiler {
    own: Option<OwnSource>,
}

/// The asker's own source, which has been read already.
#[derive(Debug)]
pub struct OwnSource {
    /// Its name.
    pub name: SourceName,
    /// Its files.
    pub source: ParsedSource,
    /// What was found when reading them.
    pub diagnostics: Vec<Diagnostic>,
}

impl TeamCompiler {
    /// A compiler that need not read the asker's own source again.
    #[must_use]
    pub fn with_source(own: OwnSource) -> Self {
        Self { own: Some(own) }
    }
}

impl Compiler for TeamCompiler {
    fn authority(&self, platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources) -> Result<Authority, Vec<Diagnostic>> {
        let mut sink = Sink::new();
        let policy = PolicyFiles::read(Some(platform), Some(grant), team, None, sources, &mut sink);
        policy.map(|policy| authority(&policy.platform, &policy.grant)).ok_or_else(|| sink.into_sorted())
    }

    fn identity(&self, platform: &[u8], sources: &Sources) -> Result<Policy, Vec<Diagnostic>> {
        let mut sink = Sink::new();
        let platform = PolicyFiles::read_platform(Some(platform), sources, &mut sink);
        platform.map(|platform| identity_policy(&platform)).ok_or_else(|| sink.into_sorted())
    }

    fn administrators(&self, platform: &[u8]) -> Vec<String> {
        read_platform(platform).and_then(|platform| platform.administrators).into_iter().flatten().map(|name| name.value).collect()
    }

    fn integrators(&self, platform: &[u8]) -> Vec<String> {
        read_platform(platform).and_then(|platform| platform.integrators).into_iter().flatten().map(|name| name.value).collect()
    }

    fn unmanaged(&self, platform: &[u8]) -> Vec<Unmanaged> {
        read_platform(platform).as_ref().map(unmanaged).unwrap_or_default()
    }

    fn lint_grants(&self, platform: Option<&[u8]>, grants: Vec<(TeamName, Vec<u8>)>, sources: &Sources) -> Vec<Diagnostic> {
        let mut sink = Sink::new();
        check_grants(platform, grants, sources, &mut sink);
        sink.into_sorted()
    }

    fn departures(&self, project: &[u8]) -> Departures {
        let (sources, mut sink) = (Sources::new(), Sink::new());
        let read = super::config::add(PROJECT_FILE.to_owned(), project.to_vec(), &sources, &mut sink)
            .and_then(|file| read_config::<Project>(Kind::Project, file, &sources, &mut sink));
        read.as_ref().map(departures).unwrap_or_default()
    }

    fn takings(&self, files: &SourceFiles) -> Vec<(WorkflowName, WorkflowAddress)> {
        if !mentions(files, b"taken_from") {
            return Vec::new();
        }
        // Only the workflow itself can say it, so nothing need be put in.
        let taking = |node: &Node| {
            let text = |key: &str| node.get(key).and_then(Node::as_str);
            Some((WorkflowName::parse(text("workflow")?).ok()?, WorkflowAddress::parse(text("taken_from")?).ok()?))
        };
        let (sources, mut sink) = (Sources::new(), Sink::new());
        let nodes = workflow_nodes(&Memory { files: files.clone() }, &sources, &mut sink);
        nodes.iter().filter_map(taking).collect()
    }

    fn override_record(&self, bytes: &[u8]) -> Option<Override> {
        let (sources, mut sink) = (Sources::new(), Sink::new());
        let file = super::config::add("override.yaml".to_owned(), bytes.to_vec(), &sources, &mut sink)?;
        let record: OverrideRecord = read_config(Kind::Override, file, &sources, &mut sink)?;
        override_record(record)
    }

    fn check_blueprint(&self, path: &str, bytes: &[u8], sources: &Sources) -> Vec<Diagnostic> {
        let mut sink = Sink::new();
        if let Some(reference) = reference_of(path) {
            read_blueprint(path, bytes.to_vec(), reference.name().as_str(), sources, &mut sink);
        }
        sink.into_sorted()
    }

    fn compile_team(&self, input: &TeamInput<'_>, sources: &Sources) -> TeamOutput {
        let library = Library::of(input.shared);
        // Only the asker's own folder has been read: whoever judges a tree gets it compiled from that tree. And what it was put together
        // with may have changed since.
        let own = self.own.as_ref().filter(|own| input.local.as_ref() == Some(&own.name) && own.source.borrowed.is_same_in(&library));
        Together { input, library: &library, own, sources }.compile()
    }

    fn format_version(&self) -> u32 {
        FORMAT_VERSION
    }
}

/// Whether a key may be in a source's files: most have none of the rare ones, and are not read for them.
fn mentions(files: &SourceFiles, key: &[u8]) -> bool {
    files.values().any(|bytes| bytes.windows(key.len()).any(|window| window == key))
}

pub(super) fn workflow_file(
    (team, source): (&TeamName, &SourceName),
    workflow: &ParsedWorkflow,
    dag_ids: &DagIds,
    usage: Option<LockedUsage>,
) -> WorkflowFile {
    let spec = &workflow.spec;
    let is = |flag: &Option<Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    let life = Life {
        is_protected: is(&spec.protect),
        renamed_from: spec.renamed_from.as_ref().map(|name| name.value.clone()),
        taken_from: spec.taken_from.as_ref().map(|address| address.value.clone()),
        catches_up: is(&spec.catchup) && spec.schedule.is_some(),
    };
    WorkflowFile {
        workflow: spec.workflow.value.clone(),
        dag_ids: ids_of((team, &spec.workflow.value), workflow.adopted.is_some(), dag_ids),
        adopted: workflow.adopted.is_some(),
        source: source.clone(),
        file: workflow.file.clone(),
        data: workflow.data_files(),
        life,
        usage,
    }
}

/// A hand-written file has those that its grant says; without a grant it has been refused.
fn ids_of((team, workflow): (&TeamName, &WorkflowName), is_adopted: bool, dag_ids: &DagIds) -> Vec<DagId> {
    match dag_ids.adoption(team, workflow) {
        Some(adoption) if is_adopted => adoption.dag_ids.iter().map(|id| id.value.clone()).collect(),
        Some(_) | None => vec![dag_ids.of(team, workflow)],
    }
}

pub(super) fn departures(project: &Project) -> Departures {
    let names = |names: &Vec<Spanned<WorkflowName>>| names.iter().map(|name| name.value.clone()).collect();
    let gift = |gift: &spec::Gift| Gift { workflows: gift.workflows.as_ref().map(names), to: gift.to.value.clone() };
    Departures { retired: project.retire.as_ref().map(names).unwrap_or_default(), gifts: project.give.iter().flatten().map(gift).collect() }
}

fn override_record(record: OverrideRecord) -> Option<Override> {
    let OverrideRecord { source, rule, paths, reason: _, approved_by, expires, span: _ } = record;
    let Moment { year, month, day, .. } = expires.value.0;
    let narrow = |number: u8| i8::try_from(number).ok();
    Some(Override {
        source: source.value,
        rule: match rule.value {
            Liftable::Guard => OverrideRule::Guard,
            Liftable::Complete => OverrideRule::Complete,
            Liftable::Mono => OverrideRule::Mono,
            Liftable::Limits => OverrideRule::Limits,
        },
        paths: paths.into_iter().map(|path| path.value).collect(),
        approvers: approved_by.into_iter().map(|name| name.value).collect(),
        expires: jiff::civil::Date::new(i16::try_from(year).ok()?, narrow(month)?, narrow(day)?).ok()?,
    })
}

/// What can be read of the platform's file; what is wrong with it is told elsewhere.
fn read_platform(platform: &[u8]) -> Option<Platform> {
    PolicyFiles::read_platform(Some(platform), &Sources::new(), &mut Sink::new())
}

/// What a platform's file says of identity tokens.
fn identity_policy(platform: &Platform) -> Policy {
    let Some(identity) = &platform.identity else { return Policy::default() };
    let issuer = |issuer: &spec::Issuer| Issuer {
        name: issuer.issuer.value.clone(),
        provider: issuer.provider,
        audience: issuer.audience.value.clone(),
        keys: issuer.keys.iter().map(|key| key.key.clone()).collect(),
    };
    Policy {
        issuers: identity.issuers.iter().flatten().map(issuer).collect(),
        accept: identity.accept.iter().flat_map(|accept| &accept.0).map(|(operation, level)| (*operation, level.value)).collect(),
        waiting_time: identity.waiting_time.as_ref().map(|time| time.value.0.as_secs()),
    }
}

fn dag_ids(grant: &Grant) -> BTreeMap<WorkflowName, DagId> {
    grant.dag_ids.iter().flat_map(Table::iter).map(|(workflow, id)| (workflow.value.clone(), id.value.clone())).collect()
}

fn adoptions(grant: &Grant) -> BTreeMap<WorkflowName, Adoption> {
    let adoption = |adoption: &spec::Adoption| Adoption {
        file: adoption.file.as_ref().map(|file| file.value.0.clone()),
        sha256: adoption.sha256.value.0.clone(),
        dag_ids: adoption.dag_ids.iter().map(|id| id.value.clone()).collect(),
    };
    grant.adopt.iter().flat_map(Table::iter).map(|(workflow, written)| (workflow.value.clone(), adoption(written))).collect()
}

fn unmanaged(platform: &Platform) -> Vec<Unmanaged> {
    let read = |unmanaged: &spec::Unmanaged| {
        let spec::Unmanaged { paths, editors, dag_ids, span: _ } = unmanaged;
        Unmanaged {
            paths: paths.iter().map(|path| path.value.0.clone()).collect(),
            editors: editors.as_ref().map(|names| names.iter().map(|name| name.value.clone()).collect()),
            dag_ids: dag_ids.iter().flatten().map(|id| id.value.clone()).collect(),
        }
    };
    platform.unmanaged.iter().flatten().map(read).collect()
}

fn authority(platform: &Platform, grant: &Grant) -> Authority {
    let refs = |refs: &Option<Vec<Spanned<RefPattern>>>| match refs {
        Some(refs) => refs.iter().map(|name| name.value.0.clone()).collect(),
        None => vec![REF.to_owned()],
    };
    let bindings = grant.repositories.iter().flatten().map(|repository| Binding {
        id: repository.id.value,
        name: repository.name.value.clone(),
        owner_id: repository.owner_id.as_ref().map(|owner| owner.value),
        issuer: repository.issuer.as_ref().map(|issuer| issuer.value.clone()),
        source: repository.source.value.clone(),
        refs: refs(&repository.refs),
    });
    Authority {
        repositories: bindings.collect(),
        members: grant.members.iter().flatten().map(|member| member.value.clone()).collect(),
        deletions: grant.limits.as_ref().and_then(|limits| limits.deletions.as_ref()).map_or(DELETIONS, |limit| limit.value),
        deletion_share: grant
            .limits
            .as_ref()
            .and_then(|limits| limits.deletion_share.as_ref())
            .map_or(DELETION_SHARE, |share| share.value.0),
        dag_ids: dag_ids(grant),
        adoptions: adoptions(grant),
        unmanaged_ids: unmanaged(platform).iter().flat_map(|unmanaged| &unmanaged.dag_ids).map(DagId::folded).collect(),
        central: format!(
            "{}/{}",
            platform.platform.value,
            platform.environment.as_ref().map_or(ENVIRONMENT, |environment| environment.value.as_str())
        ),
        identity: identity_policy(platform),
    }
}
