"""The evidence of a weighed round as a tree: the loop judge's word, filter hits, capabilities, spread of scores."""

from __future__ import annotations

from collections.abc import Sequence

from autodata.index.queries.weighing import CapabilityDetail, WeighingDetail
from autodata.ui.marks import draw_bar, draw_chip, draw_solver
from autodata.ui.names import name_capability
from autodata.ui.parts import (
    Column,
    build_columns,
    build_pairs,
    build_section,
    build_sentences,
    build_stack,
    build_table,
)
from autodata.ui.text import ABSENT, count_of, format_gap, format_score
from autodata.ui.tree import Tree, node

_WIDTH, _HEIGHT, _EDGE = 320, 22, 6


def build_weighing(weighing: WeighingDetail) -> Tree:
    """Everything that decided the round under the two-layer rule; texts of the judge stand in the voice of a quote."""
    head = node("div", "row wrap", *_build_chips(weighing))
    left = build_stack(_build_spread(weighing), _build_capabilities(weighing.capabilities), gap=10)
    right = build_stack(*_build_objections(weighing), _build_word(weighing), gap=10)
    return build_section("Loop judge", build_stack(head, build_columns(left, right), gap=8), _note(weighing))


def _build_chips(weighing: WeighingDetail) -> list[Tree]:
    word = {"accept": "says accept", "improve": "says improve"}.get(weighing.word, "was not heard")
    chips = [draw_chip(word, "clear" if weighing.word == "accept" else "unchecked")]
    if weighing.suitability:
        title = "How well the small model could learn from its own attempts at this task, in the loop judge's view."
        chips.append(draw_chip(f"GRPO suitability {weighing.suitability}", title=title))
    if weighing.overridden:
        chips.append(draw_chip("overruled by a code filter", "flag"))
    elif weighing.hits:
        chips.append(draw_chip(count_of(len(weighing.hits), "filter hit"), "flag"))
    if weighing.softer:
        chips.append(draw_chip("softer rubric", "flag", title="; ".join(weighing.softer)))
    return chips


def _build_word(weighing: WeighingDetail) -> Tree:
    said = [
        ("Reason", weighing.verdict_reason),
        ("Gap", weighing.gap_interpretation),
        ("Weak", weighing.weak_pattern),
        ("Strong", weighing.strong_pattern),
        ("Suggestion", weighing.suggestion),
    ]
    said += [("Concern", words) for words in weighing.concerns if not _repeats(words, _list_facts(weighing))]
    pairs: list[tuple[str, Tree]] = [
        (name, node("span", {"class": "serif", "dir": "auto"}, words)) for name, words in said if words
    ]
    return build_pairs(pairs, 84) if pairs else node("span", "muted", "The loop judge said nothing on this round.")


def _build_objections(weighing: WeighingDetail) -> list[Tree]:
    """Filter hits and a softer rubric, one sentence each: what code found, above what the judge says."""
    flagged = [f"{each[:1].upper()}{each[1:]}." for each in weighing.hits]
    flagged += [f"The rubric is softer than the one before: {each}." for each in weighing.softer]
    return [build_sentences(flagged, "flag")] if flagged else []


def _list_facts(weighing: WeighingDetail) -> tuple[str, ...]:
    return (*weighing.hits, *weighing.softer)


def _repeats(words: str, facts: Sequence[str]) -> bool:
    """Whether a concern of the judge says no more than what code has found and is shown as such."""
    said = _flatten(words)
    return any(said.startswith(fact) or fact.startswith(said) or said.endswith(fact) for fact in map(_flatten, facts))


def _flatten(words: str) -> str:
    return words.casefold().replace(",", "").rstrip(". ")


def _build_capabilities(rows: Sequence[CapabilityDetail]) -> Tree:
    columns = [
        Column("Capability"),
        Column("Criteria", True, "60px"),
        Column("Weak", True, "112px"),
        Column("Strong", True, "112px"),
        Column("Gap", True, "52px"),
    ]
    cells: list[list[Tree | None]] = [
        [
            node("span", {"dir": "auto", "title": row.capability}, name_capability(row.capability)),
            str(row.criteria),
            _build_share(row.weak, "weak"),
            _build_share(row.strong, "strong"),
            format_gap(row.gap),
        ]
        for row in rows
    ]
    if not cells:
        return node("span", "muted", "The rubric names no capabilities.")
    return build_table(columns, cells, "Share of each capability's points earned by weak and strong", fixed=True)


def _build_share(share: float | None, tone: str) -> Tree:
    if share is None:
        return ABSENT
    return node("div", "score", draw_bar(share, tone=tone, thin=True), format_score(share))


def _build_spread(weighing: WeighingDetail) -> Tree:
    """Every valid score as a mark on one line from 0 to 1: rings for weak, discs for strong, one row a side."""
    sides = (("weak", weighing.weak_scores), ("strong", weighing.strong_scores))
    rows = [
        node(
            "div", "row", draw_solver(side), _draw_scores(side, scores), node("span", "small muted", _describe(scores))
        )
        for side, scores in sides
    ]
    spread = ABSENT if weighing.spread is None else f"{100 * weighing.spread:.1f} points"
    note = node(
        "span", "small muted", f"Weak attempts differ by {spread} (standard deviation), on a scale of 0 to 100."
    )
    return node("div", "col", *rows, note)


def _draw_scores(side: str, scores: Sequence[float]) -> Tree:
    colour = f"var(--ad-{side})"
    reach, middle = _WIDTH - 2 * _EDGE, _HEIGHT / 2
    line = {"x1": _EDGE, "x2": _WIDTH - _EDGE, "y1": middle, "y2": middle, "stroke": "var(--ad-line2)"}
    look = {"fill": "none", "stroke": colour, "stroke-width": 1.6} if side == "weak" else {"fill": colour}
    marks = [
        node("circle", {"cx": f"{_EDGE + reach * min(1.0, max(0.0, score)):.1f}", "cy": middle, "r": 4, **look})
        for score in scores
    ]
    label = f"{side} scores: {', '.join(format_score(score) for score in scores) or 'none valid'}"
    return node(
        "svg", {"width": _WIDTH, "height": _HEIGHT, "role": "img", "aria-label": label}, node("line", line), *marks
    )


def _describe(scores: Sequence[float]) -> str:
    return f"{len(scores)} valid, mean {format_score(sum(scores) / len(scores))}" if scores else "none valid"


def _note(weighing: WeighingDetail) -> str:
    return f"round {weighing.round}; code filters stand above its word"
