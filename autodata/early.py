"""Early warnings: what the first rounds of a run say about seats that are set up wrong, before the money is spent.

Every warning counts something, compares an exact bound of its share with what is usual, and says both. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from autodata.binomial import find_lower_bound, find_upper_bound

ROUNDS_MIN = 20
"""Rounds that have to end before anything is said."""

RECENT_ROUNDS = 1000
"""How many of the newest rounds count: enough for any bound, and what was mended long ago is not held against a run."""

CONFIDENCE = 0.95
"""Of each one-sided bound, so 90 % of the two-sided interval in the sentence."""

SOLVED_FROM = 0.85
"""A mean weak score from here on counts as solved; single-shot tasks of the paper score 0.68 on average (Table 1)."""

USUAL_REJECTED = "about 7 % of failed rounds in the paper"

INVERTED_MAX = 0.20
"""Share of measured rounds in which weak may be above strong; the strong side is asked when weak has already failed."""
INVERTED_MAX_BASELINE = 0.60
"""The same in a baseline, where both sides are about equal (paper Table 1: a gap of 0.02)."""
SOLVED_MAX = 0.50
TRUNCATED_MAX = 0.05
IDENTICAL_MAX = 0.10
FAILED_MAX = 0.10
MALFORMED_MAX = 0.10


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of the newest rounds, and of all calls; of a round that was tried again the last counts.

    `reviewed`, `rejected`: verdicts of the verifier. `measured`, `inverted`: rounds with both means. `weak_rounds`,
    `solved`: rounds with a weak mean. `answers`, `truncated`: by solver; truncated also counts answers that are empty
    because the token limit was reached. `groups`, `identical`: tasks with two or more written answers of one solver,
    and those whose answers are all the same text. `calls`, `failed`: attempts. `replies`, `asked_again`: answered calls
    of agents, and those made because an earlier reply could not be read.
    """

    rounds: int = 0
    baseline: bool = False
    reviewed: int = 0
    rejected: int = 0
    measured: int = 0
    inverted: int = 0
    weak_rounds: int = 0
    solved: int = 0
    answers_weak: int = 0
    truncated_weak: int = 0
    answers_strong: int = 0
    truncated_strong: int = 0
    groups: int = 0
    identical: int = 0
    calls: int = 0
    failed: int = 0
    replies: int = 0
    asked_again: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Evidence)))


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """One thing to look at: its kind and a sentence with counts, interval and remedy."""

    kind: str
    sentence: str


def find_warnings(evidence: Evidence) -> tuple[EarlyWarning, ...]:
    """What speaks for a run that is set up wrong; empty before ROUNDS_MIN rounds."""
    if evidence.rounds < ROUNDS_MIN:
        return ()
    found = ((kind, check(evidence)) for kind, check in _CHECKS.items())
    return tuple(EarlyWarning(kind, sentence) for kind, sentence in found if sentence)


def _check_verifier(e: Evidence) -> str:
    if e.reviewed < ROUNDS_MIN or e.rejected:
        return ""
    upper = find_upper_bound(0, e.reviewed, CONFIDENCE)
    return (
        f"The verifier has rejected none of {e.reviewed:,} tasks; its true share may be up to {_percent(upper)} "
        f"({USUAL_REJECTED}). Read a few tasks yourself: a verifier that passes everything lets leaks and recall "
        "questions through."
    )


def _check_inverted(e: Evidence) -> str:
    bar = INVERTED_MAX_BASELINE if e.baseline else INVERTED_MAX
    if not _exceeds(e.inverted, e.measured, bar):
        return ""
    return (
        f"Weak is above strong in {_share(e.inverted, e.measured, 'rounds in which both were measured')}. Check that "
        "the two seats are not swapped, and that the rubric does not reward what the weak model does."
    )


def _check_solved(e: Evidence) -> str:
    if not _exceeds(e.solved, e.weak_rounds, SOLVED_MAX):
        return ""
    return (
        f"The weak model already solves this corpus: it scores {SOLVED_FROM} or more in "
        f"{_share(e.solved, e.weak_rounds, 'rounds')}. Take harder documents or a weaker weak model; more rounds will "
        "mostly be spent on tasks that are too easy."
    )


def _check_truncated(solver: str, count: int, answers: int, effect: str) -> str:
    if not _exceeds(count, answers, TRUNCATED_MAX):
        return ""
    return (
        f"The {solver} model is cut off by its token limit in {_share(count, answers, 'answers')}, {effect}. Raise "
        "max_tokens of weak and strong alike, in a new run."
    )


def _check_strong_truncated(e: Evidence) -> str:
    return _check_truncated(
        "strong", e.truncated_strong, e.answers_strong, "so its scores say what fits into the limit, not what it can do"
    )


def _check_weak_truncated(e: Evidence) -> str:
    return _check_truncated(
        "weak", e.truncated_weak, e.answers_weak, "which looks like a gap and is none of its ability"
    )


def _check_identical(e: Evidence) -> str:
    if not _exceeds(e.identical, e.groups, IDENTICAL_MAX):
        return ""
    return (
        f"All answers of a solver are the same text in {_share(e.identical, e.groups, 'tasks of one solver')}. "
        "Rollouts that do not differ measure nothing more than one: check the temperature, and that the server uses "
        "the seed."
    )


def _check_failed(e: Evidence) -> str:
    if not _exceeds(e.failed, e.calls, FAILED_MAX):
        return ""
    return (
        f"Calls fail and are tried again in {_share(e.failed, e.calls, 'attempts')}. Lower concurrency or "
        "requests_per_minute of the endpoint, or see the failed attempts for what its server says."
    )


def _check_malformed(e: Evidence) -> str:
    if not _exceeds(e.asked_again, e.replies, MALFORMED_MAX):
        return ""
    return (
        f"Agents are asked again because a reply could not be read in {_share(e.asked_again, e.replies, 'replies')}. "
        "Set json_mode = true where the server knows it, raise max_tokens of the seat, or take a stronger model for it."
    )


_CHECKS: dict[str, Callable[[Evidence], str]] = {
    "verifier_passes_all": _check_verifier,
    "weak_above_strong": _check_inverted,
    "weak_solves": _check_solved,
    "strong_truncated": _check_strong_truncated,
    "weak_truncated": _check_weak_truncated,
    "identical_rollouts": _check_identical,
    "failed_calls": _check_failed,
    "malformed_replies": _check_malformed,
}


def _exceeds(count: int, total: int, bar: float) -> bool:
    """Whether the true share is above `bar` with the confidence asked for."""
    return total > 0 and find_lower_bound(count, total, CONFIDENCE) > bar


def _share(count: int, total: int, noun: str) -> str:
    """`9 of 20 rounds (45 %, between 26 and 65 %)`."""
    low, high = find_lower_bound(count, total, CONFIDENCE), find_upper_bound(count, total, CONFIDENCE)
    return f"{count:,} of {total:,} {noun} ({_percent(count / total)}, between {100 * low:.0f} and {_percent(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
