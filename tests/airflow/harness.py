"""Proves compiled DAG files in the Airflow that this Python has installed.

usage: harness.py DAGS PODS.json IDS.txt [--runs RUNS.json...] [--ruff RUFF]

DAGS holds `<team>/<workflow>.py`, and beside it lie the references of the same compile; PODS.json is what `freehold
preview --what pods --format json` printed for it; IDS.txt, the ids that there must be, comes from the workflows' own
files (assemble.py). Exits with 1 and readable messages when anything is not as it should be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from proof import surroundings
from proof.report import Report


def main() -> int:
    """Runs the proof in a home of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dags", type=Path)
    parser.add_argument("pods", type=Path)
    parser.add_argument("ids", type=Path)
    parser.add_argument("--runs", type=Path, nargs="*", help="DAGs to run to their end, and how they must end")
    parser.add_argument("--ruff", type=Path, help="looks for what another Airflow 3 has removed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="freehold-airflow-") as home:
        surroundings.prepare(Path(home))
        return prove(arguments, Path(home))


def prove(arguments: argparse.Namespace, home: Path) -> int:
    """Does all of it and prints what came of it."""
    started = time.monotonic()
    import airflow

    from proof import building, comparing, linting, loading, running, serialising, waiting

    surroundings.silence()
    report, dags = Report(), arguments.dags.resolve()
    first, second = loading.load(dags, report), loading.load(dags, Report())
    loading.expect(first, arguments.ids, report)
    serialising.compare(first, second, report)
    comparing.compare(building.pods(second, report), comparing.foretold(arguments.pods, report), report)
    waiting.compare(first, dags.parent / "references", report)
    if arguments.ruff:
        linting.check(arguments.ruff, dags, report)
    if arguments.runs:
        running.run_all(arguments.runs, dags, home, report)
    for failure in report.failures:
        print(failure, file=sys.stderr)
    outcome = f"{len(report.failures)} failures" if report.failures else "all as foretold"
    print(f"Airflow {airflow.__version__}: {report.summary()}: {outcome} ({time.monotonic() - started:.0f} s)")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
