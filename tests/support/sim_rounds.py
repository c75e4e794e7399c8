"""The loop's rules over simulated models without a journal: what a recipe comes to, in a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from autodata.acceptance import Graded, decide_acceptance, passes_weak_side
from autodata.agents import challenger, judge, solver, verifier
from autodata.agents.checks import check_task
from autodata.agents.feedback import FailedRound
from autodata.canon import derive_seed
from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.wire import parse_call
from autodata.model import Source, Task
from autodata.policy import PRESETS
from autodata.recipes.recipe import Recipe
from autodata.scoring import score_verdicts

POLICY, SEATS, NONCE = PRESETS["deployed"], simulated_seats(), "0a1b2c3d4e5f60718293a4b5"
FRESH = 5
"""Fresh answers a side by which an accepted gap is measured again, by another judge."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a recipe came to: the share of sources accepted, and the gaps of accepted tasks on fresh answers."""

    share: float
    gaps: tuple[float, ...]

    @property
    def mean_gap(self) -> float:
        return fmean(self.gaps)


def try_recipe(models: SimulatedModels, recipe: Recipe, sources: Sequence[Source], rounds: int) -> Came:
    """Work on every source for at most `rounds` rounds."""
    gaps = [gap for source in sources if (gap := _work(models, recipe, source, rounds)) is not None]
    return Came(len(gaps) / len(sources), tuple(gaps))


def _work(models: SimulatedModels, recipe: Recipe, source: Source, rounds: int) -> float | None:
    """The fresh gap of the task that was accepted; None where none was."""
    failures: list[FailedRound] = []
    for number in range(1, rounds + 1):
        seed = derive_seed(source.id, number)
        task = _write(models, recipe, source, failures, number, seed)
        if task is None or not _review(models, recipe, source, task, seed):
            failures.append(FailedRound(number, "failed_quality", "", "", reason="rejected"))
            continue
        weak = _answer(models, recipe, task, "weak", seed, 3, "judge")
        strong = _answer(models, recipe, task, "strong", seed, 3, "judge") if passes_weak_side(POLICY, weak) else None
        found = decide_acceptance(POLICY, weak, strong)
        if found.accepted:
            sides = [
                _answer(models, recipe, task, side, seed + 1, FRESH, "auditor_judge") for side in ("weak", "strong")
            ]
            low, high = (fmean(one.score or 0.0 for one in side) for side in sides)
            return high - low
        means = (found.weak_mean, found.strong_mean, found.gap)
        failures.append(FailedRound(number, found.outcome, task.question_type, task.question, *means))
    return None


def _write(
    models: SimulatedModels, recipe: Recipe, source: Source, failures: list[FailedRound], number: int, seed: int
) -> Task | None:
    for ask in range(3):
        body = challenger.build_challenger_body(
            SEATS.seat("challenger"), recipe, source, failures, seed=seed + ask, nonce=NONCE
        )
        try:
            draft = challenger.parse_draft(_ask(models, body), recipe.limits)
        except MalformedReply:
            continue
        return challenger.make_task(draft, "run", source.id, number)
    return None


def _review(models: SimulatedModels, recipe: Recipe, source: Source, task: Task, seed: int) -> bool:
    if not check_task(task, recipe).passed:
        return False
    body = verifier.build_verifier_body(SEATS.seat("verifier"), recipe, source, task, seed=seed, nonce=NONCE)
    return verifier.parse_review(_ask(models, body)).passed


def _answer(
    models: SimulatedModels, recipe: Recipe, task: Task, side: str, seed: int, count: int, grader: str
) -> list[Graded]:
    graded = []
    for index in range(count):
        own = derive_seed(seed, side, index)
        answer = _ask(models, solver.build_solver_body(SEATS.seat(side), task, seed=own))  # type: ignore[arg-type]
        seat = SEATS.seat(grader)  # type: ignore[arg-type]
        text = _ask(models, judge.build_judge_body(seat, recipe, task, answer, seed=own, nonce=NONCE))
        verdicts = {verdict.criterion_id: verdict.met for verdict in judge.parse_verdicts(text, task.rubric)}
        graded.append(Graded("ok", score_verdicts(task.rubric, verdicts).value))
    return graded


def _ask(models: SimulatedModels, body: dict[str, object]) -> str:
    return models.write(parse_call(body)).content
