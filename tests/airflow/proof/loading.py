"""Loads compiled DAG files as Airflow's DAG processor does, and holds each to the DAGs that it announces."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .report import Report

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # Airflow before 3.2
    from airflow.models.dagbag import DagBag

Dags = dict[str, Any]


def dag_files(folder: Path) -> list[Path]:
    """`<team>/<workflow>.py` below `folder`, sorted."""
    return sorted(folder.rglob("*.py"))


def dag_id_of(path: Path) -> str:
    """The id that the file at `<team>/<workflow>.py` must define."""
    return id_of(path.parent.parent.parent, path.parent.name, path.stem)


def claims_of(path: Path) -> list[Path]:
    """The files that say which ids the workflow at `<team>/<workflow>.py` is granted."""
    return sorted(path.parent.parent.parent.glob(f"dag-ids/*/{path.parent.name}/{path.stem}.yaml"))


def id_of(compiled: Path, team: str, workflow: str) -> str:
    """The id of a workflow that has one."""
    return ids_of(compiled, team, workflow)[0]


def ids_of(compiled: Path, team: str, workflow: str) -> list[str]:
    """The ids of a workflow: the granted ones, of which a hand-written one may have several, or the joined one."""
    claims = claims_of(compiled / "dags" / team / f"{workflow}.py")
    granted = [re.search(r"(?m)^dag_id: (\S+)$", claim.read_text(encoding="utf-8")) for claim in claims]
    return [found.group(1) for found in granted if found] or [f"{team}__{workflow}"]


def load(folder: Path, report: Report) -> Dags:
    """The DAGs of every file below `folder`, by id."""
    with deprecations_below(folder) as heard:
        bag = DagBag(dag_folder=str(folder), **_without_examples())
    for path, error in sorted(bag.import_errors.items()):
        report.fail(path, f"does not load\n{error}")
    for path, told in sorted(bag.captured_warnings.items()):
        heard.update(line for line in told if line.startswith(path))
    for warning in sorted(heard):
        report.fail(warning.split(":", 1)[0], f"warns when loaded\n{warning}")
    _compare_ids(folder, bag.dags, report)
    return bag.dags


def expect(dags: Dags, ids: Path, report: Report) -> None:
    """Holds the DAGs to a list of ids that was not made by the compiler, one a line.

    The compiled files and the preview come from one program: what it forgets is missing from both.
    """
    expected = set(ids.read_text(encoding="utf-8").split())
    for dag_id in sorted(expected - dags.keys()):
        report.fail(dag_id, "there is a workflow of this name, but no DAG")
    for dag_id in sorted(dags.keys() - expected):
        report.fail(dag_id, "there is a DAG of this name, but no workflow")


def _without_examples() -> dict[str, bool]:
    known = inspect.signature(DagBag.__init__).parameters
    return {"include_examples": False} if "include_examples" in known else {}


def _compare_ids(folder: Path, dags: Dags, report: Report) -> None:
    ids = {path: ids_of(path.parent.parent.parent, path.parent.name, path.stem) for path in dag_files(folder)}
    files = {dag_id: path for path in ids for dag_id in ids[path]}
    for dag_id in sorted(files.keys() - dags.keys()):
        report.fail(str(files[dag_id]), f"defines no DAG `{dag_id}`")
    for dag_id in sorted(dags.keys() - files.keys()):
        report.fail(str(dags[dag_id].fileloc), f"defines a DAG `{dag_id}` that its path does not announce")
    if len(files) != len(dags):
        report.fail(str(folder), f"{len(ids)} files of {len(files)} DAGs make {len(dags)}")


@contextmanager
def deprecations_below(folder: Path) -> Iterator[set[str]]:
    """Deprecation warnings that code below `folder` brings about, also when they are blamed on Airflow's own lines.

    An operator's constructor is wrapped, so a warning about one of its arguments names a line of Airflow; only the
    stack tells whose call it was. What a module of Airflow warns about while it is imported is not the file's doing.
    """
    heard: set[str] = set()
    original = warnings.warn

    def warn(message: Any, category: Any = None, stacklevel: int = 1, *rest: Any, **named: Any) -> None:
        kind = type(message) if isinstance(message, Warning) else category or UserWarning
        deprecated = issubclass(kind, (DeprecationWarning, PendingDeprecationWarning, FutureWarning))
        if deprecated and (place := _caller_below(str(folder))):
            heard.add(f"{place}: {kind.__module__}.{kind.__name__}: {message}")
        original(message, category, stacklevel + 1, *rest, **named)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn = warn
        try:
            yield heard
        finally:
            warnings.warn = original


def _caller_below(folder: str) -> str | None:
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(folder):
            return f"{name}:{frame.f_lineno}"
        if name.startswith("<frozen importlib"):
            return None
        frame = frame.f_back
    return None
