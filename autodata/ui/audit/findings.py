"""Findings by detector and severity: one line per detector that found something, and what was not checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autodata.audit.rates import Precision
from autodata.index.queries.audit_detectors import DetectorCount
from autodata.ui.audit.words import name_found, name_subject
from autodata.ui.marks import draw_severity
from autodata.ui.text import count_of, format_count, format_score
from autodata.ui.tree import Tree, node

ENOUGH = 5
"""Labels from which a detector's precision is a number."""
GRID = "display:grid;grid-template-columns:30px minmax(0,1fr) 92px 68px 54px;gap:0 6px;align-items:center"
BAND = ";background:var(--ad-accent-bg);box-shadow:-6px 0 0 var(--ad-accent-bg),6px 0 0 var(--ad-accent-bg)"
"""Style of the chosen line: its ground reaches a little beyond the text."""
BAR = 58
"""Pixels of the longest bar."""


def build_findings(
    rows: Sequence[DetectorCount], precisions: Mapping[str, Precision], chosen: str, height: int
) -> Tree:
    """Detectors with what they found, the largest first; a click reports the detector. `height` in pixels."""
    found = [row for row in rows if row.found]
    most = max((row.found for row in found), default=0) or 1
    head = node(
        "div",
        {"class": "small muted", "style": f"{GRID};padding:5px 0;border-bottom:1px solid var(--ad-line)"},
        node("span", None, "Detector"), node("span"), node("span", None, "Tasks"), node("span", "num", "not checked"),
        node("span", "num", "precision"),
    )  # fmt: skip
    lines = [_build_line(row, precisions.get(row.detector), most, row.detector == chosen) for row in found]
    body = node("div", {"style": "overflow-y:auto;min-height:0;flex:1 1 auto"}, *lines)
    if not found:
        nothing = node("span", None, "No check that ran found anything.")
        body = node("div", {"class": "row", "style": "padding:10px 0"}, draw_severity("clear", 13), nothing)
    style = f"display:flex;flex-direction:column;max-height:{height}px"
    about = {"style": style, "role": "table", "aria-label": "Findings by detector"}
    return node("div", about, head, body, _build_rest(rows))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Detectors without a finding: `not_run` and `not_recorded` on any task, `partly` on some, `clear` on all."""

    not_run: tuple[str, ...]
    not_recorded: tuple[str, ...]
    partly: tuple[str, ...]
    clear: int


def sort_quiet(rows: Sequence[DetectorCount]) -> Quiet:
    """Detectors that found nothing, by what that rests on. Only what ran on every task is clear."""
    quiet = [row for row in rows if not row.found]
    never = [row for row in quiet if not row.done]
    unrecorded = tuple(row.detector for row in never if row.not_recorded == row.unchecked)
    partly = tuple(row.detector for row in quiet if row.done and row.unchecked)
    not_run = tuple(row.detector for row in never if row.detector not in unrecorded)
    return Quiet(not_run, unrecorded, partly, len(quiet) - len(never) - len(partly))


def _build_line(row: DetectorCount, precision: Precision | None, most: int, chosen: bool) -> Tree:
    style = f"{GRID};padding:7px 0;border-bottom:1px solid var(--ad-line);cursor:pointer"
    words = (f"{row.detector}, {name_found(row.detector)}: {count_of(row.violations, 'violation')}, "
             f"{count_of(row.flags, 'flag')}, not checked on {row.unchecked:,}")  # fmt: skip
    if chosen:
        style += BAND
    return node(
        "div",
        {"style": style, "class": "hover", "act": row.detector, "aria-label": words, "aria-current": chosen or None,
         "title": words},
        node("span", "muted", row.detector),
        node("span", "cut", name_found(row.detector)),
        _build_bar(row, most),
        node("span", "num muted", format_count(row.unchecked) if row.unchecked else "–"),
        _build_precision(precision),
    )  # fmt: skip


def _build_bar(row: DetectorCount, most: int) -> Tree:
    """Filled for violations, outlined for flags, one after the other on the scale of the longest."""
    parts = []
    for count, fill in ((row.violations, "background:var(--ad-alarm)"), (row.flags, "")):
        if count:
            width = max(5.0, BAR * count / most)
            parts.append(node("span", {"style": f"width:{width:.0f}px;height:11px;flex:none;"
                                                f"border:1.3px solid var(--ad-alarm);{fill}"}))  # fmt: skip
    total = node("b", {"style": "padding-left:5px"}, format_count(row.found))
    return node("span", {"class": "row", "style": "gap:0"}, *parts, total)


def _build_precision(precision: Precision | None) -> Tree:
    labelled = precision.confirmed + precision.refuted if precision else 0
    if precision is None or labelled < ENOUGH:
        return node("span", {"class": "num muted", "title": f"{count_of(labelled, 'label')}; a share from {ENOUGH} on"},
                    "too few")  # fmt: skip
    share = precision.confirmed / labelled
    title = (f"{precision.confirmed:,} of {labelled:,} labelled findings confirmed; 90 % interval "
             f"{format_score(precision.low)} to {format_score(precision.high)}")  # fmt: skip
    return node("span", {"class": "num", "title": title}, format_score(share))


def _build_rest(rows: Sequence[DetectorCount]) -> Tree:
    quiet = sort_quiet(rows)
    lines: list[Tree] = []
    for word, names in (
        ("Not run", quiet.not_run),
        ("Not recorded", quiet.not_recorded),
        ("Not on all tasks", quiet.partly),
    ):
        if names:
            words = f"{word}: {', '.join(name_subject(name) for name in names)}"
            lines.append(_build_note("unchecked", words, f"{words} ({', '.join(names)})"))
    if quiet.clear:
        words = f"{count_of(quiet.clear, 'other check')} ran on every task and found nothing"
        lines.append(_build_note("clear", words, ""))
    return node("div", {"class": "col", "style": "padding-top:8px;flex:none"}, *lines)


def _build_note(severity: str, words: str, title: str) -> Tree:
    tone = "accent" if severity == "clear" else "muted"
    return node(
        "div",
        {"class": "small muted", "style": "display:grid;grid-template-columns:16px 1fr;gap:4px"},
        node("span", {"class": tone, "style": "padding-top:2px"}, draw_severity(severity)),
        node("span", {"class": "lines", "title": title or None}, words),
    )
