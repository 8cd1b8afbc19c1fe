"""Runs ruff's rules about Airflow 3 over compiled DAG files."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .report import Report


def check(ruff: Path, dags: Path, report: Report) -> None:
    """Reports each finding of `ruff check --select AIR` below `dags`, whatever a configuration file around it says."""
    command = [
        ruff,
        "check",
        "--isolated",
        "--no-cache",
        "--preview",
        "--select",
        "AIR",
        # It wants variables to be called as their tasks: a `-` is no part of a Python name, and tasks of two groups
        # may share one.
        "--ignore",
        "AIR001",
        "--output-format",
        "concise",
        dags,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        report.fail("ruff", done.stdout + done.stderr)
