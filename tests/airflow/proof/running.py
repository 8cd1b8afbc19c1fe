"""Runs DAGs to their end in a real Airflow, against the fake Kubernetes API."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import shutil
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from . import surroundings
from .fake_kubernetes import FakeKubernetes
from .fake_pod import FakePod
from .loading import claims_of, dag_files, dag_id_of, load
from .report import Report

DAY = datetime(2026, 2, 3, tzinfo=timezone.utc)
"""The day that a run stands for which does not say."""


def run_all(expectations: list[Path], dags: Path, home: Path, report: Report) -> None:
    """Runs each DAG that a file of `expectations` names and holds its end to what is written there."""
    wanted: dict[str, Any] = {}
    for path in expectations:
        if (path.parent / "refused" / f"{_release()}.txt").exists():
            continue
        wanted |= json.loads(path.read_text(encoding="utf-8"))
    folder = surroundings.folder_of_runs(home)
    for path in dag_files(dags):
        if dag_id_of(path) in wanted:
            (folder / path.parent.name).mkdir(exist_ok=True)
            shutil.copy(path, folder / path.parent.name)
            for claim in claims_of(path):
                place = folder.parent / claim.relative_to(dags.parent)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(claim, place)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        _migrate()
    loaded = load(folder, report)
    _register(loaded)
    for dag_id, expected in wanted.items():
        if dag_id in loaded and "late" in expected:
            _miss_the_deadline(loaded[dag_id], expected, home, report)
        elif dag_id in loaded:
            _run(loaded[dag_id], expected, home, report)
        else:
            report.fail(dag_id, "is to be run, but no file defines it")


def _moment(dag: Any, expected: dict[str, Any]) -> dict[str, datetime | None]:
    moment = datetime.fromisoformat(expected["due"]) if "due" in expected else DAY
    known = inspect.signature(dag.test).parameters
    if "run_after" not in known:  # Airflow 2, where every run has a date
        return {"execution_date": moment}
    return {"logical_date": moment if expected.get("dated", True) else None, "run_after": moment}


def _register(dags: dict[str, Any]) -> None:
    """Tells the database of the DAGs and of their assets: Airflow 3 does so by itself for each that it runs."""
    import airflow

    if airflow.__version__.startswith("2."):
        from airflow.models.dag import DAG

        DAG.bulk_write_to_db(dags.values())


def _migrate() -> None:
    from airflow.utils.db import initdb

    initdb()


def _run(dag: Any, expected: dict[str, Any], home: Path, report: Report) -> None:
    with FakeKubernetes(home / "pods" / dag.dag_id, expected.get("images", {})) as cluster:
        surroundings.kube_config(home).write_text(cluster.kube_config())
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            run = dag.test(run_conf=expected.get("params"), **_moment(dag, expected))
    _tell_of_the_run(dag, run)
    report.count("runs")
    state = str(getattr(run.state, "value", run.state))
    if state != expected["state"]:
        logs = "\n".join(line for pod in cluster.seen for line in pod.output)
        report.fail(dag.dag_id, f"ends as {state}, not as {expected['state']}\n{logs}\n{said.getvalue()[-3000:]}")
    seen = Counter(_told(pod) for pod in cluster.seen)
    foreseen = Counter(expected["pods"])
    if seen != foreseen:
        report.fail(
            dag.dag_id, f"runs other pods\nexpected {sorted(foreseen.elements())}\nran      {sorted(seen.elements())}"
        )
    report.count("pods run", len(cluster.seen))
    _compare_notes(dag.dag_id, expected.get("told", []), surroundings.notes(home), report)
    made = _made_new(dag.dag_id)
    if made != sorted(expected.get("assets", [])):
        report.fail(dag.dag_id, f"makes {made} new, not {expected.get('assets', [])}")
    report.count("assets made new", len(made))


def _release() -> str:
    """The version that the examples are compiled for: 2.11 of 2.11.2."""
    import airflow

    return ".".join(airflow.__version__.split(".")[:2])


def _miss_the_deadline(dag: Any, expected: dict[str, Any], home: Path, report: Report) -> None:
    """Calls the notifiers that write down what they tell as the triggerer does when a run is late.

    `expected["late"]` is what the REST API shows of the run, as `Deadline.handle_miss` hands it on. `dag.test` cannot
    run a DAG that has a deadline.
    """
    from airflow.triggers.callback import CallbackTrigger

    async def call(trigger: CallbackTrigger) -> None:
        async for _ in trigger.run():
            pass

    for alert in dag.deadline:
        if alert.callback.path.startswith("acme_alerts."):
            kwargs = {**alert.callback.kwargs, "context": {"dag_run": expected["late"], "deadline": {}}}
            asyncio.run(call(CallbackTrigger(alert.callback.path, kwargs)))
    report.count("deadlines missed", len(dag.deadline))
    _compare_notes(dag.dag_id, expected["told"], surroundings.notes(home), report)


def _tell_of_the_run(dag: Any, run: Any) -> None:
    """Calls the run's callbacks as Airflow 3's DAG processor does.

    `dag.test` has a serialised DAG only, which no notifier can use.
    """
    import airflow

    if airflow.__version__.startswith("2."):
        return
    import structlog
    from airflow.dag_processing import processor
    from airflow.utils.session import create_session

    succeeded = str(getattr(run.state, "value", run.state)) == "success"
    if not (dag.on_success_callback if succeeded else dag.on_failure_callback):
        return
    with create_session() as session:
        run = session.merge(run)
        last = max(run.get_task_instances(session=session), key=lambda ti: ti.end_date)
        request = run.produce_dag_callback(dag=dag, success=succeeded, relevant_ti=last, reason="it is done")
        processor._execute_dag_callbacks(SimpleNamespace(dags={dag.dag_id: dag}), request, structlog.get_logger())


def _compare_notes(dag_id: str, expected: list[str], notes: Path, report: Report) -> None:
    """Requires that the notifiers told what they should since the last run, whatever the order."""
    told = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    if sorted(told) != sorted(expected):
        report.fail(dag_id, f"tells {told}, not {expected}")
    report.count("notes", len(told))


def _made_new(dag_id: str) -> list[str]:
    """The assets that the runs of a DAG have told Airflow of."""
    from airflow.utils.session import create_session

    try:
        from airflow.models.asset import AssetEvent as Event
        from airflow.models.asset import AssetModel as Asset

        key = Event.asset_id
    except ImportError:  # Airflow 2
        from airflow.models.dataset import DatasetEvent as Event
        from airflow.models.dataset import DatasetModel as Asset

        key = Event.dataset_id
    with create_session() as session:
        found = session.query(Asset.uri).join(Event, key == Asset.id).filter(Event.source_dag_id == dag_id)
        return sorted(uri for (uri,) in found)


def _told(pod: FakePod) -> str:
    """`retrain.train[1] exit 0: what it wrote`."""
    labels = pod.manifest["metadata"]["labels"]
    item = f"[{labels['map_index']}]" if "map_index" in labels else ""
    written = " / ".join(line.partition(" ")[2] for line in pod.output)
    return f"{labels['task_id']}{item} exit {pod.exit_code}: {written}"
