"""What one version of a task says otherwise than another, word by word: question, context, reference and rubric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodata.model import Criterion, Task
from autodata.ui.review.diffs import REWORDED, Span, diff_rewording, diff_words, measure_kept
from autodata.ui.review.top import draw_spans
from autodata.ui.text import format_number
from autodata.ui.tree import Tree, node

FIELD_WORDS = {
    "question": "Question",
    "context": "Context",
    "reference_answer": "Reference answer",
    "rubric": "Rubric",
}
AROUND = 160
"""Characters of unchanged text that are shown on each side of a change."""


def build_changes(task: Task, changes: Mapping[str, Any]) -> Tree:
    """Every changed field with what went struck through and what came underlined; says so where nothing changed."""
    parts: list[Tree] = []
    for name, words in FIELD_WORDS.items():
        if name not in changes:
            continue
        if name == "rubric":
            body = node("div", "col", *_list_rubric(task.rubric, changes[name]))
        else:
            spans = fold_same(_diff_text(getattr(task, name), changes[name]))
            body = node("div", {"class": "serif pre", "dir": "auto"}, *draw_spans(spans))
        parts.append(node("div", "col", node("div", "head", words), body))
    if not parts:
        return node("div", "note", "Nothing differs from the original yet.")
    return node("div", {"class": "col", "style": "gap:14px"}, *parts)


def list_changes(before: Task, after: Task) -> dict[str, Any]:
    """The fields in which two versions differ, with their later values."""
    return {name: getattr(after, name) for name in FIELD_WORDS if getattr(after, name) != getattr(before, name)}


def name_changed(fields: Sequence[str]) -> str:
    """`question, rubric`, in the order in which they are shown."""
    return ", ".join(words.lower() for name, words in FIELD_WORDS.items() if name in fields)


def fold_same(spans: Sequence[Span], around: int = AROUND) -> list[Span]:
    """Spans whose long unchanged stretches are cut down to `around` characters beside each change."""
    folded: list[Span] = []
    for at, (kind, text) in enumerate(spans):
        first, last = at == 0, at == len(spans) - 1
        room = around * (2 - first - last)
        if kind != "same" or len(text) <= room + 40 or (first and last):
            folded.append((kind, text))
            continue
        head = "" if first else text[:around]
        tail = "" if last else text[-around:]
        folded.append(("same", f"{head} … {tail}"))
    return folded


def _diff_text(before: str, after: str) -> list[Span]:
    """A word diff; a text that was mostly written anew is shown whole below the old one, which is easier to read."""
    if before and after and measure_kept(before, after) < REWORDED:
        return [("gone", before), ("same", "\n"), ("new", after)]
    return diff_words(before, after)


def _list_rubric(before: Sequence[Criterion], after: Sequence[Criterion]) -> list[Tree]:
    old, new = {c.id: c for c in before}, {c.id: c for c in after}
    lines: list[Tree] = []
    for criterion in after:
        was = old.get(criterion.id)
        if was is None:
            lines.append(_draw_line("ins", "new", criterion.weight, [node("ins", None, criterion.criterion)]))
        elif was != criterion:
            weight = format_number(criterion.weight)
            if was.weight != criterion.weight:
                weight = f"{format_number(was.weight)} → {weight}"
            words = draw_spans(diff_rewording(was.criterion, criterion.criterion))
            lines.append(_draw_line("", "changed", weight, words))
    for criterion in before:
        if criterion.id not in new:
            lines.append(_draw_line("del", "gone", criterion.weight, [node("del", None, criterion.criterion)]))
    return lines or [node("div", "muted small", "The same criteria in another order.")]


def _draw_line(kind: str, word: str, weight: float | str, words: Sequence[Tree]) -> Tree:
    shown = weight if isinstance(weight, str) else format_number(weight)
    style = "display:grid;grid-template-columns:58px 62px 1fr;gap:8px;align-items:baseline;padding:3px 0"
    return node(
        "div",
        {"style": style},
        node("span", "muted small", word),
        node("span", "small", node(kind, None, shown) if kind else shown),
        node("span", {"class": "serif", "style": "font-size:12.5px;line-height:17px", "dir": "auto"}, *words),
    )
