"""The audit of a run as it stands: its record, everything that models were asked since, what its tasks say together,
and the order of suspicion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from autodata.audit.calibration import load_calibration, make_stratum
from autodata.audit.examine import examine_task
from autodata.audit.fresh.result import Result
from autodata.audit.fresh.stored import read_results
from autodata.audit.joined import join_values, measure_joined
from autodata.audit.ranking import Rank, rank_tasks
from autodata.audit.reading import RunRecords, read_run
from autodata.audit.records import RunFacts
from autodata.audit.run_audit import RunView
from autodata.audit.run_finding import RunFinding
from autodata.audit.run_fresh import study_fresh
from autodata.audit.run_luck import fit_run_noise
from autodata.audit.run_statistics import RunStudy, study_run
from autodata.audit.task_audit import TaskAudit
from autodata.audit.task_values import TaskValues
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.stored_run import find_journal

OTHER_RUNS = "versions of a recipe are compared on the Audit page: this report knows one run"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The tasks in the order of the run's journal; `ranks` and `results` by task id, rejected tasks have no rank.

    `together` is what the accepted tasks say together (Z2 to Z6, Z8, Z9, and pooled checks on fresh answers). `damage`
    says where the journal of the run's audits is not as it was written; what stands there and after it is not among the
    results. "" for an intact one.
    """

    facts: RunFacts
    tasks: tuple[TaskAudit, ...]
    ranks: Mapping[str, Rank]
    results: Mapping[str, Mapping[str, Result]]
    damage: str = ""
    together: tuple[RunFinding, ...] = ()

    @property
    def found(self) -> bool:
        """Whether a task or the run has a finding, or a journal is not what was written."""
        if self.facts.chain.problem or self.damage:
            return True
        return any(task.found for task in self.tasks) or any(found.severity for found in self.together)

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
    results, judge = read_results(path, records=chain.records), _find_judge(path, chain.records)
    return replace(join_audit(home, records, results, judge), damage=" ".join(chain.problems))


def join_audit(
    home: Home, records: RunRecords, results: Mapping[str, Mapping[str, Result]], judge: str | None
) -> AuditReport:
    """Each task's record joined with what fresh answers showed of it, what the run's accepted tasks say together, and
    each one's rank among them. `judge` is the blind judge of the latest audit, None without one.
    """
    noise, values = fit_run_noise(records.measured), [examine_task(task) for task in records.tasks]
    accepted = [own for own in values if own.outcome == "accepted"]
    study, requests = _study(accepted), Counter(own.request for own in accepted if own.request is not None)
    alone = RunView(records.facts.chain, records.facts.returned, noise)
    view = replace(alone, coverage=study.coverage)
    tasks: list[TaskAudit] = []
    evidence: dict[str, dict[str, float]] = {}
    for task, own in zip(records.tasks, values, strict=True):
        checks, inside = results.get(own.task_id, {}), own.outcome == "accepted"
        siblings = requests[own.request] - 1 if inside and own.request is not None else 0
        tasks.append(join_values(own, view if inside else alone, checks, siblings, task.task))
        if inside:
            evidence[own.task_id] = measure_joined(own, tasks[-1], checks, study.evidence.get(own.task_id, {}))
    clean = load_calibration(home, make_stratum(records.facts), judge)
    ranks = rank_tasks(evidence, clean, {task.task.id: task.worst.severity for task in tasks if task.worst})
    fresh = study_fresh(results.get(own.task_id, {}) for own in accepted)
    return AuditReport(records.facts, tuple(tasks), ranks, results, together=(*study.findings, *fresh))


def _study(accepted: Sequence[TaskValues]) -> RunStudy:
    """The run's statistics from its own journal; what takes other runs is told as not run."""
    means = [(own.weak_mean, own.strong_mean) for own in accepted]
    gaps = [strong - weak for weak, strong in means if weak is not None and strong is not None]
    study = study_run(accepted, (), gaps, ())
    findings = (replace(one, sentence=OTHER_RUNS) if one.detector == "Z8" else one for one in study.findings)
    return replace(study, findings=tuple(findings))


def _find_judge(path: Path, records: int) -> str | None:
    """The model of the blind judge of the audit that was started last, among the first `records` of the journal."""
    judge = None
    for record in islice(read_records(path), records):
        if record.kind == "audit_started":
            seats = (record.data.get("seats") or {}).get("seats") or {}
            judge = (seats.get("auditor_judge") or {}).get("model")
    return judge
