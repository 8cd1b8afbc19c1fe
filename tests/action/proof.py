"""What the tests of the action start from: a company, a runner, and events whose texts are all hostile."""

from __future__ import annotations

import json
import shutil
import tempfile
import unittest
from pathlib import Path

from company import Company
from runner import Ran, Runner

HOSTILE = (
    "$(touch pwned)`touch pwned`\";touch pwned;'\n::set-output name=refused::false\n::error::forged%0A::error::forged"
)
FILE = "sources/churn/churn/workflows/hello.yaml"
DAG = "dags/churn/hello.py"
FORK = {"full_name": "mallory/dags", "fork": True}
CHANGE = {
    "sources/churn/notebooks/freehold.yaml": "team: churn\nsource: notebooks\n",
    "sources/churn/notebooks/workflows/plots.yaml": "workflow: plots\ntasks: { plot: { image: a.example/b:1 } }\n",
}


def pull(number: int, head: str, *, author: str = "ada", sender: str | None = None, **more: object) -> dict:
    """An event of a pull request whose texts are all hostile."""
    request = {
        "number": number,
        "title": HOSTILE,
        "body": HOSTILE,
        "user": {"login": author},
        "head": {"ref": HOSTILE, "label": HOSTILE, "sha": head, "repo": FORK},
        "base": {"ref": "main", "sha": "0" * 40},
    }
    request.update(more)
    return {
        "number": number,
        "pull_request": request,
        "sender": {"login": sender or author},
        "repository": {"default_branch": "main", "full_name": "acme/dags"},
    }


def queue(company: Company, base: str, head: str, number: int = 31) -> dict:
    """An event of a merge queue, with its branch on the host."""
    branch = f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}"
    company.git(company.dags, "update-ref", branch, head)
    group = {"base_ref": "refs/heads/main", "base_sha": base, "head_sha": head, "head_ref": branch}
    return {
        "merge_group": group,
        "sender": {"login": "github-merge-queue[bot]"},
        "repository": {"default_branch": "main"},
    }


class Proof(unittest.TestCase):
    """A company and a runner for all tests; each asks for a change of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        """Lays both out."""
        cls.place = Path(tempfile.mkdtemp(prefix="freehold-action-"))
        cls.company = Company(cls.place / "host")
        cls.runner = Runner(cls.place / "runner", cls.company.folder)

    @classmethod
    def tearDownClass(cls) -> None:
        """Nothing that was hostile has run."""
        pwned = list(cls.place.rglob("pwned"))
        shutil.rmtree(cls.place)
        assert not pwned, pwned

    def verify(self, event: str, payload: dict, **inputs: str) -> Ran:
        """The action's `verify`, with the program that is installed."""
        request = payload.get("pull_request", {})
        if request.get("head", {}).get("repo") == FORK:
            self.fork_was_pushed(request["head"]["sha"], request["user"]["login"])
        return self.runner.run(event, payload, {"command": "verify", "version": "installed", **inputs})

    def fork_was_pushed(self, head: str, actor: str) -> None:
        """Has the host tell of one push to the branch of the fork."""
        push = {"activity_type": "branch_creation", "actor": {"login": actor}, "before": "0" * 40, "after": head}
        (self.runner.gh / "repos_mallory_dags_activity.json").write_text(json.dumps([push]))

    def refused(self, ran: Ran, code: str) -> None:
        """It is refused for this, and nothing but annotations was a command."""
        self.assertFalse(ran.succeeded, ran.log)
        self.assertEqual(ran.outputs.get("refused"), "true", ran.log)
        self.assertTrue(any(code in line for line in ran.commands()), ran.log)
        self.assertIn(code, ran.outputs["markdown"])

    def failed(self, ran: Ran, words: str) -> None:
        """It could not do its work, and says why."""
        self.assertFalse(ran.succeeded, ran.log)
        self.assertEqual(ran.outputs.get("refused", ""), "", ran.log)
        self.assertTrue(any(words in line for line in ran.commands()), ran.log)
