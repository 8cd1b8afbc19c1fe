//! A compiler of a few lines: each `workflows/<name>.yaml` becomes `dags/<team>/<name>.py`, and each `wait_for` in it a reference;
//! one with `adopted: <file>` becomes that file.
//!
//! Where a grant limits pods, a workflow takes as many as its line `pods: N` says.
//!
//! A workflow with `fault` in it does not compile, nor does one with `image: legacy` on a platform that lists `images`.

use freehold::artifact::{Artifact, Artifacts, Owner};
use std::collections::{BTreeMap, BTreeSet};

use freehold::central::{
    Authority, Compiler, Departures, Life, LockedUsage, Override, SourceFiles, TeamInput, TeamOutput, Unmanaged, WorkflowFile,
};
use freehold::diag::{Diagnostic, Sink, codes};
use freehold::identity::Policy;
use freehold::name::{DagId, RepoPath, SourceName, TeamName, WorkflowAddress, WorkflowName};
use freehold::pipeline::{PolicyFiles, TeamCompiler};
use freehold::policy::{DagIds, sha256};
use freehold::source::Sources;
use freehold::spec::Grant;

/// The compiler, with its format version.
pub struct Small {
    pub format: u32,
}

impl Compiler for Small {
    fn authority(&self, platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources) -> Result<Authority, Vec<Diagnostic>> {
        TeamCompiler::default().authority(platform, grant, team, sources)
    }

    fn administrators(&self, platform: &[u8]) -> Vec<String> {
        TeamCompiler::default().administrators(platform)
    }

    fn integrators(&self, platform: &[u8]) -> Vec<String> {
        TeamCompiler::default().integrators(platform)
    }

    fn unmanaged(&self, platform: &[u8]) -> Vec<Unmanaged> {
        TeamCompiler::default().unmanaged(platform)
    }

    fn lint_grants(&self, platform: Option<&[u8]>, grants: Vec<(TeamName, Vec<u8>)>, sources: &Sources) -> Vec<Diagnostic> {
        TeamCompiler::default().lint_grants(platform, grants, sources)
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
                let found = match adopted(file, bytes, files) {
                    Some(original) => adopt((&input.team, source, file), original, (name, bytes, &dag_ids), &mut output),
                    None => self.compile(&input.team, source, file, name, (bytes, &input.platform, &dag_ids), &mut output),
                };
                if let Some(made) = output.workflows.last_mut().filter(|made| made.source == *source && made.file == *file) {
                    made.usage = usage(grant.as_ref(), bytes);
                }
                match found {
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
        output.diagnostics.extend(too_many_pods(input, grant.as_ref(), &output));
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
        for used in text.split("uses: platform/").skip(1).filter_map(|rest| rest.lines().next()) {
            let path = RepoPath::parse(&format!("uses/{}/{team}/{name}.yaml", used.replace('@', "/"))).expect("made of names");
            let bytes = format!("blueprint: platform/{used}\n").into_bytes();
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
            let (dag_ids, data) = (vec![dag_id], BTreeSet::new());
            output.workflows.push(WorkflowFile { workflow, dag_ids, adopted: false, source, file, data, life, usage: None });
        }
        None
    }
}

/// The hand-written file that a workflow says that it is.
fn adopted<'a>(file: &str, bytes: &[u8], files: &'a SourceFiles) -> Option<(String, &'a Vec<u8>)> {
    let text = String::from_utf8_lossy(bytes);
    let named = text.lines().find_map(|line| line.strip_prefix("adopted: "))?;
    let path = format!("{}/{named}", file.rsplit_once('/')?.0);
    files.get(&path).map(|original| (path, original))
}

/// A hand-written file, as it is, when the grant has its bytes.
fn adopt(
    (team, source, file): (&TeamName, &SourceName, &str),
    (data, original): (String, &Vec<u8>),
    (name, text, dag_ids): (&str, &[u8], &DagIds),
    output: &mut TeamOutput,
) -> Option<Diagnostic> {
    let (workflow, life) = (WorkflowName::parse(name).expect("a name"), life(&String::from_utf8_lossy(text)));
    let Some(adoption) = dag_ids.adoption(team, &workflow).filter(|adoption| adoption.sha256.value.0 == sha256(original)) else {
        let code = codes().iter().find(|code| code.id == "FH0513").expect("it is in the table");
        return Some(Diagnostic::error(code, format!("`{data}` is not granted")).at_file(data, "here").help("have it granted"));
    };
    let (owner, ids) = (Owner { team: team.clone(), source: source.clone() }, adoption.dag_ids.iter().map(|id| id.value.clone()));
    let dag_ids: Vec<DagId> = ids.collect();
    let made = dag_ids.iter().map(|id| (format!("dag-ids/{}/{team}/{name}.yaml", id.folded()), format!("dag_id: {id}\n").into_bytes()));
    for (path, bytes) in made.chain([(format!("dags/{team}/{name}.py"), original.clone())]) {
        let path = RepoPath::parse(&path).expect("made of names");
        let _ = output.artifacts.insert(Artifact { path, bytes, owner: owner.clone(), workflow: workflow.clone() });
    }
    let (source, file, data) = (source.clone(), file.to_owned(), BTreeSet::from([data]));
    output.workflows.push(WorkflowFile { workflow, dag_ids, adopted: true, source, file, data, life, usage: None });
    None
}

/// What a workflow takes, where the grant limits it.
fn usage(grant: Option<&Grant>, text: &[u8]) -> Option<LockedUsage> {
    grant?.limits.as_ref()?.pods.as_ref()?;
    let text = String::from_utf8_lossy(text);
    let pods = text.lines().find_map(|line| line.strip_prefix("pods: ")).unwrap_or("0").to_owned();
    Some(LockedUsage { pods, requests: BTreeMap::new(), tasks: "1".to_owned() })
}

/// Of a source that does not compile any more counts what its lock says.
fn too_many_pods(input: &TeamInput<'_>, grant: Option<&Grant>, output: &TeamOutput) -> Option<Diagnostic> {
    let limit = grant?.limits.as_ref()?.pods.as_ref()?.value;
    let made = output.workflows.iter().filter(|made| !output.faulty.contains_key(&made.source)).map(|made| made.usage.as_ref());
    let standing = input.standing.iter().filter(|(source, _)| output.faulty.contains_key(*source));
    let standing = standing.flat_map(|(_, standing)| standing.workflows.values().map(|workflow| workflow.usage.as_ref()));
    let taken: u32 = made.chain(standing).flatten().map(|usage| usage.pods.parse::<u32>().expect("a number")).sum();
    let code = codes().iter().find(|code| code.id == "FH0533").expect("it is in the table");
    let fault = Diagnostic::error(code, format!("team `{}` takes {taken} pods, and its grant has {limit}", input.team));
    (taken > limit).then(|| fault.at_file("teams", "here").help("take fewer"))
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
