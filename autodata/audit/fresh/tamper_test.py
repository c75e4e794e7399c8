"""K2, the tamper test of one task: the recorded request sent again, against the neutral one, both with new answers.

Which tasks come here is decided by their first neutral answers, and a task that comes here because these were high must
not be called tampered for the same luck. So what looks like tampering is tested once more against neutral answers that
were asked for afterwards, and only these decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from autodata.audit.arm import Arm
from autodata.audit.certified import SIZES
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, roll_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise, find_noise
from autodata.audit.fresh.requests import (
    build_as_run_body,
    derive_fresh_seed,
    is_neutral,
    list_recorded,
    name_model,
)
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.audit.run_luck import RunNoise
from autodata.audit.sequential import MOST_PAIRS, SequentialTest, follow_pairs
from autodata.audit.tamper import DEFAULT_SIZE, TamperTest, choose_margin, compare_requests, measure_shift, pool_shifts
from autodata.audit.verdict import Finding
from autodata.model import SOLVERS, Rollout, Solver

ALPHA = 0.01
"""p from which the recorded request counts as changing the scores."""

LOOK_AGAIN = 0.10
"""p from which the neutral answers of the screen are replaced by new ones."""

SCREENED = SIZES[0]
"""The first so many neutral answers took part in choosing the task."""

FEWEST_POOLED = 3
"""Tasks with one request from which a pooled test is made."""


async def check_tamper(subject: Subject, context: AuditContext, *, most: int = DEFAULT_SIZE) -> Result:
    """K2 of both solvers with five answers an arm; up to `most` pairs where the e-process is still open.

    `numbers[solver]` holds the fixed test (`t`, `p`, `shift`, …), the e-process and the scores, or `same` where the
    recorded request is the neutral one but for the seed and nothing was asked. Not recorded without both solvers'
    requests; failed when an arm has too few graded answers.
    """
    lacking = explain_ungradable(subject)
    silent = [solver for solver in SOLVERS if not list_recorded(subject.records, solver)]
    if lacking or silent:
        return Result("K2", "not_recorded", missing=(*lacking, *(f"the {solver} requests" for solver in silent)))
    margin = find_margin(subject)
    numbers: dict[str, Any] = {"margin": margin, "wrapper": name_wrappers(find_wrappers(subject.records, "weak"))}
    findings: list[Finding] = []
    for solver in SOLVERS:
        try:
            numbers[solver] = await _test_solver(subject, context, solver, margin, most)
        except _TooFewError as error:
            return Result("K2", "failed", missing=(str(error),))
        findings += _judge_solver(solver, numbers[solver])
    tested = [numbers[solver]["p"] for solver in SOLVERS if "p" in numbers[solver]]
    return Result("K2", "done", tuple(findings), {**numbers, **({"p": min(tested)} if tested else {})})


def find_margin(subject: Subject) -> float:
    """How far wording may move a score: not at all where the record shows an instruction in the request."""
    bytes_differ = any(
        finding.severity != "note" and finding.detector in ("S1", "S12") and finding.named_cause == "bytes"
        for finding in subject.static.findings
    )
    return choose_margin(bytes_differ)


async def roll_as_run(
    subject: Subject, context: AuditContext, solver: Solver, count: int, *, first: int = 0
) -> tuple[Rollout, ...]:
    """Answers to the solver's recorded requests, in turn: an attempt that was asked otherwise is among them."""
    settings, records = context.loop.settings, subject.records
    calls, model = list_recorded(records, solver), name_model(records, settings.seats, solver)

    def build(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, subject.task_id, "as_run", index)
        return build_as_run_body(calls[index % len(calls)], seed=seed, model=model)

    return await roll_fresh(
        subject,
        context,
        solver,
        "as_run",
        body_of=build,
        count=max(0, count),
        first=first,
        template_sha=calls[0].template_sha,
    )


def pool_tamper(
    results: Mapping[str, Result], noise: RunNoise | None, fewest: int = FEWEST_POOLED
) -> dict[str, Result]:
    """K2 results that change because tasks with the same request around them are tested as one, by task id.

    Only neutral answers asked for after the screen take part. A pooled test that finds something flags each of its
    tasks, for the request is theirs; `numbers["pooled"]` holds it by solver.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for task_id, result in results.items():
        if result.coverage == "done" and result.numbers.get("wrapper"):
            groups[result.numbers["wrapper"]].append(task_id)
    changed: dict[str, Result] = {}
    for tasks in groups.values():
        for solver in SOLVERS:
            shifts = {task: shift for task in tasks if (shift := _find_late_shift(results[task], solver)) is not None}
            if len(shifts) < fewest:
                continue
            scores = [s for task in shifts for s in results[task].numbers[solver]["neutral"]]
            margin = max(results[task].numbers["margin"] for task in shifts)
            late = DEFAULT_SIZE - SCREENED
            test = pool_shifts(solver, list(shifts.values()), late, find_noise(noise, solver, scores), margin)
            for task in shifts:
                changed[task] = _set_pooled(changed.get(task, results[task]), solver, test)
    return changed


class _TooFewError(Exception):
    """An arm has too few graded answers to be tested."""


async def _test_solver(
    subject: Subject, context: AuditContext, solver: Solver, margin: float, most: int
) -> dict[str, Any]:
    """The numbers of one solver: the fixed test on five answers an arm, then the e-process."""
    seat, task = context.loop.settings.seats.seat(solver), subject.records.task
    calls = list_recorded(subject.records, solver)
    if not subject.records.run.imported and all(is_neutral(call, seat, task) for call in calls):
        return {"same": True}
    neutral = await roll_neutral(subject, context, solver, DEFAULT_SIZE)
    as_run = await roll_as_run(subject, context, solver, DEFAULT_SIZE)
    test = _compare(context, solver, neutral, as_run, margin)
    after_screen = test.p < LOOK_AGAIN
    if after_screen:
        neutral += await roll_neutral(subject, context, solver, SCREENED, first=DEFAULT_SIZE)
        test = _compare(context, solver, neutral[SCREENED:], as_run, margin)
    own = neutral[SCREENED:] if after_screen else neutral
    walk = _follow(context, solver, own, as_run)
    limit = min(most, MOST_PAIRS)
    while after_screen and test.p >= ALPHA and walk is not None and walk.stop == "more" and len(as_run) < limit:
        # One pair at a time: the e-process may be looked at after each.
        neutral += await roll_neutral(subject, context, solver, 1, first=len(neutral))
        as_run += await roll_as_run(subject, context, solver, 1, first=len(as_run))
        own = neutral[SCREENED:]
        walk = _follow(context, solver, own, as_run)
    return {
        **asdict(test),
        "after_screen": after_screen,
        "neutral": list(list_scores(neutral)),
        "as_run": list(list_scores(as_run)),
        "means": [_mean(own), _mean(as_run)],
        **({"e_value": walk.e_value, "stop": walk.stop, "pairs": walk.pairs} if walk else {}),
    }


def _compare(
    context: AuditContext, solver: Solver, neutral: Sequence[Rollout], as_run: Sequence[Rollout], margin: float
) -> TamperTest:
    arms = _pair(solver, neutral, as_run)
    return compare_requests(*arms, choose_noise(context, solver, arms[0].scores), margin)


def _pair(solver: Solver, neutral: Sequence[Rollout], as_run: Sequence[Rollout]) -> tuple[Arm, Arm]:
    for rollouts in (neutral, as_run):
        if len(list_scores(rollouts)) < SCREENED:
            raise _TooFewError(explain_ungraded(rollouts))
    return Arm(solver, "neutral", list_scores(neutral)), Arm(solver, "as_run", list_scores(as_run))


def _follow(
    context: AuditContext, solver: Solver, neutral: Sequence[Rollout], as_run: Sequence[Rollout]
) -> SequentialTest | None:
    """The e-process over the pairs so far; None where an answer is missing from a pair, for pairs are in order."""
    arms = _pair(solver, neutral, as_run)
    if len(arms[0].scores) != len(arms[1].scores):
        return None
    return follow_pairs(*arms, choose_noise(context, solver, arms[0].scores).variance)


def _judge_solver(solver: Solver, numbers: Mapping[str, Any]) -> list[Finding]:
    if numbers.get("same"):
        return []
    tampered = numbers.get("stop") == "tampered" and numbers["after_screen"]
    if numbers["p"] >= ALPHA and not tampered:
        return []
    neutral, as_run = numbers["means"]
    proof = f"p = {numbers['p']:.3f}" if numbers["p"] >= 0.001 else "p < 0.001"
    if tampered:
        proof += f", e-value {numbers['e_value']:,.0f}"
    words = (
        f"with its recorded request {solver} scores {as_run:.2f}, with the neutral one {neutral:.2f} "
        f"({proof}; {numbers['answers']}+{numbers['answers']} fresh answers)"
    )
    return [Finding("K2", "flag", words)]


def _find_late_shift(result: Result, solver: Solver) -> float | None:
    """The shift between neutral answers asked for after the screen and as many as-run ones; None where not tested."""
    numbers = result.numbers.get(solver) or {}
    neutral, as_run = (tuple(numbers.get(name) or ()) for name in ("neutral", "as_run"))
    late = neutral[SCREENED:DEFAULT_SIZE]
    if len(late) < DEFAULT_SIZE - SCREENED or len(as_run) < len(late):
        return None
    arms = Arm(solver, "neutral", late), Arm(solver, "as_run", as_run)
    return measure_shift(*arms, find_noise(None, solver, late)).value


def _set_pooled(result: Result, solver: Solver, test: TamperTest) -> Result:
    """The result with this pooled test in place of an earlier one."""
    words = (
        f"over {test.tasks} tasks with this request around them, the recorded {solver} request moves the scores by "
        f"{test.shift:.2f} on average (p {'< 0.001' if test.p < 0.001 else f'= {test.p:.3f}'})"
    )
    pooled = dict(result.numbers.get("pooled") or {})
    earlier = (pooled.get(solver) or {}).get("sentence")
    findings = tuple(finding for finding in result.findings if finding.sentence != earlier)
    if test.p < ALPHA:
        findings += (Finding("K2", "flag", words),)
    pooled[solver] = {**asdict(test), "sentence": words}
    return replace(result, findings=findings, numbers={**result.numbers, "pooled": pooled})


def _mean(rollouts: Sequence[Rollout]) -> float:
    scores = list_scores(rollouts)
    return sum(scores) / len(scores)
