"""What a foreign round comes to here: scores by our formula where they can be had, and the claim checked against them.

A round the source rejected is never accepted here, and one it accepted only where both sides are measured under our
formula and nothing speaks against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autodata.acceptance import (
    Acceptance,
    Graded,
    decide_acceptance,
    decide_under_presets,
    exclude_flagged,
    find_band,
)
from autodata.clauses import Clause
from autodata.errors import BadInput, MalformedReply
from autodata.importing.values import ForeignRollout, ForeignRound, ForeignTask
from autodata.model import AnswerStatus, Band, Outcome, Score
from autodata.policy import Policy
from autodata.scoring import mean_score, score_verdicts

NOT_RECORDED = "not_recorded"
"""Status of an answer of which nobody wrote down how it ended."""

_FINISHES = {"stop": "ok", "eos": "ok", "end_turn": "ok", "stop_sequence": "ok", "length": "truncated"} | {
    "max_tokens": "truncated",
    "content_filter": "refused",
    "refusal": "refused",
}
_ROUNDING = 0.0051
"""The largest difference between a stated score and ours that rounding to two decimals explains."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A rollout with our score: its parts where marks give them, else its value alone; None where there is none."""

    rollout: ForeignRollout
    status: str
    parts: Score | None
    value: float | None
    note: str

    @property
    def failed(self) -> bool:
        return self.status == "failed"

    @property
    def graded(self) -> Graded:
        """The answer as acceptance sees it. How it ended is not counted against it where nobody recorded that."""
        status: AnswerStatus = "ok" if self.status == NOT_RECORDED else self.status  # type: ignore[assignment]
        return Graded(status, self.value)


@dataclass(frozen=True, slots=True)
class Settled:
    """A round as it will be recorded. `strong` is None where that side was not asked; means and gap are None where they
    were not measured under our formula; `differs` says where the claim and the recorded scores part, or "";
    `without_flagged`, what the scores would come to without flagged answers, where their endings are recorded."""

    outcome: Outcome
    reason: str
    weak: tuple[Scored, ...]
    strong: tuple[Scored, ...] | None
    weak_mean: float | None
    strong_mean: float | None
    gap: float | None
    band: Band | None
    clauses: tuple[Clause, ...]
    presets: dict[str, Outcome]
    differs: str = ""
    without_flagged: Outcome | None = None


def settle_round(item: ForeignRound, policy: Policy | None) -> Settled:
    """Score a round, decide it again where that can be done, and compare with what its source says."""
    weak = tuple(score_rollout(rollout, item.task) for rollout in item.of("weak"))
    strong = tuple(score_rollout(rollout, item.task) for rollout in item.of("strong"))
    asked = strong if strong or item.strong_run else None
    measured = _is_measured(weak) and (asked is None or _is_measured(asked))
    acceptance = None
    presets: dict[str, Outcome] = {}
    sides = [s.graded for s in weak], None if asked is None else [s.graded for s in asked]
    if measured:
        presets = decide_under_presets(*sides)
        acceptance = decide_acceptance(policy, *sides) if policy else None
    weak_mean = acceptance.weak_mean if acceptance else _mean_of(weak)
    strong_mean = acceptance.strong_mean if acceptance else _mean_of(strong)
    settled = Settled(
        outcome="undecided",
        reason="",
        weak=weak,
        strong=asked,
        weak_mean=weak_mean,
        strong_mean=strong_mean,
        gap=None if weak_mean is None or strong_mean is None else strong_mean - weak_mean,
        band=find_band(policy, weak_mean, strong_mean) if policy else None,
        clauses=acceptance.clauses if acceptance else (),
        presets=presets,
    )
    # Numbers alone cannot accept where a loop judge decides: without its word the round stays open.
    silent = item.claim.outcome is None and policy is not None and policy.rule == "loop_judge"
    acceptance = None if silent else acceptance
    outcome, reason, differs = _decide(item, settled, acceptance)
    flips = None
    known = all(scored.status != NOT_RECORDED for scored in (*weak, *strong))
    if policy and acceptance and known and outcome == acceptance.outcome:
        flips = decide_acceptance(exclude_flagged(policy), *sides).outcome
    return replace(settled, outcome=outcome, reason=reason, differs=differs, without_flagged=flips)


def score_rollout(rollout: ForeignRollout, task: ForeignTask | None) -> Scored:
    """Our score of one answer: from its marks, else as stated under our formula, else none with the reason."""
    status = rollout.status or _find_status(rollout)
    if rollout.failure or status == "failed":
        return Scored(rollout, "failed", None, None, _join_notes(rollout, None, f"not graded: {rollout.failure}"))
    parts, problem = _score_marks(rollout, task)
    stated = rollout.stated.scaled if rollout.stated else None
    value = parts.value if parts else rollout.score if rollout.score is not None else stated
    return Scored(rollout, status, parts, value, _join_notes(rollout, value, problem))


def _score_marks(rollout: ForeignRollout, task: ForeignTask | None) -> tuple[Score | None, str]:
    if not rollout.marks:
        return None, ""
    if task is None or not task.rubric:
        return None, "marks are recorded and the rubric is not"
    try:
        return score_verdicts(task.rubric, {own: mark.met for own, mark in rollout.marks.items()}), ""
    except (MalformedReply, BadInput) as error:
        return None, str(error)


def _find_status(rollout: ForeignRollout) -> str:
    if rollout.answer is not None and not rollout.answer.strip():
        return "empty"
    return _FINISHES.get(rollout.finish_reason or "", NOT_RECORDED)


def _join_notes(rollout: ForeignRollout, value: float | None, problem: str) -> str:
    """What a reader of this answer should know, as sentences."""
    notes = [] if rollout.answer is not None else ["The answer was not recorded."]
    if problem:
        notes.append(f"{problem[:1].upper()}{problem[1:]}.")
    stated = rollout.stated
    if stated and stated.value is None:
        notes.append(f"No score: {stated.reason}.")
    elif stated and stated.value is not None:
        words = f"Stated score {stated.value:g} on a scale from {stated.low:g} to {stated.high:g} ({stated.formula})"
        if value is None:
            notes.append(f"{words}; not comparable: {stated.reason or 'it lies outside its own scale'}.")
        elif abs((stated.value - stated.low) / ((stated.high - stated.low) or 1) - value) > _ROUNDING:
            notes.append(f"{words}; the marks give {value:.2f}.")
    if rollout.note:
        notes.append(rollout.note)
    return " ".join(notes)


def _is_measured(side: Sequence[Scored]) -> bool:
    """Whether every answer of a side that could be graded has a score of ours, and one could. An empty one without a
    score is left out, as in a run of our own: whether enough are left is the policy's to say.
    """
    graded = [scored for scored in side if scored.value is not None or scored.status != "empty"]
    return bool(graded) and all(scored.value is not None for scored in graded)


def _mean_of(side: Sequence[Scored]) -> float | None:
    scores = [scored.value for scored in side if scored.value is not None]
    return mean_score(scores) if _is_measured(side) else None


def _decide(item: ForeignRound, settled: Settled, acceptance: Acceptance | None) -> tuple[Outcome, str, str]:
    """Outcome, reason, and where claim and scores part."""
    claim = item.claim
    if claim.settled:
        own = claim.outcome or "undecided"
        return own, claim.reason, f"accepted there, {_spell(own)} here" if claim.stated.get("accepted") is True else ""
    failed = [scored for scored in (*settled.weak, *(settled.strong or ())) if scored.failed]
    if failed:
        said = f"; the file says {_spell(claim.outcome)}" if claim.outcome else ""
        return "undecided", f"{len(failed)} answers were never graded: {failed[0].rollout.failure}{said}", said[2:]
    if acceptance is not None:
        return _compare(claim.outcome, claim.reason, acceptance)
    if claim.outcome == "accepted":
        return _check_claim(item, settled)
    if claim.outcome is None:
        return "undecided", claim.reason or "no outcome is recorded and no rule to decide by", ""
    return claim.outcome, claim.reason, _compare_deployed(settled, accepted=False)


def _compare(claimed: Outcome | None, words: str, acceptance: Acceptance) -> tuple[Outcome, str, str]:
    """The claim against the same rule over the recorded scores."""
    own = acceptance.outcome
    if claimed is None or claimed == own:
        return own, acceptance.reason, ""
    if claimed == "passed_baseline":
        return (claimed, words, "") if acceptance.accepted else (own, acceptance.reason, _say(claimed, own))
    if acceptance.accepted or (own == "undecided" and claimed != "accepted"):
        # A rejection stays one: its source went on from there, and nothing here may accept what it did not.
        return claimed, words, _say(claimed, own)
    return own, acceptance.reason, _say(claimed, own)


def _check_claim(item: ForeignRound, settled: Settled) -> tuple[Outcome, str, str]:
    """An accepted round without a rule to decide it by, or without scores of ours."""
    if settled.gap is None:
        scored = (*settled.weak, *(settled.strong or ()))
        why = next((s.rollout.stated.reason for s in scored if s.value is None and s.rollout.stated), "")
        reason = f"the file says accepted, but a gap under our formula is not recorded{': ' + why if why else ''}"
        return "undecided", reason, "accepted there, undecided here"
    if settled.gap < 0:
        return "inverted", f"the file says accepted, but the gap is {settled.gap:+.2f}", _say("accepted", "inverted")
    return "accepted", item.claim.reason, _compare_deployed(settled, accepted=True)


def _compare_deployed(settled: Settled, *, accepted: bool) -> str:
    """A file that names no rule is held against the paper's deployed one, which its kind implements."""
    deployed = settled.presets.get("deployed")
    if deployed is None or (deployed == "accepted") == accepted:
        return ""
    return f"the file names no rule; under deployed the recorded scores are {_spell(deployed)}"


def _say(claimed: Outcome, own: Outcome) -> str:
    return f"{_spell(claimed)} there, {_spell(own)} by the recorded scores"


def _spell(outcome: Outcome | None) -> str:
    return (outcome or "nothing").replace("_", " ")
