"""A DAG file whose only container fails."""

from datetime import datetime, timezone

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG

with DAG(
    dag_id="proof__give-up",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
):
    KubernetesPodOperator(
        task_id="fail",
        name="proof--give-up",
        namespace="ml-proof",
        image="registry.example/proof:1",
        cmds=["sh", "-c"],
        arguments=["echo on {{ (dag_run.logical_date or dag_run.run_after).strftime('%Y-%m-%d') }}-; exit 3"],
        do_xcom_push=False,
        pod_template_dict={"spec": {"containers": [{"name": "base"}]}},
    )
