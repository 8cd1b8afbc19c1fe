//! One run of `freehold publish`, and what may happen to it.

use std::fmt;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::company::{Company, Source, clean};

/// What happens to a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Left,
    /// It and all that it started get SIGKILL after this time.
    Killed(Duration),
    /// Its temporary folder is on a disk of so many KiB; a limit on the size of files stands for that where no disk can be mounted.
    FullDisk(u64),
    /// No file, also none of the central repository, may become larger than so many KiB.
    ShortFiles(u64),
}

impl Fate {
    /// Whether what it writes may find no room.
    pub fn is_about_disks(self) -> bool {
        matches!(self, Self::FullDisk(_) | Self::ShortFiles(_))
    }
}

/// How a publisher ended.
pub struct Ended {
    /// What it said; `None` when it was killed before it could say anything.
    pub said: Option<Value>,
    pub output: Output,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        write!(f, "{}\n{}{}", self.output.status, text(&self.output.stdout), text(&self.output.stderr))
    }
}

impl Ended {
    /// The central commit that it says it made.
    pub fn commit(&self) -> Option<&str> {
        let said = self.said.as_ref()?;
        said["published"].as_bool().filter(|published| *published).and(said["commit"].as_str())
    }

    pub fn is_killed(&self) -> bool {
        self.output.status.signal() == Some(9)
    }

    pub fn tries(&self) -> Option<u64> {
        self.said.as_ref()?["tries"].as_u64()
    }
}

/// Whether this machine lets a process mount a disk that only it sees.
pub fn can_mount() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /tmp"]);
        let can = command.output().is_ok_and(|output| output.status.success());
        if !can {
            println!("no disk can be mounted here: full disks are limits on the size of files");
        }
        can
    })
}

/// Starts a publisher in a process group of its own.
pub fn start(company: &Company, source: &Source, fate: Fate) -> Child {
    let mut command = shell(fate, &company.temporary());
    clean(&mut command);
    command.env("TMPDIR", company.temporary()).env("HOME", company.temporary()).current_dir(&source.folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command.arg(assert_cmd::cargo::cargo_bin!("freehold")).args(["publish", "--format", "json", "--event", "push", "--central"]);
    command.arg(company.central()).args(["--repository-id", &source.id.to_string(), "--repository", &source.repository()]);
    command.spawn().expect("the program starts")
}

/// A shell that brings the fate about, then becomes the program whose path follows.
fn shell(fate: Fate, temporary: &Path) -> Command {
    let limit = |size: u64| format!("ulimit -f {size}; exec \"$0\" \"$@\"");
    let (program, script) = match fate {
        Fate::Left | Fate::Killed(_) => ("bash", "exec \"$0\" \"$@\"".to_owned()),
        Fate::FullDisk(size) if can_mount() => {
            let mount = format!("mount -t tmpfs -o size={size}k none '{}' && exec \"$0\" \"$@\"", temporary.display());
            ("unshare", mount)
        }
        Fate::FullDisk(size) | Fate::ShortFiles(size) => ("bash", limit(size)),
    };
    let mut command = Command::new(program);
    if program == "unshare" {
        command.args(["--user", "--map-root-user", "--mount", "bash"]);
    }
    command.args(["-c", &script]);
    command
}

/// Waits until it ends, or until its time has come.
pub fn finish(child: Child, fate: Fate) -> Ended {
    let group = child.id();
    let output = std::thread::scope(|scope| {
        let (done, waiting) = std::sync::mpsc::channel::<()>();
        if let Fate::Killed(after) = fate {
            scope.spawn(move || {
                // A process group whose leader has been waited for may be another's by now.
                if waiting.recv_timeout(after).is_err() {
                    kill(group);
                }
            });
        }
        let output = child.wait_with_output().expect("it can be waited for");
        // The other side may be gone.
        let _ = done.send(());
        output
    });
    Ended { said: serde_json::from_slice(&output.stdout).ok(), output }
}

fn kill(group: u32) {
    let status = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).stderr(Stdio::null()).status();
    assert!(status.is_ok(), "kill runs");
}
