"""The keep rule: is a child recipe better than its parent? A paired sequential test with an exact false-keep rate.

Every pair holds two fresh outcomes of one held-out source: the parent's, measured again, and the child's. Pairs in
which both pass or both fail say nothing about the difference. In the others, if the child changes nothing, which of the
two passed is a fair coin, whatever the source's difficulty and however often it was used (McNemar 1947,
doi:10.1007/BF02295996). With b pairs for the child and c for the parent, the child is kept at the first pair at which

    b - c >= k(n),   P(a fair walk has reached k by the n-th of N pairs) <= α (n / N)^ρ   for every n.

The right side spends the allowed false-keep rate α over the pairs (Lan and DeMets 1983, doi:10.1093/biomet/70.3.659;
power family: Kim and DeMets 1987, doi:10.1093/biomet/74.1.149). The left side is computed exactly, pair by pair, by the
recursion of Armitage, McPherson and Rowe (1969, doi:10.2307/2343787). So a child without effect is kept at most with
probability α, and a worse one less often, at whatever moments one looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, sqrt
from statistics import NormalDist
from typing import Literal

from autodata.binomial import find_upper_bound
from autodata.errors import BadInput

State = Literal["keep", "discard", "more"]
Reason = Literal["gain", "no_gain_and_longer", "no_difference", "futile", "pairs_used_up", "waiting"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Fresh outcomes of one held-out source: whether a task was accepted; None where infrastructure left it open."""

    source: str
    parent: bool | None
    child: bool | None

    @property
    def complete(self) -> bool:
        return self.parent is not None and self.child is not None


@dataclass(frozen=True, slots=True)
class KeepSettings:
    """Numbers of the rule. Rates and gains are shares in [0, 1]."""

    false_keep: float = 0.095
    """α: most often that a child without any effect is kept."""
    pairs_max: int = 150
    """N: pairs after which a child that has not shown a gain is discarded."""
    pairs_min: int = 10
    """Pairs before which nothing is decided."""
    spending: float = 1.0
    """ρ: 1 spends α evenly over the pairs; more saves it for the end."""
    gain: float = 0.15
    """The gain that is worth finding: futility is judged against it."""
    futility: float = 0.40
    """Discard when the chance of still keeping a child of that gain is below this."""
    confidence: float = 0.90
    """Of the interval of the difference."""

    def __post_init__(self) -> None:
        for name in ("false_keep", "gain", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise BadInput(f"keep rule: {name} is {getattr(self, name):g}; it is a share between 0 and 1")
        if not 0 <= self.futility < 1:
            raise BadInput(f"keep rule: futility is {self.futility:g}; it is a share from 0 to below 1 (0: never)")
        if not 1 <= self.pairs_min <= self.pairs_max:
            raise BadInput(f"keep rule: pairs_min {self.pairs_min} is not between 1 and pairs_max {self.pairs_max}")
        if self.spending <= 0:
            raise BadInput(f"keep rule: spending is {self.spending:g}; it must be above 0")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pairs come to. Rates and their difference (child minus parent) are shares."""

    state: State
    reason: Reason
    evidence: str
    """One sentence for a page: counts, lead, lead needed."""
    n: int
    """Complete pairs that were looked at; those past the decision are not."""
    child_alone: int
    parent_alone: int
    needed: int | None
    """Lead k at which the child is kept at this point; None where no lead would do yet."""
    parent_rate: float
    child_rate: float
    lower: float
    upper: float
    """Ordinary interval of the difference at the stop (Agresti and Min 2005, doi:10.1002/sim.1781). A test that stops
    early on a high lead overstates it, which is why the winner is measured again on sources nobody selected by."""

    @property
    def lead(self) -> int:
        return self.child_alone - self.parent_alone

    @property
    def difference(self) -> float:
        return self.child_rate - self.parent_rate


def decide(pairs: Sequence[Pair], settings: KeepSettings | None = None, *, longer: bool = False) -> Decision:
    """Walk the pairs in the order given and stop at the first that decides; `more` when none does yet.

    Incomplete pairs are left out. `longer`: the child has more text than its parent; half-way it then needs a lead of
    at least one to go on (no gain and longer: discard). The same pairs always give the same decision.
    """
    rule = settings or KeepSettings()
    boundary = Boundary(rule)
    parent = child = alone = other = n = 0
    needed: int | None = None
    for pair in pairs:
        if not pair.complete:
            continue
        n += 1
        parent, child = parent + bool(pair.parent), child + bool(pair.child)
        alone, other = alone + bool(pair.child > pair.parent), other + bool(pair.child < pair.parent)  # type: ignore[operator]
        needed = boundary.take(discordant=pair.parent != pair.child)
        if stop := _find_stop(rule, n, alone, other, needed, longer=longer):
            return _make_decision(rule, *stop, n, parent, child, alone, other, needed)
        if n == rule.pairs_max:
            return _make_decision(rule, "discard", "pairs_used_up", n, parent, child, alone, other, needed)
    return _make_decision(rule, "more", "waiting", n, parent, child, alone, other, needed)


class Boundary:
    """The lead at which a child is kept, pair by pair; knows which pairs were discordant, never who won them."""

    def __init__(self, rule: KeepSettings) -> None:
        self._rule = rule
        self._pairs = 0
        self._discordant = 0
        self.spent = 0.0
        """Probability that a fair walk over these discordant pairs has been kept by now; never above α."""
        self._leads = {0: 1.0}
        """Probability of each lead of a fair walk that has not been kept."""

    def take(self, *, discordant: bool) -> int | None:
        """The lead needed after one more pair; None where even the highest possible one would not do."""
        rule, self._pairs = self._rule, self._pairs + 1
        if discordant:
            self._discordant += 1
            self._step()
        if self._pairs < rule.pairs_min:
            return None
        allowed = rule.false_keep * (min(self._pairs, rule.pairs_max) / rule.pairs_max) ** rule.spending
        needed, tail = self._discordant + 1, self.spent
        for lead in sorted(self._leads, reverse=True):
            if lead < 1 or tail + self._leads[lead] > allowed:
                break
            tail, needed = tail + self._leads[lead], lead
        for lead in [lead for lead in self._leads if lead >= needed]:
            del self._leads[lead]
        self.spent = tail
        return needed if needed <= self._discordant else None

    def _step(self) -> None:
        moved: dict[int, float] = {}
        for lead, share in self._leads.items():
            moved[lead - 1] = moved.get(lead - 1, 0.0) + share / 2
            moved[lead + 1] = moved.get(lead + 1, 0.0) + share / 2
        self._leads = moved


def find_interval(child_alone: int, parent_alone: int, pairs: int, confidence: float) -> tuple[float, float]:
    """Interval of the paired difference of two shares: Wald's with half a pair added to each of the four cells.

    Agresti and Min (2005), doi:10.1002/sim.1781. (-1, 1) without pairs.
    """
    if not pairs:
        return -1.0, 1.0
    total, b, c = pairs + 2.0, child_alone + 0.5, parent_alone + 0.5
    difference = (b - c) / total
    error = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(max(0.0, b + c - (b - c) ** 2 / total)) / total
    return max(-1.0, difference - error), min(1.0, difference + error)


def find_conditional_power(rule: KeepSettings, n: int, child_alone: int, parent_alone: int) -> float:
    """Chance that a child of the gain worth finding would still be kept, by the normal approximation at the last pair.

    Stochastic curtailment: Lan and Wittes (1988), doi:10.2307/2531870. Discordant pairs are expected to stay as
    frequent as they were (one more of two pairs added, so that none seen yet is not taken for never).
    """
    left, lead = rule.pairs_max - n, child_alone - parent_alone
    frequency = max((child_alone + parent_alone + 1) / (n + 2), rule.gain)
    needed = NormalDist().inv_cdf(1 - rule.false_keep) * sqrt(child_alone + parent_alone + frequency * left)
    spread = sqrt(max(1e-12, left * (frequency - rule.gain**2)))
    return erfc((needed - lead - rule.gain * left) / spread / sqrt(2)) / 2


@lru_cache(maxsize=20_000)
def _bound_share(count: int, of: int, confidence: float) -> float:
    return find_upper_bound(count, of, confidence)


def _find_stop(
    rule: KeepSettings, n: int, alone: int, other: int, needed: int | None, *, longer: bool
) -> tuple[State, Reason] | None:
    if needed is not None and alone - other >= needed:
        return "keep", "gain"
    if n < rule.pairs_min or n == rule.pairs_max:
        return None
    if longer and 2 * n >= rule.pairs_max and alone <= other:
        return "discard", "no_gain_and_longer"
    # A gain is at most the share of pairs in which the two differ.
    if _bound_share(alone + other, n, rule.confidence) < rule.gain:
        return "discard", "no_difference"
    if find_conditional_power(rule, n, alone, other) < rule.futility:
        return "discard", "futile"
    return None


def _make_decision(
    rule: KeepSettings,
    state: State,
    reason: Reason,
    n: int,
    parent: int,
    child: int,
    alone: int,
    other: int,
    needed: int | None,
) -> Decision:
    lower, upper = find_interval(alone, other, n, rule.confidence)
    return Decision(
        state=state,
        reason=reason,
        evidence=_describe(rule, reason, n, alone, other, needed),
        n=n,
        child_alone=alone,
        parent_alone=other,
        needed=needed,
        parent_rate=parent / n if n else 0.0,
        child_rate=child / n if n else 0.0,
        lower=lower,
        upper=upper,
    )


def _describe(rule: KeepSettings, reason: Reason, n: int, alone: int, other: int, needed: int | None) -> str:
    lead = alone - other
    wanted = "no lead would be enough yet" if needed is None else f"{needed} needed"
    counts = f"{n} pairs: the child alone passed {alone}, the parent alone {other} (lead {lead:+d}, {wanted})"
    endings: dict[Reason, str] = {
        "gain": "a lead that a child without effect reaches this early with too small a chance to doubt it",
        "no_gain_and_longer": "half of the pairs are used, the child is no better and longer",
        "no_difference": f"the two end alike too often for a gain of {100 * rule.gain:.0f} points",
        "futile": f"a gain of {100 * rule.gain:.0f} points would hardly show any more",
        "pairs_used_up": "all pairs are used without a proven gain",
        "waiting": f"undecided, at most {rule.pairs_max} pairs",
    }
    return f"{counts}; {endings[reason]}"
