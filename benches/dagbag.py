"""CPU seconds that one DagBag process pays for the same N DAGs of five pod tasks, in several shapes.

usage: benches/dagbag.py N FREEHOLD     with the Python of an environment made from benches/requirements-dagbag.txt

Shapes: Freehold's files; plain static files, one a DAG; dag-factory, twenty YAMLs with
a loader each.
Each shape is loaded in a process of its own, after Airflow and the operator have been imported, three times in turn;
the least of the three counts, because other work on the machine can only add.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

STAGES = ["extract", "validate", "train", "evaluate", "publish"]
OPERATOR = "airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator"
RESOURCES = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}}

LOAD = """
import inspect, json, logging, sys, time, warnings
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator  # noqa: F401
start = time.process_time()
bag = DagBag(dag_folder=sys.argv[1])
used = time.process_time() - start
tasks = sum(len(dag.tasks) for dag in bag.dags.values())
print(json.dumps([round(used, 2), len(bag.dags), tasks, len(bag.import_errors)]))
"""


def freehold(count: int, folder: Path, binary: str) -> Path:
    """Compile a project of so many workflows; the folder of its DAG files."""
    project = folder / "project"
    (project / "workflows").mkdir(parents=True)
    (project / "freehold.yaml").write_text("team: bench\nsource: bench\n")
    for number in range(count):
        tasks = {
            stage: {
                "image": f"registry.example.com/bench/{stage}:1.{number}.0",
                "command": ["sh", "-c"],
                "args": [f"run --stage {stage} --date ${{{{ run.date }}}}"],
                "env": {"RUN_DATE": "${{ run.date }}", "TEAM": "${{ team }}"},
                "resources": RESOURCES,
                "pod": {
                    "serviceAccountName": "bench-runner",
                    "nodeSelector": {"pool": "cpu"},
                    "tolerations": [
                        {"key": "dedicated", "operator": "Equal", "value": "bench", "effect": "NoSchedule"}
                    ],
                },
                **({"needs": [STAGES[at - 1]]} if at else {}),
            }
            for at, stage in enumerate(STAGES)
        }
        workflow = {
            "workflow": f"pipe-{number:05}",
            "schedule": {"cron": f"{number % 60} {number % 24} * * *"},
            "start_date": "2026-01-01",
            "defaults": {"retries": 2},
            "tasks": tasks,
        }
        (project / f"workflows/pipe-{number:05}.yaml").write_text(json.dumps(workflow, indent=1))
    subprocess.run([binary, "compile", str(project), "-o", str(folder / "out"), "-q"], check=True)
    return folder / "out/dags"


def settings(number: int, stage: str) -> dict:
    """Arguments that the static files and dag-factory have in common."""
    return {
        "task_id": stage,
        "name": stage,
        "namespace": "bench",
        "image": f"registry.example.com/bench/{stage}:1.{number}.0",
        "cmds": ["sh", "-c"],
        "arguments": [f"run --stage {stage} --date {{{{ ds }}}}"],
        "service_account_name": "bench-runner",
        "node_selector": {"pool": "cpu"},
        "env_vars": {"RUN_DATE": "{{ ds }}", "TEAM": "bench"},
    }


def static(count: int, folder: Path) -> Path:
    """Write plain static files, one a DAG."""
    folder.mkdir()
    head = (
        "from datetime import datetime, timezone\nfrom airflow.sdk import DAG\n"
        "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator\n"
        "from kubernetes.client import models as k8s\n\n"
    )
    models = (
        f"container_resources=k8s.V1ResourceRequirements(**{RESOURCES!r}), tolerations=[k8s.V1Toleration("
        "key='dedicated', operator='Equal', value='bench', effect='NoSchedule')]"
    )
    for number in range(count):
        lines = [f"    {stage} = KubernetesPodOperator(**{settings(number, stage)!r}, {models})" for stage in STAGES]
        dag = (
            f"with DAG(dag_id='bench__pipe{number:05}', schedule='{number % 60} {number % 24} * * *', catchup=False, "
            "start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), default_args={'owner': 'bench', 'retries': 2}):\n"
        )
        (folder / f"pipe{number:05}.py").write_text(
            head + dag + "\n".join(lines) + "\n    " + " >> ".join(STAGES) + "\n"
        )
    return folder


def dag_factory(count: int, folder: Path) -> Path:
    """Write what dag-factory reads, and its loaders."""
    folder.mkdir()
    model = "kubernetes.client.models."
    loaders = 20
    for loader in range(loaders):
        dags = {}
        for number in range(loader, count, loaders):
            tasks = []
            for at, stage in enumerate(STAGES):
                task = {"operator": OPERATOR, **settings(number, stage)}
                task["container_resources"] = {"__type__": f"{model}V1ResourceRequirements", **RESOURCES}
                task["tolerations"] = [
                    {"key": "dedicated", "operator": "Equal", "value": "bench", "effect": "NoSchedule"}
                ]
                if at:
                    task["dependencies"] = [STAGES[at - 1]]
                tasks.append(task)
            dags[f"bench__pipe{number:05}"] = {
                "default_args": {"owner": "bench", "retries": 2, "start_date": "2026-01-01"},
                "schedule": f"{number % 60} {number % 24} * * *",
                "catchup": False,
                "tasks": tasks,
            }
        path = folder / f"loader{loader:02}.yml"
        path.write_text(json.dumps(dags, indent=1))
        (folder / f"loader{loader:02}.py").write_text(
            f"from dagfactory import load_yaml_dags  # airflow DAG\n\n"
            f"load_yaml_dags(globals_dict=globals(), config_filepath={str(path)!r})\n"
        )
    return folder


def load(folder: Path, home: Path) -> list:
    """Load a folder in a process of its own."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)], env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure every shape three times in turn."""
    count, binary = int(sys.argv[1]), str(Path(sys.argv[2]).absolute())
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        shapes = {
            "freehold": freehold(count, root / "freehold", binary),
            "static files": static(count, root / "static"),
            "dag-factory": dag_factory(count, root / "factory"),
        }
        measured = {name: [] for name in shapes}
        for _ in range(3):
            for name, folder in shapes.items():
                measured[name].append(load(folder, root / "home"))
        for name, loads in measured.items():
            used, dags, tasks, errors = min(loads)
            print(f"{name:14} {used:8.2f} CPU s   {dags} DAGs, {tasks} tasks, {errors} import errors")


if __name__ == "__main__":
    main()
