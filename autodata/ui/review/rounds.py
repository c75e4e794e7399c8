"""The rounds strip: outcome, gap and what changed, one cell per round; a click shows that round's task."""

from __future__ import annotations

from itertools import pairwise

from autodata.index.queries.task import RoundDetail, TaskDetail
from autodata.ui.review.diffs import REWORDED, measure_kept
from autodata.ui.text import OUTCOME_WORDS, format_gap, format_number, format_score, shorten
from autodata.ui.tree import Tree, node

MANY = 30
"""From so many rounds on, cells give way to one line chart."""


def build_rounds(detail: TaskDetail, shown: RoundDetail) -> Tree:
    """All rounds of the trajectory; clicking one reports `round:N`."""
    if len(detail.rounds) >= MANY:
        return _build_chart(detail, shown)
    cells: list[Tree] = []
    before: RoundDetail | None = None
    for entry in detail.rounds:
        cells.append(_build_cell(entry, before, entry.round == shown.round, entry.round == detail.this.round))
        before = entry if entry.task is not None else before
    return node("div", "rounds", *cells)


def describe_change(entry: RoundDetail, before: RoundDetail | None) -> str:
    """What this round's task changed against the one before, in a few words."""
    if entry.task is None:
        return shorten(entry.reason or "no task written", 44)
    if before is None or before.task is None:
        return "first draft"
    now, old = entry.task, before.task
    parts: list[str] = []
    if now.question != old.question:
        parts.append("new question" if measure_kept(old.question, now.question) < REWORDED else "question reworded")
    if now.context != old.context:
        parts.append("new context" if measure_kept(old.context, now.context) < REWORDED else "context edited")
    rubric = _describe_rubric(entry, before)
    if rubric:
        parts.append(rubric)
    if now.reference_answer != old.reference_answer and not parts:
        parts.append("reference changed")
    return ", ".join(parts) or "same task again"


def _describe_rubric(entry: RoundDetail, before: RoundDetail) -> str:
    if entry.task is None or before.task is None or entry.task.rubric == before.task.rubric:
        return ""
    old = {c.criterion: c.weight for c in before.task.rubric}
    new = {c.criterion: c.weight for c in entry.task.rubric}
    moved = [(text, old[text], weight) for text, weight in new.items() if text in old and old[text] != weight]
    if moved and old.keys() == new.keys():
        text, was, now = max(moved, key=lambda item: abs(item[2] - item[1]))
        return f"weights: {shorten(text, 14)} {format_number(was)} → {format_number(now)}"
    kept = len(old.keys() & new.keys())
    if kept == 0:
        return "new rubric"
    return f"rubric: {len(new) - kept} new, {len(old) - kept} gone"


def _build_cell(entry: RoundDetail, before: RoundDetail | None, shown: bool, own: bool) -> Tree:
    outcome = OUTCOME_WORDS.get(entry.outcome, entry.outcome)
    number = format_gap(entry.gap) if entry.gap is not None else ""
    change = describe_change(entry, before)
    if entry.gap is None and entry.weak is not None:
        change = f"weak {format_score(entry.weak)}, {change}"
    label = f"Round {entry.round}: {outcome} {number}. {change}"
    return node(
        "div",
        {"class": f"cell{' shown' if shown else ''}{' own' if own else ''}", "act": f"round:{entry.round}",
         "aria-label": label, "aria-current": "true" if shown else None, "title": entry.reason or None},
        _draw_glyph(entry),
        node("div", "words",
             node("div", "top-line", node("b", None, f"Round {entry.round}"), node("span", "cut", outcome),
                  node("b", None, number)),
             node("div", {"class": "small muted cut", "title": change}, change)),
    )  # fmt: skip


def _draw_glyph(entry: RoundDetail) -> Tree:
    """Weak ring and strong disc on their heights, joined: the slope is the gap."""
    items: list[Tree] = [
        node("line", {"x1": 0, "x2": 28, "y1": 31, "y2": 31, "stroke": "var(--ad-line2)", "stroke-width": 1})
    ]
    weak = None if entry.weak is None else 27 - 22 * entry.weak
    strong = None if entry.strong is None else 27 - 22 * entry.strong
    if weak is not None and strong is not None:
        items.append(node("line", {"x1": 7, "y1": f"{weak:.1f}", "x2": 21, "y2": f"{strong:.1f}",
                                   "stroke": "var(--ad-ink)", "stroke-width": 1.5}))  # fmt: skip
    if weak is not None:
        items.append(node("circle", {"cx": 7, "cy": f"{weak:.1f}", "r": 3.4, "fill": "var(--ad-bg)",
                                     "stroke": "var(--ad-weak)", "stroke-width": 1.8}))  # fmt: skip
    if strong is not None:
        items.append(node("circle", {"cx": 21, "cy": f"{strong:.1f}", "r": 4.2, "fill": "var(--ad-strong)"}))
    words = f"weak {format_score(entry.weak)}, strong {format_score(entry.strong)}"
    return node("svg", {"width": 28, "height": 34, "role": "img", "aria-label": words}, *items)


def _build_chart(detail: TaskDetail, shown: RoundDetail) -> Tree:
    """Weak and strong by round as two lines, every round a place to click."""
    count = len(detail.rounds)
    items: list[Tree] = []
    for solver in ("weak", "strong"):
        known = [(at, getattr(entry, solver)) for at, entry in enumerate(detail.rounds)]
        for (a, low), (b, high) in pairwise(known):
            if low is not None and high is not None:
                items.append(node("line", {
                    "x1": f"{100 * (a + 0.5) / count:.2f}%", "x2": f"{100 * (b + 0.5) / count:.2f}%",
                    "y1": f"{48 - 42 * low:.1f}", "y2": f"{48 - 42 * high:.1f}",
                    "stroke": f"var(--ad-{solver})", "stroke-width": 1.6}))  # fmt: skip
        for at, value in known:
            if value is not None:
                items.append(node("circle", {"cx": f"{100 * (at + 0.5) / count:.2f}%", "cy": f"{48 - 42 * value:.1f}",
                                             "r": 2.2, "fill": f"var(--ad-{solver})"}))  # fmt: skip
    places: list[Tree] = [
        node("div", {"class": "place shown" if entry.round == shown.round else "place", "act": f"round:{entry.round}",
                     "title": f"Round {entry.round}: {OUTCOME_WORDS.get(entry.outcome, entry.outcome)} "
                              f"{format_gap(entry.gap)}"})
        for entry in detail.rounds
    ]  # fmt: skip
    words = f"weak and strong mean score over {count} rounds"
    outcome = OUTCOME_WORDS.get(shown.outcome, shown.outcome)
    note = f"{count} rounds, scale 0 to 1; shown: round {shown.round}, {outcome} {format_gap(shown.gap)}"
    chart = node("svg", {"role": "img", "aria-label": words}, *items)
    return node("div", "rounds chart", *places, chart, node("span", "chartnote small muted", note))
