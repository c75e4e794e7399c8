"""Why a change was made and what came of it, as trees: difference, analysis beside what it cites, refusals, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodata.index.queries.recipes import IterationDetail, Samples
from autodata.ui.marks import draw_severity
from autodata.ui.parts import build_columns, build_section, build_sentences, build_stack
from autodata.ui.text import count_of, format_gap, format_score, shorten
from autodata.ui.tree import Tree, node

LINES_SHOWN = 400
TEXT_SHOWN = 3_000
_SERIF = {"class": "serif pre", "style": "font-size:12.5px;line-height:18px;overflow-wrap:anywhere", "dir": "auto"}
_MONO = "font-size:12px;line-height:18px;white-space:pre-wrap;overflow-wrap:anywhere;padding:0 8px"
_LOOKS = {
    "+": "background:var(--ad-accent-bg)",
    "-": "background:var(--ad-alarm-bg)",
    "@": "color:var(--ad-muted);border-top:1px solid var(--ad-line)",
}
_WORDS = {"+": "added", "-": "removed"}


def build_change(files: Mapping[str, Sequence[str]]) -> Tree:
    """The lines of a unified diff, file by file; a sign stands before every line, so that nothing rests on colour."""
    if not files:
        return node("span", "muted", "The same text.")
    return build_stack(*[_build_file(name, lines) for name, lines in files.items()], gap=12)


def build_reasons(detail: IterationDetail) -> Tree:
    """What the analyst found, beside the trajectories that it cites, and what was decided."""
    left = build_stack(
        build_section("Root cause", node("div", _SERIF, detail.root_cause or "No analysis is recorded.")),
        build_section("Suggestion", node("div", _SERIF, detail.suggestion)) if detail.suggestion else None,
        build_section("What came of it", _build_end(detail)),
        gap=12,
    )
    cited = {str(one.get("trajectory")) for one in detail.citations}
    shown = [one for one in detail.trajectories if str(one.get("id")) in cited]
    others = len(detail.trajectories) - len(shown)
    right = build_stack(
        *[_build_trajectory(one, detail.citations) for one in shown],
        node("span", "small muted", f"{count_of(others, 'more trajectory', 'more trajectories')} read and not cited")
        if others > 0
        else None,
        gap=10,
    )
    return build_columns(left, build_section("What it cites", right), spec="minmax(0, 1fr) minmax(0, 1.3fr)")


def build_refusals(refusals: Sequence[Mapping[str, str]]) -> Tree:
    """Each reason of the guard with the words it is about."""
    lines = [
        node(
            "div",
            {"class": "col", "style": "gap:2px;border-left:3px solid var(--ad-alarm);padding-left:10px"},
            node("div", "row", node("span", "alarm", draw_severity("flag")), one.get("sentence", "")),
            node("div", {"class": "mono small", "dir": "auto", "style": "overflow-wrap:anywhere"},
                shorten(one.get("excerpt", ""), 300)) if one.get("excerpt") else None,
            node("span", "small muted", f"{one.get('file', '')} · {one.get('code', '')}"),
        )
        for one in refusals
    ]  # fmt: skip
    return build_stack(*lines, gap=8)


def build_samples(samples: Samples) -> Tree:
    """Accepted tasks of the parent and of the child side by side, of the same sources where there are such."""
    left, right = _index_tasks(samples.parent), _index_tasks(samples.child)
    order = [*[one for one in left if one in right], *[one for one in left if one not in right]]
    order += [one for one in right if one not in left]
    heads = build_columns(node("div", "head", "Parent"), node("div", "head", "Child"), spec="1fr 1fr")
    rows = [
        build_columns(
            _build_task(left.get(one), "the parent"),
            _build_task(right.get(one), "the child"),
            spec="minmax(0, 1fr) minmax(0, 1fr)",
        )
        for one in order
    ]
    return build_stack(heads, *rows, gap=12)


def _index_tasks(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Tasks by source; one whose source was not recorded by its place."""
    return {str(task.get("source_id") or f"#{at}"): task for at, task in enumerate(tasks)}


def _build_file(name: str, lines: Sequence[str]) -> Tree:
    body = [line for line in lines if not line.startswith(("--- ", "+++ "))]
    shown = [_build_line(line) for line in body[:LINES_SHOWN]]
    more = len(body) - LINES_SHOWN
    note = node("div", "small muted", f"{more:,} more lines") if more > 0 else None
    box = node("div", {"class": "boxed mono", "role": "table", "aria-label": f"Changes in {name}"}, *shown, note)
    return build_section(name, box)


def _build_line(line: str) -> Tree:
    sign = line[:1]
    attributes = {"style": f"{_MONO};{_LOOKS.get(sign, '')}", "dir": "auto", "aria-label": _WORDS.get(sign)}
    return node("div", attributes, line or " ")


def _build_end(detail: IterationDetail) -> Tree:
    row = detail.row
    if row.state == "refused":
        return build_refusals(row.refusals)
    words = [text for text in (row.reason.replace("_", " "), row.evidence) if text]
    numbers = row.numbers
    if numbers.get("n"):
        low, high = format_gap(numbers.get("lower")), format_gap(numbers.get("upper"))
        rates = f"parent {format_score(numbers.get('parent_rate'))}, child {format_score(numbers.get('child_rate'))}"
        words.append(f"{count_of(int(numbers['n']), 'pair')}: {rates}, difference {low} to {high} (90 %)")
    mark = "clear" if row.state == "kept" else "unchecked"
    return build_sentences([f"{word[:1].upper()}{word[1:]}." for word in words] or ["Not decided yet."], mark)


def _build_trajectory(one: Mapping[str, Any], citations: Sequence[Mapping[str, Any]]) -> Tree:
    own = [cited for cited in citations if str(cited.get("trajectory")) == str(one.get("id"))]
    quotes = [
        node(
            "div",
            {"class": "col", "style": "gap:2px"},
            node("div", {"class": "serif", "dir": "auto"}, f"“{shorten(str(cited.get('quote', '')), 300)}”"),
            node("span", "small muted", "stands there" if cited.get("found") else "does not stand there word for word"),
        )
        for cited in own
    ]
    text = str(one.get("text", ""))
    box = node("div", {**_SERIF, "style": f"{_SERIF['style']};max-height:180px;overflow-y:auto"}, text[:TEXT_SHOWN])
    title = f"{one.get('title', '')}, {str(one.get('outcome', '')).replace('_', ' ')}"
    return node("div", "paper col", node("b", None, title), *quotes, box)


def _build_task(task: Mapping[str, Any] | None, whose: str) -> Tree:
    if task is None:
        return node("span", "muted", f"No task of this source was accepted with {whose}.")
    scores = (
        f"weak {format_score(task.get('weak_mean'))}, strong {format_score(task.get('strong_mean'))}, "
        f"gap {format_gap(task.get('gap'))}, round {task.get('round')}"
    )
    return node(
        "div",
        "paper col",
        node("span", "small muted", f"{task.get('title', '')} · {scores}"),
        node("div", _SERIF, str(task.get("question", ""))[:TEXT_SHOWN]),
        node("div", {"class": "small muted", "dir": "auto"}, shorten(str(task.get("context", "")), 500)),
    )
