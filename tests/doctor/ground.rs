//! A central repository in which there is nothing to find, and what people do to its surroundings.
//!
//! A script is made of steps, a step's content below it with two spaces before each line. `server` makes it a bare repository
//! with a hook; without it the repository is a work tree whose host judges pull requests by a workflow.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const FILES: [(&str, &str); 5] = [
    ("platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n"),
    ("teams/churn.yaml", "team: churn\nrepositories: [{ id: 1001, name: acme/churn-model, source: churn-model }]\nmembers: [ada]\n"),
    ("teams/ads.yaml", "team: ads\nrepositories: [{ id: 2001, name: acme/ads-bidding, source: ads-bidding }]\nmembers: [bob]\n"),
    (
        ".github/CODEOWNERS",
        "/platform.yaml @acme/platform\n/teams/ @acme/platform\n/overrides/ @acme/platform\n/blueprints/ @acme/platform\n/.github/ @acme/platform\n",
    ),
    (".github/workflows/verify.yml", include_str!("verify.yml")),
];
const SETTINGS: [&str; 3] = ["receive.denyNonFastForwards", "receive.denyDeletes", "receive.fsckObjects"];
const HOOK: &str = "#!/bin/sh\nexec freehold hook pre-receive\n";

/// Variables that would make a test depend on where it runs.
const OUTER: [&str; 3] = ["GIT_", "GITHUB_", "FREEHOLD_"];

/// A central repository.
pub struct Ground {
    folder: tempfile::TempDir,
    is_server: bool,
    rules: Vec<PathBuf>,
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ground {
    /// A repository to which the script's steps have been done.
    pub fn of(script: &str) -> Self {
        let steps = steps(script);
        let is_server = steps.iter().any(|(step, _)| *step == "server");
        let mut ground = Self { folder: tempfile::tempdir().expect("a temporary folder"), is_server, rules: Vec::new() };
        fs_err::create_dir(ground.folder.path().join("dags")).expect("made");
        ground.git("dags", &["init", "--quiet", "--initial-branch=main"]);
        for (path, text) in FILES {
            ground.write(path, text);
        }
        for (step, content) in &steps {
            ground.edit(step, content);
        }
        ground.git("dags", &["add", "--all"]);
        ground.git("dags", &["commit", "--quiet", "--message", "policy"]);
        if is_server {
            ground.git(".", &["clone", "--quiet", "--bare", "dags", "dags.git"]);
            SETTINGS.iter().for_each(|key| drop(ground.git("dags.git", &["config", key, "true"])));
            ground.hook(HOOK, 0o755);
        }
        for (step, content) in &steps {
            ground.surround(step, content);
        }
        ground
    }

    /// Where the repository is.
    pub fn repository(&self) -> PathBuf {
        self.folder.path().join(self.name())
    }

    /// Runs doctor on it.
    pub fn doctor(&self, options: &[&str]) -> Ran {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("freehold"));
        clean(&mut command);
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command.args(["doctor", "--repo", self.name()]).args(options);
        for rules in &self.rules {
            command.arg("--rules").arg(rules);
        }
        let output = command.output().expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ran { code: output.status.code().expect("it ended by itself"), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// What doctor finds.
    pub fn findings(&self) -> Vec<Value> {
        let ran = self.doctor(&["--format", "json"]);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}:\n{ran:?}"));
        let found = document["diagnostics"].as_array().expect("a list").clone();
        let has_errors = found.iter().any(|finding| finding["severity"] == "error");
        assert_eq!(ran.code, i32::from(has_errors), "{ran:?}");
        found
    }

    fn name(&self) -> &'static str {
        if self.is_server { "dags.git" } else { "dags" }
    }

    /// A step that changes files of the branch.
    fn edit(&self, step: &str, content: &str) {
        match step.split(' ').collect::<Vec<_>>().as_slice() {
            ["write", path] => self.write(path, content),
            ["delete", path] => fs_err::remove_file(self.folder.path().join("dags").join(path)).expect("it was there"),
            ["replace", "in", path] => {
                let (old, new) = content.trim_end_matches('\n').split_once('\n').expect("two lines: old and new");
                let full = self.folder.path().join("dags").join(path);
                let text = fs_err::read_to_string(&full).expect("it is there");
                assert!(text.contains(old), "{path} has no {old}");
                fs_err::write(full, text.replace(old, new)).expect("written");
            }
            _ => {}
        }
    }

    /// A step that changes what is around them.
    fn surround(&mut self, step: &str, content: &str) {
        match step.split(' ').collect::<Vec<_>>().as_slice() {
            ["server" | "write" | "delete" | "replace", ..] => {}
            ["set", key, value @ ..] => drop(self.git(self.name(), &["config", key, &value.join(" ")])),
            ["unset", key] => drop(self.git(self.name(), &["config", "--unset-all", key])),
            ["hook"] => self.hook(content, 0o755),
            ["hook", "not", "executable"] => self.hook(content, 0o644),
            ["no", "hook"] => fs_err::remove_file(self.repository().join("hooks/pre-receive")).expect("it was there"),
            ["tag", name] => drop(self.git(self.name(), &["tag", name])),
            ["shallow"] => self.make_shallow(),
            ["rules"] => {
                let path = PathBuf::from(format!("rules-{}.json", self.rules.len()));
                fs_err::write(self.folder.path().join(&path), content).expect("written");
                self.rules.push(path);
            }
            _ => panic!("`{step}` is no step"),
        }
    }

    fn make_shallow(&self) {
        let url = format!("file://{}", self.folder.path().join("dags").display());
        self.git("dags", &["commit", "--quiet", "--allow-empty", "--message", "more"]);
        self.git(".", &["clone", "--quiet", "--depth=1", &url, "shallow"]);
        fs_err::remove_dir_all(self.folder.path().join("dags")).expect("removed");
        fs_err::rename(self.folder.path().join("shallow"), self.folder.path().join("dags")).expect("moved");
    }

    fn hook(&self, text: &str, mode: u32) {
        let path = self.repository().join("hooks/pre-receive");
        fs_err::create_dir_all(path.parent().expect("it has one")).expect("made");
        fs_err::write(&path, text).expect("written");
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    }

    fn write(&self, path: &str, text: &str) {
        let full = self.folder.path().join("dags").join(path);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs_err::write(full, text).expect("written");
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        git(&self.folder.path().join(folder), arguments)
    }
}

fn steps(script: &str) -> Vec<(&str, String)> {
    let mut steps: Vec<(&str, String)> = Vec::new();
    for line in script.lines() {
        match line.strip_prefix("  ") {
            Some(content) => steps.last_mut().expect("content follows a step").1 += &format!("{content}\n"),
            None if line.is_empty() => {}
            None => steps.push((line, String::new())),
        }
    }
    steps
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    clean(&mut command);
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"];
    let output = command.current_dir(folder).args(who).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if OUTER.iter().any(|outer| name.to_string_lossy().starts_with(outer)) {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
}
