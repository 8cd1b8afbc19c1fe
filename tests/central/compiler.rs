//! A compiler of a few lines: each `workflows/<name>.yaml` becomes `dags/<team>/<name>.py`, and each `wait_for` in it a reference.

use freehold::artifact::{Artifact, Artifacts, Owner};
use freehold::central::{Authority, Binding, Compiler, TeamInput, TeamOutput, WorkflowFile};
use freehold::diag::{Diagnostic, Sink, codes};
use freehold::name::{RepoPath, SourceName, TeamName, WorkflowName};
use freehold::pipeline::PolicyFiles;
use freehold::source::Sources;

/// The compiler, with its format version.
pub struct Small {
    pub format: u32,
}

impl Compiler for Small {
    fn authority(&self, platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources) -> Result<Authority, Vec<Diagnostic>> {
        let mut sink = Sink::new();
        let platform = PolicyFiles::read_platform(Some(platform), sources, &mut sink);
        let grant = PolicyFiles::read_grant(Some(grant), team, None, sources, &mut sink);
        let (Some(_), Some(grant)) = (platform, grant) else { return Err(sink.into_sorted()) };
        let bind = |repository: freehold::spec::Repository| Binding {
            id: repository.id.value,
            name: repository.name.value,
            source: repository.source.value,
            refs: repository.refs.map_or_else(|| vec!["refs/heads/main".to_owned()], |refs| refs.into_iter().map(|r| r.value.0).collect()),
        };
        Ok(Authority {
            repositories: grant.repositories.unwrap_or_default().into_iter().map(bind).collect(),
            members: grant.members.unwrap_or_default().into_iter().map(|member| member.value).collect(),
            deletions: grant.limits.and_then(|limits| limits.deletions).map_or(5, |deletions| deletions.value),
        })
    }

    fn compile_team(&self, input: &TeamInput, _: &Sources) -> TeamOutput {
        let mut output = TeamOutput { artifacts: Artifacts::new(), ..TeamOutput::default() };
        // The local one first: it wins a clash, so that the plan gets to see it.
        let mut sources: Vec<_> = input.sources.iter().collect();
        sources.sort_by_key(|(name, _)| Some(*name) != input.local.as_ref());
        for (source, files) in sources {
            for (file, bytes) in files {
                let Some(name) = file.strip_prefix("workflows/").and_then(|rest| rest.strip_suffix(".yaml")) else { continue };
                self.compile(&input.team, source, file, name, (bytes, &input.platform), &mut output);
            }
        }
        output
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
        (bytes, platform): (&[u8], &[u8]),
        output: &mut TeamOutput,
    ) {
        let text = String::from_utf8_lossy(bytes);
        let Some(workflow) = WorkflowName::parse(name).ok().filter(|_| !text.contains("fault")) else {
            let code = codes().iter().find(|code| code.id == "FH0105").expect("it is in the table");
            output.diagnostics.push(Diagnostic::error(code, format!("`{file}` has a fault")).at_file(file, "here").help("mend it"));
            return;
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
        let artifact = Artifact { path, bytes: made.into_bytes(), owner, workflow: workflow.clone() };
        if output.artifacts.insert(artifact).is_ok() {
            output.workflows.push(WorkflowFile { workflow, source: source.clone(), file: file.to_owned() });
        }
    }
}
