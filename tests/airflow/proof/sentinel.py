"""Values for Airflow's templates that render to Freehold's own notation.

A template that the compiler wrote for `${{ params.day }}` gives, rendered with these, the text `${{ params.day }}`
again, so that a pod that Airflow made can be compared with the one that the compiler foretold. Imports no Airflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from types import SimpleNamespace
from typing import Any

import dateutil.tz

MAP_INDEX = object()
"""Stands for the number of the item of a mapped group."""


class Reference(str):
    """A value known at run time. It is a text to Jinja's `is string`, and its keys are references too."""

    path: str

    def __new__(cls, path: str) -> Reference:
        """The reference `${{ path }}`."""
        made = super().__new__(cls, f"${{{{ {path} }}}}")
        made.path = path
        return made

    def __getitem__(self, key: Any) -> Reference:
        """The value under `key`; under the map index it is the item of the fan-out."""
        if key is MAP_INDEX:
            return Reference("each")
        if not isinstance(key, str):
            raise TypeError(f"`{self.path}` is asked for {key!r}")
        return Reference(f"{self.path}.{key}")

    def __iter__(self) -> Iterator[Reference]:
        """A batch of items, of which it is the only one."""
        yield self


class Params:
    """The run's parameters, whichever are asked for."""

    def __getitem__(self, name: str) -> Reference:
        """The parameter `name`."""
        return Reference(f"params.{name}")

    def __getattr__(self, name: str) -> Reference:
        """The parameter `name`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]


class Moment:
    """A moment of the run that gives its day, and in UTC itself, and nothing else."""

    def __init__(self, name: str, zone: tzinfo | None = None) -> None:
        """The moment `run.<name>`."""
        self.name = name
        self.zone = zone

    def astimezone(self, zone: tzinfo | None) -> Moment:
        """The same moment, in a zone that the machine must know."""
        if zone is None:
            raise ValueError(f"run.{self.name} is asked for in a zone that nobody knows")
        return Moment(self.name, zone)

    def strftime(self, form: str) -> Reference:
        """`run.date` or the moment, each in the only form that has a name in Freehold."""
        if form == "%Y-%m-%d" and self.name == "logical_date":
            return Reference("run.date")
        if form == "%Y-%m-%dT%H:%M:%SZ" and self.zone == dateutil.tz.UTC:
            return Reference(f"run.{self.name}")
        raise ValueError(f"run.{self.name} is asked for as {form!r} in {self.zone}")


def dag_run(run_id: Reference) -> SimpleNamespace:
    """The run, with every moment that a timetable gives it."""
    names = ("logical_date", "data_interval_start", "data_interval_end")
    return SimpleNamespace(run_after=Moment("run_after"), run_id=run_id, **{name: Moment(name) for name in names})


def xcom_pull(task_ids: str, **_: Any) -> Reference:
    """Another task's output."""
    return Reference(f"tasks.{task_ids}.output")


def context(operator: Any, map_index: Any = MAP_INDEX) -> dict[str, Any]:
    """What the templates of `operator` may name; anything else is undefined, and an error in Airflow too.

    `map_index` is a number where the items are rows in the file.
    """
    run_id = Reference("run.id")
    return {
        "dag": operator.dag,
        "dag_run": dag_run(run_id),
        "macros": SimpleNamespace(dateutil=dateutil),
        "params": Params(),
        "run_id": run_id,
        "task": operator,
        "ti": SimpleNamespace(map_index=map_index, run_id=run_id, xcom_pull=xcom_pull),
    }
