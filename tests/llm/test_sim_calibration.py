"""The shape of a simulated run: single-shot tasks show no gap, accepted ones do. Bounds are generous; the numbers that
the constants are chosen for stand in autodata/llm/simulator/calibration.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean, pvariance

from autodata.acceptance import Graded, decide_acceptance, passes_weak_side
from autodata.agents import challenger, judge, solver, verifier
from autodata.agents.checks import check_task
from autodata.agents.feedback import FailedRound
from autodata.canon import derive_seed
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.config import SimulatorConfig
from autodata.llm.simulator.models import SimulatedModels
from autodata.llm.simulator.wire import parse_call
from autodata.model import Source, Task
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.scoring import score_verdicts
from tests.support.sim_chat import DOCUMENT

POLICY, SEATS, RECIPE, NONCE = PRESETS["deployed"], simulated_seats(), load_recipe("cs"), "0a1b2c3d4e5f60718293a4b5"
SOURCES = [
    Source(f"s{number}", "pages", DOCUMENT + f"\nNode {number} of the fleet is idle now.") for number in range(24)
]


@dataclass
class Tally:
    """What a run over the sources came to."""

    outcomes: dict[str, int] = field(default_factory=dict)
    means: list[tuple[float, float]] = field(default_factory=list)
    accepted: list[tuple[float, float]] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    variances: list[float] = field(default_factory=list)


def run_rounds(models: SimulatedModels, rounds: int, *, both_sides: bool) -> Tally:
    """The loop's rules without its journal: weak first unless `both_sides`, failures fed back."""
    tally = Tally()
    for source in SOURCES:
        failures: list[FailedRound] = []
        for number in range(1, rounds + 1):
            outcome = run_round(models, source, number, failures, tally, both_sides)
            tally.outcomes[outcome] = tally.outcomes.get(outcome, 0) + 1
            if outcome == "accepted":
                tally.rounds.append(number)
                break
    return tally


def run_round(
    models: SimulatedModels, source: Source, number: int, failures: list[FailedRound], tally: Tally, both_sides: bool
) -> str:
    seed = derive_seed(source.id, number)
    body = challenger.build_challenger_body(SEATS.seat("challenger"), RECIPE, source, failures, seed=seed, nonce=NONCE)
    task = challenger.make_task(challenger.parse_draft(ask(models, body), RECIPE.limits), "run", source.id, number)
    review = check_task(task, RECIPE)
    if review.passed:
        body = verifier.build_verifier_body(SEATS.seat("verifier"), RECIPE, source, task, seed=seed, nonce=NONCE)
        review = verifier.parse_review(ask(models, body))
    if not review.passed:
        failures.append(
            FailedRound(number, "failed_quality", task.question_type, task.question, reason=review.feedback)
        )
        return "failed_quality"
    weak = grade_side(models, task, "weak", seed, tally)
    strong = grade_side(models, task, "strong", seed, tally) if both_sides or passes_weak_side(POLICY, weak) else None
    found = decide_acceptance(POLICY, weak, strong)
    if found.weak_mean is not None and found.strong_mean is not None:
        pair = (found.weak_mean, found.strong_mean)
        tally.means.append(pair)
        if found.accepted:
            tally.accepted.append(pair)
    failures.append(
        FailedRound(
            number, found.outcome, task.question_type, task.question, found.weak_mean, found.strong_mean, found.gap
        )
    )
    return found.outcome


def grade_side(models: SimulatedModels, task: Task, side: str, seed: int, tally: Tally) -> list[Graded]:
    scores = []
    for index in range(3):
        own = derive_seed(seed, side, index)
        answer = ask(models, solver.build_solver_body(SEATS.seat(side), task, seed=own))  # type: ignore[arg-type]
        text = ask(models, judge.build_judge_body(SEATS.seat("judge"), RECIPE, task, answer, seed=own, nonce=NONCE))
        verdicts = {verdict.criterion_id: verdict.met for verdict in judge.parse_verdicts(text, task.rubric)}
        scores.append(score_verdicts(task.rubric, verdicts).value)
    tally.variances.append(pvariance(scores) * 1.5)
    return [Graded("ok", score) for score in scores]


def ask(models: SimulatedModels, body: dict[str, object]) -> str:
    return models.write(parse_call(body)).content


def test_single_shot_tasks_show_hardly_any_gap() -> None:
    tally = run_rounds(SimulatedModels(SimulatorConfig(seed=1)), 1, both_sides=True)
    weak, strong = (fmean(side) for side in zip(*tally.means, strict=True))
    assert 0.55 < weak < 0.82
    assert -0.04 < strong - weak < 0.10


def test_the_loop_finds_tasks_with_a_gap_after_several_rounds() -> None:
    tally = run_rounds(SimulatedModels(SimulatorConfig(seed=1)), 15, both_sides=False)
    weak, strong = (fmean(side) for side in zip(*tally.accepted, strict=True))
    failed = {name: count for name, count in tally.outcomes.items() if name != "accepted"}
    assert 0.22 < strong - weak < 0.43
    assert 3 < fmean(tally.rounds) < 10
    assert len(tally.accepted) > len(SOURCES) * 0.5
    assert max(failed, key=lambda name: failed[name]) == "too_easy"
    assert 0.06 < fmean(tally.variances) ** 0.5 < 0.15
