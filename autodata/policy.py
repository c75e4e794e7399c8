"""The acceptance rule as a value: named presets, or custom numbers checked for being satisfiable at all.

Three kinds of rule: thresholds on rubric scores, exact counts of right answers, and the loop judge's word. Sources of
the presets: paper Sec 3.1 (prose), App C.1 Fig 7 (deployed), Sec 4 (meta), Sec 2.1 (majority), Fig 15 (exact), Sec 3.2
with Fig 10 (two_layer); the public write-ups before it (blog_v1, blog_v1_meta, blog_v2).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.model import AnswerRule, AnswerStatus, Solver

Rule = Literal["thresholds", "counts", "loop_judge"]
"""What decides: bounds on the scores, how many answers are right, or the code filters and then the loop judge."""

ZeroRule = Literal["ignore", "not_all_zero", "no_single_zero"]
"""How weak zeros are read: not at all, refuse when every weak answer scores 0, refuse when any one does."""


class Policy(BaseModel):
    """An acceptance rule over one round's scores. Means and bests are in [0, 1], the gap in [-1, 1].

    Bounds on means, bests and gap belong to `thresholds`, the two counts to `counts`; the loop judge has no numbers.
    The spread bound and the answer rules hold under every rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = "custom"
    rule: Rule = "thresholds"
    weak_rollouts: int = Field(3, ge=1, le=32)
    strong_rollouts: int = Field(3, ge=1, le=32)
    weak_correct_max: int | None = Field(None, ge=0)
    """Most weak answers that may be right; right is a score of 1."""
    strong_correct_min: int | None = Field(None, ge=0)
    """Fewest strong answers that must be right."""
    weak_spread_min: float | None = Field(None, ge=0, le=0.5)
    """Smallest standard deviation (population) of the weak scores; below it there is nothing to learn from."""
    weak_mean_max: float = 1.0
    weak_mean_inclusive: bool = True
    weak_best_max: float | None = None
    zero_rule: ZeroRule = "ignore"
    strong_mean_min: float = 0.0
    strong_mean_min_inclusive: bool = True
    strong_mean_max: float | None = None
    """Exclusive upper bound of the strong mean; None for no bound."""
    gap_min: float = -1.0
    truncated: AnswerRule = "graded"
    refused: AnswerRule = "graded"
    empty: AnswerRule = "excluded"
    min_graded: int = Field(2, ge=1)
    """Fewest graded answers per side that may decide; below it the round is undecided (at most the rollouts)."""
    weak_min_graded: int | None = Field(None, ge=1)
    """The same for the weak side alone, where it differs."""

    @model_validator(mode="after")
    def _check_units(self) -> Policy:
        """65 meant as 65 % would switch a bound off without a word."""
        for name in ("weak_mean_max", "weak_best_max", "strong_mean_max"):
            value = getattr(self, name)
            if value is not None and value > 1:
                raise ValueError(f"{name} = {value:g} is above 1: scores run from 0 to 1, so 65 % is 0.65")
        return self

    @model_validator(mode="after")
    def _check_rule(self) -> Policy:
        """Numbers of another rule would be shown and never applied."""
        counts = (self.weak_correct_max, self.strong_correct_min)
        if self.rule == "counts" and None in counts:
            raise ValueError("rule counts needs weak_correct_max and strong_correct_min")
        if self.rule != "counts" and counts != (None, None):
            raise ValueError(f"weak_correct_max and strong_correct_min belong to rule counts, not to {self.rule}")
        foreign = [name for name, idle in _THRESHOLDS.items() if getattr(self, name) != idle]
        if self.rule != "thresholds" and foreign:
            raise ValueError(f"{foreign[0]} belongs to rule thresholds, not to {self.rule}")
        return self

    @model_validator(mode="after")
    def _check_satisfiable(self) -> Policy:
        reasons = list_contradictions(self)
        if reasons:
            raise ValueError("no score can satisfy this policy: " + "; ".join(reasons))
        return self

    @property
    def sha(self) -> str:
        return hash_value(self.model_dump())

    def rollouts(self, solver: Solver) -> int:
        """Rollouts of one round on one side."""
        return self.weak_rollouts if solver == "weak" else self.strong_rollouts

    def needed(self, solver: Solver) -> int:
        """Fewest graded answers of one side that may decide."""
        own = self.weak_min_graded if solver == "weak" else None
        return min(own or self.min_graded, self.rollouts(solver))

    def rule_for(self, status: AnswerStatus) -> AnswerRule:
        """What becomes of an answer that ended so; a failed one is never a score."""
        fixed: dict[AnswerStatus, AnswerRule] = {"ok": "graded", "failed": "excluded"}
        return fixed.get(status) or getattr(self, status)


_THRESHOLDS: dict[str, float | str | bool | None] = {
    "weak_mean_max": 1.0,
    "weak_best_max": None,
    "zero_rule": "ignore",
    "strong_mean_min": 0.0,
    "strong_mean_max": None,
    "gap_min": -1.0,
}
"""The bounds of rule thresholds, each with the value at which it bounds nothing."""


def list_contradictions(policy: Policy) -> list[str]:
    """Why no pair of scores in [0, 1] could pass, as sentences; empty when one could."""
    reasons = []
    if policy.weak_correct_max is not None and policy.weak_correct_max >= policy.weak_rollouts:
        reasons.append(
            f"weak_correct_max = {policy.weak_correct_max} bounds nothing with {policy.weak_rollouts} answers"
        )
    if policy.strong_correct_min is not None and policy.strong_correct_min > policy.strong_rollouts:
        reasons.append(f"{policy.strong_correct_min} of {policy.strong_rollouts} strong answers cannot be right")
    # An answer left out may leave fewer, and two answers can lie further apart than three.
    counted = range(policy.needed("weak"), policy.weak_rollouts + 1)
    reachable = max(max_spread(answers) for answers in counted)
    if policy.weak_spread_min is not None and policy.weak_spread_min > reachable:
        reasons.append(
            f"a weak spread of {policy.weak_spread_min:g} is out of reach: with {policy.weak_rollouts} rollouts it is "
            f"{reachable:.2f} at most"
        )
    ceiling = 1.0 if policy.strong_mean_max is None else policy.strong_mean_max
    zero_refused = policy.zero_rule != "ignore"
    if policy.weak_mean_max < 0 or (policy.weak_mean_max == 0 and not policy.weak_mean_inclusive):
        reasons.append(f"weak mean would have to be below 0 (weak_mean_max = {policy.weak_mean_max})")
    if policy.weak_best_max is not None and policy.weak_best_max < 0:
        reasons.append(f"the best weak score would have to be below 0 (weak_best_max = {policy.weak_best_max})")
    if zero_refused and (policy.weak_mean_max <= 0 or policy.weak_best_max == 0):
        reasons.append("weak must be 0 and must not be 0 (zero_rule with weak_mean_max or weak_best_max)")
    if policy.strong_mean_min > 1 or (policy.strong_mean_min == 1 and not policy.strong_mean_min_inclusive):
        reasons.append(f"strong mean would have to exceed 1 (strong_mean_min = {policy.strong_mean_min})")
    if policy.strong_mean_max is not None and policy.strong_mean_max <= max(0.0, policy.strong_mean_min):
        at_least = max(0.0, policy.strong_mean_min)
        reasons.append(f"strong mean would have to be at least {at_least} and below {policy.strong_mean_max}")
    below_ceiling = zero_refused or policy.strong_mean_max is not None
    if policy.gap_min > ceiling or (policy.gap_min == ceiling and below_ceiling):
        weak = "above 0" if zero_refused else "at least 0"
        strong = f"below {ceiling}" if policy.strong_mean_max is not None else f"at most {ceiling}"
        reasons.append(f"a gap of {policy.gap_min} is out of reach: strong stays {strong}, weak is {weak}")
    return reasons


def max_spread(answers: int) -> float:
    """The largest population standard deviation of `answers` scores in [0, 1]: half of them 0 and half 1."""
    ones = answers // 2
    return (ones * (answers - ones)) ** 0.5 / answers


PRESETS: dict[str, Policy] = {
    "prose": Policy(name="prose", weak_mean_max=0.50, weak_mean_inclusive=False, strong_mean_min=0.65, gap_min=0.20),
    "deployed": Policy(
        name="deployed",
        weak_mean_max=0.65,
        weak_best_max=0.75,
        zero_rule="not_all_zero",
        strong_mean_min=0.60,
        strong_mean_max=0.95,
        gap_min=0.20,
    ),
    "strict": Policy(
        name="strict",
        weak_mean_max=0.30,
        weak_mean_inclusive=False,
        strong_mean_min=0.80,
        strong_mean_min_inclusive=False,
        gap_min=0.20,
    ),
    "meta": Policy(
        name="meta", weak_mean_max=0.65, weak_best_max=0.75, strong_mean_min=0.60, strong_mean_max=0.95, gap_min=0.20
    ),
    "blog_v1": Policy(
        name="blog_v1", weak_mean_max=0.50, weak_mean_inclusive=False, strong_mean_min=0.65, gap_min=0.15
    ),
    "blog_v1_meta": Policy(name="blog_v1_meta", weak_mean_max=0.50, strong_mean_min=0.60, gap_min=0.25),
    "blog_v2": Policy(name="blog_v2", weak_mean_max=0.65, gap_min=0.20),
    "majority": Policy(
        name="majority", rule="counts", weak_correct_max=1, strong_correct_min=2, empty="graded", min_graded=3
    ),
    "exact": Policy(
        name="exact",
        rule="counts",
        weak_rollouts=4,
        strong_rollouts=4,
        weak_correct_max=1,
        strong_correct_min=3,
        empty="graded",
        min_graded=4,
    ),
    "two_layer": Policy(
        name="two_layer", rule="loop_judge", weak_rollouts=5, strong_rollouts=3, weak_min_graded=4, min_graded=2
    ),
}


def make_policy(name: str = "deployed", **changes: Any) -> Policy:
    """A preset by name with some values changed; changed values turn its name into `custom`.

    Raises BadInput for an unknown name, an unknown or impossible value, or a rule nothing can satisfy.
    """
    if name not in PRESETS:
        raise BadInput(f"policy {name!r} is unknown; choose one of {', '.join(PRESETS)}, or custom values")
    base = PRESETS[name].model_dump()
    if not {key: value for key, value in changes.items() if base.get(key, ...) != value}:
        return PRESETS[name]
    return parse_policy({**base, "name": "custom", **changes})


def parse_policy(values: dict[str, Any]) -> Policy:
    """A policy from plain values, e.g. of a journal or a form; raises BadInput naming what is wrong."""
    try:
        return Policy(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise BadInput(f"policy: {where + ': ' if where else ''}{message}") from error
