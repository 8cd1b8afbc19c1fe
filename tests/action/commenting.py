"""`action/comment`, on the runner's emulator."""

from __future__ import annotations

import json
import shutil
import time

from company import ROOT
from runner import Ran

from proof import HOSTILE, Proof, pull


class Commenting(Proof):
    """`action/comment`: one comment, from data that is taken as hostile."""

    def setUp(self) -> None:
        """Pull request 41 is at a commit of a fork, and has one comment of a person."""
        shutil.rmtree(self.runner.gh, ignore_errors=True)
        self.answer("pulls_41", {"head": {"sha": "a" * 40, "repo": {"full_name": "mallory/dags"}}})
        self.answer(
            "issues_41_comments", [{"id": 1, "user": {"type": "User"}, "body": "<!-- freehold report -->\nmine"}]
        )

    def answer(self, path: str, value: object) -> None:
        """What the host says."""
        self.runner.gh.mkdir(exist_ok=True)
        (self.runner.gh / f"repos_acme_dags_{path}.json").write_text(json.dumps(value))

    def artifact(self, number: str, report: str) -> None:
        """What a run left."""
        (self.runner.gh / "run").mkdir(exist_ok=True)
        (self.runner.gh / "run/number").write_text(number)
        (self.runner.gh / "run/report.md").write_text(report)
        self.answer("actions_runs_5_artifacts", {"artifacts": [{"name": "freehold-report", "size_in_bytes": 900}]})

    def post(self, event: str, payload: dict, **inputs: str) -> Ran:
        """Posts."""
        return self.runner.run(event, payload, inputs, action="acme/freehold/action/comment")

    def written(self) -> dict:
        """What was asked of the host."""
        return json.loads((self.runner.gh / "written.json").read_text())

    def of_a_run(self, **more: object) -> dict:
        """An event of a run that ended."""
        run = {
            "id": 5,
            "event": "pull_request",
            "head_sha": "a" * 40,
            "head_repository": {"full_name": "mallory/dags"},
            **more,
        }
        return {"workflow_run": run, "repository": {"default_branch": "main"}}

    def test_a_report_of_the_same_run_goes_to_the_pull_request_of_the_event(self) -> None:
        """A second one replaces it; a person's comment is left alone."""
        event = pull(41, "a" * 40)
        self.assertTrue(self.post("pull_request_target", event, markdown="**good**").succeeded)
        self.assertEqual(
            (self.written()["method"], self.written()["path"]), ("POST", "repos/acme/dags/issues/41/comments")
        )
        self.assertEqual(self.written()["body"], "<!-- freehold report -->\n**good**\n")
        mine = {"id": 2, "user": {"type": "Bot", "login": "github-actions[bot]"}, "body": self.written()["body"]}
        self.answer("issues_41_comments", [{"id": 1, "user": {"type": "User"}, "body": mine["body"]}, mine])
        ran = self.post("pull_request_target", event, markdown="**better**")
        self.assertEqual(self.written()["path"], "repos/acme/dags/issues/comments/2", ran.log)

    def test_a_strangers_report_is_text(self) -> None:
        """No mention, image, link or HTML is left of it, and its length is bounded."""
        hostile = (
            "@acme/all &#64;all &#0064;all &commat;all <img src=x> ![a](http://x) [a](javascript:b)\n[r]: http://x\n"
            "<details>\u202e\u2028\u061c\U000e0041 [x]::/settings evil/phish#1 GH-3 fill:#9a6700 &#91;\n"
            "&#35;1 #&#49; GH&#45;3 &#8238; 8140e8e 0123456789abcdef0123456789abcdef01234567 acme/x&#35;&#8203;7\n"
        )
        self.artifact("41\n", hostile + "x" * 300_000 + HOSTILE)
        ran = self.post("workflow_run", self.of_a_run())
        self.assertTrue(ran.succeeded, ran.log)
        body = self.written()["body"]
        self.assertLess(len(body), 65_536)
        odd = ("\u202e", "\u2028", "\u061c", "\U000e0041")
        hidden = ("&#35;1", "&#49;", "GH&#45;3", "&#8238;", "8140e8e", "0123456789abcdef")
        for text in ("@a", "&#64;", "&#0064;", "&commat;", "<img", "](", "]:", "://", "#1", "GH-3", *odd, *hidden):
            self.assertNotIn(text, body)
        for text in ("<details>", "fill:#9a6700", "&#91;", "8140e8<wbr>e", "&#35;\u200b7"):
            self.assertIn(text, body)

    def test_a_report_is_bounded_as_it_is_posted(self) -> None:
        """What is made text of it counts, and a large artifact is not fetched."""
        for much in ("&" * 60_000, "<" * 60_000, "@a\n" * 20_000, "\u202e" * 60_000):
            self.artifact("41\n", "begin\n" + much)
            began = time.monotonic()
            self.assertTrue(self.post("workflow_run", self.of_a_run()).succeeded)
            self.assertLess(time.monotonic() - began, 40)
            body = self.written()["body"]
            self.assertLess(len(body), 65_536)
            self.assertIn("The rest is in the log", body)
        size = {"artifacts": [{"name": "freehold-report", "size_in_bytes": 5_000_000_000}]}
        self.answer("actions_runs_5_artifacts", size)
        self.failed(self.post("workflow_run", self.of_a_run()), "larger than a report")

    def test_another_bots_comment_is_left(self) -> None:
        """The run's own token might change it; with another token the host refuses to, and ours is made."""
        event = pull(41, "a" * 40)
        theirs = {"id": 7, "user": {"type": "Bot", "login": "other[bot]"}, "body": "<!-- freehold report -->\ntheirs"}
        self.answer("issues_41_comments", [theirs])
        for given in ({}, {"token": "another"}):
            if given:
                (self.runner.gh / "denied").write_text("repos/acme/dags/issues/comments/7")
            ran = self.post("pull_request_target", event, markdown="**ours**", **given)
            self.assertTrue(ran.succeeded, ran.log)
            self.assertEqual(self.written()["path"], "repos/acme/dags/issues/41/comments")

    def test_an_artifact_does_not_choose_the_pull_request(self) -> None:
        """Its number is one, and that pull request is at the run's commit, of the run's repository."""
        self.artifact("42", "hello")
        self.failed(self.post("workflow_run", self.of_a_run()), "was not for")
        for number in ("41; touch pwned", "$(touch pwned)", "", "-1", "0", "41/../42"):
            self.artifact(number, "hello")
            self.failed(self.post("workflow_run", self.of_a_run()), "names no pull request")
        self.artifact("41", "hello")
        for more in ({"head_sha": "b" * 40}, {"head_repository": {"full_name": "acme/dags"}}, {"event": "push"}):
            self.failed(self.post("workflow_run", self.of_a_run(**more)), "was not for")
        (self.runner.gh / "run/report.md").unlink()
        (self.runner.gh / "run/report.md").symlink_to(ROOT / "Cargo.toml")
        self.failed(self.post("workflow_run", self.of_a_run()), "holds no file report.md")
        self.assertFalse((self.runner.gh / "written.json").exists())
