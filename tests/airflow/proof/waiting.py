"""Holds tasks that wait for another workflow to the references that were compiled beside the DAG files."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from .loading import id_of
from .report import Report

try:
    from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
except ImportError:  # Airflow 2
    from airflow.sensors.external_task import ExternalTaskSensor

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def is_wait(operator: Any) -> bool:
    """Whether it waits for another workflow."""
    return isinstance(operator, ExternalTaskSensor)


def compare(dags: dict[str, Any], references: Path, report: Report) -> None:
    """Requires that the sensors are the tasks of the references, and that each waits as it is written there."""
    foretold = _foretold(references)
    built = {
        (dag_id, operator.task_id): _built(operator)
        for dag_id, dag in dags.items()
        for operator in dag.tasks
        if is_wait(operator)
    }
    for key in sorted(foretold.keys() | built.keys()):
        if foretold.get(key) != built.get(key):
            report.fail(".".join(key), f"waits as {built.get(key)}, and its reference says {foretold.get(key)}")
        report.count("waits compared")
    for dag_id, task_id in sorted(built):
        _examine(dags[dag_id].get_task(task_id), report)


def _built(operator: Any) -> dict[str, Any]:
    return {
        "awaited": operator.external_dag_id,
        "offset": (operator.execution_delta or timedelta()).total_seconds(),
        "within": float(operator.timeout),
    }


def _examine(operator: Any, report: Report) -> None:
    """What each wait must be, whatever it waits for: it takes no worker while it waits, and sees a failure."""
    where = f"{operator.dag.dag_id}.{operator.task_id}"
    if not (operator.deferrable or operator.mode == "reschedule"):
        report.fail(where, "keeps a worker busy while it waits")
    if (operator.allowed_states, operator.failed_states) != (["success"], ["failed"]):
        report.fail(where, f"goes on after {operator.allowed_states} and fails after {operator.failed_states}")
    if operator.external_task_ids or operator.external_task_group_id:
        report.fail(where, "waits for a part of the workflow only")
    if operator.execution_timeout != timedelta(seconds=operator.timeout):
        report.fail(where, f"ends after {operator.timeout} s, or after {operator.execution_timeout}")


def _foretold(references: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The tasks of every `<awaited team>/<awaited workflow>/<team>/<workflow>.yaml`."""
    found = {}
    for path in sorted(references.rglob("*.yaml")):
        awaited_team, awaited, team = path.relative_to(references).parts[:3]
        tasks = path.read_text(encoding="utf-8").partition("tasks:\n")[2]
        for name, within, offset in re.findall(r"(?m)^  (\S+):\n    within: (\S+)\n    offset: (\S+)\n", tasks):
            terms = {
                "awaited": id_of(references.parent, awaited_team, awaited),
                "offset": _seconds(offset),
                "within": _seconds(within),
            }
            found[id_of(references.parent, team, path.stem), name] = terms
    return found


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]]
