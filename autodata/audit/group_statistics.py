"""Z3, Z4 and Z5: tasks that share a weak request, five or more, against what the same weak model did elsewhere.

Elsewhere is other requests of the run and earlier runs of the domain. Many answers make the smallest difference
certain, so a flag asks for a difference of some size, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log, log1p, sqrt
from statistics import fmean

import numpy as np

from autodata.audit.anomalies import FEWEST_HISTORY, Anomaly, AnswerCounts, find_anomalies
from autodata.audit.clusters import FEWEST_MEMBERS
from autodata.audit.person_fit import FEWEST_CLEAN, pool_misfit
from autodata.audit.residual import ALARM_AT, SLACK, fit_expectation, follow_residuals
from autodata.audit.run_finding import RunFinding, name_group
from autodata.audit.task_values import AnswerValues, TaskValues

LENGTH_CHANGE = log(1.5)
SHARE_CHANGE = 0.10
MISFIT_CHANGE = 0.10
"""Smallest differences that are worth a flag: answers half as long again, a tenth more of a kind, a tenth of G*."""

MISFIT_P = 0.01
POOLED_MOST = 200
"""Answers of a group that are pooled for person fit; more would say the same for more memory."""

FEWEST_EXPECTED = 30
"""Other tasks from which the weak score to expect is fitted."""

FIT_ERROR = 2.33
"""The 99 % quantile of the normal distribution."""

FALSE_ALARM = 0.01
"""Chance that an honest group of whatever size sets off the sum of shortfalls."""

_GROUPED = ("Z3", "Z4", "Z5")


def check_groups(
    tasks: Sequence[TaskValues], earlier: Sequence[TaskValues], evidence: dict[str, dict[str, float]]
) -> list[RunFinding]:
    """One finding a group and check, or one that says why there is none; the strength of each goes into `evidence`, by
    task and detector.
    """
    groups: dict[int, list[TaskValues]] = defaultdict(list)
    for task in tasks:
        if task.request is not None:
            groups[task.request].append(task)
    if tasks and not groups:
        return [RunFinding(name, "not_recorded", "weak requests are not recorded") for name in _GROUPED]
    large = {request: own for request, own in sorted(groups.items()) if len(own) >= FEWEST_MEMBERS}
    if not large:
        why = f"no {FEWEST_MEMBERS} accepted tasks share a weak request"
        return [RunFinding(name, "not_run", why) for name in _GROUPED]
    findings = []
    for request, own in large.items():
        others = [*earlier, *(task for task in tasks if task.request != request)]
        for check in (_check_anomalies, _check_fit, _check_residuals):
            finding, strength = check(request, own, others)
            findings.append(finding)
            if strength is not None:
                for task in own:
                    evidence[task.task_id][finding.detector] = strength
    return findings


def find_alarm(tasks: int) -> float:
    """The sum of shortfalls, in standard deviations, that an honest group of so many tasks reaches in 1 of 100 cases;
    never below 5.

    From the mean run length of a one-sided CUSUM with slack ½, 2 (e^(h + 1.166) - h - 2.166): Siegmund, D. (1985),
    Sequential Analysis, section 2.6.
    """
    return max(ALARM_AT, log(max(1, tasks) / (2 * FALSE_ALARM)) - 1.166)


def find_slack(history: int) -> float:
    """What a task may fall short, in standard deviations, before it counts: ½, and the error of an expectation that was
    fitted on so many tasks.

    That error is the same for every task of the group and so adds up; 2.33/√n bounds it in 99 of 100 fits.
    """
    return SLACK + FIT_ERROR / sqrt(history)


def _check_anomalies(
    request: int, own: Sequence[TaskValues], others: Sequence[TaskValues]
) -> tuple[RunFinding, float | None]:
    answers, history = _count_answers(own), _count_answers(others)
    numbers = {"request": name_group(request), "tasks": len(own), "answers": answers.answers}
    if not answers.answers:
        return RunFinding("Z3", "not_recorded", "the texts of weak answers are not recorded", numbers=numbers), None
    if history.answers < FEWEST_HISTORY:
        why = f"{history.answers} other answers of this weak model are known, {FEWEST_HISTORY} are needed"
        return RunFinding("Z3", "not_run", why, numbers=numbers), None
    found = find_anomalies(answers, history)
    numbers |= {a.kind: {"observed": a.observed, "usual": a.usual, "z": a.z} for a in found}
    strength = max((abs(a.z) for a in found), default=0.0)
    if not found:
        words = f"the weak answers to {_tell_group(request, own)} are like its others"
        return RunFinding("Z3", "done", words, numbers=numbers), strength
    large = any(_is_large(anomaly) for anomaly in found)
    words = f"the weak answers to {_tell_group(request, own)} differ from its others: {_tell_anomaly(found[0])}"
    return RunFinding("Z3", "done", words, "flag" if large else "note", numbers), strength


def _check_fit(
    request: int, own: Sequence[TaskValues], others: Sequence[TaskValues]
) -> tuple[RunFinding, float | None]:
    misfits = [misfit for task in own for misfit in task.misfits][:POOLED_MOST]
    clean = [misfit for task in others if _is_clean(task) for misfit in task.misfits]
    numbers = {"request": name_group(request), "tasks": len(own), "answers": len(misfits), "clean": len(clean)}
    if not misfits:
        return RunFinding("Z4", "not_recorded", "verdicts by criterion are not recorded", numbers=numbers), None
    if len(clean) < FEWEST_CLEAN:
        why = f"{len(clean)} clean answers of this weak model are known, {FEWEST_CLEAN} are needed"
        return RunFinding("Z4", "not_run", why, numbers=numbers), None
    found = pool_misfit(misfits, clean, np.random.default_rng(request % 2**32))
    p, usual = found.p or 1.0, found.clean_mean or 0.0
    numbers |= {"mean": found.mean, "usual": usual, "p": p}
    words = f"misfit {found.mean:.2f} where clean answers have {usual:.2f} (p = {p:.2g})"
    flagged = p < MISFIT_P and found.mean - usual >= MISFIT_CHANGE
    finding = RunFinding("Z4", "done", f"{_tell_group(request, own)}: {words}", "flag" if flagged else "", numbers)
    return finding, -log(p, 10)


def _check_residuals(
    request: int, own: Sequence[TaskValues], others: Sequence[TaskValues]
) -> tuple[RunFinding, float | None]:
    judged = [(features, task.weak_mean or 0.0) for task in own if (features := _list_features(task))]
    known = [(features, task.weak_mean or 0.0) for task in others if (features := _list_features(task))]
    numbers = {"request": name_group(request), "tasks": len(judged), "others": len(known)}
    if not judged:
        return RunFinding("Z5", "not_recorded", "scores or answers of both sides are missing", numbers=numbers), None
    if len(known) < FEWEST_EXPECTED:
        why = f"{len(known)} other tasks of this weak model are known, {FEWEST_EXPECTED} are needed"
        return RunFinding("Z5", "not_run", why, numbers=numbers), None
    fit = fit_expectation([features for features, _ in known], [weak for _, weak in known])
    residuals = [weak - fit.predict(features) for features, weak in judged]
    bar = find_alarm(len(residuals))
    found = follow_residuals(residuals, fit.sd, slack=find_slack(fit.tasks), alarm_at=bar)
    numbers |= {"highest": found.highest, "bar": bar, "alarm_at": found.alarm_at, "mean": fmean(residuals)}
    words = f"weak scores add up to {found.highest:.1f} standard deviations below what one would expect"
    flagged = found.alarm_at is not None
    finding = RunFinding(
        "Z5", "done", f"{_tell_group(request, own)}: {words} (alarm at {bar:.1f})", "flag" if flagged else "", numbers
    )
    return finding, found.highest


def _count_answers(tasks: Iterable[TaskValues]) -> AnswerCounts:
    """Weak answers whose text and score are recorded."""
    answers: list[AnswerValues] = []
    count = 0
    for task in tasks:
        own = [answer for answer in task.weak if answer.length is not None and answer.score is not None]
        answers += own
        count += bool(own)
    return AnswerCounts(
        zeros=sum(1 for a in answers if a.score == 0),
        repeated=sum(1 for a in answers if a.repeated),
        refusals=sum(1 for a in answers if a.refused),
        lengths=tuple(a.length for a in answers if a.length is not None),
        tasks=max(1, count),
    )


def _list_features(task: TaskValues) -> tuple[float, ...] | None:
    """What a weak mean is expected from: strong mean, log length of the weak answers, round, criteria."""
    lengths = [log1p(a.length) for a in task.weak if a.length is not None]
    if task.weak_mean is None or task.strong_mean is None or not lengths:
        return None
    return (task.strong_mean, fmean(lengths), float(task.round), float(task.criteria))


def _is_clean(task: TaskValues) -> bool:
    return not task.imported and not any(finding.severity == "violation" for finding in task.findings)


def _is_large(anomaly: Anomaly) -> bool:
    change = abs(anomaly.observed - anomaly.usual)
    return change >= (LENGTH_CHANGE if anomaly.kind == "log_length" else SHARE_CHANGE)


def _tell_anomaly(anomaly: Anomaly) -> str:
    if anomaly.kind == "log_length":
        ratio = np.exp(anomaly.observed - anomaly.usual)
        return f"they are {ratio:.2f} times as long (z {anomaly.z:+.1f})"
    kinds = {"zeros": "exact zeros", "repeated": "repeated answers", "refusals": "refusals"}
    return f"{anomaly.observed:.0%} {kinds[anomaly.kind]}, usually {anomaly.usual:.0%} (z {anomaly.z:+.1f})"


def _tell_group(request: int, own: Sequence[TaskValues]) -> str:
    return f"the {len(own)} tasks that share weak request {name_group(request)[:8]}…"
