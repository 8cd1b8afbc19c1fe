//! The compiler as the central repository is handed it.

use std::collections::BTreeSet;

use super::{Keep, ParsedSource, PolicyFiles, Rest, Unit, compile_team, load_source};
use crate::central::{Authority, Binding, Compiler, TeamInput, TeamOutput, WorkflowFile};
use crate::diag::{Diagnostic, Sink};
use crate::io::Memory;
use crate::name::{SourceName, TeamName};
use crate::source::{Sources, Spanned};
use crate::spec::{Grant, RefPattern};

/// Grows with every change that makes other bytes from the same files.
pub const FORMAT_VERSION: u32 = 1;
/// Workflows that one change may delete, when the grant does not say.
const DELETIONS: u32 = 5;
/// The ref that may publish, when the grant does not say.
const REF: &str = "refs/heads/main";

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
        policy.map(|policy| authority(&policy.grant)).ok_or_else(|| sink.into_sorted())
    }

    fn compile_team(&self, input: &TeamInput, sources: &Sources) -> TeamOutput {
        let mut sink = Sink::new();
        // Only the asker's own folder has been read: whoever judges a tree gets it compiled from that tree.
        let own = self.own.iter().find(|own| input.local.as_ref() == Some(&own.name));
        sink.extend(own.iter().flat_map(|own| own.diagnostics.clone()));
        let policy = PolicyFiles::read(Some(&input.platform), Some(&input.grant), &input.team, None, sources, &mut sink);
        let mut loaded: Vec<(&SourceName, ParsedSource)> = Vec::new();
        for (name, files) in &input.sources {
            if own.is_some_and(|own| own.name == *name) {
                continue;
            }
            let tree = Memory { files: files.clone() };
            let is_local = input.local.as_ref() == Some(name);
            let prefix = if is_local { String::new() } else { format!("sources/{}/{name}/", input.team) };
            loaded.extend(load_source(&tree, &prefix, sources, &mut sink).map(|source| (name, source)));
        }
        let own = own.map(|own| Unit { name: &own.name, source: &own.source });
        let mut units: Vec<Unit<'_>> = own.into_iter().chain(loaded.iter().map(|(name, source)| Unit { name, source })).collect();
        units.sort_by(|a, b| a.name.cmp(b.name));
        let mut output = TeamOutput::default();
        if let Some(policy) = policy {
            // What cannot be read may have any workflow.
            let rest = if units.len() == input.sources.len() { Rest::Known(BTreeSet::new()) } else { Rest::Unknown };
            output.artifacts = compile_team(&policy, &units, &rest, Keep::Artifacts, &mut sink).artifacts;
        }
        for unit in &units {
            output.workflows.extend(unit.source.workflows.iter().map(|workflow| WorkflowFile {
                workflow: workflow.spec.workflow.value.clone(),
                source: unit.name.clone(),
                file: workflow.file.clone(),
            }));
        }
        output.diagnostics = sink.into_sorted();
        output
    }

    fn format_version(&self) -> u32 {
        FORMAT_VERSION
    }
}

fn authority(grant: &Grant) -> Authority {
    let refs = |refs: &Option<Vec<Spanned<RefPattern>>>| match refs {
        Some(refs) => refs.iter().map(|name| name.value.0.clone()).collect(),
        None => vec![REF.to_owned()],
    };
    let bindings = grant.repositories.iter().flatten().map(|repository| Binding {
        id: repository.id.value,
        name: repository.name.value.clone(),
        source: repository.source.value.clone(),
        refs: refs(&repository.refs),
    });
    Authority {
        repositories: bindings.collect(),
        members: grant.members.iter().flatten().map(|member| member.value.clone()).collect(),
        deletions: grant.limits.as_ref().and_then(|limits| limits.deletions.as_ref()).map_or(DELETIONS, |limit| limit.value),
    }
}
