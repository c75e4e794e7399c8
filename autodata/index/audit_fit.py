"""A run's statistics, and every verdict of the run in their light: made anew as it grows, and when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from autodata.audit.calibration import load_calibration, make_stratum
from autodata.audit.ranking import Rank, rank_tasks
from autodata.audit.records import Chain
from autodata.audit.run_audit import RunView, TaskAudit
from autodata.audit.run_finding import RunFinding
from autodata.audit.run_fresh import study_fresh
from autodata.audit.run_luck import fit_run_noise
from autodata.audit.run_statistics import study_run
from autodata.audit.verdict import Coverage
from autodata.errors import BadInput, JournalDamaged
from autodata.index import audit_history
from autodata.index import audit_loading as loading
from autodata.index.audit_loading import PendingRun
from autodata.index.audit_rows import AuditedTask, judge_task, measure_task, store_audits
from autodata.index.database import Index
from autodata.index.staging import dump

CHUNK = 250
"""Tasks that are written in one transaction, so that a decision never waits for a whole run."""

STEP = 25
"""Tasks between two looks at the clock."""


Write = Callable[[Callable[[duckdb.DuckDBPyConnection], None]], None]
"""Does something to the index in one transaction, unless the run has been taken out of it since."""


def make_view(index: Index, run: PendingRun, tasks: Sequence[AuditedTask], coverage: Mapping[str, Coverage]) -> RunView:
    """What the run says of each of its tasks, as far as it has come."""
    noise = fit_run_noise(loading.load_measured(index, run.run))
    return RunView(Chain(run.records, run.damage), loading.count_returned(tasks), noise, coverage)


def fit_run(index: Index, run: PendingRun, write: Write, unreadable: Sequence[str]) -> Iterator[RunView | None]:
    """Statistics, verdicts, evidence and ranks of all audited tasks of a run; yields so that the caller may pause, and
    at last what the run says of each of its tasks.
    """
    tasks = loading.load_tasks(index, run.run)
    study = study_run(
        [task.values for task in tasks],
        audit_history.load_earlier(index, run.run),
        audit_history.load_gaps(index, run.run),
        audit_history.load_versions(index, run.run),
    )
    yield None
    view = make_view(index, run, tasks, study.coverage)
    yield None
    requests = Counter(task.values.request for task in tasks)
    requests.pop(None, None)
    alike = Counter(study.clusters.values())
    judged: list[tuple[AuditedTask, TaskAudit, dict[str, float]]] = []
    for number, task in enumerate(tasks, start=1):
        cluster = study.clusters.get(task.values.task_id)
        placed = replace(
            task,
            siblings=max(0, requests.get(task.values.request, 0) - 1),
            cluster=cluster,
            alike=0 if cluster is None else alike[cluster] - 1,
            measured=study.evidence.get(task.values.task_id, {}),
        )
        audit = judge_task(placed, view)
        judged.append((placed, audit, measure_task(placed, audit)))
        if number % STEP == 0:
            yield None
    ranks = rank_run(index, run.run, [(task, audit, evidence) for task, audit, evidence in judged])
    yield None
    for start in range(0, len(judged), CHUNK):
        part = [
            (replace(task, rank=ranks.get(task.values.task_id)), audit, evidence)
            for task, audit, evidence in judged[start : start + CHUNK]
        ]
        write(lambda db, part=part: store_audits(db, run.run, part))  # type: ignore[misc]
        yield None
    findings = [*study.findings, *study_fresh(task.results for task in tasks), *_tell_damage(run, unreadable)]
    write(lambda db: _store_run(db, run, len(tasks), findings))
    yield view


def rank_run(
    index: Index, run: int, judged: Sequence[tuple[AuditedTask, TaskAudit, Mapping[str, float]]]
) -> dict[str, Rank]:
    """Ranks of a run's tasks by id, against the clean tasks of its models where there are any."""
    facts = loading.load_facts(index, run)
    try:
        clean = load_calibration(index.home, make_stratum(facts), loading.find_auditor(index, run)) if facts else None
    except (JournalDamaged, BadInput):
        clean = None  # a damaged set says nothing; the ranks' basis then says that no clean task was known
    evidence = {task.values.task_id: numbers for task, _, numbers in judged}
    severities = {task.values.task_id: audit.findings[0].severity for task, audit, _ in judged if audit.findings}
    return rank_tasks(evidence, clean, severities)


def _tell_damage(run: PendingRun, unreadable: Sequence[str]) -> list[RunFinding]:
    """S15, of the run: what could not be audited at all."""
    found = [RunFinding("S15", "done", run.damage, "violation")] if run.damage else []
    return found + [RunFinding("S15", "done", f"a task was not audited: {words}", "violation") for words in unreadable]


def _store_run(db: duckdb.DuckDBPyConnection, run: PendingRun, audited: int, findings: Sequence[RunFinding]) -> None:
    db.execute("DELETE FROM run_findings WHERE run = ?", [run.run])
    for found in findings:
        db.execute(
            "INSERT INTO run_findings VALUES (?, ?, ?, ?, ?, ?)",
            [run.run, found.detector, found.severity, found.coverage, found.sentence, dump(dict(found.numbers))],
        )
    note_run(db, replace(run, noted=run.tasks, audited=audited, fitted=audited), settled=run.ended is not None)


def note_run(db: duckdb.DuckDBPyConnection, run: PendingRun, *, settled: bool | None = None) -> None:
    """Write down how far a run's audit is; `settled` None: its statistics are those of before."""
    then = (run.ended, run.damage, run.checked)
    if settled is None:
        settled, then = False, (run.fitted_ended, run.fitted_damage, run.fitted_checked)
    db.execute("DELETE FROM run_audits WHERE run = ?", [run.run])
    db.execute(
        "INSERT INTO run_audits VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [run.run, run.noted, run.audited, settled, run.fitted, *then],
    )
