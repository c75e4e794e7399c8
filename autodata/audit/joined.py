"""A task's record joined with its run and with what models were asked: one verdict and one set of numbers, the same
wherever they are made."""

from __future__ import annotations

from collections.abc import Mapping

from autodata.audit.evidence import extend_evidence
from autodata.audit.fresh.result import Result
from autodata.audit.merged import merge_audit
from autodata.audit.run_audit import RunView, TaskAudit, audit_values
from autodata.audit.run_finding import name_group
from autodata.audit.task_values import TaskValues
from autodata.model import Task

_SHARED_CAUSES = ("bytes", "tamper")
"""Causes that speak of a request, so that whoever shares it is worth naming."""

_OF_RUN = ("S4", "S15")
"""Detectors to whose findings the run adds."""


def join_values(
    values: TaskValues, view: RunView, results: Mapping[str, Result], siblings: int = 0, task: Task | None = None
) -> TaskAudit:
    """The verdict on a task from its record, its run and what models were asked. `siblings` other tasks share its weak
    request.

    Numbers of a check that make no certified gap leave it unchecked: a journal may have been edited.
    """
    static = audit_values(values, view, task)
    shared = siblings if static.verdict.cause in _SHARED_CAUSES else 0
    if not results and not shared:
        return static
    words = f"this request ({name_group(values.request or 0)[:8]}…)" if shared else ""
    return merge_audit(static, results, siblings=shared, shared=words)


def measure_joined(
    values: TaskValues, audit: TaskAudit, results: Mapping[str, Result], measured: Mapping[str, float]
) -> dict[str, float]:
    """The task's evidence by measure: its record's, its run's (`measured` by statistics) and that of fresh answers."""
    counted = {
        name: float(sum(1 for found in audit.findings if found.detector == name and found.severity != "note"))
        for name in _OF_RUN
        if name in values.evidence
    }
    return extend_evidence({**values.evidence, **counted, **measured}, audit.luck, results)
