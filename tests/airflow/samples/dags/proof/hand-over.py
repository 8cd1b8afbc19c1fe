"""A DAG file of the shape that the compiler writes: an output, and a group that is mapped over it."""

from datetime import datetime, timezone

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import DAG, task_group
from airflow.timetables.trigger import CronTriggerTimetable


def pod(**spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"team": "proof"}}, "spec": spec}


with DAG(
    dag_id="proof__hand-over",
    schedule=CronTriggerTimetable("0 3 * * *", timezone="Europe/Prague"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=16,
    params={"greeting": "hello"},
    tags=["proof"],
):
    list_customers = KubernetesPodOperator(
        task_id="list_customers",
        name="proof--hand-over",
        namespace="ml-proof",
        image="registry.example/proof:1",
        cmds=["sh", "-c"],
        arguments=['echo \'[{"id": "ada"}, {"id": "grace"}]\' > /airflow/xcom/return.json; echo listed'],
        do_xcom_push=True,
        pod_template_dict=pod(
            nodeSelector={"pool": "cpu"},
            containers=[{"name": "base", "resources": {"requests": {"cpu": "500m"}}}],
        ),
    )

    @task_group(group_id="retrain")
    def retrain(customer):
        KubernetesPodOperator(
            task_id="train",
            name="proof--hand-over",
            namespace="ml-proof",
            image="registry.example/proof:1",
            cmds=["sh", "-c"],
            arguments=['echo "$GREETING $CUSTOMER"'],
            do_xcom_push=False,
            pod_template_dict=pod(
                containers=[
                    {
                        "name": "base",
                        "env": [
                            {"name": "GREETING", "value": "{{ params.greeting }}"},
                            {
                                "name": "CUSTOMER",
                                "value": "{{ ti.xcom_pull(task_ids='list_customers')[ti.map_index]['id'] }}",
                            },
                        ],
                    }
                ]
            ),
        )

    retrain.expand(customer=list_customers.output)
