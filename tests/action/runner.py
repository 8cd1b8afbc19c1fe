"""A job on a real runner emulator, `act` in host mode: the action as a workflow uses it, an event, and a fake `gh`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from company import PROGRAM, ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OUTPUTS = ["refused", "changed", "commit", "plan", "report", "comment"]
# What the runner obeys: act shows a line that it took for a command with one of these marks, and any other with `|`.
TAKEN = {"error": "❗", "warning": "🚧", "notice": "❓"}


@dataclass
class Ran:
    """How a job ended."""

    succeeded: bool
    log: str
    outputs: dict[str, str] = field(default_factory=dict)

    def commands(self) -> list[str]:
        """Lines that the runner obeyed as annotations."""
        return [line for line in self.log.splitlines() if any(mark in line for mark in TAKEN.values())]


class Runner:
    """Runs the action. `PATH` begins with a folder that holds the program and the fake `gh`."""

    def __init__(self, folder: Path, host: Path) -> None:
        """Takes a copy of the action without what is built, and puts the program on the path."""
        self.folder, self.host, self.runs = folder, host, 0
        self.action = folder / "action"
        self.action.mkdir(parents=True)
        for name in ("action.yml", "Cargo.toml"):
            shutil.copy(ROOT / name, self.action / name)
        shutil.copytree(ROOT / "action", self.action / "action")
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "freehold").symlink_to(PROGRAM)
        shutil.copy(Path(__file__).with_name("gh.py"), self.bin / "gh")
        (self.bin / "gh").chmod(0o755)
        if shutil.which("jq") is None:
            library = f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("jq_program.py")}" "$@"\n'
            (self.bin / "jq").write_text(library)
            (self.bin / "jq").chmod(0o755)
        self.gh = folder / "gh"
        self.gh.mkdir()

    def run(
        self,
        event: str,
        payload: dict,
        inputs: dict[str, str],
        *,
        repository: str = "acme/dags",
        checkout: Path | None = None,
        action: str = "acme/freehold",
        env: dict[str, str] | None = None,
        workflow: str | None = None,
    ) -> Ran:
        """One job: a checkout if there is one, the action, and a step that writes its outputs down. Or a workflow."""
        self.runs += 1
        place = self.folder / f"run-{self.runs}"
        (place / ".github/workflows").mkdir(parents=True)
        outputs = place / "outputs"
        server = self.host.as_uri()
        steps: list[dict] = [
            {"id": "it", "uses": f"{action}@{COMMIT}", "with": inputs},
            {
                "if": "always()",
                "run": f"jq -n '$ENV.OUTPUTS | fromjson' >{outputs}",
                "env": {"OUTPUTS": "${{ toJSON(steps.it.outputs) }}"},
            },
        ]
        if checkout is not None:
            shutil.copytree(checkout, place, dirs_exist_ok=True, symlinks=True)
            steps.insert(0, {"uses": "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"})
        job = {"on": event, "jobs": {"job": {"runs-on": "ubuntu-24.04", "steps": steps}}}
        (place / ".github/workflows/job.yml").write_text(workflow or json.dumps(job), encoding="utf-8")
        # Kept out of the checkout's own commit: what is not committed is not published.
        exclude = place / ".git/info/exclude"
        if exclude.parent.is_dir():
            exclude.write_text(".github/\noutputs\nevent.json\n", encoding="utf-8")
        (place / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        known = {
            "GITHUB_SERVER_URL": server,
            "GITHUB_REPOSITORY": repository,
            "GITHUB_REF": payload.get("ref", "refs/pull/1/merge"),
            "RUNNER_TOOL_CACHE": str(self.folder / "tools"),
            "GH_FAKE": str(self.gh),
            **(env or {}),
        }
        if checkout is not None:
            head = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
            known["GITHUB_SHA"] = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
        command = [str(Path(sys.executable).parent / "act"), event, "-P", "ubuntu-24.04=-self-hosted", "--pull=false"]
        command += ["--no-cache-server", "--eventpath", "event.json"]
        command += ["--local-repository", f"{server}/acme/freehold@{COMMIT}={self.action}"]
        for name, value in known.items():
            command += ["--env", f"{name}={value}"]
        outer = {
            name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "FREEHOLD_"))
        }
        outer |= {"PATH": f"{self.bin}:{outer['PATH']}", "HOME": str(self.folder / "home")}

        def act() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, cwd=place, env=outer, capture_output=True, text=True, check=False, timeout=120
            )

        ran = act()
        # On a busy machine act loses the last lines of a step that fails: one that gave no reason is asked once more.
        if ran.returncode != 0 and TAKEN["error"] not in ran.stdout + ran.stderr:
            ran = act()
        # A run without a checkout has no repository, which act says again and again.
        noise = ("not located inside a git repository", "unable to get git revision")
        log = "\n".join(
            line for line in (ran.stdout + ran.stderr).splitlines() if not any(text in line for text in noise)
        )
        written = outputs.read_text(encoding="utf-8") if outputs.is_file() else ""
        return Ran(ran.returncode == 0, log, json.loads(written) if written else {})
