"""The audit of a run as it stands: its record, everything that models were asked since, and the order of suspicion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autodata.audit.calibration import load_calibration, make_stratum
from autodata.audit.evidence import measure_evidence
from autodata.audit.examine import examine_task
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.stored import read_results
from autodata.audit.merged import merge_audit
from autodata.audit.ranking import Rank, rank_tasks
from autodata.audit.reading import RunRecords, read_run
from autodata.audit.records import RunFacts, TaskRecords
from autodata.audit.run_audit import RunView, audit_values
from autodata.audit.run_luck import fit_run_noise
from autodata.audit.task_audit import TaskAudit
from autodata.home import Home
from autodata.journal import verify_journal
from autodata.stored_run import find_journal


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The tasks in the order of the run's journal; `ranks` and `results` by task id, rejected tasks have no rank.

    `damage` says where the journal of the run's audits is not as it was written; what stands there and after it is not
    among the results. "" for an intact one.
    """

    facts: RunFacts
    tasks: tuple[TaskAudit, ...]
    ranks: Mapping[str, Rank]
    results: Mapping[str, Mapping[str, Result]]
    damage: str = ""

    @property
    def found(self) -> bool:
        """Whether a task has a finding, or a journal is not what was written."""
        return bool(self.facts.chain.problem or self.damage) or any(task.found for task in self.tasks)

    @property
    def failed(self) -> tuple[TaskAudit, ...]:
        """Tasks of which a check failed, so that they are unchecked there."""
        return tuple(task for task in self.tasks if "failed" in task.coverage.values())

    @property
    def certified(self) -> int:
        """Tasks whose gap was measured on fresh answers."""
        return sum(task.certified is not None for task in self.tasks)


def report_audit(home: Home, run_id: str, *, everything: bool = False) -> AuditReport:
    """Everything that is known of a run's accepted tasks, with `everything` of rejected ones too.

    A damaged journal of audits counts as far as it is intact. Raises BadInput for an unknown run, JournalDamaged for a
    run's journal that cannot be read.
    """
    records, path = read_run(find_journal(home, run_id), everything=everything), home.audit_journal(run_id)
    chain = verify_journal(path)
    report = join_audit(home, records, read_results(path, records=chain.records))
    return replace(report, damage=" ".join(chain.problems))


def join_audit(home: Home, records: RunRecords, results: Mapping[str, Mapping[str, Result]]) -> AuditReport:
    """Each task's record joined with what fresh answers showed of it, and its rank among the accepted ones."""
    noise = fit_run_noise(records.measured)
    tasks: list[TaskAudit] = []
    evidence: dict[str, dict[str, float]] = {}
    for task in records.tasks:
        audit, numbers = _join_task(task, RunView(task.run.chain, task.run.returned, noise), results)
        tasks.append(audit)
        if audit.outcome == "accepted":
            evidence[audit.task.id] = numbers
    clean = load_calibration(home, make_stratum(records.facts), _find_judge(results))
    ranks = rank_tasks(evidence, clean, {task.task.id: task.worst.severity for task in tasks if task.worst})
    return AuditReport(records.facts, tuple(tasks), ranks, results)


def _join_task(
    task: TaskRecords, view: RunView, results: Mapping[str, Mapping[str, Result]]
) -> tuple[TaskAudit, dict[str, float]]:
    values, own = examine_task(task), results.get(task.task.id, {})
    static = audit_values(values, view, task.task)
    numbers = {**values.evidence, **measure_evidence(task, {}, static.luck, own)}
    return merge_audit(static, own), numbers


def _find_judge(results: Mapping[str, Mapping[str, Result]]) -> str | None:
    """The blind judge of the latest certified gap; None where there is none."""
    judges = [str(own["K1"].numbers.get("judge") or "") for own in results.values() if "K1" in own]
    return judges[-1] or None if judges else None
