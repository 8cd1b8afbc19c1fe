"""Builds the pod of every task with Airflow's own operator, without a cluster."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import ApiClient

from . import sentinel
from .comparing import Key
from .report import Report
from .waiting import is_wait

try:
    from airflow.sdk.bases.decorator import DecoratedOperator
    from airflow.sdk.definitions.mappedoperator import MappedOperator
except ImportError:  # Airflow 2
    from airflow.decorators.base import DecoratedOperator
    from airflow.models.mappedoperator import MappedOperator

# What the operator would ask the connection for; a pod must not depend on the answers.
KubernetesHook.is_in_cluster = property(lambda self: True)
for _what in ("image", "resources", "security_context"):
    setattr(KubernetesHook, f"get_xcom_sidecar_container_{_what}", lambda self: None)


def pods(dags: dict[str, Any], report: Report) -> dict[Key, dict[str, Any]]:
    """The pod of every task of every DAG, and of each item of a list in the file.

    That of a task mapped over an output is built once, with its item as a reference.
    """
    built = {}
    for dag_id, dag in sorted(dags.items()):
        for operator in dag.tasks:
            try:
                if _is_glue(operator) or is_wait(operator):
                    report.count("tasks without a pod")
                elif _class_of(operator) is not KubernetesPodOperator:
                    # One of Airflow's own, or of its kind: Spark's makes no pod of the template. Where a pod was
                    # foretold in its place, comparing misses that pod.
                    report.count("operators of Airflow's own")
                else:
                    for number, index in _instances(operator):
                        built[dag_id, f"{operator.task_id}{number}"] = _pod(operator, index)
            except Exception as error:
                report.fail(f"{dag_id}.{operator.task_id}", f"has no pod\n{type(error).__name__}: {error}")
    return built


def _is_glue(operator: Any) -> bool:
    """Whether it is a `@task` function: the compiler writes one where a list lies deeper in an output."""
    return isinstance(operator, DecoratedOperator)


def _class_of(operator: Any) -> type:
    return operator.operator_class if isinstance(operator, MappedOperator) else type(operator)


def _instances(operator: Any) -> Iterator[tuple[str, Any]]:
    """The instances of a task: what stands behind its id, and the map index."""
    group = operator.get_closest_mapped_task_group()
    lists = [] if group is None else [each for each in group._expand_input.value.values() if isinstance(each, list)]
    if not lists:
        yield "", sentinel.MAP_INDEX
    for rows in lists:
        for index in range(len(rows)):
            yield f"[{index}]", index


def _pod(operator: Any, map_index: Any) -> dict[str, Any]:
    operator = operator.unmap(dict(_items(operator))) if isinstance(operator, MappedOperator) else copy.copy(operator)
    operator.render_template_fields(sentinel.context(operator, map_index), operator.dag.get_template_env())
    return ApiClient().sanitize_for_serialization(operator.build_pod_request_obj(None))


def _items(operator: Any) -> Iterator[tuple[str, Any]]:
    value = operator.expand_input.value
    if not isinstance(value, dict):
        raise TypeError("is mapped over whole sets of arguments, which have no single pod")
    for name, _ in value.items():
        yield name, sentinel.Reference("each")
