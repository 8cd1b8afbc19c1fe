//! A compiler of a few lines: each `workflows/<name>.yaml` becomes `dags/<team>/<name>.py`, and each `wait_for` in it a reference.
//!
//! A workflow with `fault` in it does not compile, nor does one with `image: legacy` on a platform that lists `images`.

use freehold::artifact::{Artifact, Artifacts, Owner};
use std::collections::BTreeSet;

use freehold::central::{Authority, Binding, Compiler, Departures, Life, Override, SourceFiles, TeamInput, TeamOutput, WorkflowFile};
use freehold::diag::{Diagnostic, Sink, codes};
use freehold::identity::Policy;
use freehold::name::{DagId, RepoPath, SourceName, TeamName, WorkflowAddress, WorkflowName};
use freehold::pipeline::{PolicyFiles, TeamCompiler};
use freehold::policy::DagIds;
use freehold::source::Sources;

/// The compiler, with its format version.
pub struct Small {
    pub format: u32,
}

impl Compiler for Small {
    fn authority(&self, platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources) -> Result<Authority, Vec<Diagnostic>> {
        let mut sink = Sink::new();
        let read = PolicyFiles::read_platform(Some(platform), sources, &mut sink);
        let grant = PolicyFiles::read_grant(Some(grant), team, None, sources, &mut sink);
        let (Some(_), Some(grant)) = (read, grant) else { return Err(sink.into_sorted()) };
        let bind = |repository: freehold::spec::Repository| Binding {
            id: repository.id.value,
            name: repository.name.value,
            owner_id: repository.owner_id.map(|owner| owner.value),
            issuer: repository.issuer.map(|issuer| issuer.value),
            source: repository.source.value,
            refs: repository.refs.map_or_else(|| vec!["refs/heads/main".to_owned()], |refs| refs.into_iter().map(|r| r.value.0).collect()),
        };
        Ok(Authority {
            repositories: grant.repositories.unwrap_or_default().into_iter().map(bind).collect(),
            members: grant.members.unwrap_or_default().into_iter().map(|member| member.value).collect(),
            deletions: grant.limits.and_then(|limits| limits.deletions).map_or(5, |deletions| deletions.value),
            deletion_share: 50,
            dag_ids: grant.dag_ids.iter().flat_map(|ids| ids.iter()).map(|(name, id)| (name.value.clone(), id.value.clone())).collect(),
            identity: self.identity(platform, sources)?,
        })
    }

    fn administrators(&self, platform: &[u8]) -> Vec<String> {
        TeamCompiler::default().administrators(platform)
    }

    fn lint_grants(&self, grants: Vec<(TeamName, Vec<u8>)>, sources: &Sources) -> Vec<Diagnostic> {
        TeamCompiler::default().lint_grants(grants, sources)
    }

    fn departures(&self, project: &[u8]) -> Departures {
        TeamCompiler::default().departures(project)
    }

    fn takings(&self, files: &SourceFiles) -> Vec<(WorkflowName, WorkflowAddress)> {
        let taking = |(path, bytes): (&String, &Vec<u8>)| {
            let name = path.strip_prefix("workflows/")?.strip_suffix(".yaml")?;
            Some((WorkflowName::parse(name).ok()?, life(&String::from_utf8_lossy(bytes)).taken_from?))
        };
        files.iter().filter_map(taking).collect()
    }

    fn override_record(&self, bytes: &[u8]) -> Option<Override> {
        TeamCompiler::default().override_record(bytes)
    }

    fn identity(&self, platform: &[u8], sources: &Sources) -> Result<Policy, Vec<Diagnostic>> {
        TeamCompiler::default().identity(platform, sources)
    }

    fn compile_team(&self, input: &TeamInput<'_>, _: &Sources) -> TeamOutput {
        let mut dag_ids = DagIds::default();
        let grant = PolicyFiles::read_grant(Some(&input.grant), &input.team, None, &Sources::new(), &mut Sink::new());
        grant.iter().for_each(|grant| dag_ids.add(grant));
        let mut output = TeamOutput { artifacts: Artifacts::new(), ..TeamOutput::default() };
        // The local one first: it wins a clash, so that the plan gets to see it.
        let mut sources: Vec<_> = input.sources.iter().collect();
        sources.sort_by_key(|(name, _)| Some(*name) != input.local.as_ref());
        for (source, files) in sources {
            output.departures.insert(source.clone(), self.departures(files.get("freehold.yaml").map_or(&[], Vec::as_slice)));
            for (file, bytes) in files {
                let Some(name) = file.strip_prefix("workflows/").and_then(|rest| rest.strip_suffix(".yaml")) else { continue };
                match self.compile(&input.team, source, file, name, (bytes, &input.platform, &dag_ids), &mut output) {
                    Some(fault) if input.standing.contains_key(source) => output.faulty.entry(source.clone()).or_default().push(fault),
                    fault => output.diagnostics.extend(fault),
                }
            }
        }
        let faulty: Vec<SourceName> = output.faulty.keys().cloned().collect();
        let mut sound = Artifacts::new();
        for artifact in output.artifacts.iter().filter(|artifact| !faulty.contains(&artifact.owner.source)) {
            sound.insert(artifact.clone()).expect("taken in before");
        }
        output.artifacts = sound;
        output
    }

    fn check_blueprint(&self, path: &str, bytes: &[u8], sources: &Sources) -> Vec<Diagnostic> {
        TeamCompiler::default().check_blueprint(path, bytes, sources)
    }

    fn format_version(&self) -> u32 {
        self.format
    }
}

impl Small {
    fn compile(
        &self,
        team: &TeamName,
        source: &SourceName,
        file: &str,
        name: &str,
        (bytes, platform, dag_ids): (&[u8], &[u8], &DagIds),
        output: &mut TeamOutput,
    ) -> Option<Diagnostic> {
        let text = String::from_utf8_lossy(bytes);
        let is_faulty = text.contains("fault") || (text.contains("image: legacy") && String::from_utf8_lossy(platform).contains("images:"));
        let Some(workflow) = WorkflowName::parse(name).ok().filter(|_| !is_faulty) else {
            let code = codes().iter().find(|code| code.id == "FH0105").expect("it is in the table");
            return Some(Diagnostic::error(code, format!("`{file}` has a fault")).at_file(file, "here").help("mend it"));
        };
        let place = if text.contains("astray") { format!("dags/ads/{name}.py") } else { format!("dags/{team}/{name}.py") };
        let made = format!("# format {} on {}\n'''\n{text}'''\n", self.format, String::from_utf8_lossy(platform).replace('\n', " "));
        let path = RepoPath::parse(&place).expect("made of names");
        let owner = Owner { team: team.clone(), source: source.clone() };
        for awaited in text.split("wait_for: { workflow: ").skip(1).filter_map(|rest| rest.split(' ').next()) {
            let path = RepoPath::parse(&format!("references/{awaited}/{team}/{name}.yaml")).expect("made of names");
            let bytes = format!("waits_for: {awaited}\n").into_bytes();
            let _ = output.artifacts.insert(Artifact { path, bytes, owner: owner.clone(), workflow: workflow.clone() });
        }
        let dag_id = dag_ids.of(team, &workflow);
        if dag_id != DagId::join(team, &workflow) {
            let path = RepoPath::parse(&format!("dag-ids/{}/{team}/{name}.yaml", dag_id.folded())).expect("made of names");
            let bytes = format!("dag_id: {dag_id}\n").into_bytes();
            let _ = output.artifacts.insert(Artifact { path, bytes, owner: owner.clone(), workflow: workflow.clone() });
        }
        let artifact = Artifact { path, bytes: made.into_bytes(), owner, workflow: workflow.clone() };
        if output.artifacts.insert(artifact).is_ok() {
            let life = life(&text);
            let (source, file) = (source.clone(), file.to_owned());
            output.workflows.push(WorkflowFile { workflow, dag_id, source, file, data: BTreeSet::new(), life });
        }
        None
    }
}

/// What a workflow's lines say about its own life.
fn life(text: &str) -> Life {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    Life {
        is_protected: text.contains("protect: true"),
        renamed_from: value("renamed_from: ").and_then(|name| WorkflowName::parse(name).ok()),
        taken_from: value("taken_from: ").and_then(|address| WorkflowAddress::parse(address).ok()),
        catches_up: text.contains("catchup: true"),
    }
}
