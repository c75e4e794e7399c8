"""Audited tasks as rows of `audits` and `findings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from autodata.audit.fresh.result import Result
from autodata.audit.joined import join_values, measure_joined
from autodata.audit.ranking import Rank
from autodata.audit.run_audit import RunView, TaskAudit
from autodata.audit.task_values import TaskValues, dump_values
from autodata.index.marks import mark_tasks
from autodata.index.staging import Row, dump, task_key
from autodata.index.store import append_columns


@dataclass(frozen=True, slots=True)
class AuditedTask:
    """One task on its way into the index. `recorded` is `values` as stored, `t` when its round was decided.

    `results` are checks that asked models, by detector, the last of them with the number `merged`; `siblings` counts
    other tasks with the same weak request, `cluster` is its group of near copies and `alike` how many others are in it;
    `measured` is what the run's statistics add to its evidence.
    """

    values: TaskValues
    t: float
    recorded: str = ""
    results: Mapping[str, Result] = field(default_factory=dict)
    merged: int = 0
    siblings: int = 0
    cluster: int | None = None
    alike: int = 0
    measured: Mapping[str, float] = field(default_factory=dict)
    rank: Rank | None = None

    @property
    def key(self) -> int:
        return task_key(self.values.task_id)


def judge_task(task: AuditedTask, view: RunView) -> TaskAudit:
    """The verdict on a task from its record, its run and what models were asked."""
    return join_values(task.values, view, task.results, task.siblings)


def measure_task(task: AuditedTask, audit: TaskAudit) -> dict[str, float]:
    """The task's evidence by measure: its record's, its run's and that of fresh answers."""
    return measure_joined(task.values, audit, task.results, task.measured)


def store_audits(
    db: duckdb.DuckDBPyConnection, run: int, audited: Sequence[tuple[AuditedTask, TaskAudit, Mapping[str, float]]]
) -> None:
    """Write tasks with their audits and evidence in place of what was there of them."""
    if not audited:
        return
    keys = [task.key for task, _, _ in audited]
    for table in ("audits", "findings"):
        db.execute(f"DELETE FROM {table} WHERE run = ? AND key IN (SELECT unnest(?::UBIGINT[]))", [run, keys])
    rows = [_build_row(run, *own) for own in audited]
    append_columns(db, "audits", list(zip(*rows, strict=True)))
    found = [row for task, audit, _ in audited for row in _build_findings(run, task, audit)]
    if found:
        append_columns(db, "findings", list(zip(*found, strict=True)))
    mark_tasks(db, run, keys)


def _build_row(run: int, task: AuditedTask, audit: TaskAudit, evidence: Mapping[str, float]) -> Row:
    values, verdict, certified, rank = task.values, audit.verdict, audit.certified, task.rank
    severities = [finding.severity for finding in audit.findings]
    row: dict[str, Any] = {
        "run": run,
        "key": task.key,
        "task_id": values.task_id,
        "source_id": values.source_id,
        "round": values.round,
        "t": task.t,
        "integrity": verdict.integrity,
        "difficulty": verdict.difficulty,
        "validity": verdict.validity,
        "tampered": verdict.tampered,
        "cause": verdict.cause or "",
        "action": verdict.action,
        "severity": severities[0] if severities else "",
        "violations": severities.count("violation"),
        "flags": severities.count("flag"),
        "suspicion": rank.suspicion if rank else None,
        "p": rank.p if rank else None,
        "basis": rank.basis if rank else "",
        "lead": rank.lead if rank else "",
        "flagged": rank.flagged if rank else False,
        "luck": audit.luck.risk if audit.luck else None,
        "claimed": audit.claim.gap,
        "certified": certified.gap if certified else None,
        "certified_low": certified.low if certified else None,
        "certified_high": certified.high if certified else None,
        "chance": certified.chance if certified else None,
        "fresh_weak": certified.weak if certified else 0,
        "fresh_strong": certified.strong if certified else 0,
        "coverage": dump(audit.coverage),
        "lacking": dump(audit.lacking),
        "evidence": dump(evidence),
        "sentence": audit.sentence,
        "request": values.request,
        "cluster": task.cluster,
        "recorded": task.recorded or dump_values(values),
        "merged": task.merged,
        "alike": task.alike,
    }
    return tuple(row.values())


def _build_findings(run: int, task: AuditedTask, audit: TaskAudit) -> list[Row]:
    return [
        (
            run,
            task.key,
            task.values.task_id,
            finding.detector,
            finding.severity,
            finding.named_cause,
            finding.sentence,
            finding.detector in task.results,
        )
        for finding in audit.findings
    ]
