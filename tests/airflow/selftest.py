"""Plants faults and proves that the harness reports each: a harness that finds nothing is worth nothing.

usage: selftest.py          (with the Python of one of the two Airflow versions)

The samples are of the shape that the compiler writes, so this needs no compiler.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from proof import surroundings
from proof.report import Report

SAMPLES = Path(__file__).parent / "samples"
FOR_AIRFLOW_2 = {
    "from airflow.sdk import DAG, task_group": "from airflow import DAG\nfrom airflow.decorators import task_group",
    "from airflow.sdk import DAG": "from airflow import DAG",
    "airflow.providers.standard.sensors.external_task": "airflow.sensors.external_task",
}
GIVE_UP, HAND_OVER = "dags/proof/give-up.py", "dags/proof/hand-over.py"
FOLLOW_ON = "dags/proof/follow-on.py"
REFERENCE = "references/proof/hand-over/proof/follow-on.yaml"

Change = Callable[[Path], None]


def replaced(file: str, old: str, new: str) -> Change:
    """Replaces a text, which must be there, in a copy of a sample."""

    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r} to plant a fault at"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def without_pod(folder: Path) -> None:
    """Takes the first pod out of the preview."""
    path = folder / "pods.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["pods"].pop(0)
    path.write_text(json.dumps(document), encoding="utf-8")


def forgotten(folder: Path) -> None:
    """Takes a DAG out of the compiled files and out of the preview, as a compiler would that overlooks a workflow."""
    (folder / GIVE_UP).unlink()
    without_pod(folder)


def copied(folder: Path) -> None:
    """Puts the same DAG into a second file."""
    shutil.copy(folder / GIVE_UP, folder / "dags/proof/again.py")


def static_faults() -> Iterator[tuple[str, Change, str]]:
    """What is planted without a run, and a part of the message that must follow."""
    yield "nothing", lambda _: None, ""
    yield "a foretold field that is not so", replaced("pods.json", '"cpu": "500m"', '"cpu": "501m"'), "501m"
    yield "a foretold pod that is missing", without_pod, "the preview has not"
    yield "a reference to another key", replaced(HAND_OVER, "['id']", "['name']"), "${{ each.name }}"
    yield "another form of the date", replaced(GIVE_UP, "%Y-%m-%d", "%d.%m."), "run.logical_date is asked for as"
    yield (
        "a lost service account",
        replaced("pods.json", '"nodeSelector"', '"serviceAccountName": "a", "nodeSelector"'),
        "serviceAccountName",
    )
    yield "a workflow that was overlooked", forgotten, "there is a workflow of this name, but no DAG"
    yield "one DAG in two files", copied, "proof__again"
    yield "a file that does not load", replaced(GIVE_UP, "schedule=None", "no_such=None"), "does not load"
    yield "a schedule that is none", replaced(HAND_OVER, "0 3 * * *", "61 3 * * *"), "does not load"
    yield (
        "a warning of the file's own",
        replaced(GIVE_UP, "with DAG", 'import warnings; warnings.warn("x")\nwith DAG'),
        "warns when loaded",
    )
    yield (
        "another offset than its reference says",
        replaced(REFERENCE, "offset: 1h", "offset: 2h"),
        "its reference says",
    )
    yield "a wait that has no reference", lambda folder: (folder / REFERENCE).unlink(), "its reference says None"
    yield "a wait that keeps a worker", replaced(FOLLOW_ON, "deferrable=True", "deferrable=False"), "a worker busy"
    yield "a wait that sees no failure", replaced(FOLLOW_ON, '["failed"]', "[]"), "fails after []"
    clock = replaced(GIVE_UP, "catchup=False", "catchup=False, description=str(datetime.now())")
    yield "bytes that change with the clock", clock, "serialises differently"


def deprecations(airflow_2: bool) -> Iterator[tuple[str, Change, str]]:
    """An import and an argument that this version of Airflow has deprecated."""
    if airflow_2:
        imported = "from airflow import DAG", "from airflow.models import DAG, ImportError"
        argument = "schedule=None", "schedule_interval=None"
    else:
        imported = "from airflow.sdk import DAG", "from airflow.models.dag import DAG"
        argument = "do_xcom_push", "reattach_on_restart=True, do_xcom_push"
    yield "a deprecated import", replaced(GIVE_UP, *imported), "warns when loaded"
    yield "a deprecated argument", replaced(GIVE_UP, *argument), "warns when loaded"


def only(dag_id: str, *then: Change) -> Change:
    """Leaves one of the DAGs to be run, and changes what is expected of it."""

    def change(folder: Path) -> None:
        path = folder / "runs.json"
        path.write_text(json.dumps({dag_id: json.loads(path.read_text(encoding="utf-8"))[dag_id]}), encoding="utf-8")
        for step in then:
            step(folder)

    return change


def wrong_ends() -> Iterator[tuple[str, Change, str]]:
    """What is planted in what a run is expected to do, and at last nothing."""
    wrong_state = replaced("runs.json", '"failed"', '"success"')
    yield "a failure where success was expected", only("proof__give-up", wrong_state), "ends as failed"
    wrong_text = replaced("runs.json", "on 2026-02-03", "on 2026-02-04")
    yield "other text in a pod's log", only("proof__give-up", wrong_text), "runs other pods"
    yield "nothing wrong with a run", only("proof__hand-over"), ""


def check(fault: tuple[str, Change, str], copy: Path, examine: Callable[[Path, Report], None]) -> bool:
    """Plants a fault in a copy of the samples and tells whether the expected message came."""
    name, change, expected = fault
    shutil.copytree(SAMPLES, copy)
    if _airflow_2():
        for path in copy.rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            for old, new in FOR_AIRFLOW_2.items():
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
    change(copy)
    report = Report()
    examine(copy, report)
    said = "\n".join(report.failures)
    good = expected in said if expected else not said
    if not good:
        print(f"{name}: expected {expected or 'nothing'!r}, the harness said:\n{said or 'nothing'}", file=sys.stderr)
    return good


def _airflow_2() -> bool:
    import airflow

    return airflow.__version__.startswith("2.")


def main() -> int:
    """Plants every fault in turn, all in one process: importing Airflow is what costs."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="freehold-airflow-") as name:
        home = Path(name).resolve()
        surroundings.prepare(home)
        import airflow

        from proof import building, comparing, loading, running, serialising, waiting

        surroundings.silence()

        def load_and_compare(copy: Path, report: Report) -> None:
            first, second = loading.load(copy / "dags", report), loading.load(copy / "dags", Report())
            loading.expect(first, copy / "ids.txt", report)
            serialising.compare(first, second, report)
            expected = comparing.foretold(copy / "pods.json", report)
            comparing.compare(building.pods(second, report), expected, report)
            waiting.compare(first, copy / "references", report)

        def run(copy: Path, report: Report) -> None:
            running.run_all([copy / "runs.json"], copy / "dags", home, report)

        faults = [(fault, load_and_compare) for fault in [*static_faults(), *deprecations(_airflow_2())]]
        faults += [(fault, run) for fault in wrong_ends()]
        results = [check(fault, home / f"copy-{at}", examine) for at, (fault, examine) in enumerate(faults)]
    missed = results.count(False)
    outcome = f"{missed} missed" if missed else "each reported"
    print(
        f"Airflow {airflow.__version__}: {len(results)} faults planted: {outcome} ({time.monotonic() - started:.0f} s)"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
