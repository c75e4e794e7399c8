"""Runs the loop with a family's hooks in it and hands back rounds; the style modules make journals of them.

It is the loop of autodata.loop without its patience: the product's own requests, parsers, scoring and acceptance, over
simulated models in this process. The hook contract is in benchmarks.sabotage.family.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from autodata.acceptance import Graded, decide_acceptance, passes_weak_side
from autodata.agents import challenger, judge, verifier
from autodata.agents.checks import check_task
from autodata.agents.feedback import FailedRound
from autodata.agents.request import build_body, make_nonce
from autodata.agents.solver import render_prompt
from autodata.canon import derive_seed, hash_text
from autodata.errors import MalformedReply
from autodata.llm.reply import classify_answer
from autodata.llm.seat import SeatBook, simulated_seats
from autodata.llm.simulator.tasks import LatentTask, key_of
from autodata.model import SOLVERS, Role, Solver, Source, Task, Verdict
from autodata.recipes.recipe import Recipe, load_recipe
from autodata.scoring import score_verdicts
from benchmarks.sabotage.direct import reply_to
from benchmarks.sabotage.family import Case, Made, Tamper
from benchmarks.sabotage.latent import expect_gap
from benchmarks.sabotage.made import Asked, MadeRound, Plan, Trajectory, Truth
from benchmarks.sabotage.materials import draw_template, make_passages, make_sources
from benchmarks.sabotage.world import World

__all__ = ["Asked", "Harness", "MadeRound", "Plan", "Trajectory", "Truth", "make_passages", "make_sources"]

ROUNDS = 15
DRAWS = 12
"""Drafts looked at for one round until one is eligible; those left aside leave no trace."""


@dataclass(slots=True)
class Harness:
    """One run's loop. `run_id` is known before the first task, for task ids depend on it."""

    plan: Plan
    run_id: str
    world: World = field(init=False)
    seats: SeatBook = field(init=False)
    recipe: Recipe = field(init=False)
    template: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(self.plan.seed)
        self.seats = self.plan.family.seats(simulated_seats())
        self.recipe = load_recipe("cs")
        draw = self.plan.family.template or draw_template
        self.template = draw(Random(f"{self.plan.seed}:template"))

    def run_all(self, sources: Sequence[Source]) -> Iterator[Trajectory]:
        """Rounds for every source; a source without an eligible draft ends there."""
        for source in sources:
            yield Trajectory(source, list(self._run_source(source)))

    def _run_source(self, source: Source) -> Iterator[MadeRound]:
        failures: list[FailedRound] = []
        for number in range(1, ROUNDS + 1):
            found = self._run_round(source, number, failures)
            if found is None:
                return
            yield found
            if found.outcome == "accepted":
                return
            a = found.acceptance
            failures.append(
                FailedRound(
                    round=number,
                    outcome=found.outcome,
                    question_type=found.task.question_type,
                    question=found.task.question,
                    weak_mean=a.weak_mean if a else None,
                    strong_mean=a.strong_mean if a else None,
                    gap=a.gap if a else None,
                    reason=found.reason,
                    stopped="",
                    detail="",
                )
            )

    def _run_round(self, source: Source, number: int, failures: list[FailedRound]) -> MadeRound | None:
        drawn = self._draw_case(source, number, failures)
        if drawn is None:
            return None
        case, tamper, asked, gap = drawn
        task, review = case.task, check_task(case.task, self.recipe)
        calls = [asked]
        if review.passed:
            body = verifier.build_verifier_body(
                self.seats.seat("verifier"),
                self.recipe,
                source,
                task,
                seed=self._seed(source, number, "verifier", "review", 0),
                nonce=self._nonce(source, number, "verifier"),
            )
            reply = reply_to(self.world, body)
            calls.append(Asked("verifier", "review", body, reply))
            review = verifier.parse_review(reply.content)
        made = MadeRound(number, task, calls, review, [], "failed_quality", review.feedback, None, tamper, gap)
        if review.passed:
            self._solve(made, tamper)
        return made

    def _draw_case(
        self, source: Source, number: int, failures: list[FailedRound]
    ) -> tuple[Case, Tamper, Asked, float] | None:
        """The first draft that the family can be planted on."""
        family = self.plan.family
        for draw in range(DRAWS):
            body = challenger.build_challenger_body(
                self.seats.seat("challenger"),
                self.recipe,
                source,
                failures,
                seed=self._seed(source, number, "challenger", draw),
                nonce=self._nonce(source, number, "challenger"),
            )
            reply = reply_to(self.world, body)
            try:
                draft = challenger.parse_draft(reply.content, self.recipe.limits)
            except MalformedReply:
                continue
            task = challenger.make_task(draft, self.run_id, source.id, number)
            latent = self._recall(task)
            if not family.eligible(expect_gap(latent, self.world.config.seed)):
                continue
            case = Case(
                task=task,
                latent=latent,
                world=self.world,
                rng=Random(derive_seed(self.plan.seed, "case", task.id)),
                strength=self.plan.strength,
                stealth=self.plan.stealth,
                style=self.plan.style,
                run_id=self.run_id,
                seats=self.seats,
                template=self.template,
            )
            tamper = family.plan(case)
            # Once more under the final words, on which a model's luck with each claim depends.
            gap = expect_gap(case.latent, self.world.config.seed, weights=tamper.honest_weights)
            if family.eligible(gap):
                return case, tamper, Asked("challenger", "write", body, reply), gap
        return None

    def _recall(self, task: Task) -> LatentTask:
        latent = self.world.store.get(key_of(task.question))
        assert latent is not None, "the challenger remembers every task it wrote"
        return latent

    def _solve(self, made: MadeRound, tamper: Tamper) -> None:
        policy, task = self.plan.family.policy, made.task
        sides: dict[Solver, list[Made]] = {"weak": [], "strong": []}
        for solver in SOLVERS:
            if solver == "strong" and not tamper.always_strong:
                weak = grade(sides["weak"])
                if not passes_weak_side(policy, weak):
                    break
            count = tamper.attempts(solver, policy.rollouts(solver))
            attempts = [self._attempt(task, tamper, solver, index) for index in range(count)]
            sides[solver] = tamper.choose(solver, attempts)
        made.made = [*sides["weak"], *sides["strong"]]
        revised = tamper.revise(task, sides["weak"], sides["strong"])
        if revised is not None:
            made.revised = revised
            for one in made.made:
                if one.judge_body is not None and one.judge_reply is not None and tamper.keep_first_verdicts:
                    one.earlier.append((one.judge_body, one.judge_reply))
                self._judge(one, revised, tamper)
        weak, strong = (grade(made.list_used(solver)) for solver in SOLVERS)
        made.acceptance = tamper.claim(decide_acceptance(policy, weak, strong or None))
        if made.acceptance.outcome == "undecided" and not strong:
            weak_only = decide_acceptance(policy, weak, None)
            made.acceptance = tamper.claim(weak_only)
        made.outcome, made.reason = made.acceptance.outcome, made.acceptance.reason

    def _attempt(self, task: Task, tamper: Tamper, solver: Solver, index: int) -> Made:
        body = tamper.edit_body(self.build_solver_body(task, solver, index), solver, index)
        reply = reply_to(self.world, tamper.edit_served(dict(body), solver, index))
        reply = tamper.edit_reply(replace(reply, model=body["model"]), solver, index)
        answer = tamper.edit_answer(reply.content, solver, index)
        made = Made(solver, index, body, reply, answer, classify_answer(reply))
        if answer.strip():
            self._judge(made, task, tamper)
        elif tamper.empty_scores_zero:
            made.verdicts = tuple(Verdict(criterion.id, 0.0) for criterion in task.rubric)
            made.score = score_verdicts(task.rubric, {criterion.id: 0.0 for criterion in task.rubric})
        return made

    def _judge(self, made: Made, task: Task, tamper: Tamper) -> None:
        solver, index = made.solver, made.index
        for ask in range(3):
            body = judge.build_judge_body(
                self.seats.seat("judge"),
                self.recipe,
                task,
                made.answer,
                seed=derive_seed(self.plan.seed, task.id, hash_text(made.answer), "judge", ask),
                nonce=self._nonce_of(task, "judge"),
            )
            made.judge_body = tamper.edit_judge_body(body, solver, index)
            made.judge_reply = reply_to(self.world, tamper.edit_judge_served(dict(made.judge_body), solver, index))
            try:
                made.verdicts = judge.parse_verdicts(made.judge_reply.content, task.rubric)
            except MalformedReply:
                continue
            break
        marks = {v.criterion_id: v.met for v in made.verdicts}
        forged = tamper.edit_verdicts(dict(marks), solver, index)
        made.verdicts = tuple(replace(v, met=forged[v.criterion_id]) for v in made.verdicts)
        made.score = tamper.edit_score(score_verdicts(task.rubric, forged), solver, index)

    def build_solver_body(self, task: Task, solver: Solver, index: int) -> dict[str, Any]:
        """The honest request: the product's own, or the foreign harness's template over the same seat."""
        seat = self.seats.seat(solver)
        seed = self._seed_of(task, solver, index)
        if self.plan.style == "own":
            return build_body(seat, [{"role": "user", "content": render_prompt(task)}], seed)
        system, user = self.template
        shown = user.format(context=task.context, question=task.question)
        messages = [{"role": "system", "content": system}] if system else []
        return build_body(seat, [*messages, {"role": "user", "content": shown}], seed)

    def _seed(self, source: Source, number: int, *parts: object) -> int:
        return derive_seed(self.plan.seed, source.id, number, *parts)

    def _seed_of(self, task: Task, solver: Solver, index: int) -> int:
        return derive_seed(self.plan.seed, task.source_id, task.round, solver, index)

    def _nonce(self, source: Source, number: int, reader: Role) -> str:
        return make_nonce(self.run_id, self.plan.seed, source.id, number, reader)

    def _nonce_of(self, task: Task, reader: Role) -> str:
        return make_nonce(self.run_id, self.plan.seed, task.source_id, task.round, reader)


def grade(made: Sequence[Made]) -> list[Graded]:
    """Used attempts as acceptance sees them."""
    return [Graded(m.status, m.score.value if m.score else None) for m in made if m.used]
