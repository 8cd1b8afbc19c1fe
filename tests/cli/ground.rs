//! A temporary folder, the binary in it, and git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Variables that would make a test depend on where it runs.
const OUTER: [&str; 3] = ["GIT_", "GITHUB_", "FREEHOLD_"];

/// A folder with a project in `my-models`, unless a test makes something else in it.
pub struct Ground {
    folder: tempfile::TempDir,
}

/// What a run of the binary gave.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ground {
    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder with a fresh project in `my-models`.
    pub fn with_project() -> Self {
        let ground = Self::empty();
        ground.run(&["init", "team", "my-models"]).expect_code(0);
        ground
    }

    /// A project, and beside it a central work tree `dags` that has granted it its place. Its branch is not checked out, so that
    /// it takes pushes as a server's repository does.
    pub fn with_central() -> Self {
        let ground = Self::with_project();
        ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\n");
        let repository = "repositories:\n  - { id: 7, name: acme/my-models, source: my-models, refs: [refs/heads/main] }\n";
        ground.write("seed/teams/my-models.yaml", format!("team: my-models\n{repository}"));
        ground.commit("seed", "Grant a team its place");
        ground.git(".", &["clone", "--quiet", "--bare", "seed", "dags.git"]);
        ground
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn read(&self, relative: &str) -> String {
        fs_err::read_to_string(self.path(relative)).expect("a file")
    }

    pub fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let full = self.path(relative);
        fs_err::create_dir_all(full.parent().expect("it has one")).expect("made");
        fs_err::write(full, bytes).expect("written");
    }

    /// Copies a folder and all that is below it.
    pub fn copy(&self, folder: &Path, to: &str) {
        for entry in fs_err::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let to = format!("{to}/{}", path.file_name().expect("it has a name").to_string_lossy());
            if path.is_dir() { self.copy(&path, &to) } else { self.write(&to, fs_err::read(path).expect("read")) }
        }
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "{relative} does not hold {from:?}");
        self.write(relative, text.replace(from, to));
    }

    /// The binary, ready to be given arguments.
    pub fn binary(&self) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("freehold"));
        clean(&mut command);
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.binary().args(arguments))
    }

    /// Runs `plan` or `publish` against `dags.git` as the repository that was granted the source.
    pub fn ask(&self, arguments: &[&str]) -> Ran {
        self.ask_of("dags.git", arguments)
    }

    pub fn ask_of(&self, central: &str, arguments: &[&str]) -> Ran {
        let who = ["--repository-id", "7", "--repository", "acme/my-models", "--ref", "refs/heads/main", "--event", "push"];
        run(self.binary().args(arguments).args(["my-models", "--central", central]).args(who))
    }

    pub fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        clean(&mut command);
        let ran =
            run(command.current_dir(self.path(folder)).args(["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]).args(arguments));
        assert_eq!(ran.code, 0, "git {arguments:?}: {}", ran.stderr);
        ran.stdout.trim_end().to_owned()
    }

    /// Commits everything in a folder, on a branch `main`; makes the repository first when there is none.
    pub fn commit(&self, folder: &str, message: &str) {
        self.git(folder, &["init", "--quiet", "--initial-branch=main"]);
        self.git(folder, &["add", "--all"]);
        self.git(folder, &["commit", "--quiet", "--message", message]);
    }

    /// Every file below a folder with what it holds: git's own files too.
    pub fn everything(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { drop(found.insert(path.clone(), fs_err::read(path).unwrap_or_default())) }
            }
        }
        found
    }

    /// Runs something that must leave every file as it was.
    pub fn unchanged(&self, run: impl FnOnce(&Self) -> Ran) -> Ran {
        let before = self.everything(".");
        let ran = run(self);
        let after = self.everything(".");
        let changed: Vec<&Path> = before
            .keys()
            .chain(after.keys())
            .filter(|path| before.get(*path) != after.get(*path))
            .map(|path| path.strip_prefix(self.folder.path()).unwrap_or(path))
            .collect();
        assert!(changed.is_empty(), "these files changed: {changed:?}\n{ran:?}");
        ran
    }
}

impl Ran {
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Refused by the tool, in words: exit code 2, `error:` and the words on standard error.
    #[track_caller]
    pub fn expect_failure(self, words: &str) -> Self {
        let ran = self.expect_code(2);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{words:?} is not in:\n{}", ran.stderr);
        ran
    }

    /// Refused for what the user's files say: exit code 1, and the code of the diagnostic on standard error.
    #[track_caller]
    pub fn expect_refusal(self, code: &str) -> Self {
        let ran = self.expect_code(1);
        assert!(ran.stderr.contains(code), "{code} is not in:\n{}", ran.stderr);
        ran
    }

    /// Standard output as exactly one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }
}

pub fn run(command: &mut Command) -> Ran {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: output.status.code().expect("it ended by itself"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if OUTER.iter().any(|outer| name.to_string_lossy().starts_with(outer)) {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
}
