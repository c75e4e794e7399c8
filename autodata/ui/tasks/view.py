"""The Tasks page's view as values: what the filter widgets say becomes a TaskFilter, and back into words.

The view lives in the URL: the widgets bind themselves, the brush is the parameter `box`, written as four numbers;
`source`, `at_round`, `cluster` and the selected `task` stand there as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from autodata.audit.catalogue import DETECTORS
from autodata.index.queries.filters import AuditState, Box, DecisionState, Order, Scope, TaskFilter
from autodata.ui.links import SCOPE_WORDS
from autodata.ui.text import BAND_WORDS, DECISION_WORDS, OUTCOME_WORDS

BOX, SOURCE, ROUND, CLUSTER, TASK = "box", "source", "at_round", "cluster", "task"
"""URL parameters of what has no input of its own: four filters, and the selected task."""

PARAMS = (BOX, SOURCE, ROUND, CLUSTER)
KEY_MAX, ROUND_MAX = 2**64 - 1, 2**31 - 1

BANDS = ("right", "easy", "hard", "inverted")
DECISIONS: tuple[str, ...] = ("all", "open", "approved", "rejected", "flagged")
VOTE_STATES = ("waiting", "disputed")
"""What a decision can be besides, where several reviewers must agree."""
OUTCOMES = tuple(OUTCOME_WORDS)
AUDITS: dict[str, str] = {"violated": "Violated", "flagged": "Flagged", "unchecked": "Not checked"}
"""States of the audit that are worth a filter, and their words."""

AUDIT_WORDS = {**AUDITS, "clear": "Clean record"}

AXES: dict[str, dict[str, str]] = {
    "integrity": {
        "clean": "Clean",
        "violated": "Violated",
        "asymmetric_declared": "As declared",
        "incomplete": "Incomplete records",
    },
    "difficulty": {
        "real": "Real",
        "not_real": "Not real",
        "undecided": "Undecided",
        "unchecked": "Not certified",
    },
    "validity": {"ok": "Ok", "doubtful": "Doubtful", "unchecked": "Not checked"},
}
"""The axes of a verdict and their words."""

CHECKS = {name: f"{name} {detector.subject}" for name, detector in DETECTORS.items() if detector.axis != "run"}

ORDERS: dict[str, str] = {
    "risk": "Risk, highest first",
    "suspicion": "Suspicion, highest first",
    "certified": "Certified gap, largest first",
    "certified_up": "Certified gap, smallest first",
    "newest": "Newest first",
    "gap": "Gap, largest first",
    "gap_up": "Gap, smallest first",
    "weak": "Weak score, highest first",
    "weak_up": "Weak score, lowest first",
    "strong": "Strong score, highest first",
    "strong_up": "Strong score, lowest first",
    "rounds": "Most rounds first",
    "title": "Source, A to Z",
    "outcome": "Outcome",
    "decision": "Decision",
}
ASCENDING = {"title", "outcome", "decision"}


@dataclass(frozen=True, slots=True)
class Part:
    """One narrowing of a view: how it reads in a sentence and how to take it away."""

    name: str
    label: str
    widgets: tuple[str, ...]


def make_filter(
    *,
    search: str = "",
    bands: tuple[str, ...] = (),
    outcome: str = "",
    decision: str = "all",
    run_id: str = "",
    source_id: str = "",
    scope: str = "last",
    box: Box | None = None,
    audit: tuple[str, ...] = (),
    detector: str = "",
    integrity: str = "",
    difficulty: str = "",
    validity: str = "",
    answers: bool = False,
    commented: bool = False,
    round_number: int | None = None,
    cluster: int | None = None,
    model: str = "",
    tag: str = "",
    order: str = "risk",
) -> TaskFilter:
    """A filter from widget values; a value that no widget offers (a hand-written URL) counts as not set."""
    column = order.removesuffix("_up") if order in ORDERS else "risk"
    return TaskFilter(
        search=search.strip(),
        bands=tuple(band for band in BANDS if band in bands),
        outcomes=(outcome,) if outcome in OUTCOMES else (),
        decision=cast(DecisionState, decision if decision in (*DECISIONS, *VOTE_STATES, "skipped") else "all"),
        run_id=run_id or None,
        source_id=source_id or None,
        scope=cast(Scope, scope if scope in SCOPE_WORDS else "last"),
        box=box,
        audit=tuple(cast(AuditState, state) for state in AUDIT_WORDS if state in audit),
        detector=detector if detector in CHECKS else None,
        integrity=integrity if integrity in AXES["integrity"] else None,
        difficulty=difficulty if difficulty in AXES["difficulty"] else None,
        validity=validity if validity in AXES["validity"] else None,
        answers=answers,
        commented=commented,
        round=round_number,
        cluster=cluster,
        model=model or None,
        tag=tag.strip(),
        order=cast(Order, column),
        descending=not (order.endswith("_up") or column in ASCENDING),
    )


def read_number(text: str | None, most: int) -> int | None:
    """A whole number of a URL value, from 0 to `most`; None for anything else."""
    found = int(text) if text and text.isdecimal() and text.isascii() and len(text) <= 20 else None
    return found if found is not None and found <= most else None


def write_box(box: Box | None) -> str:
    """The brush as a URL value: `0.10,0.65,0.60,0.95` (weak from, to, strong from, to); "" for none."""
    if box is None:
        return ""
    return ",".join(f"{value:.3f}" for value in (box.weak_min, box.weak_max, box.strong_min, box.strong_max))


def read_box(text: str | None) -> Box | None:
    """The brush of a URL value; None for anything that is not four numbers, ordered and in [0, 1]."""
    try:
        values = [float(part) for part in (text or "").split(",")]
    except ValueError:
        return None
    if len(values) != 4 or not all(0 <= value <= 1 for value in values):
        return None
    weak_min, weak_max, strong_min, strong_max = values
    if weak_min > weak_max or strong_min > strong_max:
        return None
    return Box(weak_min, weak_max, strong_min, strong_max)


def read_selection(boxes: list[dict[str, list[float]]]) -> Box | None:
    """The last rectangle of a chart selection, clipped to the map and rounded as the URL writes it; None for none."""
    if not boxes:
        return None
    corners = boxes[-1]
    if len(corners.get("x", [])) < 2 or len(corners.get("y", [])) < 2:
        return None
    weak = sorted(min(1.0, max(0.0, float(value))) for value in corners["x"])
    strong = sorted(min(1.0, max(0.0, float(value))) for value in corners["y"])
    return read_box(write_box(Box(weak[0], weak[-1], strong[0], strong[-1])))


def list_parts(view: TaskFilter) -> list[Part]:
    """What narrows the view, most special first: that is the order in which a reader would give them up."""
    parts = []
    if view.box:
        parts.append(Part("box", "the brush on the map", ("box",)))
    if view.search:
        where = "the search of questions and answers" if view.answers else "the search"
        parts.append(Part("search", f"{where} for “{view.search}”", ("tasks.search",)))
    if view.bands:
        words = " or ".join(f"“{BAND_WORDS[band]}”" for band in view.bands)
        parts.append(Part("bands", words, ("tasks.band",)))
    if view.outcomes:
        parts.append(Part("outcomes", f"“{OUTCOME_WORDS[view.outcomes[0]]}”", ("tasks.outcome",)))
    if view.audit:
        words = " or ".join(f"“{AUDIT_WORDS[state]}”" for state in view.audit)
        parts.append(Part("audit", words, ("tasks.audit",)))
    if view.detector:
        parts.append(Part("detector", f"the findings of {CHECKS[view.detector]}", ("tasks.detector",)))
    for name, words_of in AXES.items():
        if value := getattr(view, name):
            parts.append(Part(name, f"“{name.capitalize()}: {words_of[value].lower()}”", (f"tasks.{name}",)))
    if view.decision != "all":
        parts.append(Part("decision", f"“{DECISION_WORDS[view.decision]}”", ("tasks.decision",)))
    if view.commented:
        parts.append(Part("commented", "“With open comments”", ("tasks.comments",)))
    if view.tag:
        parts.append(Part("tag", f"the tag “{view.tag}”", ("tasks.tag",)))
    if view.model:
        parts.append(Part("model", f"the model {view.model}", ("tasks.model",)))
    if view.cluster is not None:
        parts.append(Part("cluster", "the near copies", (CLUSTER,)))
    if view.round is not None:
        parts.append(Part("round", f"round {view.round}", (ROUND,)))
    if view.source_id:
        parts.append(Part("source_id", "the source", (SOURCE,)))
    if view.run_id:
        parts.append(Part("run_id", f"the run {view.run_id}", ("tasks.run",)))
    if view.scope == "accepted":
        parts.append(Part("scope", "“Accepted”", ("tasks.scope",)))
    return parts


def drop_part(view: TaskFilter, part: Part) -> TaskFilter:
    """The view without one narrowing."""
    neutral = TaskFilter()
    return replace(view, **{part.name: getattr(neutral, part.name)})


def explain_nothing(view: TaskFilter, count: Callable[[TaskFilter], int]) -> tuple[str, Part | None]:
    """Why the table is empty, and which single filter to remove so that it is not.

    The one that would leave the fewest tasks is named: it is the smallest step that helps.
    """
    found = [(count(drop_part(view, part)), part) for part in list_parts(view)]
    helpful = [(n, part) for n, part in found if n]
    if not helpful:
        reason = "No task matches, with or without any single filter." if found else "There is no task yet."
        return reason, None
    n, part = min(helpful, key=lambda pair: pair[0])
    return f"No task matches. Without {part.label} there would be {n:,}.", part
