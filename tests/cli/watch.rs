//! `--watch`: what is shown follows the files.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::ground::Ground;

/// Longer than any machine takes to notice a change: reached only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// What is told when everything has been shown.
const WAITING: &str = "waiting for a change; Ctrl-C ends";

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (stdout, stderr): (ChildStdout, ChildStderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let (send, lines) = channel();
        let other = send.clone();
        std::thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        std::thread::spawn(move || BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| other.send(line)));
        Self { child, lines }
    }

    /// Reads until a line holds these words, and until it waits; gives all that came.
    #[track_caller]
    fn expect(&self, words: &str) -> Vec<String> {
        let (mut has_said, mut is_waiting) = (false, false);
        let mut read = Vec::new();
        while !(has_said && is_waiting) {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{words:?} was not shown, but {read:#?}"));
            has_said |= line.contains(words);
            is_waiting |= line.contains(WAITING);
            read.push(line);
        }
        read
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_preview_follows_what_is_written_renamed_broken_and_deleted() {
    let ground = Ground::with_project();
    let watching = Watching::start(ground.binary().args(["preview", "my-models", "--what", "graph", "--watch"]));
    watching.expect("my-models/hello · 2 tasks");

    let second = "workflow: second\nschedule: none\ndefaults: { image: \"busybox:1.37.0\" }\ntasks: { only: { args: [x] } }\n";
    ground.write("my-models/workflows/second.yaml", second);
    watching.expect("my-models/second · 1 task");

    // As editors save: another file takes its place.
    ground.write("my-models/workflows/.second.swp", second.replace("only:", "renamed:"));
    fs_err::rename(ground.path("my-models/workflows/.second.swp"), ground.path("my-models/workflows/second.yaml")).expect("renamed");
    watching.expect("1  renamed");

    ground.write("my-models/workflows/second.yaml", second.replace("tasks:", "taks:"));
    watching.expect("`taks`");
    ground.write("my-models/workflows/second.yaml", second.replace("only: {", "each: { for_each: { a: { file: a.csv, key: id } },"));
    watching.expect("there is no file `workflows/a.csv`");
    ground.write("my-models/workflows/a.csv", "id\none\ntwo\n");
    watching.expect("each × 2 (a)");

    fs_err::remove_file(ground.path("my-models/workflows/second.yaml")).expect("deleted");
    fs_err::remove_file(ground.path("my-models/workflows/hello.yaml")).expect("deleted");
    watching.expect("there is no workflow in");
}

#[test]
fn a_check_follows_the_policy_of_a_central_repository() {
    let ground = Ground::with_central();
    let watching = Watching::start(ground.binary().args(["check", "my-models", "--central", "dags.git", "--watch"]));
    watching.expect("1 workflow");
    ground.write("seed/platform.yaml", "platform: acme\ntarget: { airflow: \"3.1\" }\nimages: [\"registry.acme.example/*\"]\n");
    ground.commit("seed", "Allow our own images only");
    ground.git("seed", &["push", "--quiet", "../dags.git", "main"]);
    watching.expect("registry.acme.example");
}

#[test]
fn errors_are_nearest_to_where_one_looks() {
    let ground = Ground::with_project();
    let first = "workflow: a\nschedule: none\ndefaults: { image: \"busybox:1.37.0\" }\ntasks: { only: { args: [x], needs: [nobody] } }\n";
    ground.write("my-models/workflows/a.yaml", first);
    let night = "schedule: { cron: \"30 2 * * *\", timezone: Europe/Prague }\nstart_date: 2026-01-01";
    let second = first.replace("workflow: a", "workflow: b").replace("schedule: none", night).replace(", needs: [nobody]", "");
    ground.write("my-models/workflows/b.yaml", second);
    let watching = Watching::start(ground.binary().args(["check", "my-models", "--watch"]));
    let read = watching.expect("FH0338");
    let place = |what: &str| read.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is not in {read:#?}"));
    assert!(place("FH0338") < place("nobody"), "{read:#?}");
}

#[test]
fn nothing_is_watched_where_there_is_no_project() {
    Ground::empty().run(&["preview", "--watch"]).expect_failure("belongs to no project");
}
