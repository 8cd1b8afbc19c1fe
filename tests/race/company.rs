//! A company of many teams, each with several repositories, and one bare central repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Variables that would make a test depend on where it runs.
const OUTER: [&str; 3] = ["GIT_", "GITHUB_", "FREEHOLD_"];

/// All repositories, in one folder.
pub struct Company {
    folder: tempfile::TempDir,
    pub sources: Vec<Source>,
}

/// One team's source with a repository of its own.
#[derive(Clone)]
pub struct Source {
    pub team: String,
    pub name: String,
    pub id: usize,
    pub folder: PathBuf,
}

impl Company {
    /// Teams with as many sources each; nothing is published yet.
    pub fn new(teams: usize, sources: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let all = (0..teams).flat_map(|team| (0..sources).map(move |source| (team, source)));
        let source = |(team, source): (usize, usize)| {
            let (team_name, name) = (format!("team-{team}"), format!("source-{source}"));
            let folder = folder.path().join("repositories").join(&team_name).join(&name);
            Source { team: team_name, name, id: 1000 + team * sources + source, folder }
        };
        let company = Self { sources: all.map(source).collect(), folder };
        fs_err::create_dir(company.temporary()).expect("made");
        company.start_central();
        for source in &company.sources {
            write(&source.folder, "freehold.yaml", &format!("team: {}\nsource: {}\n", source.team, source.name));
            git(&source.folder, &["init", "--quiet", "--initial-branch=main"]);
            source.change(0);
        }
        company
    }

    fn start_central(&self) {
        let seed = self.folder.path().join("seed");
        write(&seed, "platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n");
        write(&seed, "README.md", "Our DAGs.\n");
        let teams: BTreeSet<&str> = self.sources.iter().map(|source| source.team.as_str()).collect();
        for team in teams {
            let bindings = self.sources.iter().filter(|source| source.team == team).map(Source::binding);
            write(&seed, &format!("teams/{team}.yaml"), &format!("team: {team}\nrepositories:\n{}", bindings.collect::<String>()));
        }
        git(&seed, &["init", "--quiet", "--initial-branch=main"]);
        git(&seed, &["add", "--all"]);
        git(&seed, &["commit", "--quiet", "--message", "Grant everybody a place"]);
        git(self.folder.path(), &["clone", "--quiet", "--bare", "seed", "dags.git"]);
    }

    pub fn central(&self) -> PathBuf {
        self.folder.path().join("dags.git")
    }

    /// Where publishers put what is temporary: what killed ones leave there goes with the company.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.central(), arguments)
    }

    pub fn tip(&self) -> String {
        self.git(&["rev-parse", "refs/heads/main"])
    }

    /// Blobs of a revision by path.
    pub fn files(&self, revision: &str) -> BTreeMap<String, String> {
        listed(&git(&self.central(), &["ls-tree", "-r", revision]))
    }

    /// Files that git locks something with and that no running process holds any more.
    pub fn locks(&self) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.central()]);
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "lock") {
                    found.push(path);
                }
            }
        }
        found
    }
}

impl Source {
    fn binding(&self) -> String {
        format!("  - {{ id: {}, name: {}, source: {} }}\n", self.id, self.repository(), self.name)
    }

    pub fn repository(&self) -> String {
        format!("acme/{}-{}", self.team, self.name)
    }

    /// Commits something new to publish.
    pub fn change(&self, round: usize) {
        for workflow in ["daily", "hourly"] {
            let name = format!("{}-{workflow}", self.name);
            let text = format!(
                "workflow: {name}\nschedule: none\ntasks:\n  pull: {{ image: acme/{}:1.{round}, args: [pull] }}\n  train: {{ image: acme/{}:1.{round}, needs: [pull] }}\n",
                self.team, self.team
            );
            write(&self.folder, &format!("workflows/{name}.yaml"), &text);
        }
        git(&self.folder, &["add", "--all"]);
        git(&self.folder, &["commit", "--quiet", "--message", &format!("round {round}")]);
    }

    pub fn head(&self) -> String {
        git(&self.folder, &["rev-parse", "HEAD"])
    }

    /// Blobs of a commit by path.
    pub fn files(&self, commit: &str) -> BTreeMap<String, String> {
        listed(&git(&self.folder, &["ls-tree", "-r", commit]))
    }

    /// The commit that the central repository says was published last; `None` when nothing was.
    pub fn published(&self, company: &Company, files: &BTreeMap<String, String>) -> Option<String> {
        let lock = files.get(&format!("sources/{}/{}/freehold.lock", self.team, self.name))?;
        let lock: Value = serde_json::from_str(&company.git(&["cat-file", "blob", lock])).expect("a lock is JSON");
        Some(lock["published"]["commit"].as_str().expect("it was published").to_owned())
    }
}

fn listed(text: &str) -> BTreeMap<String, String> {
    let line = |line: &str| {
        let (entry, path) = line.split_once('\t').expect("a tab before the path");
        (path.to_owned(), entry.split(' ').nth(2).expect("an id").to_owned())
    };
    text.lines().map(line).collect()
}

fn write(folder: &Path, path: &str, text: &str) {
    let full = folder.join(path);
    fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
    fs_err::write(full, text).expect("written");
}

pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    clean(&mut command);
    let output = command.current_dir(folder).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A process that knows nothing of where the test runs.
pub fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if OUTER.iter().any(|outer| name.to_string_lossy().starts_with(outer)) {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@acme.example");
    }
}
