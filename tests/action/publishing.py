"""The action in a team's repository: pull requests, and what has landed."""

from __future__ import annotations

import shutil

from ruamel.yaml import YAML
from runner import COMMIT, Ran

from proof import DAG, HOSTILE, Proof, pull


class Publishing(Proof):
    """`check`, `plan`, `publish` and `integrate` for a team."""

    def setUp(self) -> None:
        """Each starts from the project as it is published."""
        self.project = self.place / self.id().rpartition(".")[2]
        shutil.copytree(self.company.folder / "acme/churn", self.project)

    def edit(self, old: str = "retries: 2", new: str = "retries: 3") -> None:
        """Commits a change of the workflow."""
        workflow = self.project / "workflows/hello.yaml"
        text = workflow.read_text(encoding="utf-8")
        assert old in text
        workflow.write_text(text.replace(old, new), encoding="utf-8")
        self.company.commit(self.project, "A change")

    def act(self, event: str, command: str, *, number: int = 7, ref: str = "refs/heads/main", **inputs: str) -> Ran:
        """The action in a checkout of the team's repository."""
        payload = (
            pull(1, "1" * 40) if event == "pull_request" else {"ref": ref, "repository": {"default_branch": "main"}}
        )
        given = {
            "command": command,
            "version": "installed",
            **{key.replace("_", "-"): value for key, value in inputs.items()},
        }
        known = {"GITHUB_REPOSITORY_ID": str(number), "GITHUB_EVENT_NAME": event}
        return self.runner.run(event, payload, given, repository="acme/churn", checkout=self.project, env=known)

    def test_a_fault_is_annotated_on_its_line(self) -> None:
        """And stands in the report and in SARIF."""
        self.edit("retries: 2", "retires: 2")
        ran = self.act("pull_request", "check", sarif="found.sarif")
        self.refused(ran, "FH0201")
        self.assertIn("file=workflows/hello.yaml,line=", ran.log)
        self.assertEqual(ran.outputs["sarif"], "found.sarif")

    def test_a_good_project_passes_and_a_hostile_folder_is_a_folder(self) -> None:
        """Whose name is neither an option nor a command."""
        ran = self.act("pull_request", "check")
        self.assertTrue(ran.succeeded and ran.outputs["refused"] == "false", ran.log)
        for folder in (HOSTILE, "--central=/tmp"):
            self.failed(self.act("pull_request", "check", working_directory=folder), "error")
        self.failed(self.act("pull_request", "check", central_token="secret"), "'central-token' needs 'central'")

    def test_a_text_in_a_workflow_starts_no_command(self) -> None:
        """Whatever it is."""
        self.edit("schedule:", '"retires\\n::error::forged": 1\nschedule:')
        ran = self.act("pull_request", "check")
        self.refused(ran, "FH")
        self.assertFalse([line for line in ran.commands() if line.rstrip().endswith("❗  ::error::forged")], ran.log)

    def test_a_pull_request_is_planned_as_what_it_will_be_and_publishes_once_it_has_landed(self) -> None:
        """Publishing again makes no commit, and a run that is not the granted one is refused."""
        self.edit()
        before = self.company.tip()
        plan = self.act("pull_request", "plan")
        self.assertTrue(plan.succeeded and plan.outputs["changed"] == "true", plan.log)
        self.refused(self.act("push", "publish", number=9), "FH07")
        self.refused(self.act("push", "publish", ref="refs/heads/feature"), "FH07")
        self.assertEqual(self.company.tip(), before)
        published = self.act("push", "publish")
        self.assertEqual(
            (published.succeeded, published.outputs.get("commit")), (True, self.company.tip()), published.log
        )
        again = self.act("push", "publish")
        self.assertEqual((again.outputs["changed"], again.outputs["commit"]), ("false", ""), again.log)
        self.company.git(self.company.folder / "acme/churn", "pull", "--quiet", str(self.project), "main")

    def test_where_the_central_repository_cannot_be_read_the_files_alone_are_checked(self) -> None:
        """As in a pull request from a fork, which gets no token. A fault of the files is one all the same."""
        self.edit("schedule:", "# Said otherwise.\nschedule:")
        asked = {"central": str(self.place / "nowhere"), "without_central": "check", "comment": "true"}
        project = (self.project / "freehold.yaml").read_text(encoding="utf-8")
        far = project.replace(str(self.company.dags), "https://git.invalid/acme/dags.git")
        (self.project / "freehold.yaml").write_text(far, encoding="utf-8")
        self.company.commit(self.project, "A central repository that is not on this machine")
        ran = self.act("pull_request", "plan", **asked)
        self.assertTrue(ran.succeeded and ran.outputs["refused"] == "false", ran.log)
        self.assertIn("Freehold check: nothing is wrong", ran.outputs["markdown"])
        self.assertIn("cannot be read here", ran.outputs["markdown"])
        self.failed(self.act("pull_request", "plan", **asked | {"without_central": "fail"}), "nowhere")
        self.failed(self.act("pull_request", "plan", **asked | {"central": ""}), "needs 'central'")
        ran = self.act("pull_request", "plan", **asked | {"central": str(self.company.dags)})
        self.assertTrue(ran.succeeded, ran.log)
        self.assertIn("Freehold plan: nothing is wrong", ran.outputs["markdown"])
        self.assertNotIn("cannot be read here", ran.outputs["markdown"])
        self.edit("retries: ", "retires: ")
        self.refused(self.act("pull_request", "plan", **asked), "FH0201")

    def test_what_init_writes_for_a_team_reports_what_merging_would_publish(self) -> None:
        """The job as it is written; what takes the report further is the host's own."""
        folder = self.place / "team"
        given = ("--central", "https://git.example/d.git", "--github", "--action", f"acme/freehold@{COMMIT}")
        self.company.freehold("init", "team", str(folder), "--team", "churn", *given)
        written = YAML(typ="safe").load((folder / ".github/workflows/freehold.yml").read_text())
        steps = written["jobs"]["check"]["steps"]
        self.assertEqual(steps[0]["with"]["fetch-depth"], 0, "what was published last is looked for in it")
        step = next(step["with"] for step in steps if step.get("id") == "freehold")
        self.assertEqual(step.pop("central"), "https://git.example/d.git")
        self.assertNotIn("central-token", step)
        self.edit("say it to everybody", "again")
        command = step.pop("command")
        ran = self.act("pull_request", command, central=str(self.company.dags), **step)
        self.assertTrue(ran.succeeded and ran.outputs["changed"] == "true", ran.log)
        self.assertIn("1 changed", ran.outputs["markdown"])
        self.assertTrue(ran.outputs["comment"], "what is to be posted waits in a folder")

    def test_what_waits_is_integrated_and_what_is_refused_is_told(self) -> None:
        """By the central repository's own run, without a checkout."""
        self.edit(
            "retries: 2" if "retries: 2" in (self.project / "workflows/hello.yaml").read_text() else "retries: 3",
            "retries: 4",
        )
        waiting = self.act("push", "publish", via="branch")
        self.assertTrue(waiting.succeeded and waiting.outputs["changed"] == "true", waiting.log)
        forged = self.company.ask(0, {DAG: "x = 1\n"}, to="refs/heads/publish/ads/ads")
        given = {"command": "integrate", "version": "installed"}
        ran = self.runner.run("push", {"ref": "refs/heads/main"}, given)
        self.refused(ran, "FH")
        self.assertEqual(ran.outputs["commit"], self.company.tip(), ran.log)
        self.assertIn("churn&#47;churn", ran.outputs["markdown"])
        self.company.git(self.company.dags, "update-ref", "-d", "refs/heads/publish/ads/ads", forged)
        ran = self.runner.run("push", {"ref": "refs/heads/main"}, given)
        self.assertTrue(ran.succeeded and ran.outputs["changed"] == "false", ran.log)
        self.company.git(self.company.folder / "acme/churn", "pull", "--quiet", str(self.project), "main")
