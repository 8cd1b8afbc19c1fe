"""A company in a folder: the central repository as a host keeps it, two teams' repositories, and git to change them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "freehold"
WHO = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false"]
PLATFORM = 'platform: acme\ntarget: { airflow: "3.1" }\nadministrators: [olga]\n'
GRANT = """team: {team}
repositories: [{{ id: {id}, name: acme/{team}, source: {team}, refs: [refs/heads/main] }}]
members: [{member}]
"""
TEAMS = {"churn": (7, "ada"), "ads": (8, "bob")}


class Company:
    """`acme/dags` is bare and takes pushes; `acme/churn` and `acme/ads` are checkouts."""

    def __init__(self, folder: Path) -> None:
        """Lays it out, with both teams' first publish."""
        self.folder = folder
        self.dags = folder / "acme" / "dags"
        self.clone = folder / "clone"
        self.dags.mkdir(parents=True)
        self.git(self.dags, "init", "--quiet", "--bare", "--initial-branch=main")
        self.git(folder, "clone", "--quiet", str(self.dags), str(self.clone))
        self.write(self.clone / "platform.yaml", PLATFORM)
        for team, (number, member) in TEAMS.items():
            self.write(self.clone / f"teams/{team}.yaml", GRANT.format(team=team, id=number, member=member))
        self.commit(self.clone, "Start")
        self.git(self.clone, "push", "--quiet", "origin", "HEAD:main")
        for team, (number, _) in TEAMS.items():
            place = folder / "acme" / team
            self.freehold("init", "team", str(place), "--team", team, "--source", team, "--central", str(self.dags))
            self.git(place, "init", "--quiet", "--initial-branch=main")
            self.commit(place, "Start")
            self.freehold("publish", str(place), "--repository-id", str(number), "--repository", f"acme/{team}")
        self.git(self.clone, "pull", "--quiet", "origin", "main")

    def git(self, folder: Path, *arguments: str) -> str:
        """Runs git and gives what it prints."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))}
        clean |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        ran = subprocess.run(
            ["git", *WHO, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"git {arguments}: {ran.stderr}"
        return ran.stdout.strip()

    def freehold(self, *arguments: str) -> None:
        """Runs the program, which must succeed."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "FREEHOLD_"))}
        ran = subprocess.run([str(PROGRAM), *arguments], env=clean, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"freehold {arguments}: {ran.stderr}"

    @staticmethod
    def write(path: Path, text: str) -> None:
        """Writes a file and the folders that it needs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, folder: Path, message: str) -> str:
        """Commits everything and gives the commit."""
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
        return self.git(folder, "rev-parse", "HEAD")

    def tip(self) -> str:
        """The protected branch's commit."""
        return self.git(self.dags, "rev-parse", "main")

    def ask(
        self,
        number: int,
        changes: dict[str, str | None],
        *,
        start: str = "main",
        to: str | None = None,
        compiled: bool = False,
    ) -> str:
        """Lays a change before the host as a pull request, or on another ref; a file that is `None` goes."""
        self.git(self.clone, "fetch", "--quiet", "origin", "main")
        self.git(self.clone, "checkout", "--quiet", "--detach", "--force", "origin/main" if start == "main" else start)
        for path, text in changes.items():
            if text is None:
                (self.clone / path).unlink()
            else:
                self.write(self.clone / path, text)
        if compiled:
            self.freehold("compile", "--quiet", str(self.clone))
        head = self.commit(self.clone, "A change")
        self.git(self.clone, "push", "--quiet", "--force", "origin", f"HEAD:{to or f'refs/pull/{number}/head'}")
        return head
