"""K2, the tamper test of one task: the recorded request sent again, against the neutral one, both with new answers.

Which tasks come here is decided by their first neutral answers, and a task that comes here because these were high must
not be called tampered for the same luck. So what looks like tampering is tested once more against neutral answers that
were asked for afterwards, and only these decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from autodata.audit.arm import Arm
from autodata.audit.certified import SIZES
from autodata.audit.fresh.arms import (
    explain_ungraded,
    list_scores,
    roll_fresh,
    roll_graded,
    tell_left_out,
)
from autodata.audit.fresh.certify import explain_ungradable, roll_graded_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.requests import (
    build_as_run_body,
    derive_fresh_seed,
    is_neutral,
    list_recorded,
    name_model,
)
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.fresh.stepwise import CLEAR_P
from autodata.audit.fresh.wrapper import find_wrappers, name_wrappers
from autodata.audit.sequential import MOST_PAIRS, SequentialTest, follow_pairs
from autodata.audit.tamper import DEFAULT_SIZE, TamperTest, choose_margin, compare_requests
from autodata.audit.verdict import Finding
from autodata.model import SOLVERS, Rollout, Solver

ALPHA = 0.01
"""p from which the recorded request counts as changing the scores."""

LOOK_AGAIN = 0.10
"""p from which the neutral answers of the screen are replaced by new ones."""

SCREENED = SIZES[0]
"""The first so many neutral answers took part in choosing the task."""


async def check_tamper(
    subject: Subject, context: AuditContext, *, most: int = DEFAULT_SIZE, solvers: Sequence[Solver] = SOLVERS
) -> Result:
    """K2 of the given solvers: three answers an arm, five where they leave doubt, up to `most` pairs where the
    e-process is still open.

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
    for solver in solvers:
        try:
            numbers[solver] = await _test_solver(subject, context, solver, margin, most)
        except _TooFewError as error:
            return Result("K2", "failed", missing=(str(error),))
        findings += _judge_solver(solver, numbers[solver])
    tested = [numbers[solver]["p"] for solver in solvers if "p" in numbers[solver]]
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


async def roll_graded_as_run(
    subject: Subject, context: AuditContext, solver: Solver, count: int, known: Sequence[Rollout] = ()
) -> tuple[Rollout, ...]:
    """The first answers of one solver to its recorded requests until `count` of them have a score."""
    return await roll_graded(
        lambda number, first: roll_as_run(subject, context, solver, number, first=first), count, known
    )


class _TooFewError(Exception):
    """An arm has too few graded answers to be tested."""


async def _test_solver(
    subject: Subject, context: AuditContext, solver: Solver, margin: float, most: int
) -> dict[str, Any]:
    """The numbers of one solver: a look at three answers an arm, the fixed test on five, then the e-process."""
    seat, task = context.loop.settings.seats.seat(solver), subject.records.task
    calls = list_recorded(subject.records, solver)
    if not subject.records.run.imported and all(is_neutral(call, seat, task) for call in calls):
        return {"same": True}
    neutral = await roll_graded_neutral(subject, context, solver, SCREENED)
    as_run = await roll_graded_as_run(subject, context, solver, SCREENED)
    test = _compare(context, solver, neutral, as_run, margin)
    if test.p < CLEAR_P:
        neutral = await roll_graded_neutral(subject, context, solver, DEFAULT_SIZE, neutral)
        as_run = await roll_graded_as_run(subject, context, solver, DEFAULT_SIZE, as_run)
        test = _compare(context, solver, neutral, as_run, margin)
    after_screen, seen = test.p < LOOK_AGAIN, _find_screened(neutral)
    if after_screen:
        neutral = await roll_graded_neutral(subject, context, solver, DEFAULT_SIZE + SCREENED, neutral)
        test = _compare(context, solver, neutral[seen:], as_run, margin)
    own = neutral[seen:] if after_screen else neutral
    walk = _follow(context, solver, own, as_run)
    limit = min(most, MOST_PAIRS)
    while after_screen and test.p >= ALPHA and walk is not None and walk.stop == "more" and walk.pairs < limit:
        # One pair at a time: the e-process may be looked at after each.
        before = len(list_scores(as_run))
        neutral = await roll_graded_neutral(subject, context, solver, len(list_scores(neutral)) + 1, neutral)
        as_run = await roll_graded_as_run(subject, context, solver, before + 1, as_run)
        if len(list_scores(as_run)) == before:
            break
        own = neutral[seen:]
        walk = _follow(context, solver, own, as_run)
    return {
        **asdict(test),
        "after_screen": after_screen,
        "neutral": list(list_scores(neutral)),
        "as_run": list(list_scores(as_run)),
        "means": [_mean(own), _mean(as_run)],
        "left_out": tell_left_out(neutral, as_run),
        **({"e_value": walk.e_value, "stop": walk.stop, "pairs": walk.pairs} if walk else {}),
    }


def _find_screened(neutral: Sequence[Rollout]) -> int:
    """How many of the first neutral answers took part in choosing the task: up to the third with a score."""
    graded = [at for at, rollout in enumerate(neutral) if rollout.score is not None]
    return graded[SCREENED - 1] + 1 if len(graded) >= SCREENED else len(neutral)


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
        f"({proof}; {numbers['answers']}+{numbers['answers']} fresh answers{numbers.get('left_out', '')})"
    )
    return [Finding("K2", "flag", words)]


def _mean(rollouts: Sequence[Rollout]) -> float:
    scores = list_scores(rollouts)
    return sum(scores) / len(scores)
