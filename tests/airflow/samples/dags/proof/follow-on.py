"""A DAG file that waits for another workflow's run of the hour before."""

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import DAG

with DAG(
    dag_id="proof__follow-on",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
):
    ExternalTaskSensor(
        task_id="wait",
        external_dag_id="proof__hand-over",
        execution_delta=timedelta(hours=1),
        allowed_states=["success"],
        failed_states=["failed"],
        deferrable=True,
        timeout=timedelta(hours=6),
        execution_timeout=timedelta(hours=6),
    )
