"""Runs the action on a real runner emulator, on real events, and requires what it tells.

usage: prove.py [NAME]...      (with the Python of the environment `action`)
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from commenting import Commenting
from company import GRANT, PROGRAM, ROOT
from gitlab import Hosting
from guarding import Guarding
from publishing import Publishing
from runner import COMMIT, Ran

from proof import CHANGE, DAG, FILE, FORK, HOSTILE, Proof, pull, queue

__all__ = ["Commenting", "Guarding", "Hosting", "Publishing"]


class Verifying(Proof):
    """`verify`: pull requests, forks, merge queues."""

    def test_a_teams_own_change_may_land_from_a_fork_also_on_pull_request_target(self) -> None:
        """And needs no checkout."""
        head = self.company.ask(21, CHANGE, compiled=True)
        for event in ("pull_request", "pull_request_target"):
            ran = self.verify(event, pull(21, head))
            self.assertTrue(ran.succeeded, ran.log)
            self.assertEqual((ran.outputs["refused"], ran.commands()), ("false", []), ran.log)

    def test_anothers_file_is_refused_with_an_annotation_at_it(self) -> None:
        """The report says so too, and the text for the comment is there."""
        head = self.company.ask(22, {DAG: None})
        ran = self.verify("pull_request", pull(22, head, author="bob"), comment="true")
        self.refused(ran, "FH08")
        self.assertIn(f"file={DAG}", ran.log)
        self.assertEqual((Path(ran.outputs["comment"]) / "number").read_text().strip(), "22")

    def test_who_opened_and_who_changed_it_last_must_both_be_allowed(self) -> None:
        """An administrator's pull request with somebody else's commit is nobody's order."""
        head = self.company.ask(23, {DAG: None, FILE: None})
        self.refused(self.verify("pull_request", pull(23, head, author="olga", sender="bob")), "FH08")
        self.refused(self.verify("pull_request", pull(23, head, author="bob", sender="olga")), "FH08")

    def test_policy_is_the_protected_branchs_whatever_the_pull_request_aims_at(self) -> None:
        """A branch on which the asker rules gives no verdict that could stay once it is aimed elsewhere."""
        mine = self.company.ask(0, {"platform.yaml": "platform: acme\nadministrators: [bob]\n"}, to="refs/heads/mine")
        head = self.company.ask(24, {DAG: None}, start=mine)
        ran = self.verify("pull_request", pull(24, head, author="bob", base={"ref": "mine", "sha": mine}))
        self.refused(ran, "FH08")

    def test_what_files_are_called_is_no_command(self) -> None:
        """Neither for the shell nor for the runner."""
        head = self.company.ask(25, {f"dags/{HOSTILE.replace('/', '_')}": HOSTILE})
        ran = self.verify("pull_request", pull(25, head))
        self.refused(ran, "FH08")
        forged = [
            line
            for line in ran.commands()
            if "::error::forged" in line and "file=" not in line and "title=FH" not in line
        ]
        self.assertEqual(forged, [], ran.log)
        self.assertFalse(
            [line for line in ran.log.splitlines() if "set-output" in line and "refused=false" in line], ran.log
        )

    def test_a_merge_queue_is_judged_as_the_pull_request_that_it_tries(self) -> None:
        """Its author is asked of the host."""
        base = self.company.tip()
        answer = self.runner.gh / "repos_acme_dags_pulls_31.json"
        good = self.company.ask(31, CHANGE, compiled=True)
        asking = {"user": {"login": "ada"}, "head": {"ref": "b", "sha": good, "repo": FORK}}
        answer.write_text(json.dumps(asking))
        self.fork_was_pushed(good, "ada")
        ran = self.verify("merge_group", queue(self.company, base, good))
        self.assertTrue(ran.succeeded, ran.log)
        bad = self.company.ask(31, {"dags/ads/hello.py": None})
        self.refused(self.verify("merge_group", queue(self.company, base, bad)), "FH08")
        self.fork_was_pushed(good, "mallory")
        self.refused(self.verify("merge_group", queue(self.company, base, good)), "FH08")
        answer.unlink()
        self.failed(self.verify("merge_group", queue(self.company, base, good)), "who asks cannot be read")

    def test_whoever_pushed_to_the_branch_asks_too(self) -> None:
        """An administrator who opens it again, updates it, or puts it into the queue lends nobody any rights."""
        head = self.company.ask(32, CHANGE, compiled=True)
        own = {"ref": "a b", "sha": head, "repo": {"full_name": "acme/dags"}}
        again = pull(32, head)
        again["pull_request"]["head"] = own
        pushes = self.runner.gh / "repos_acme_dags_activity.json"
        self.addCleanup(pushes.unlink)

        def pushed(*actors: str | None) -> None:
            """Who did, the newest first; the oldest made the branch, and before that it was another's."""
            kinds = ["push"] * (len(actors) - 1) + ["branch_creation"]
            told = [
                {"activity_type": kind, "actor": {"login": actor} if actor else None, "after": head}
                for kind, actor in zip(kinds, actors, strict=True)
            ]
            pushes.write_text(json.dumps([*told, {"activity_type": "push", "actor": {"login": "mallory"}}]))

        self.failed(self.verify("pull_request", again), "who pushed to this branch cannot be read")
        pushed("ada", "ada")
        ran = self.verify("pull_request", again)
        self.assertTrue(ran.succeeded, ran.log)
        for others in (("ada", "mallory"), ("mallory", "ada"), (None, "ada")):
            pushed(*others)
            self.refused(self.verify("pull_request", again), "FH08")
        answer = self.runner.gh / "repos_acme_dags_pulls_32.json"
        answer.write_text(json.dumps({"user": {"login": "ada"}, "head": own}))
        queued = queue(self.company, self.company.tip(), head, 32)
        self.refused(self.verify("merge_group", queued), "FH08")
        pushes.write_text(json.dumps([{"activity_type": "push", "actor": {"login": "ada"}, "after": head}] * 100))
        self.failed(self.verify("pull_request", again), "too many pushes")

    def test_a_push_that_the_host_does_not_tell_of_lets_nothing_pass(self) -> None:
        """Nor does a branch that was deleted and restored begin anew."""
        head = self.company.ask(33, {"teams/churn.yaml": GRANT.format(team="churn", id=7, member="ada, bob")})
        event = pull(33, head, author="olga")
        event["pull_request"]["head"] = {"ref": "b", "sha": head, "repo": {"full_name": "acme/dags"}}
        pushes = self.runner.gh / "repos_acme_dags_activity.json"
        self.addCleanup(pushes.unlink)
        olga, bob = {"login": "olga"}, {"login": "bob"}
        earlier = {"activity_type": "push", "actor": olga, "before": "1" * 40, "after": "2" * 40}
        for told in ([], [earlier]):
            pushes.write_text(json.dumps(told))
            self.failed(self.verify("pull_request", event), "is not known yet")
        pushed = {"activity_type": "branch_creation", "actor": bob, "before": "0" * 40, "after": head}
        deleted = {"activity_type": "branch_deletion", "actor": olga, "before": head, "after": "0" * 40}
        restored = {**pushed, "actor": olga}
        pushes.write_text(json.dumps([restored, deleted, pushed]))
        self.refused(self.verify("pull_request", event), "FH08")
        pushes.write_text(json.dumps([restored, {**deleted, "before": "2" * 40}, pushed]))
        ran = self.verify("pull_request", event)
        self.assertTrue(ran.succeeded, ran.log)

    def test_a_fork_of_which_nobody_knows_who_pushed_lets_nothing_pass(self) -> None:
        """Whether it is gone, or closed to the job's token."""
        head = self.company.ask(34, CHANGE, compiled=True)
        for repository, words in (
            (None, "the fork that asks is gone"),
            ({"full_name": "mallory/closed"}, "may not read that fork"),
            ({"full_name": "mallory/dags/../../acme/dags"}, "names no repository"),
        ):
            event = pull(34, head)
            event["pull_request"]["head"] = {"ref": "b", "sha": head, "repo": repository}
            self.failed(self.verify("pull_request", event), words)
        ran = self.verify("pull_request", event, team="churn")
        self.assertTrue(ran.succeeded, ran.log)

    def test_what_cannot_be_judged_is_a_failure_and_no_verdict(self) -> None:
        """A commit that is not there, another branch's queue, an event that names nobody."""
        head = self.company.ask(26, CHANGE, compiled=True)
        self.failed(self.verify("pull_request", pull(26, "1" * 40)), "not there to be fetched")
        other = queue(self.company, self.company.tip(), head)
        other["merge_group"]["base_ref"] = "refs/heads/other"
        self.failed(self.verify("merge_group", other), "of another branch")
        self.failed(self.verify("push", {"ref": "refs/heads/main"}), "must be the commit that asks")
        self.failed(self.verify("push", {"ref": "refs/heads/main"}, head=head), "who asks")
        self.failed(self.runner.run("push", {}, {"command": HOSTILE, "version": "installed"}), "is")

    def test_the_whole_branch_is_audited(self) -> None:
        """Also the way from a commit of it, and from no other."""
        push = {"ref": "refs/heads/main"}
        audit = {"command": "audit", "version": "installed"}
        ran = self.runner.run("schedule", push, {**audit, "base": self.company.tip()})
        self.assertTrue(ran.succeeded and ran.outputs["refused"] == "false", ran.log)
        foreign = self.company.ask(28, {DAG: "x = 1\n"})
        self.failed(self.runner.run("schedule", push, {**audit, "base": foreign}), "no commit of the protected branch")
        self.company.git(self.company.dags, "update-ref", "refs/heads/edited", foreign)
        self.refused(self.runner.run("schedule", push, {**audit, "branch": "edited"}), "FH08")

    def test_teams_that_the_workflow_names_ask_together(self) -> None:
        """Also on other events, and whatever is written there is a name."""
        head = self.company.ask(27, CHANGE, compiled=True)
        push = {"ref": "refs/heads/main"}
        ran = self.verify("push", push, head=head, team="churn ads")
        self.assertTrue(ran.succeeded, ran.log)
        self.refused(self.verify("push", push, head=head, team="ads"), "FH08")
        self.failed(self.verify("push", push, head=head, team="$(touch pwned)"), "no team name")


class Installing(Proof):
    """A release: by version, checksum and provenance."""

    def setUp(self) -> None:
        """Lays out a release with the real program."""
        self.lay_out("9.9.9")

    def lay_out(self, version: str, says: str | None = None) -> None:
        """A release of one version, whose program may say that it is another."""
        self.release = self.runner.gh / "release"
        shutil.rmtree(self.release, ignore_errors=True)
        for kept in self.runner.folder.rglob(f"freehold/{version}"):
            shutil.rmtree(kept)
        self.release.mkdir()
        self.archive = self.release / f"freehold-{version}-x86_64-unknown-linux-gnu.tar.gz"
        says = f'[ "$*" != --version ] || {{ echo "freehold {says or version}"; exit; }}'
        script = f'#!/bin/sh\n{says}\nexec "{PROGRAM}" "$@"\n'.encode()
        with tarfile.open(self.archive, "w:gz") as archive:
            entry = tarfile.TarInfo(f"freehold-{version}-x86_64-unknown-linux-gnu/freehold")
            entry.size, entry.mode = len(script), 0o755
            archive.addfile(entry, io.BytesIO(script))
        self.sum = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        (self.release / "SHA256SUMS").write_text(f"{self.sum}  {self.archive.name}\n")

    def install(self, **inputs: str) -> Ran:
        """Checks a project with a release."""
        known = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
        given = {"command": "check", "version": "9.9.9", **inputs}
        return self.runner.run(
            "push", {"ref": "refs/heads/main"}, given, checkout=self.company.folder / "acme/churn", env=known
        )

    def test_a_release_is_checked_and_kept(self) -> None:
        """With its checksum given, it needs no network the second time."""
        ran = self.install()
        self.assertTrue(ran.succeeded, ran.log)
        shutil.rmtree(self.release)
        ran = self.install(sha256=self.sum)
        self.assertTrue(ran.succeeded, ran.log)

    def test_what_init_writes_judges_a_pull_request_and_posts_the_report(self) -> None:
        """The workflow as it is written, with the release of the action's own version."""
        dags = self.place / "written"
        command = [
            "init",
            "central",
            str(dags),
            "--administrator",
            "olga",
            "--github",
            "--action",
            f"acme/freehold@{COMMIT}",
        ]
        self.company.freehold(*command)
        verify = (dags / ".github/workflows/verify.yml").read_text(encoding="utf-8")
        self.lay_out(re.search('^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1])
        (self.runner.gh / "repos_acme_dags_issues_51_comments.json").write_text("[]")
        known = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
        for changes, succeeds in (({DAG: None}, False), (CHANGE, True)):
            head = self.company.ask(51, changes, compiled=succeeds)
            self.fork_was_pushed(head, "ada")
            ran = self.runner.run("pull_request_target", pull(51, head), {}, workflow=verify, env=known)
            self.assertEqual(ran.succeeded, succeeds, ran.log)
            self.assertIn(f"Freehold verify: {'nothing is wrong' if succeeds else 'refused'}", ran.log)
        # The emulator runs no job after one that failed, whatever its `if:` says; GitHub does.
        written = json.loads((self.runner.gh / "written.json").read_text())
        self.assertEqual(written["path"], "repos/acme/dags/issues/51/comments", ran.log)
        self.assertIn("Freehold verify: nothing is wrong", written["body"])

    def test_an_action_by_its_commit_takes_what_was_built_of_that_commit(self) -> None:
        """A tag can be moved: by a version, it is the tag that counts."""
        signer = "acme/freehold/.github/workflows/release.yml"
        for version, is_by_commit in (("9.9.9", False), ("", True)):
            self.lay_out(version or re.search('^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1])
            ran = self.install(version=version)
            self.assertTrue(ran.succeeded, ran.log)
            asked = json.loads((self.runner.gh / "proved.json").read_text())
            self.assertEqual(asked[asked.index("--signer-workflow") + 1], signer)
            self.assertIn("--deny-self-hosted-runners", asked)
            self.assertEqual("--source-digest" in asked, is_by_commit)

    def test_what_another_run_left_is_not_run(self) -> None:
        """What the tool cache holds is checked, and made good."""
        self.assertTrue(self.install().succeeded)
        kept = list(self.runner.folder.rglob(f"freehold/9.9.9/{self.archive.name}"))
        self.assertEqual(len(kept), 1)
        kept[0].write_bytes(b"planted")
        ran = self.install()
        self.assertTrue(ran.succeeded, ran.log)
        self.assertEqual(kept[0].read_bytes(), self.archive.read_bytes())

    def test_another_archive_than_the_checksum_says_is_not_unpacked(self) -> None:
        """Neither a new one nor one that was kept."""
        self.assertTrue(self.install().succeeded)
        self.failed(self.install(sha256="0" * 64), "not what its checksum says")
        self.lay_out("9.9.9")
        with self.archive.open("ab") as archive:
            archive.write(b"more")
        self.failed(self.install(), "not what its checksum says")

    def test_what_cannot_be_proven_or_is_not_there_is_not_run(self) -> None:
        """Provenance, versions, and a version that is none."""
        forged = self.runner.gh / "forged"
        forged.touch()
        self.failed(self.install(), "cannot be proven")
        self.assertTrue(self.install(attestation="off").succeeded)
        forged.unlink()
        self.failed(self.install(version="9.9.8"), "has no freehold-9.9.8")
        self.lay_out("9.9.9", "9.9.7")
        self.failed(self.install(), "is not freehold 9.9.9")
        self.lay_out("9.9.9")
        self.failed(self.install(version="9.9.9;touch pwned"), "'version' is none")


def all_at_once() -> int:
    """Each class in a process of its own: an emulated job mostly waits."""
    names = [
        name
        for name, value in globals().items()
        if isinstance(value, type) and issubclass(value, Proof) and value is not Proof
    ]
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        ran = list(
            pool.map(lambda name: subprocess.run([sys.executable, "-B", __file__, name], check=False).returncode, names)
        )
    return max(ran)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        unittest.main()
    sys.exit(all_at_once())
