"""The settings under which Airflow is imported. Imports nothing of Airflow: they must be there before."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path


def prepare(home: Path) -> None:
    """Points Airflow at an empty home, so that nothing of the machine's own installation is read or changed."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
        del os.environ[name]
    runs = folder_of_runs(home)
    runs.mkdir(parents=True, exist_ok=True)
    connection = {
        "conn_type": "kubernetes",
        "extra": {"in_cluster": False, "kube_config_path": str(kube_config(home))},
    }
    sys.path.append(str(Path(__file__).parent.parent / "notifiers"))
    os.environ.update(
        FREEHOLD_NOTES=str(notes(home)),
        AIRFLOW_HOME=str(home),
        AIRFLOW_CONN_KUBERNETES_DEFAULT=json.dumps(connection),
        AIRFLOW__CORE__DAGS_FOLDER=str(runs),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT="300",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home / 'airflow.db'}",
        AIRFLOW__LOGGING__LOGGING_LEVEL="CRITICAL",
        AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY="True",
        NO_PROXY="127.0.0.1",
        no_proxy="127.0.0.1",
    )


def silence() -> None:
    """Stops log lines; called after Airflow's import, which sets logging up anew."""
    logging.disable(logging.CRITICAL)


def folder_of_runs(home: Path) -> Path:
    """Where the files of those DAGs lie that are run and not only loaded."""
    return home / "dags"


def notes(home: Path) -> Path:
    """Where the examples' notifier writes down what it tells."""
    return home / "notes.txt"


def kube_config(home: Path) -> Path:
    """Where the connection looks for the address of the Kubernetes API."""
    return home / "kubeconfig.json"
