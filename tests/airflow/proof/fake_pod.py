"""A pod of the fake cluster: its first container is a local process, its volumes are folders."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .comparing import SIDECAR

OUTPUT_FOLDER = "/airflow/xcom"
"""Where a container writes what it hands over; here a folder of the pod's own."""


def now() -> str:
    """The time, as Kubernetes writes it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class FakePod:
    """One created pod. `changed` is notified with every line that it writes and when it ends.

    `entrypoints` says what images run that are given no command.
    """

    manifest: dict[str, Any]
    folder: Path
    entrypoints: dict[str, list[str]] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)
    output: list[str] = field(default_factory=list)
    exit_code: int | None = None
    sidecar_runs: bool = False
    started: str = field(default_factory=now)

    def start(self) -> None:
        """Starts the process; the answer does not wait for it."""
        self.folder.mkdir(parents=True)
        self.sidecar_runs = any(container["name"] == SIDECAR for container in self.manifest["spec"]["containers"])
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        base = self.manifest["spec"]["containers"][0]
        command = base.get("command") or self.entrypoints.get(base["image"], [])
        argv = [self.local(word) for word in [*command, *base.get("args", [])]]
        env = {entry["name"]: self.local(entry.get("value") or "") for entry in base.get("env", [])}
        try:
            process = subprocess.Popen(
                argv,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], **env},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for line in process.stdout:
                self._write(line.rstrip("\n"))
            self._end(process.wait())
        except (OSError, IndexError) as error:
            self._write(f"cannot run {argv}: {error}")
            self._end(127)

    def _write(self, line: str) -> None:
        with self.changed:
            self.output.append(f"{now()} {line}")
            self.changed.notify_all()

    def _end(self, exit_code: int) -> None:
        with self.changed:
            self.exit_code = exit_code
            self.changed.notify_all()

    def log(self, *, follow: bool) -> str:
        """What it wrote; with `follow`, all that it will ever write."""
        with self.changed:
            if follow:
                self.changed.wait_for(lambda: self.exit_code is not None)
            return "".join(f"{line}\n" for line in self.output)

    def local(self, text: str) -> str:
        """`text` with the output's folder replaced by this pod's own."""
        return text.replace(OUTPUT_FOLDER, str(self.folder))

    def handed_over(self, script: str) -> bytes:
        """What the operator's script, run in the sidecar, prints: the output that the task left."""
        return subprocess.run(["/bin/sh", "-c", self.local(script)], stdout=subprocess.PIPE, check=False).stdout

    def stop_sidecar(self) -> None:
        """Ends the sidecar, and with it the pod."""
        with self.changed:
            self.sidecar_runs = False

    def as_json(self) -> dict[str, Any]:
        """The manifest with the status of this moment."""
        return {**self.manifest, "kind": "Pod", "apiVersion": "v1", "status": self._status()}

    def _status(self) -> dict[str, Any]:
        base = {"running": {"startedAt": self.started}}
        if self.exit_code is not None:
            reason = "Error" if self.exit_code else "Completed"
            base = {"terminated": {"exitCode": self.exit_code, "reason": reason, "finishedAt": now()}}
        states = [base]
        for _ in self.manifest["spec"]["containers"][1:]:
            state = {"running": {"startedAt": self.started}}
            states.append(state if self.sidecar_runs else {"terminated": {"exitCode": 0, "reason": "Completed"}})
        return {
            "phase": self._phase(),
            "startTime": self.started,
            "podIP": "127.0.0.1",
            "conditions": [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Ready")],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": "",
                    "imageID": "",
                    "ready": True,
                    "restartCount": 0,
                    "state": state,
                }
                for container, state in zip(self.manifest["spec"]["containers"], states, strict=True)
            ],
        }

    def _phase(self) -> str:
        if self.exit_code is None or self.sidecar_runs:
            return "Running"
        return "Failed" if self.exit_code else "Succeeded"
