"""Compares the pods that Airflow builds with those that `freehold preview --what pods` foretells. No Airflow here."""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .report import Report

Key = tuple[str, str]
"""DAG id and task id."""

Pod = dict[str, Any]

RUN_TIME_LABELS = {
    "airflow_kpo_in_cluster",
    "airflow_version",
    "dag_id",
    "kubernetes_pod_operator",
    "map_index",
    "run_id",
    "task_id",
    "try_number",
}
"""Set by the operator on every pod, whatever the DAG file says."""

SIDECAR = "airflow-xcom-sidecar"
"""The container that the operator adds to a pod that hands over an output; its image differs by provider version."""

WRITTEN_OUT = {"hostNetwork": False, "terminationMessagePolicy": "File"}
"""Kubernetes' own defaults that the operator writes out."""

_SUFFIX = re.compile(r"-[a-z0-9]{8}$")
_EACH = re.compile(r"\$\{\{ each\.[A-Za-z_][A-Za-z0-9_-]*")
_BATCH = re.compile(r'\["(\$\{\{ each[^"]*\}\})"\]')


def foretold(path: Path, report: Report) -> dict[Key, Pod]:
    """The pods of a preview."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("schema_version") != 1:
        report.fail(str(path), f"schema version {document.get('schema_version')!r} is not 1")
    found: dict[Key, Pod] = {}
    for entry in document["pods"]:
        key = entry["dag_id"], entry["task_id"]
        if key in found:
            report.fail(".".join(key), "is foretold twice")
        found[key] = _with_texts(entry["pod"], _anonymous)
    return found


def compare(built: dict[Key, Pod], expected: dict[Key, Pod], report: Report) -> None:
    """Holds every built pod to the one foretold: the same tasks, and each pod equal in every field."""
    for key in sorted(built.keys() - expected.keys()):
        report.fail(".".join(key), "Airflow has this task, the preview has not")
    for key in sorted(expected.keys() - built.keys()):
        report.fail(".".join(key), "the preview has this task, Airflow has not")
    for key in sorted(built.keys() & expected.keys()):
        ours, airflows = (
            lines(normalised(expected[key])),
            lines(_with_texts(normalised(built[key], suffixed=True), _alone)),
        )
        if ours != airflows:
            report.fail(".".join(key), difference(ours, airflows))
        report.count("pods compared")


def normalised(pod: Pod, *, suffixed: bool = False) -> Pod:
    """The pod without what the operator alone decides; `suffixed` when its name ends in a random part."""
    pod = copy.deepcopy(pod)
    metadata = pod.setdefault("metadata", {})
    if suffixed:
        metadata["name"] = _SUFFIX.sub("", metadata.get("name", ""))
    labels = metadata.get("labels") or {}
    metadata["labels"] = {name: text for name, text in labels.items() if name not in RUN_TIME_LABELS}
    spec = pod.setdefault("spec", {})
    for filled in (metadata, spec, *spec.get("containers", [])):
        _drop_absent(filled)
    for container in spec.get("containers", []):
        if container["name"] == SIDECAR:
            container.pop("image", None)
    return pod


def _drop_absent(fields: dict[str, Any]) -> None:
    """Drops what the operator writes for each of its parameters that is not used: empty lists and maps, and defaults.

    Only here: deeper in a pod an empty map is a choice, as in `emptyDir: {}`.
    """
    for name, value in list(fields.items()):
        if value in (None, [], {}) or (name in WRITTEN_OUT and WRITTEN_OUT[name] == value):
            del fields[name]


def _with_texts(data: Any, change: Callable[[str], str]) -> Any:
    """The data with every text in it changed."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, list):
        return [_with_texts(item, change) for item in data]
    if isinstance(data, dict):
        return {name: _with_texts(value, change) for name, value in data.items()}
    return data


def _anonymous(text: str) -> str:
    """`${{ each.customer.id }}` as `${{ each.id }}`: Airflow knows the item, not what the author called it."""
    return _EACH.sub("${{ each", text)


def _alone(text: str) -> str:
    """A JSON list of the one item that a batch has here as that item: how many there are, only the run knows."""
    return _BATCH.sub(r"\1", text)


def lines(pod: Pod) -> list[str]:
    """The pod as lines of JSON, keys sorted."""
    return json.dumps(pod, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def difference(ours: list[str], airflows: list[str]) -> str:
    """What differs, with some lines around it."""
    return "\n".join(["differs", *difflib.unified_diff(ours, airflows, "preview", "airflow", lineterm="", n=3)])
