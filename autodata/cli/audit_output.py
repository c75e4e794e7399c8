"""An audit on the terminal and as JSON: the table, the sentences, what it does not rest on."""

from __future__ import annotations

from typing import Any

from autodata.audit.certified import CertifiedGap
from autodata.audit.ranking import Rank
from autodata.audit.task_audit import TaskAudit
from autodata.audits.drafting import AuditDraft
from autodata.audits.report import AuditReport
from autodata.cli.output import format_gap, print_table, say
from autodata.prices import describe_cost

SHOWN = 20
"""Sentences on the terminal; all of them are in the JSON."""


def describe_report(report: AuditReport) -> dict[str, Any]:
    """The audit as plain values. `certified` says whether any gap was measured on fresh answers."""
    return {
        "certified": report.certified > 0,
        "simulated": report.facts.simulated,
        "imported": report.facts.imported,
        "journal": {"intact": report.facts.chain.intact, "problem": report.facts.chain.problem},
        "audit_journal": {"intact": not report.damage, "problem": report.damage},
        "tasks": [_describe_task(task, report.ranks.get(task.task.id)) for task in report.tasks],
        "together": [
            {
                "detector": found.detector,
                "severity": found.severity,
                "coverage": found.coverage,
                "sentence": found.sentence,
                "numbers": dict(found.numbers),
            }
            for found in report.together
        ],
    }


def print_report(report: AuditReport, calls: int, everything: bool) -> None:
    """The table on stdout, then the sentences on stderr."""
    _print_tasks(report)
    _print_words(report, calls, everything)


def print_draft(draft: AuditDraft) -> None:
    """What the audit would ask before it starts: tasks, calls by stage, price, and warnings on its seats."""
    for warning in draft.seats.warnings:
        say(f"warning: {warning}", "yellow")
    cost, tasks = draft.cost, len(draft.tasks)
    kind = "task" if tasks == 1 else "tasks"
    each = f", {cost.calls / tasks:,.0f} a task" if tasks else ""
    say(
        f"{tasks:,} {kind}, about {cost.calls:,.0f} calls ({cost.solver:,.0f} to solvers, {cost.judge:,.0f} to judges"
        f"{each}), {describe_cost(draft.money, draft.prices.currency)}"
    )
    for name, calls in cost.stages.items():
        say(f"  {name}: {calls:,.0f}")
    say("What is recorded is not asked again; later stages depend on what earlier ones find.")


def _describe_task(task: TaskAudit, rank: Rank | None) -> dict[str, Any]:
    verdict = task.verdict
    return {
        "task_id": task.task.id,
        "source": task.task.source_id,
        "round": task.task.round,
        "question": task.task.question,
        "outcome": task.outcome,
        "gap": task.claim.gap,
        "certified": _describe_gap(task.certified) if task.certified else None,
        "integrity": verdict.integrity,
        "difficulty": verdict.difficulty,
        "validity": verdict.validity,
        "tampered": verdict.tampered,
        "cause": verdict.cause,
        "action": verdict.action,
        "suspicion": rank.suspicion if rank else None,
        "suspicion_basis": rank.basis if rank else None,
        "lead": rank.lead if rank else None,
        "flagged": rank.flagged if rank else None,
        "luck_risk": task.luck.risk if task.luck else None,
        "findings": [
            {"detector": f.detector, "severity": f.severity, "cause": f.named_cause, "sentence": f.sentence}
            for f in task.findings
        ],
        "not_recorded": {name: list(missing) for name, missing in task.lacking.items()},
        "not_checked": list(verdict.unchecked),
        "sentence": task.sentence,
    }


def _describe_gap(gap: CertifiedGap) -> dict[str, Any]:
    return {
        "gap": gap.gap,
        "low": gap.low,
        "high": gap.high,
        "level": gap.level,
        "chance": gap.chance,
        "bar": gap.bar,
        "expected": gap.expected,
        "weak": gap.weak,
        "strong": gap.strong,
        "note": gap.note,
    }


def _print_tasks(report: AuditReport) -> None:
    if not report.tasks:
        return
    rows = [
        [
            task.task.id,
            format_gap(task.claim.gap),
            _tell_certified(task),
            task.verdict.integrity.replace("_", " "),
            task.verdict.validity,
            _tell_suspicion(report.ranks.get(task.task.id)),
            _tell_findings(task),
        ]
        for task in report.tasks
    ]
    columns = ["Task", "Gap", "Certified", "Integrity", "Validity", "Suspicion", "Findings"]
    print_table("", columns, rows, numbers={"Gap", "Certified", "Suspicion"})


def _tell_certified(task: TaskAudit) -> str:
    if task.certified is None:
        return "not certified"
    return f"{format_gap(task.certified.gap)} {task.certified.verdict.replace('_', ' ')}"


def _tell_suspicion(rank: Rank | None) -> str:
    return f"{rank.suspicion:.1f}" if rank else "–"


def _tell_findings(task: TaskAudit) -> str:
    """The detectors by severity; what they say stands below the table."""
    named: dict[str, dict[str, None]] = {}
    for finding in task.findings:
        named.setdefault(finding.severity, {})[finding.detector] = None
    return "; ".join(f"{severity} {', '.join(own)}" for severity, own in named.items()) or "nothing found"


def _print_words(report: AuditReport, calls: int, everything: bool) -> None:
    """Sentences of the tasks with findings, then what this audit is not."""
    found = [task for task in report.tasks if task.found]
    for task in found[:SHOWN]:
        say(task.sentence)
    if len(found) > SHOWN:
        say(f"{len(found) - SHOWN:,} more tasks have findings; --json holds every sentence.")
    _print_together(report)
    if report.facts.chain.problem:
        say(report.facts.chain.problem, "red")
    if report.damage:
        say(f"{report.damage} What was asked after that is left out.", "red")
    which = "" if everything else "accepted "
    kind = "task" if len(report.tasks) == 1 else "tasks"
    asked = f"{calls:,} calls were made" if calls else "No model was called"
    say(f"{len(report.tasks):,} {which}{kind}, {len(found):,} with findings. {asked}.")
    incomplete = sum(1 for task in report.tasks if task.verdict.not_recorded)
    if incomplete:
        lack = "1 task lacks" if incomplete == 1 else f"{incomplete:,} tasks lack"
        say(f"{lack} records that a check needs, so nothing found there does not mean clean.")
    if report.failed:
        of = "1 task" if len(report.failed) == 1 else f"{len(report.failed):,} tasks"
        say(f"Checks of {of} failed, so nothing is known there: {_tell_failure(report.failed[0])}", "yellow")
        say("Start the audit again; what was answered is not asked again.", "yellow")
    _print_certified(report)
    if report.facts.simulated:
        say("Simulated: these answers come from the built-in models, not from real ones.")


def _print_together(report: AuditReport) -> None:
    """What the tasks say together: each finding, then which of these checks were not run."""
    for found in report.together:
        if found.severity:
            say(f"{found.detector}, {found.severity}, over the run's tasks: {found.sentence}.")
    lacking = dict.fromkeys(found.detector for found in report.together if found.coverage != "done")
    done = {found.detector for found in report.together if found.coverage == "done"}
    if left := [name for name in lacking if name not in done]:
        say(f"Not checked over the run's tasks together: {', '.join(left)}; --json says why.")


def _tell_failure(task: TaskAudit) -> str:
    """The first failed check of a task, with its reason."""
    name = next(name for name, coverage in task.coverage.items() if coverage == "failed")
    return f"{name} of {task.task.id}, {'; '.join(task.lacking.get(name, ())) or 'no reason is recorded'}"


def _print_certified(report: AuditReport) -> None:
    accepted = [task for task in report.tasks if task.outcome == "accepted"]
    if not report.certified:
        say("Gaps are not certified: nothing here measured them on fresh answers.", "yellow")
        return
    counts = {word: sum(t.verdict.difficulty == word for t in accepted) for word in ("real", "not_real", "undecided")}
    say(
        f"Certified on fresh answers: {report.certified:,} of {len(accepted):,} gaps; {counts['real']:,} real, "
        f"{counts['not_real']:,} not real, {counts['undecided']:,} undecided."
    )
