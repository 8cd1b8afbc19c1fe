"""What a change brings, and what another process of the machine reads, gets nothing from a run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from company import PROGRAM
from runner import COMMIT, Ran

from proof import Proof, pull

POLICY = 'platform: acme\ntarget: { airflow: "3.1" }\nadministrators: [olga]\ndefaults: { retries: 1 }\n'


class Guarding(Proof):
    """Links and programs of a checkout, tokens, outputs, tools that are not there."""

    def setUp(self) -> None:
        """Each starts from the project as it is published, and puts programs of its own before others."""
        self.project = self.place / self.id().rpartition(".")[2]
        shutil.copytree(self.company.folder / "acme/churn", self.project)
        self.addCleanup(self.clean)
        self.planted: list[Path] = []

    def clean(self) -> None:
        """Takes what was put there away."""
        for path in self.planted:
            path.unlink()

    def plant(self, name: str, script: str) -> None:
        """A program that the job finds before others of its name."""
        path = self.runner.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)
        self.planted.append(path)

    def act(self, command: str, *, env: dict[str, str] | None = None, event: str = "push", **inputs: str) -> Ran:
        """The action in a checkout of the team's repository."""
        self.company.commit(self.project, "A change")
        push = {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}
        payload = pull(1, "1" * 40) if event == "pull_request" else push
        given = {"command": command, "version": "installed", **inputs}
        known = {"GITHUB_REPOSITORY_ID": "7", "GITHUB_EVENT_NAME": event, **(env or {})}
        return self.runner.run(event, payload, given, repository="acme/churn", checkout=self.project, env=known)

    def test_sarif_is_not_written_through_a_link_of_the_checkout(self) -> None:
        """Neither the file nor a folder on the way there is one."""
        outside = self.place / "outside"
        outside.mkdir()
        (outside / "found.sarif").write_text("precious")
        (self.project / "found.sarif").symlink_to(outside / "found.sarif")
        (self.project / "reports").symlink_to(outside)
        (self.project / "folder.sarif").mkdir()
        (self.project / "folder.sarif/kept").write_text("")
        for name in ("found.sarif", "folder.sarif"):
            self.failed(self.act("check", sarif=name), "names a link or a folder")
        self.failed(self.act("check", sarif="reports/found.sarif"), "leads through a link")
        self.assertEqual((outside / "found.sarif").read_text(), "precious")

    def test_outputs_are_written_when_all_is_known(self) -> None:
        """A run that fails on the way leaves no verdict."""
        real = shutil.which("jq", path=f"{self.runner.bin}:/usr/local/bin:/usr/bin")
        if (self.runner.bin / "jq").exists():
            self.skipTest("the machine has no jq to stand before")
        self.plant("jq", f'case "$*" in *pull_request.number*) exit 5 ;; esac\nexec {real} "$@"')
        ran = self.act("check", event="pull_request", comment="true")
        self.assertFalse(ran.succeeded, ran.log)
        self.assertEqual(ran.outputs.get("refused", ""), "", ran.log)

    def test_a_tool_that_is_missing_is_named(self) -> None:
        """In both actions, and before anything is done."""
        tools = self.place / "tools-missing"
        tools.mkdir()
        known = {"PATH": str(tools), "RUNNER_TEMP": str(tools), "GITHUB_ACTION_PATH": str(self.runner.action)}
        for script in ("action/install.sh", "action/comment/post.sh"):
            ran = subprocess.run(
                ["/bin/bash", str(self.runner.action / script)], env=known, capture_output=True, text=True, check=False
            )
            self.assertEqual(ran.returncode, 2, ran.stderr)
            self.assertIn("is missing on this runner", ran.stdout)

    def test_cargo_is_started_where_the_checkout_says_nothing(self) -> None:
        """And what it built before is not taken for what it builds now."""
        seen = self.place / "cargo-seen"
        built = f'mkdir -p "$2/bin" && ln -s {PROGRAM} "$2/bin/freehold"'
        self.plant("cargo", f'pwd >>{seen}\nwhile [ "$1" != --root ]; do shift; done\n{built}')
        for _ in range(2):
            ran = self.act("check", version="source")
            self.assertTrue(ran.succeeded, ran.log)
        places = [Path(line).name for line in seen.read_text().splitlines()]
        self.assertEqual(places, [f"acme-freehold@{COMMIT}"] * 2)

    def test_what_asks_for_an_identity_token_is_on_no_command_line(self) -> None:
        """And the token is in no log, and gone with the step."""
        seen, job = self.place / "curl-seen", self.place / "job"
        job.mkdir()
        answer = '{"value":"header.claims.signed"}'
        self.plant("curl", f"printf '%s\\n' \"$@\" >{seen}\ncat >{seen}.input\necho '{answer}'")
        self.plant("published", f"cp {job}/freehold/run-*/token {job}/had && echo '{{}}'")
        known = {
            "PATH": f"{self.runner.bin}:/usr/local/bin:/usr/bin:/bin",
            "PROGRAM": str(self.runner.bin / "published"),
            "GITHUB_ACTION_PATH": str(self.runner.action),
            "GITHUB_OUTPUT": str(job / "output"),
            "GITHUB_STEP_SUMMARY": str(job / "summary"),
            "RUNNER_TEMP": str(job),
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://host.example/token",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "asks-for-it",
            **{f"WITH_{name}": "" for name in ("CENTRAL", "CENTRAL_TOKEN", "SARIF", "COMMENT")},
            **{"WITH_COMMAND": "publish", "WITH_WORKING_DIRECTORY": ".", "WITH_BRANCH": "main", "WITH_VIA": "direct"},
            "WITH_AUDIENCE": "freehold",
        }
        script = ["/bin/bash", str(self.runner.action / "action/run.sh")]
        ran = subprocess.run(script, env=known, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertNotIn("asks-for-it", seen.read_text())
        header = Path(f"{seen}.input").read_text()
        self.assertEqual(header, 'header = "Authorization: bearer asks-for-it"\n')
        self.assertEqual((job / "had").read_text(), "header.claims.signed\n")
        self.assertEqual(list(job.glob("freehold/run-*/token")), [])
        self.assertEqual(ran.stdout.count("header.claims.signed"), ran.stdout.count("::add-mask::header.claims.signed"))

    def test_a_token_follows_no_redirect_and_stands_beside_the_jobs_settings(self) -> None:
        """Which git reads in the same way."""
        asked = "authorise https://git.example/acme/dags secret; git config --list"
        script = f'source "{self.runner.action}/action/change.sh"; {asked}'
        known = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.place),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.proxy",
            "GIT_CONFIG_VALUE_0": "proxy.example:3128",
        }
        ran = subprocess.run(
            ["/bin/bash", "-euc", script], cwd=self.place, env=known, capture_output=True, text=True, check=True
        )
        said = ran.stdout.splitlines()
        self.assertIn("http.proxy=proxy.example:3128", said)
        self.assertIn("http.followredirects=false", said)
        self.assertTrue(any(line.startswith("http.https://git.example/acme/dags.extraheader=") for line in said), said)

    def test_whom_a_change_of_policy_concerns_is_told_where_that_is_asked_for(self) -> None:
        """As what `init central` writes does."""
        head = self.company.ask(61, {"platform.yaml": POLICY})
        for affected in ("false", "true"):
            ran = self.verify("pull_request_target", pull(61, head, author="olga"), affected=affected)
            self.assertTrue(ran.succeeded, ran.log)
            told = "FH0816" in json.dumps(ran.outputs) + ran.log
            self.assertEqual(told, affected == "false", ran.log)
        dags = self.place / "written-central"
        action = ("--github", "--action", f"acme/freehold@{COMMIT}")
        self.company.freehold("init", "central", str(dags), "--administrator", "olga", *action)
        self.assertIn('affected: "true"', (dags / ".github/workflows/verify.yml").read_text())
