"""What a trainer may expect of a selection: how many tasks give no signal, how long things are, what is repeated.

The pass rates come from the rollouts that the acceptance rule looked at, so they are a little lucky: a task was kept
because its weak scores were low in those very rollouts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma
from typing import Any

from autodata.index.database import Index
from autodata.index.queries.dataset_stats import BINS, Lengths, Measures, Spread, measure_selection
from autodata.model import SOLVERS, Solver

GROUP_SIZES = (4, 8, 16)
BYTES_PER_TOKEN = 4.0
"""Of English text, for tokenizers with about 100,000 tokens; other languages take fewer bytes per token."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Shares of the tasks with weak scores. `all_zero` and `all_one`: every weak rollout scored 0, or 1; `equal`: all
    scored the same. `no_spread`: by group size, the expected share of GRPO groups without any advantage."""

    tasks: int
    all_zero: float | None
    all_one: float | None
    equal: float | None
    no_spread: Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class DatasetStats:
    """A selection as a trainer sees it. `tokens` are estimated from bytes where no server reported them."""

    measures: Measures
    signal: Signal
    truncated: Mapping[Solver, float | None]
    tokens: Mapping[str, Lengths]
    token_source: Mapping[str, str]
    total_tokens: float
    near_copies: float | None
    coverage: float | None

    def describe(self) -> dict[str, Any]:
        """Plain values for JSON."""
        m, signal = self.measures, self.signal
        return {
            "tasks": m.found,
            "missing": m.asked - m.found,
            "simulated": m.simulated,
            "weak_pass_rate": {"bins": list(m.weak_bins), "width": 1 / BINS},
            "strong_pass_rate": {"bins": list(m.strong_bins), "width": 1 / BINS},
            "gap": {"bins": list(m.gap_bins), "width": 1 / BINS},
            "no_signal": {
                "tasks": signal.tasks,
                "all_zero": signal.all_zero,
                "all_one": signal.all_one,
                "all_equal": signal.equal,
                "expected_groups_without_spread": {str(size): share for size, share in signal.no_spread.items()},
            },
            "endings": {
                solver: {"statuses": m.endings[solver].statuses, "truncated": self.truncated[solver]}
                for solver in SOLVERS
            },
            "tokens": {
                name: {"from": self.token_source[name], **_describe_lengths(found)}
                for name, found in self.tokens.items()
            },
            "total_tokens": self.total_tokens,
            "criteria": _describe_lengths(m.criteria) if m.criteria else None,
            "near_copies": {
                "share": self.near_copies,
                "tasks": m.clustered,
                "groups": m.clusters,
                "audited": m.audited,
            },
            "repeated_prompts": m.repeated,
            "sources": {
                "used": m.sources,
                "in_runs": m.run_sources,
                "coverage": self.coverage,
                "documents": m.documents,
                "most_tasks_of_one": m.largest_source,
            },
            "bands": m.bands,
            "tags": m.tags,
            "question_types": m.question_types,
            "domains": m.domains,
            "parity": m.parities,
            "rounds": {str(number): n for number, n in m.rounds.items()},
        }


def measure_dataset(index: Index, task_ids: Sequence[str]) -> DatasetStats:
    """What a trainer may expect of these tasks."""
    measures = measure_selection(index, task_ids)
    estimated = {name: _scale(found) for name, found in measures.bytes.items()}
    tokens = {name: measures.tokens.get(name, found) for name, found in estimated.items()}
    # A server that reports tokens for some answers only would give a length of those alone.
    partial = {name for name, found in measures.tokens.items() if found.n < 0.9 * estimated.get(name, found).n}
    tokens |= {name: estimated[name] for name in partial if name in estimated}
    reported = {name for name in tokens if name in measures.tokens and name not in partial}
    prompts, answers = tokens.get("prompt"), estimated.get("reference")
    return DatasetStats(
        measures=measures,
        signal=measure_signal(measures.spreads["weak"]),
        truncated={
            solver: _share(measures.endings[solver].cut, measures.endings[solver].rollouts) for solver in SOLVERS
        },
        tokens=tokens,
        token_source={name: "reported" if name in reported else "estimated" for name in tokens},
        total_tokens=(prompts.total if prompts else 0.0) + (answers.total if answers else 0.0),
        near_copies=_share(measures.clustered - measures.clusters, measures.audited),
        coverage=_share(measures.sources, measures.run_sources),
    )


def measure_signal(spreads: Sequence[Spread], sizes: Sequence[int] = GROUP_SIZES) -> Signal:
    """Tasks that would teach GRPO nothing, among those with at least one weak score."""
    total = sum(spread.tasks for spread in spreads)

    def share(chosen: int) -> float | None:
        return chosen / total if total else None

    return Signal(
        tasks=total,
        all_zero=share(sum(one.tasks for one in spreads if one.zeros == one.graded)),
        all_one=share(sum(one.tasks for one in spreads if one.ones == one.graded)),
        equal=share(sum(one.tasks for one in spreads if one.equal)),
        no_spread={
            size: sum(one.tasks * expect_no_spread(one, size) for one in spreads) / total if total else None
            for size in sizes
        },
    )


def expect_no_spread(spread: Spread, size: int) -> float:
    """Chance that `size` fresh rollouts of such a task all score 0, or all 1, so that no advantage is left.

    The chance of one extreme score is unknown; it is given a uniform prior and averaged out: with s of k rollouts
    there, E[p^G] = B(1 + s + G, 1 + k - s) / B(1 + s, 1 + k - s). A score between the extremes is taken to be met by no
    other rollout exactly, which a rubric with few criteria can break.
    """
    if spread.binary:
        ones = spread.graded - spread.zeros
        return _expect_power(spread.zeros, spread.graded, size) + _expect_power(ones, spread.graded, size)
    # Zero, one and between share one uniform prior; each extreme alone is then Beta(1 + s, 2 + the others).
    extremes = (spread.zeros, spread.ones)
    return sum(_expect_power(here, spread.graded, size, prior=2.0) for here in extremes)


def _expect_power(successes: int, trials: int, power: int, prior: float = 1.0) -> float:
    a, b = 1.0 + successes, prior + trials - successes
    return exp(lgamma(a + power) + lgamma(a + b) - lgamma(a) - lgamma(a + b + power))


def _scale(found: Lengths) -> Lengths:
    values = (found.mean, found.median, found.p95, found.largest, found.total)
    return Lengths(found.n, *(value / BYTES_PER_TOKEN for value in values))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _describe_lengths(found: Lengths) -> dict[str, float]:
    return {
        "n": found.n,
        "mean": found.mean,
        "median": found.median,
        "p95": found.p95,
        "largest": found.largest,
        "total": found.total,
    }
