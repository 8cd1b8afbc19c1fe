"""The packages as users get them: the wheel in a clean environment, and the hooks of a real pre-commit.

Needs `maturin` and `pre-commit` beside this interpreter, and a package index for what a clean environment builds with.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
VERSION = re.search(r'^version = "([^"]+)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
WORKFLOW = """\
workflow: report
schedule: {{ preset: daily }}
start_date: 2026-01-01
defaults: {{ image: "docker.io/library/busybox:1.37.0" }}
tasks:
  pull: {{ args: [pull] }}
  train: {{ args: [train], needs: [{needs}] }}
"""


def outer() -> dict[str, str]:
    """The environment without what would make a test depend on where it runs."""
    return {name: text for name, text in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PRE_COMMIT"))}


def run(*command: object, cwd: Path, code: int = 0, **more: str) -> str:
    """What a program says; it must end with that code."""
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=outer() | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if ran.returncode != code:
        raise AssertionError(f"{command} ended with {ran.returncode}, not {code}:\n{ran.stdout}")
    return ran.stdout


class Packages(unittest.TestCase):
    """One wheel, built once."""

    @classmethod
    def setUpClass(cls) -> None:
        """Builds the wheel, in the profile of the other tests: its code is compiled already."""
        cls.ground = Path(tempfile.mkdtemp(prefix="freehold-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.ground, ignore_errors=True)
        cls.dist = cls.ground / "dist"
        run(TOOLS / "maturin", "build", "--profile", "dev", "--locked", "--out", cls.dist, cwd=ROOT / "packages/python")
        (cls.wheel,) = cls.dist.glob("*.whl")

    def repository(self, name: str) -> Path:
        """A repository with a project, and a file beside it that is none of Freehold's."""
        place = self.ground / name
        (place / "models/workflows").mkdir(parents=True)
        (place / "models/freehold.yaml").write_text("team: churn\nsource: models\n")
        (place / "models/workflows/report.yaml").write_text(WORKFLOW.format(needs="pull"))
        (place / "compose.yaml").write_text("services: {}\n")
        run("git", "init", "--quiet", "--initial-branch=main", cwd=place)
        run("git", "config", "user.name", "an author", cwd=place)
        run("git", "config", "user.email", "author@example.com", cwd=place)
        run("git", "add", "--all", cwd=place)
        return place

    def pre_commit(self, *arguments: object, cwd: Path, code: int = 0) -> str:
        """A real pre-commit."""
        return run(TOOLS / "pre-commit", *arguments, cwd=cwd, code=code, **self.index())

    def index(self) -> dict[str, str]:
        """Where pre-commit finds the wheel, as it would in a package index."""
        return {"PRE_COMMIT_HOME": str(self.ground / "pre-commit"), "PIP_FIND_LINKS": str(self.dist)}

    def commit(self, message: str, cwd: Path, code: int = 0) -> str:
        """What a commit of all that is staged says, its hooks among it."""
        return run("git", "commit", "--message", message, cwd=cwd, code=code, **self.index())

    def test_the_wheel_is_one_program_of_the_one_version(self) -> None:
        """It has the version of Cargo.toml, and no Python."""
        names = zipfile.ZipFile(self.wheel).namelist()
        self.assertTrue(self.wheel.name.startswith(f"freehold-{VERSION}-py3-none-"), self.wheel.name)
        self.assertIn(f"freehold-{VERSION}.data/scripts/freehold", names)
        self.assertFalse([name for name in names if name.endswith(".py")])

    def test_the_wheel_works_in_a_clean_environment(self) -> None:
        """From `pip install` to compiled manifests."""
        place = self.ground / "clean"
        venv.create(place, with_pip=True)
        run(
            place / "bin/pip",
            "install",
            "--quiet",
            "--no-index",
            "--find-links",
            self.dist,
            "freehold",
            cwd=self.ground,
        )
        freehold = place / "bin/freehold"
        self.assertEqual(run(freehold, "--version", cwd=self.ground).strip(), f"freehold {VERSION}")
        run(freehold, "init", "team", "my-models", cwd=self.ground)
        run(freehold, "check", cwd=self.ground / "my-models")
        run(freehold, "compile", "--out", self.ground / "out", cwd=self.ground / "my-models")
        self.assertTrue((self.ground / "out/dags/my-models/hello.py").is_file())

    def test_an_archive_has_the_program_of_the_wheel(self) -> None:
        """With its checksum, bill of materials, manual pages and completions; and made twice it is the same."""
        made = []
        for out in (self.ground / "release", self.ground / "again"):
            run(sys.executable, ROOT / "packages/release/archive.py", self.wheel, "some-target", out, cwd=self.ground)
            made.append((out / f"freehold-{VERSION}-some-target.tar.gz").read_bytes())
        self.assertEqual(*made)
        place = self.ground / "release"
        run("sha256sum", "--check", f"freehold-{VERSION}-some-target.tar.gz.sha256", cwd=place)
        run("tar", "xf", f"freehold-{VERSION}-some-target.tar.gz", cwd=place)
        unpacked = place / f"freehold-{VERSION}-some-target"
        self.assertEqual(run(unpacked / "freehold", "--version", cwd=place).strip(), f"freehold {VERSION}")
        self.assertIn("freehold", (unpacked / "completions/freehold.bash").read_text())
        self.assertTrue((unpacked / "man/freehold.1").is_file())
        materials = json.loads((place / f"freehold-{VERSION}-some-target.cyclonedx.json").read_text())
        self.assertIn("clap", {component["name"] for component in materials["components"]})

    def test_pre_commit_tells_good_from_bad_in_a_real_repository(self) -> None:
        """Installed as a team would, and asked by `git commit`."""
        place = self.repository("hooked")
        hooks = "{ id: freehold-check }, { id: freehold-compile, args: [models, --out, models/manifests] }"
        commit = run("git", "rev-parse", "HEAD", cwd=ROOT).strip()
        (place / ".pre-commit-config.yaml").write_text(
            f"repos:\n- {{ repo: {ROOT}, rev: {commit}, hooks: [{hooks}] }}\n"
        )
        run("git", "add", "--all", cwd=place)

        self.assertNotIn("Failed", self.pre_commit("run", cwd=place))
        self.assertTrue((place / "models/manifests/dags/churn/report.py").is_file())
        self.pre_commit("install", cwd=place)
        run("git", "add", "--all", cwd=place)
        self.commit("Report daily", place)

        # A commit without what its workflows compile to is refused, and what is missing has been made.
        report = place / "models/workflows/report.yaml"
        report.write_text(report.read_text().replace("[train]", "[train, --fast]"))
        run("git", "add", report, cwd=place)
        self.assertIn("files were modified by this hook", self.commit("Hurry", place, code=1))
        run("git", "add", "--all", cwd=place)
        self.commit("Hurry", place)

        report.write_text(WORKFLOW.format(needs="pul"))
        run("git", "add", report, cwd=place)
        said = self.commit("Misspell it", place, code=1)
        self.assertIn("models/workflows/report.yaml:7", said)
        self.assertIn("help: write `pull`", said)

    def test_pre_commit_can_try_the_repository(self) -> None:
        """`pre-commit try-repo`, over all files."""
        place = self.repository("tried")
        said = self.pre_commit("try-repo", ROOT, "freehold-check", "--all-files", cwd=place)
        self.assertIn("Passed", said)


if __name__ == "__main__":
    unittest.main()
