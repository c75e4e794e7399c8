"""The static audit of a run: every detector over every task, and a verdict with its sentence. No model is asked.

No gap is certified here: that takes fresh answers, so every task's difficulty stays unchecked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autodata.audit.examine import examine_task
from autodata.audit.reading import RunRecords
from autodata.audit.records import Chain, RunFacts, TaskRecords
from autodata.audit.run_luck import RunNoise, fit_run_noise, weigh_luck
from autodata.audit.sentence import Claim, write_sentence
from autodata.audit.static.check import Check, Sheet
from autodata.audit.static.identity import tell_change
from autodata.audit.static.order import weigh_chain
from autodata.audit.task_audit import TaskAudit, sort_findings
from autodata.audit.task_values import TaskValues
from autodata.audit.verdict import Coverage, decide_verdict
from autodata.model import SOLVERS, Task

__all__ = ["RunAudit", "RunView", "TaskAudit", "audit_run", "audit_task", "audit_values"]


@dataclass(frozen=True, slots=True)
class RunAudit:
    """The audit of a run's tasks, in the order of its journal."""

    facts: RunFacts
    tasks: tuple[TaskAudit, ...]

    @property
    def found(self) -> bool:
        """Whether a task has a finding, or the journal is not what was written."""
        return bool(self.facts.chain.problem) or any(task.found for task in self.tasks)


@dataclass(frozen=True, slots=True)
class RunView:
    """What a run says of each of its tasks: noise, journal, how often a model's name came back by role, and which
    checks over many tasks were made (`coverage`).
    """

    chain: Chain
    returned: Mapping[str, Mapping[str, int]]
    noise: RunNoise | None
    coverage: Mapping[str, Coverage] = field(default_factory=dict)


def audit_run(records: RunRecords) -> RunAudit:
    """Every task of the records, with the run's own noise behind its luck risk."""
    noise = fit_run_noise(records.measured)
    return RunAudit(records.facts, tuple(audit_task(task, noise) for task in records.tasks))


def audit_task(task: TaskRecords, noise: RunNoise | None) -> TaskAudit:
    """One task: static detectors, luck risk, verdict."""
    view = RunView(task.run.chain, task.run.returned, noise)
    return audit_values(examine_task(task), view, task.task)


def audit_values(values: TaskValues, view: RunView, task: Task | None = None) -> TaskAudit:
    """One task's values in the light of its run. Without a `task` the audit's own has no texts."""
    checks = [_check_models(values, view), _check_chain(values, view)]
    weak, strong = (values.list_scores(solver) for solver in SOLVERS)
    coverage, lacking, luck = {**values.coverage, **view.coverage}, dict(values.lacking), None
    if values.outcome == "accepted":
        check, luck = weigh_luck(weak, strong, view.noise, values.bar)
        checks.append(check)
        coverage["Z1"] = check.coverage
        if check.missing:
            lacking["Z1"] = check.missing
    findings = sort_findings((*values.findings, *(finding for check in checks for finding in check.findings)))
    verdict = decide_verdict(findings, coverage, declared=values.declared)
    claim = Claim(values.task_id, values.weak_mean, values.strong_mean, len(weak), len(strong))
    return TaskAudit(
        task=task or Task(values.task_id, values.source_id, values.round, "", "", "", "", ()),
        outcome=values.outcome,
        claim=claim,
        verdict=verdict,
        findings=findings,
        lacking=lacking,
        luck=luck,
        sentence=write_sentence(verdict, claim, findings),
        coverage=coverage,
        declared=values.declared,
    )


def _check_models(values: TaskValues, view: RunView) -> Check:
    """S4, of the run: a model that answered here and seldom elsewhere."""
    sheet = Sheet("S4")
    for role in ("weak", "strong", "judge"):
        words = tell_change(role, values.returned.get(role, ()), view.returned.get(role, {}))
        # Several models are usual in a bundle of other people's runs, each with models of its own.
        if words and not values.imported:
            sheet.flag(words)
    return sheet.close()


def _check_chain(values: TaskValues, view: RunView) -> Check:
    """S15, of the run: whether the journal is whole."""
    sheet = Sheet("S15")
    weigh_chain(sheet, view.chain, values.last)
    return sheet.close()
