"""The request parity of one task as a tree: weak and strong as sent, side by side, with hashes and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autodata.canon import hash_text
from autodata.index.queries.audit_pairs import Pair
from autodata.model import SOLVERS
from autodata.ui.audit.comparing import Comparison, compare_lines, count_differences
from autodata.ui.marks import draw_chip, draw_severity, draw_solver
from autodata.ui.review.diffs import DiffLine, Span, fold_equal, show_hidden
from autodata.ui.text import count_of, format_count
from autodata.ui.tree import Tree, node

SHOWN = 20_000
"""Characters of a side that are sent to the browser before somebody asks for all."""
ROWS = 400
EQUAL, CHANGED = 180, 2000
"""Characters of an equal and of a changed stretch that are shown where only differences are asked for."""
WORDS_OF = {"one_side": "Only one side was asked", "not_recorded": "Requests not recorded"}
EDGE = "border-left:1px solid var(--ad-line);"
BOX = "border-radius:3px;font-size:11px;padding:0 2px;border:1px solid "
HATCHED = "background:repeating-linear-gradient(135deg,var(--ad-paper) 0 4px,var(--ad-line) 4px 5px)"


def build_verdict(comparison: Comparison, differences: int) -> Tree:
    """The chip: green for the same bytes, red with the number of differences, dashed where the record has none."""
    if comparison.state == "same":
        style = "border-color:var(--ad-accent);color:var(--ad-accent)"
        return node("span", {"class": "chip", "style": style}, draw_severity("clear"), "Same bytes but for the model")
    if comparison.state == "declared":
        return draw_chip(f"Differs as signed: {', '.join(comparison.declared)}", "neutral")
    if comparison.state == "differs":
        return draw_chip(count_of(max(1, differences), "difference"), "violation")
    return draw_chip(WORDS_OF[comparison.state], "unchecked")


def describe_state(comparison: Comparison, imported: bool, read: bool) -> str:
    """What the state rests on. `read`: the journal still holds what the index says it does."""
    if comparison.state == "same":
        return "model and seed may differ; everything else is equal byte for byte"
    if comparison.state == "declared":
        return "a signed contract allows what differs"
    if comparison.state == "differs":
        return f"in {', '.join(comparison.fields)}; the only difference allowed is the model and the seed"
    if comparison.state == "one_side":
        return "there is nothing to compare"
    if imported:
        return "this import did not record them, so symmetry cannot be checked"
    return "the record has no request for this answer" if read else "the journal no longer holds them"


def build_requests(pair: Pair, comparison: Comparison, *, whole: bool, everything: bool) -> tuple[Tree | None, int]:
    """Both requests side by side, and how many stretches differ. `whole`: not only the differences; `everything`:
    however long they are. None where neither was recorded."""
    texts = [call.request if call else "" for call in (pair.weak, pair.strong)]
    if not any(texts):
        return None, 0
    rows = compare_lines(*texts)
    differences = count_differences(rows)
    equal = not any(row.kind == "changed" for row in rows)
    folded: Sequence[DiffLine | int] = rows if whole or equal else _fold(rows)
    limit = 10**9 if everything else SHOWN
    body: list[Tree] = []
    used = left_out = 0
    for row in folded:
        if used > limit or len(body) >= (ROWS if not everything else 10**9):
            left_out += row if isinstance(row, int) else 1
            continue
        if isinstance(row, int):
            body.append(_build_fold(row))
            continue
        body.append(_build_row(row, cut=not whole, rest=limit - used))
        used += sum(len(text) for _, text in row.left) if whole else EQUAL
    heads = [_build_head(solver, pair, comparison) for solver in SOLVERS]
    foot = _build_foot(left_out, max(map(len, texts)), whole and used > limit)
    inner = node("div", {"style": "max-height:420px;overflow:auto", "tabindex": "0", "role": "region",
                         "aria-label": "Requests side by side"}, *body)  # fmt: skip
    grid = node("div", {"style": "display:grid;grid-template-columns:1fr 1fr;border-bottom:1px solid var(--ad-line);"
                                 "background:var(--ad-panel)"}, *heads)  # fmt: skip
    box = node("div", {"class": "boxed", "style": "background:var(--ad-paper);overflow:hidden"}, grid, inner, foot)
    return box, differences


def _fold(rows: Sequence[DiffLine]) -> Sequence[DiffLine | int]:
    """The rows around what differs. What may always differ counts as equal: the heads name it."""
    kept = [row if row.kind == "changed" else replace(row, kind="same") for row in rows]
    return fold_equal(kept, around=1)


def _build_head(solver: str, pair: Pair, comparison: Comparison) -> Tree:
    call = pair.weak if solver == "weak" else pair.strong
    bare = comparison.left_sha if solver == "weak" else comparison.right_sha
    model = (call.model_requested or call.model_returned) if call else ""
    parts: list[Tree | None] = [
        draw_solver(solver),
        node("b", None, solver.capitalize()),
        node("span", {"class": "cut", "dir": "auto", "title": model or None}, model or "not recorded"),
    ]
    if call and call.request_sha:
        shown = [f"sha {_shorten(call.request_sha)}"] + ([f"bare {_shorten(bare)}"] if bare else [])
        title = f"hash of the request {call.request_sha}; bare, without model and seed: {bare or 'not known'}"
        parts.append(node("span", {"class": "mono muted keep push", "title": title}, ", ".join(shown)))
    edge = EDGE if solver == "strong" else ""
    return node("div", {"class": "row", "style": f"{edge}padding:5px 10px;gap:6px"}, *parts)


def _build_row(row: DiffLine, *, cut: bool, rest: int) -> Tree:
    tone = "background:var(--ad-alarm-bg);" if row.kind == "changed" else ""
    sides = []
    for number, spans, edge in ((row.left_number, row.left, ""), (row.right_number, row.right, EDGE)):
        if number is None:
            sides.append(node("div", {"style": edge + HATCHED}))
            continue
        style = f"{edge}{tone}display:grid;grid-template-columns:30px minmax(0,1fr)"
        # What is equal is there to find one's way by: one line of it is enough.
        brief = cut and row.kind == "same"
        style_of = "padding-right:8px;unicode-bidi:isolate" + ("" if brief else ";overflow-wrap:anywhere")
        about = {"class": "cut" if brief else "pre", "style": style_of}
        words = node("span", about, *_build_spans(spans, row.kind, cut, rest))
        count = node("span", {"class": "muted num", "style": "padding-right:8px"}, str(number))
        sides.append(node("div", {"style": style}, count, words))
    return node("div", {"class": "mono", "style": "display:grid;grid-template-columns:1fr 1fr"}, *sides)


def _build_spans(spans: Sequence[Span], kind: str, cut: bool, rest: int) -> list[Tree]:
    trees: list[Tree] = []
    for part, text in spans:
        if part == "same":
            trees += _cut_equal(text) if cut else _show_equal(text[: max(0, rest)], len(text) - max(0, rest))
        elif part == "box":
            trees.append(node("span", {"style": f"{BOX}var(--ad-alarm);color:var(--ad-alarm)"}, text))
        else:
            tone = "var(--ad-alarm)" if kind == "changed" else "var(--ad-ink)"
            style = f"font-weight:600;color:{tone};text-decoration:underline;text-underline-offset:3px"
            longest = CHANGED if cut else max(CHANGED, rest)
            trees.append(node("b", {"style": style}, text[:longest]))
            if len(text) > longest:
                more = f"… {len(text) - longest:,} more characters, sha {_shorten(hash_text(text))}"
                trees.append(_build_left_out(more))
    return trees


def _cut_equal(text: str) -> list[Tree]:
    """A long equal stretch as its two ends and the hash of what lies between."""
    if len(text) <= EQUAL:
        return _show_equal(text, 0)
    half = EQUAL // 2
    middle = text[half : len(text) - half]
    note = f" [{count_of(len(middle), 'character')}, identical, sha {_shorten(hash_text(middle))}] "
    return [*_show_equal(text[:half], 0), _build_left_out(note), *_show_equal(text[len(text) - half :], 0)]


def _show_equal(text: str, more: int) -> list[Tree]:
    shown: list[Tree] = [
        words if part == "same" else node("span", {"class": "muted", "style": f"{BOX}var(--ad-line2)"}, words)
        for part, words in show_hidden(text)
    ]
    return [*shown, _build_left_out(f"… {more:,} more characters")] if more > 0 else shown


def _build_left_out(words: str) -> Tree:
    return node("span", {"class": "muted", "style": "font-family:'Source Sans',sans-serif"}, words)


def _build_fold(count: int) -> Tree:
    style = "text-align:center;background:var(--ad-panel)"
    return node(
        "div",
        {"class": "small muted", "style": style},
        count_of(count, "line without a difference", "lines without a difference"),
    )


def _build_foot(left_out: int, longest: int, cut: bool) -> Tree | None:
    if not left_out and not cut:
        return None
    more = f"{count_of(left_out, 'more line')} not shown. " if left_out else ""
    size = f"{longest / 1000:,.0f} kB" if longest >= 1000 else f"{format_count(longest)} bytes"
    style = "padding:5px 10px;border-top:1px solid var(--ad-line)"
    link = node("span", {"class": "link", "act": "everything"}, f"Show all {size}")
    return node("div", {"class": "small muted", "style": style}, more, link)


def _shorten(sha: str) -> str:
    return f"{sha[:4]} {sha[4:8]}"
