"""Plain facts of the record that make a task worth a look first. Cheap, deterministic, computed at ingest.

These are not the audit: they rank the queue, and each is named in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodata.model import Criterion
from autodata.scoring import share_of_gap

SAME, DIFFERS, DECLARED, NOT_RECORDED, ONE_SIDE = "same", "differs", "declared", "not recorded", "one side"
"""Parity of weak and strong requests: equal but for model and seed, different, different only in what the signed
contract allows, requests missing from the record, or only one side was asked."""

ENDING_NOT_RECORDED = "not_recorded"
"""Status of an imported answer of which nobody wrote down whether it was cut off."""

_DIRTY = ("truncated", "empty", "refused")
_DIRTY_WORDS = {"truncated": "cut off", "empty": "empty", "refused": "refused"}
_NEAR = 0.03
_MANY_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class RiskReason:
    """One fact that makes a task worth a look first. `points` add up to the risk."""

    kind: str
    sentence: str
    points: float


@dataclass(frozen=True, slots=True)
class Answered:
    """One selecting rollout as the risk sees it; `core` and `bare` are None where no request was recorded."""

    solver: str
    status: str
    score: float | None
    answer_sha: str
    verdicts: Mapping[str, float]
    core: int | None
    bare: int | None


def compare_requests(answers: Sequence[Answered]) -> str:
    """The parity word of one round's requests."""
    weak = [a for a in answers if a.solver == "weak"]
    strong = [a for a in answers if a.solver == "strong"]
    if not weak or not strong:
        return ONE_SIDE
    if any(a.core is None for a in answers):
        return NOT_RECORDED
    if len({a.core for a in answers}) == 1:
        return SAME
    return DECLARED if len({a.bare for a in answers}) == 1 else DIFFERS


def find_reasons(
    round_data: Mapping[str, Any], gap_min: float | None, rubric: Sequence[Criterion], answers: Sequence[Answered]
) -> list[RiskReason]:
    """Reasons of one judged round, the heaviest first. `round_data` is the journal's `round` record."""
    found = [
        _weigh_parity(compare_requests(answers)),
        _weigh_flagged(round_data),
        *(_weigh_dirty(side, answers) for side in ("weak", "strong")),
        _weigh_largest_criterion(rubric, answers),
        _weigh_margin(round_data.get("gap"), gap_min),
        *(_weigh_identical(side, answers, short=not rubric) for side in ("weak", "strong")),
        _weigh_rounds(int(round_data["round"])),
    ]
    return sorted((reason for reason in found if reason), key=lambda reason: -reason.points)


def find_unchecked(
    answers: Sequence[Answered], rubric: Sequence[Criterion], gap_min: float | None, flagged: bool
) -> tuple[str, ...]:
    """Which of the facts above the record cannot answer, by the kind of reason they would give; none in a run of our
    own. `flagged`: the round says what it would be without flagged answers. Unchecked is neither clear nor alarming."""
    found = [] if flagged else ["outcome_flips"]
    for side in ("weak", "strong"):
        own = [a for a in answers if a.solver == side]
        if any(a.status == ENDING_NOT_RECORDED for a in own):
            found.append(f"{side}_ending")
        if any(not a.answer_sha and a.status not in ("empty", "failed") for a in own):
            found.append(f"{side}_identical")
    if not find_shares(rubric, answers):
        found.append("one_criterion")
    return (*found, "near_bar") if gap_min is None else tuple(found)


def _weigh_parity(parity: str) -> RiskReason | None:
    if parity == DIFFERS:
        return RiskReason("request_differs", "weak and strong requests differ", 5.0)
    if parity == DECLARED:
        return RiskReason("request_declared", "weak and strong requests differ as the contract allows", 1.0)
    if parity == NOT_RECORDED:
        return RiskReason("request_unknown", "requests were not recorded, so symmetry cannot be checked", 2.0)
    return None


def _weigh_flagged(round_data: Mapping[str, Any]) -> RiskReason | None:
    without = round_data.get("outcome_without_flagged")
    if not without or without == round_data["outcome"]:
        return None
    words = str(without).replace("_", " ")
    return RiskReason("outcome_flips", f"without its cut-off, refused and empty answers it would be {words}", 3.0)


def _weigh_dirty(side: str, answers: Sequence[Answered]) -> RiskReason | None:
    own = [a for a in answers if a.solver == side]
    dirty = [a.status for a in own if a.status in _DIRTY]
    if not dirty:
        return None
    worst = max(set(dirty), key=lambda status: (dirty.count(status), -_DIRTY.index(status)))
    verb = "was" if len(dirty) == 1 else "were"
    points = (2.0 if side == "weak" else 1.0) * len(dirty) / len(own)
    word = _DIRTY_WORDS[worst] if len(set(dirty)) == 1 else "cut off, empty or refused"
    return RiskReason(f"{side}_{worst}", f"{len(dirty)} of {len(own)} {side} answers {verb} {word}", points)


def _weigh_largest_criterion(rubric: Sequence[Criterion], answers: Sequence[Answered]) -> RiskReason | None:
    shares = find_shares(rubric, answers)
    total = sum(shares.values())
    if not shares or total <= 0:
        return None
    part = max(shares.values()) / total
    if part <= 0.5:
        return None
    return RiskReason("one_criterion", f"one criterion makes {part:.0%} of the gap".replace("%", " %"), 2.0)


def find_shares(rubric: Sequence[Criterion], answers: Sequence[Answered]) -> dict[str, float]:
    """Each criterion's share of the unclipped gap over the graded rollouts; empty where a side has none."""
    ids = {c.id for c in rubric}
    graded = [a for a in answers if a.score is not None and ids <= a.verdicts.keys()]
    if not any(c.weight > 0 for c in rubric):
        return {}
    weak = [a.verdicts for a in graded if a.solver == "weak"]
    strong = [a.verdicts for a in graded if a.solver == "strong"]
    return share_of_gap(rubric, weak, strong)


def _weigh_margin(gap: float | None, gap_min: float | None) -> RiskReason | None:
    if gap is None or gap_min is None or not 0 <= round(gap - gap_min, 9) <= _NEAR:
        return None
    return RiskReason("near_bar", f"gap {gap:+.2f} is within {_NEAR:.2f} of the bar {gap_min:.2f}", 1.5)


def _weigh_identical(side: str, answers: Sequence[Answered], *, short: bool) -> RiskReason | None:
    """`short`: answers to a verifiable task, where a few honest ones may be the same words, but hardly all of them."""
    shas = [a.answer_sha for a in answers if a.solver == side and a.answer_sha and a.status != "empty"]
    repeats = len(shas) - len(set(shas))
    if not repeats or (short and len(set(shas)) > 1):
        return None
    same = max(shas.count(sha) for sha in set(shas))
    return RiskReason(f"{side}_identical", f"{same} of {len(shas)} {side} answers are identical", 1.5)


def _weigh_rounds(number: int) -> RiskReason | None:
    if number < _MANY_ROUNDS:
        return None
    return RiskReason("many_rounds", f"it took {number} rounds, and luck grows with every round", 1.0)
