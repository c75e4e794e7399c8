"""The acceptance rule as a value: named presets, or custom numbers checked for being satisfiable at all.

Sources of the presets: paper Sec 3.1 (prose), App C.1 Fig 7 (deployed prompt).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from autodata.canon import hash_value
from autodata.errors import BadInput
from autodata.model import AnswerRule

ZeroRule = Literal["ignore", "not_all_zero", "no_single_zero"]
"""How weak zeros are read: not at all, refuse when every weak answer scores 0, refuse when any one does."""


class Policy(BaseModel):
    """An acceptance rule over one round's scores. Means and bests are in [0, 1], the gap in [-1, 1]."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = "custom"
    weak_rollouts: int = Field(3, ge=1, le=32)
    strong_rollouts: int = Field(3, ge=1, le=32)
    weak_mean_max: float
    weak_mean_inclusive: bool = True
    weak_best_max: float | None = None
    zero_rule: ZeroRule = "ignore"
    strong_mean_min: float
    strong_mean_min_inclusive: bool = True
    strong_mean_max: float | None = None
    """Exclusive upper bound of the strong mean; None for no bound."""
    gap_min: float
    truncated: AnswerRule = "graded"
    refused: AnswerRule = "graded"
    empty: AnswerRule = "excluded"
    min_graded: int = Field(2, ge=1)
    """Fewest graded answers per side that may decide; below it the round is undecided (at most the rollouts)."""

    @model_validator(mode="after")
    def _check_units(self) -> Policy:
        """65 meant as 65 % would switch a bound off without a word."""
        for name in ("weak_mean_max", "weak_best_max", "strong_mean_max"):
            value = getattr(self, name)
            if value is not None and value > 1:
                raise ValueError(f"{name} = {value:g} is above 1: scores run from 0 to 1, so 65 % is 0.65")
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


def list_contradictions(policy: Policy) -> list[str]:
    """Why no pair of scores in [0, 1] could pass, as sentences; empty when one could."""
    reasons = []
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
