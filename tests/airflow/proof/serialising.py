"""Serialises DAGs as Airflow stores them: the same file must always give the same bytes."""

from __future__ import annotations

import difflib
import json
from typing import Any

from .report import Report

try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialisation
except ImportError:  # Airflow before 3.1
    from airflow.serialization.serialized_objects import SerializedDAG as Serialisation


def compare(first: dict[str, Any], second: dict[str, Any], report: Report) -> None:
    """Compares two independent loads of the same files, and what comes back from the stored form."""
    for dag_id in sorted(first.keys() & second.keys()):
        stored = Serialisation.to_dict(first[dag_id])
        again = Serialisation.to_dict(second[dag_id])
        _expect_equal(dag_id, "serialises differently the second time", stored, again, report)
        back = Serialisation.from_dict(json.loads(json.dumps(stored)))
        _expect_equal(dag_id, "changes when it is stored and read back", _graph(first[dag_id]), _graph(back), report)
        report.count("DAGs")
        report.count("tasks", len(first[dag_id].tasks))


def _graph(dag: Any) -> dict[str, list[str]]:
    """Each task with what follows it; the stored form's own classes cannot be stored again in Airflow 3.3."""
    return {task.task_id: [dag.dag_id, *sorted(task.downstream_task_ids)] for task in dag.tasks}


def _expect_equal(dag_id: str, otherwise: str, one: Any, other: Any, report: Report) -> None:
    before, after = (json.dumps(data, indent=1, sort_keys=True).splitlines() for data in (one, other))
    if before != after:
        report.fail(dag_id, "\n".join([otherwise, *difflib.unified_diff(before, after, lineterm="", n=2)]))
