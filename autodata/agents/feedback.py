"""Diagnosis of failed rounds, as the challenger gets it: three lists, every earlier failure (paper Fig 7).

The lists carry questions and scores only: no solver answers, no rubric verdicts, nothing an agent could fit a rubric
to. A recipe whose feedback says more (packet, answers) adds the detail of the newest failed round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.agents.request import render_section
from autodata.model import Outcome

TEXT_MAX = 2_000
"""Characters of a question or a reason that feedback carries."""

_LISTS: dict[str, tuple[Outcome, ...]] = {
    "too_easy": ("too_easy",),
    "failed_on_strong": ("failed_on_strong", "saturated", "narrow_gap", "inverted", "weak_zero", "no_spread"),
    "improve": ("improve",),
    "failed_quality": ("failed_quality",),
}
_HEADINGS = {
    "too_easy": "TOO EASY: the weak model answered these well enough.",
    "failed_on_strong": "FAILED ON STRONG: the strong model scored too low or too high, or the gap was too small.",
    "improve": "TO BE IMPROVED: the loop judge or a code filter asked for a better task.",
    "failed_quality": "FAILED QUALITY CHECK: these were rejected before anybody tried them.",
}
_CLOSING = (
    "Write an entirely new question from a different angle that needs deeper reasoning. Do not rephrase an earlier one."
)


@dataclass(frozen=True, slots=True)
class FailedRound:
    """One earlier failure of a source. Scores in [0, 1]; None where not measured."""

    round: int
    outcome: Outcome
    question_type: str
    question: str
    weak_mean: float | None = None
    strong_mean: float | None = None
    gap: float | None = None
    reason: str = ""
    stopped: str = ""
    """After how many answers a frugal round stopped, e.g. "1 of 3 weak answers"; "" when it asked for all."""
    detail: str = ""
    """What the recipe's feedback says beyond scores: a diagnostic packet, or the solvers' answers."""


def describe_failure(failure: FailedRound) -> str:
    """The failure as one line of feedback."""
    question = _fold(failure.question) or "(no readable question)"
    head = f'[{_fold(failure.question_type) or "unknown type"}] "{question}"'
    if failure.outcome == "failed_quality":
        return f"{head} {_fold(failure.reason)}".strip()
    stopped = f", stopped after {failure.stopped}" if failure.stopped else ""
    if failure.outcome == "too_easy" and failure.strong_mean is None:
        return f"{head} weak {_percent(failure.weak_mean)}{stopped}"
    gap = "not measured" if failure.gap is None else f"{100 * failure.gap:+.0f} points"
    return f"{head} weak {_percent(failure.weak_mean)}, strong {_percent(failure.strong_mean)}, gap {gap}{stopped}"


def render_failures(failures: Sequence[FailedRound], nonce: str, shown: int) -> str:
    """All failures as up to three marked lists; beyond the newest `shown` only their number. "" without failures."""
    if not failures:
        return ""
    recent = list(failures)[-shown:]
    parts = []
    for name, outcomes in _LISTS.items():
        lines = [describe_failure(failure) for failure in recent if failure.outcome in outcomes]
        older = sum(1 for failure in failures[: len(failures) - len(recent)] if failure.outcome in outcomes)
        if older:
            lines.insert(0, f"({older} older attempts of this kind are not listed)")
        if lines:
            parts.append(f"{_HEADINGS[name]}\n{render_section(name, chr(10).join(lines), nonce)}")
    return "\n\n".join([*parts, _CLOSING])


def render_last_round(failures: Sequence[FailedRound], nonce: str) -> str:
    """The newest failed round as a marked section; "" without failures.

    Its detail where there is one; else, when it failed before anybody tried it, its line and the newest detail of a
    round before it.
    """
    if not failures:
        return ""
    detail = next((failure.detail for failure in reversed(failures) if failure.detail), "")
    if not failures[-1].detail:
        detail = f"REJECTED: {describe_failure(failures[-1])}\n\n{detail}".rstrip()
    return render_section("last_round", detail, nonce)


def _fold(text: str) -> str:
    """Text of an agent on one line; of an overlong one the beginning, since it is sent again in every later round."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_MAX else f"{line[:TEXT_MAX]}…"


def _percent(score: float | None) -> str:
    return "not measured" if score is None else f"{100 * score:.0f} %"
