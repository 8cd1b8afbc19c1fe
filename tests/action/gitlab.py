"""What `init --gitlab` writes, as a runner of GitLab would do it: a job's lines and variables, in a used folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from company import PROGRAM
from ruamel.yaml import YAML

from proof import CHANGE, DAG, FILE, Proof

# GitLab's own, for what a report is offered as: a file with another one is not loaded.
EXPOSED = re.compile(r"\A\w[-\w ]*\Z")


class Hosting(Proof):
    """Both templates, on repositories of a company."""

    def setUp(self) -> None:
        """Both files as they are written, and a folder that an earlier job has left links in."""
        self.files = {}
        for kind, more in (
            ("central", ("--administrator", "olga")),
            ("team", ("--central", "https://git.example/d.git")),
        ):
            folder = self.place / f"{self.id()}-{kind}"
            team = ("--team", "churn", "--source", "churn") if kind == "team" else ()
            self.company.freehold("init", kind, str(folder), *more, *team, "--gitlab")
            self.files[kind] = YAML(typ="safe").load((folder / ".gitlab-ci.yml").read_text())
        self.build = self.place / f"{self.id()}-build"
        self.build.mkdir()
        self.victim = self.place / f"{self.id()}-victim"
        self.victim.write_text("precious")
        for name in ("code-quality.json", "freehold.md", "judged.git"):
            (self.build / name).symlink_to(self.victim)

    def job(self, kind: str, name: str, *then: str, **known: str) -> subprocess.CompletedProcess[str]:
        """Runs a job's script, with more lines at its end, and what is done after it whatever came of that."""
        job = self.files[kind][name]
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "CI_", "FREEHOLD_"))}
        given = {**self.files[kind]["variables"], **job.get("variables", {}), **known}
        clean |= {key: str(value) for key, value in given.items()}
        clean |= {"PATH": f"{PROGRAM.parent}:{clean['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null"}

        def lines(part: str, *more: str) -> subprocess.CompletedProcess[str]:
            script = "set -eo pipefail\n" + "\n".join([*job.get(part, []), *more])
            return subprocess.run(
                ["bash", "-c", script], cwd=self.build, env=clean, capture_output=True, text=True, check=False
            )

        ran = lines("script", *then)
        lines("after_script")
        self.assertEqual(self.victim.read_text(), "precious")
        return ran

    def verify(self, head: str, *, actor: str = "ada", **known: str) -> subprocess.CompletedProcess[str]:
        """Judges a merge request of the central project."""
        asked = {
            "CI_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_ID": "1",
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/dags",
            "CI_REPOSITORY_URL": str(self.company.dags),
            "CI_DEFAULT_BRANCH": "main",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_COMMIT_SHA": head,
            "GITLAB_USER_LOGIN": actor,
            **known,
        }
        return self.job("central", "freehold verify", **asked)

    def ask(self, changes: dict[str, str | None], *, compiled: bool = False, start: str = "main") -> str:
        """A merge request's commit, on the host."""
        return self.company.ask(0, changes, to="refs/merge-requests/5/head", compiled=compiled, start=start)

    def test_the_host_loads_what_is_written(self) -> None:
        """A report is offered under a name that it takes."""
        named = [
            job["artifacts"]["expose_as"]
            for file in self.files.values()
            for job in file.values()
            if isinstance(job, dict) and "expose_as" in job.get("artifacts", {})
        ]
        self.assertEqual(len(named), 2)
        for name in named:
            self.assertRegex(name, EXPOSED)

    def test_a_merge_request_is_judged_without_a_checkout(self) -> None:
        """Its findings are files of the job's own, whatever lies under their names."""
        self.assertEqual(self.files["central"]["freehold verify"]["variables"]["GIT_STRATEGY"], "none")
        ran = self.verify(self.ask(CHANGE, compiled=True))
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertEqual(json.loads((self.build / "code-quality.json").read_text()), [])
        ran = self.verify(self.ask({DAG: None}), actor="bob")
        self.assertEqual(ran.returncode, 1, ran.stdout + ran.stderr)
        self.assertTrue(json.loads((self.build / "code-quality.json").read_text()))
        self.assertIn(DAG, (self.build / "freehold.md").read_text())

    def test_a_forks_pipeline_is_refused(self) -> None:
        """It would be judged by the policy of whoever has the fork."""
        ran = self.verify(self.ask(CHANGE, compiled=True), CI_PROJECT_ID="2")
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("ask from a branch of acme/dags", ran.stdout)

    def test_a_train_is_judged_on_those_before(self) -> None:
        """What they change is not the asker's; what the asker changes is, however it is merged."""
        before = self.ask({"teams/ads.yaml": None, "dags/ads/hello.py": None})
        train = {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
        for changes, code in ((CHANGE, 0), ({DAG: None}, 1)):
            own = self.ask(changes, compiled=code == 0)
            merged = self.merged(before, own)
            ran = self.verify(merged, actor="ada" if code == 0 else "bob", **train)
            self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
            self.assertNotIn(own, ran.stdout.splitlines(), "what git answers to a question is not for the log")
        ran = self.verify(own, **train)
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn("must make merge commits", ran.stdout)

    def merged(self, before: str, own: str) -> str:
        """A train's commit, as the host makes it."""
        git, clone = self.company.git, self.company.clone
        git(clone, "checkout", "--quiet", "--detach", "--force", before)
        git(clone, "merge", "--quiet", "--no-ff", "--message", "Merge", own)
        head = git(clone, "rev-parse", "HEAD")
        git(clone, "push", "--quiet", "--force", "origin", "HEAD:refs/merge-requests/5/train")
        return head

    def test_a_teams_check_writes_no_file_through_a_link(self) -> None:
        """Which a merge request may bring."""
        shutil.copytree(self.company.folder / "acme/churn", self.build, dirs_exist_ok=True)
        ran = self.job("team", "freehold check", PROJECT=".")
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertEqual(json.loads((self.build / "code-quality.json").read_text()), [])
        self.assertFalse(Path(self.build / "freehold.md").is_symlink())

    def test_a_teams_report_is_what_merging_would_publish_where_that_can_be_known(self) -> None:
        """Elsewhere it is about the files, and says so. What decides is the same."""
        shutil.copytree(self.company.folder / "acme/churn", self.build, dirs_exist_ok=True)
        workflow = self.build / "workflows/hello.yaml"
        workflow.write_text(workflow.read_text().replace("say it to everybody", "again"))
        head = self.company.commit(self.build, "A change")
        known = {
            "PROJECT": ".",
            "CI_SERVER_URL": "https://gitlab.example",
            "CI_PROJECT_URL": "https://gitlab.example/acme/churn",
            "CI_COMMIT_SHA": head,
            "CI_DEFAULT_BRANCH": "main",
            "CI_MERGE_REQUEST_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_PROJECT_PATH": "acme/churn",
        }
        ran = self.job("team", "freehold check", CENTRAL=str(self.company.dags), **known)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        report = (self.build / "freehold.md").read_text()
        self.assertIn("1 changed", report)
        ran = self.job("team", "freehold check", CENTRAL=str(self.place / "nowhere"), **known)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn("cannot be read here", (self.build / "freehold.md").read_text())

    def test_reports_link_to_the_lines_of_the_commit(self) -> None:
        """GitLab sets none of the variables from which a link is known elsewhere."""
        head = self.ask({FILE: "workflow: hello\ntasks: { hello: { retires: 1 } }\n"})
        self.verify(head, CI_PROJECT_URL="https://gitlab.example/acme/dags")
        link = f"https://gitlab.example/acme/dags/-/blob/{head}/{FILE}#L2"
        self.assertIn(link, (self.build / "freehold.md").read_text())

    def test_a_jobs_token_stands_beside_the_settings_that_a_job_has_already(self) -> None:
        """Such as a proxy's, in variables of the group."""
        mine = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "acme.mine", "GIT_CONFIG_VALUE_0": "kept"}
        shown = ["acme.mine", "http.followRedirects", "http.https://git.example/d.git.extraheader"]
        for kind, name in (("team", "freehold publish"), ("central", "freehold integrate")):
            job = self.files[kind][name]
            job["script"] = [line for line in job["script"] if not line.startswith("freehold ")]
            tokens = {"FREEHOLD_CENTRAL_TOKEN": "x", "FREEHOLD_INTEGRATE_TOKEN": "x"}
            lines = [f"git config {key}" for key in shown]
            ran = self.job(kind, name, *lines, CI_PROJECT_URL="https://git.example/d", **mine, **tokens)
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
            self.assertRegex(ran.stdout, r"\Akept\nfalse\nAuthorization: Basic \S+\n\Z")
