"""The static audit of a run: every detector over every task, and a verdict with its sentence. No model is asked.

No gap is certified here: that takes fresh answers, so every task's difficulty stays unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autodata.audit.luck import LuckRisk
from autodata.audit.reading import RunRecords
from autodata.audit.records import RunFacts, TaskRecords
from autodata.audit.run_luck import RunNoise, check_luck, fit_run_noise
from autodata.audit.sentence import Claim, write_sentence
from autodata.audit.static.check import Check
from autodata.audit.static.every import check_task
from autodata.audit.verdict import Finding, Severity, Verdict, decide_verdict
from autodata.model import SOLVERS, Task

ORDER: tuple[Severity, ...] = ("violation", "flag", "note")


@dataclass(frozen=True, slots=True)
class TaskAudit:
    """What the records say of one task. `findings` are ordered by severity, `lacking` maps detectors to what they miss.

    `sentence` is for a person and quotes texts of the task: it must be shown as text.
    """

    task: Task
    outcome: str
    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...]
    lacking: Mapping[str, tuple[str, ...]]
    luck: LuckRisk | None
    sentence: str

    @property
    def worst(self) -> Finding | None:
        """The first finding of the highest severity."""
        return self.findings[0] if self.findings else None

    @property
    def found(self) -> bool:
        """Whether anything was found that a person should look at; a note is not."""
        return any(finding.severity != "note" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class RunAudit:
    """The audit of a run's tasks, in the order of its journal."""

    facts: RunFacts
    tasks: tuple[TaskAudit, ...]

    @property
    def found(self) -> bool:
        """Whether a task has a finding, or the journal is not what was written."""
        return bool(self.facts.chain.problem) or any(task.found for task in self.tasks)


def audit_run(records: RunRecords) -> RunAudit:
    """Every task of the records, with the run's own noise behind its luck risk."""
    noise = fit_run_noise(records.measured)
    return RunAudit(records.facts, tuple(_audit_tasks(records, noise)))


def audit_task(task: TaskRecords, noise: RunNoise | None) -> TaskAudit:
    """One task: static detectors, luck risk, verdict."""
    checks = check_task(task)
    scores = {s: tuple(a.value for a in task.list_answers(s) if a.value is not None) for s in SOLVERS}
    luck = None
    if task.decision.outcome == "accepted":
        checks["Z1"], luck = check_luck(scores["weak"], scores["strong"], noise, task.policy)
    findings = _sort_findings(checks)
    verdict = decide_verdict(
        findings,
        {name: check.coverage for name, check in checks.items()},
        declared=any(check.declared for check in checks.values()),
    )
    decision = task.decision
    counts = len(scores["weak"]), len(scores["strong"])
    claim = Claim(task.task.id, decision.weak_mean, decision.strong_mean, *counts)
    return TaskAudit(
        task=task.task,
        outcome=decision.outcome,
        claim=claim,
        verdict=verdict,
        findings=findings,
        lacking={name: check.missing for name, check in checks.items() if check.missing},
        luck=luck,
        sentence=write_sentence(verdict, claim, findings),
    )


def _audit_tasks(records: RunRecords, noise: RunNoise | None) -> Iterator[TaskAudit]:
    for task in records.tasks:
        yield audit_task(task, noise)


def _sort_findings(checks: Mapping[str, Check]) -> tuple[Finding, ...]:
    found = [finding for check in checks.values() for finding in check.findings]
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity)))
