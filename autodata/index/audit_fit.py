"""A run's statistics, and every verdict of the run in their light: made anew as it grows, and when it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import duckdb

from autodata.audit.calibration import load_calibration, make_stratum
from autodata.audit.fresh.rejudge import pool_rejudge, rate_reliability
from autodata.audit.fresh.result import Result
from autodata.audit.ranking import Rank, rank_tasks
from autodata.audit.records import Chain
from autodata.audit.run_audit import RunView, TaskAudit
from autodata.audit.run_finding import RunFinding
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
    judged: list[tuple[AuditedTask, TaskAudit, dict[str, float]]] = []
    for number, task in enumerate(tasks, start=1):
        placed = replace(
            task,
            siblings=max(0, requests.get(task.values.request, 0) - 1),
            cluster=study.clusters.get(task.values.task_id),
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
    findings = [*study.findings, *study_fresh(tasks), *_tell_damage(run, unreadable)]
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


def study_fresh(tasks: Sequence[AuditedTask]) -> list[RunFinding]:
    """Z6 and the judge's bias (K5) over everything that was graded twice."""
    graded = [result for task in tasks if (result := task.results.get("K5")) is not None]
    if not graded:
        return [RunFinding("Z6", "not_run", "no answer of this run was graded by a second judge")]
    try:
        reliability, offset = rate_reliability(graded), pool_rejudge(graded)
    except (BadInput, KeyError, TypeError, ValueError, AttributeError) as error:
        return [RunFinding("Z6", "failed", f"the second judge's grades cannot be read: {error}")]
    found = [_describe_reliability(reliability)]
    if offset is not None:
        words = f"the run's judge gives {offset.offset:+.2f} more gap than a blind one over {len(graded)} tasks"
        numbers = {"tasks": len(graded), "offset": offset.offset, "z": offset.z, "p": offset.p}
        found.append(
            RunFinding("K5", "done", f"{words} (p = {offset.p:.2g})", "flag" if offset.reasons else "", numbers)
        )
    return found


def _describe_reliability(found: Result) -> RunFinding:
    if found.findings:
        first = found.findings[0]
        return RunFinding("Z6", found.coverage, first.sentence, first.severity, found.numbers)
    words = found.missing[0] if found.missing else str(found.numbers.get("note") or "the judges' verdicts agree")
    return RunFinding("Z6", found.coverage, words, numbers=found.numbers)


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
