"""What a run would take before it starts: calls, tokens and money, at least, as expected and at most.

Counted per seat from the steps that the recipe declares. Retries and malformed replies are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from autodata.items import read_item
from autodata.model import Role, Source
from autodata.prices import (
    Cost,
    PriceTable,
    Use,
    describe_cost,
    format_money,
    format_tokens,
    price_seats,
    sum_costs,
)
from autodata.recipes.recipe import Flow, Recipe
from autodata.settings import RunSettings

ROUNDS_TO_ACCEPT = {"cs": 6.59, "legal": 4.98}
"""Mean rounds per accepted task (paper Sec 3.1 and Table 3)."""
ROUNDS_USUAL = 6.59
"""The same where nothing is published."""

ENDED_BY_WEAK, ENDED_BY_STRONG, ENDED_BY_VERIFIER = 0.80, 0.13, 0.07
"""How failed rounds end (paper Sec 3.1)."""

JUDGED_USUAL = 0.25
"""Share of answers that code cannot compare with the reference, so that a model has to; an assumption."""

CHARS_PER_TOKEN = 4.0

WRITTEN_TOKENS: dict[Role, int] = {
    "extractor": 700,
    "challenger": 1800,
    "verifier": 300,
    "weak": 800,
    "strong": 800,
    "judge": 700,
    "loop_judge": 900,
}
"""Tokens of one reply, as expected of a model that does not think aloud; never more than the seat's max_tokens."""

TASK_TOKENS = 900
"""Context, question and rubric of one task, as verifier and judge read them."""
QUESTION_TOKENS = 450
"""Context and question, as solvers read them."""
FAILURE_TOKENS = 150
"""One earlier failure in a challenger's request."""

Calls = dict[Role, float]


@dataclass(frozen=True, slots=True)
class Range:
    """A number at least, as expected and at most."""

    least: int
    expected: int
    most: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take. `unbounded`: seats without max_tokens, whose replies may be longer than estimated.

    `least`, `expected` and `most` are costs; a model without a price makes them unknown or "at least".
    """

    calls: Range
    tokens: Range
    least: Cost
    expected: Cost
    most: Cost
    currency: str
    unbounded: tuple[Role, ...]


def estimate_run(settings: RunSettings, recipe: Recipe, sources: Sequence[Source], prices: PriceTable) -> Estimate:
    """Estimate a run over `sources`.

    Least: every source passes in its first round. Expected: rounds and failures as in the paper. Most: every round runs
    both sides, and every reply is as long as its seat's max_tokens allows. Raises BadInput for sources that a recipe
    of given tasks cannot use.
    """
    seats, bare = settings.seats, _share_without_rubric(recipe.limits.flow, sources)
    cases = [count(settings, recipe, bare) for count in (_count_least, _count_expected, _count_most)]
    uses = [_add_tokens(case, settings, recipe, sources, longest=case is cases[2]) for case in cases]
    models = {role: seats.seat(role).model for role in cases[2]}
    least, expected, most = (sum_costs(price_seats(use, models, prices).values()) for use in uses)
    return Estimate(
        calls=Range(*(sum(use.calls for use in case.values()) for case in uses)),
        tokens=Range(*(sum(use.tokens for use in case.values()) for case in uses)),
        least=least,
        expected=expected,
        most=most,
        currency=prices.currency,
        unbounded=tuple(role for role in cases[2] if seats.seat(role).max_tokens is None),
    )


def describe_estimate(estimate: Estimate) -> str:
    """Calls, tokens and money in one line: `about 730 calls (180 to 2,700), about 1.2 M tokens (…), 4.10 USD (…)`."""
    calls, tokens = estimate.calls, estimate.tokens
    parts = [
        f"about {calls.expected:,} calls ({calls.least:,} to {calls.most:,})",
        f"{format_tokens(tokens.expected)} tokens ({format_tokens(tokens.least)} to {format_tokens(tokens.most)})",
        describe_money(estimate),
    ]
    return ", ".join(parts)


def describe_money(estimate: Estimate) -> str:
    """`about 4.10 USD (0.90 USD to 31 USD)`, or what is not known."""
    words = describe_cost(estimate.expected, estimate.currency)
    if estimate.expected.unknown or not estimate.expected.amount:
        return words
    least, most = (format_money(cost.amount, estimate.currency) for cost in (estimate.least, estimate.most))
    return f"about {words} ({least} to {most})"


def list_called_roles(settings: RunSettings, recipe: Recipe) -> tuple[Role, ...]:
    """The seats that a run with these settings may call, whatever its sources hold."""
    return tuple(_count_most(settings, recipe, bare=1.0))


def _share_without_rubric(flow: Flow, sources: Sequence[Source]) -> float:
    """Share of given tasks for which the challenger's seat has to write a rubric."""
    if flow.write == "challenger" or flow.grading == "answer":
        return 0.0
    return fmean(not read_item(source).rubric for source in sources)


def _count_least(settings: RunSettings, recipe: Recipe, bare: float) -> Calls:
    """One round that passes; a given task may be given up after its weak side."""
    flow = recipe.limits.flow
    shape = _Shape(settings, flow, bare, judged=0.0)
    if flow.write == "given" and flow.order == "weak_first" and not settings.baseline:
        return _add(shape.open(), shape.round(strong=False))
    return _add(shape.open(), shape.round(), shape.end())


def _count_expected(settings: RunSettings, recipe: Recipe, bare: float) -> Calls:
    """The accepted round in full, and the failed ones before it as they usually end."""
    flow = recipe.limits.flow
    first = _Shape(settings, flow, bare, judged=JUDGED_USUAL)
    later = replace(first, batches=2 / (flow.candidates + 1))
    usual = ROUNDS_TO_ACCEPT.get(recipe.name, ROUNDS_USUAL)
    failed = min(usual, _limit_rounds(settings, recipe)) - 1
    return _add(
        first.open(),
        first.round(),
        first.end(),
        _scale(later.round(strong=flow.order == "together"), failed * ENDED_BY_WEAK),
        _scale(later.round(), failed * ENDED_BY_STRONG),
        _scale(later.write(), failed * ENDED_BY_VERIFIER),
    )


def _count_most(settings: RunSettings, recipe: Recipe, bare: float) -> Calls:
    shape = _Shape(settings, recipe.limits.flow, bare, judged=1.0)
    return _add(shape.open(), _scale(shape.round(), _limit_rounds(settings, recipe)), shape.end())


def _limit_rounds(settings: RunSettings, recipe: Recipe) -> int:
    """Rounds a source may take; a given task is tried once, because nobody writes another."""
    return 1 if recipe.limits.flow.write == "given" else min(settings.rounds, recipe.limits.rounds_max)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Calls of the parts of a trajectory. `judged`: share of answers that a model grades where code can grade too.

    `bare`: share of given tasks without a rubric.
    `batches`: how many batches of candidates one round takes; those kept of a batch serve later rounds as well.
    """

    settings: RunSettings
    flow: Flow
    bare: float
    judged: float
    batches: float = 1.0

    def open(self) -> Calls:
        return {"extractor": 1} if self.flow.extract else {}

    def write(self) -> Calls:
        """The calls before any solver. A batch of candidates is screened by the verifier's seat, but in a baseline."""
        flow, several = self.flow, self.flow.candidates > 1 and not self.settings.baseline
        calls: Calls = {}
        if flow.write == "challenger":
            calls["challenger"] = flow.candidates * self.batches if several else 1
        elif self.bare and flow.grading == "rubric":
            calls["challenger"] = self.bare
        if flow.verify or several:
            calls["verifier"] = flow.verify + (self.batches if several else 0)
        return calls

    def round(self, *, strong: bool = True) -> Calls:
        policy = self.settings.policy
        answers = policy.weak_rollouts + (policy.strong_rollouts if strong else 0)
        judged = 1.0 if self.flow.grading == "rubric" else self.judged
        calls: Calls = {"weak": policy.weak_rollouts, "judge": answers * judged}
        if strong:
            calls["strong"] = policy.strong_rollouts
        if policy.rule == "loop_judge":
            calls["loop_judge"] = 1
        return _add(self.write(), calls)

    def end(self) -> Calls:
        final = self.settings.final_review and self.flow.verify and not self.settings.baseline
        return {"verifier": 1} if final else {}


def _add(*parts: Calls) -> Calls:
    total: Calls = {}
    for part in parts:
        for role, count in part.items():
            total[role] = total.get(role, 0) + count
    return total


def _scale(part: Calls, factor: float) -> Calls:
    return {role: count * factor for role, count in part.items()}


def _add_tokens(
    case: Calls, settings: RunSettings, recipe: Recipe, sources: Sequence[Source], *, longest: bool
) -> dict[Role, Use]:
    """Calls per source as the use of every seat over all sources."""
    uses: dict[Role, Use] = {}
    document = _measure_documents(recipe, sources)
    for role, count in case.items():
        calls = round(count * len(sources))
        limit, written = settings.seats.seat(role).max_tokens, WRITTEN_TOKENS[role]
        if limit is not None:
            written = limit if longest else min(limit, written)
        prompt = _READ[role](document) + _measure_templates(recipe, role)
        if role == "challenger":
            shown = min(recipe.limits.failures_shown, settings.rounds - 1)
            prompt += FAILURE_TOKENS * (shown if longest else shown // 4)
        simulated = calls if settings.seats.endpoint_of(role).simulated else 0
        uses[role] = Use(calls, calls, 0, simulated, round(prompt * calls), written * calls)
    return uses


_READ: dict[Role, Callable[[float], float]] = {
    "extractor": lambda document: document,
    "challenger": lambda document: document,
    "verifier": lambda document: document + TASK_TOKENS,
    "weak": lambda document: QUESTION_TOKENS,
    "strong": lambda document: QUESTION_TOKENS,
    "judge": lambda document: TASK_TOKENS + WRITTEN_TOKENS["weak"],
    "loop_judge": lambda document: 3 * TASK_TOKENS,
}
"""Tokens of what a seat reads beside its templates, from those of an average document."""


def _measure_documents(recipe: Recipe, sources: Sequence[Source]) -> float:
    """Mean tokens of a document as it is sent."""
    return fmean(min(len(source.text), recipe.limits.document_max) for source in sources) / CHARS_PER_TOKEN


def _measure_templates(recipe: Recipe, role: Role) -> float:
    files = (recipe.files.get(name, "") for name in (f"{role}.md", f"{role}_request.md"))
    return sum(len(text) for text in files) / CHARS_PER_TOKEN
