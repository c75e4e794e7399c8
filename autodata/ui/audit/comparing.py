"""Two recorded requests compared: what state they are in, and their lines side by side at a bounded cost.

A request may have hundreds of kilobytes and be written to make a comparison slow: equal beginnings and ends are taken
off first, and what lies between is matched only while that is cheap.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import orjson

from autodata.audit.static.requests import OWN_TO_EACH
from autodata.canon import hash_value
from autodata.index.queries.audit_pairs import Pair
from autodata.ui.review.diffs import DiffLine, Span, diff_words, list_request_lines, show_hidden

State = Literal["same", "declared", "differs", "one_side", "not_recorded"]
MATCHED = 250_000
"""Product of line counts up to which lines are matched; above it they face each other by number."""
WORDS = 4000
"""Characters of a changed stretch up to which its words are matched; above it, old and new stand whole."""
ALLOWED_PREFIXES = tuple(f"{name}: " for name in sorted(OWN_TO_EACH))


@dataclass(frozen=True, slots=True)
class Comparison:
    """`fields` differ against the agreement, `declared` ones as a person signed. `left_sha`, `right_sha` are hashes of
    the requests without what may always differ, "" where there is none."""

    state: State
    fields: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    left_sha: str = ""
    right_sha: str = ""


def compare_pair(pair: Pair, allowed: Sequence[str]) -> Comparison:
    """Whether weak and strong were sent the same but for the model and the seed. `allowed` fields may differ, signed.

    A request that was not recorded makes the pair not recorded, never the same.
    """
    bodies = [_read_body(call.request) if call else None for call in (pair.weak, pair.strong)]
    weak, strong = bodies
    if weak is None and strong is None:
        return Comparison("not_recorded")
    if weak is None or strong is None:
        missing = pair.weak if weak is None else pair.strong
        return Comparison("one_side" if missing is None else "not_recorded")
    kept = [{name: value for name, value in body.items() if name not in OWN_TO_EACH} for body in (weak, strong)]
    names = sorted(kept[0].keys() | kept[1].keys())
    differ = [name for name in names if _field(kept[0], name) != _field(kept[1], name)]
    fields = tuple(name for name in differ if name not in allowed)
    declared = tuple(name for name in differ if name in allowed)
    state: State = "differs" if fields else "declared" if declared else "same"
    return Comparison(state, fields, declared, hash_value(kept[0]), hash_value(kept[1]))


def compare_lines(left: str, right: str) -> list[DiffLine]:
    """Rows of both request bodies side by side; lines that may always differ are of the kind "allowed"."""
    old, new = list_request_lines(left), list_request_lines(right)
    head = _count_common(old, new)
    tail = min(_count_common(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    rows = [_make_same(at, line, at, line) for at, line in enumerate(old[:head])]
    rows += _compare_middle(old[head : len(old) - tail], new[head : len(new) - tail], head)
    for step in range(tail):
        a, b = len(old) - tail + step, len(new) - tail + step
        rows.append(_make_same(a, old[a], b, new[b]))
    return rows


def count_differences(rows: Sequence[DiffLine]) -> int:
    """Stretches of changed lines."""
    kinds = ["same", *(row.kind for row in rows)]
    return sum(1 for before, now in pairwise(kinds) if now == "changed" and before != "changed")


def _compare_middle(old: Sequence[str], new: Sequence[str], offset: int) -> list[DiffLine]:
    if len(old) * len(new) <= MATCHED:
        steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    else:
        steps = [("replace", 0, len(old), 0, len(new))]
    rows = []
    for _, a0, a1, b0, b1 in steps:
        for step in range(max(a1 - a0, b1 - b0)):
            a, b = a0 + step, b0 + step
            before, after = (old[a] if a < a1 else None), (new[b] if b < b1 else None)
            if before is not None and before == after:
                rows.append(_make_same(offset + a, before, offset + b, before))
            else:
                rows.append(_make_changed(offset + a, before, offset + b, after))
    return rows


def _make_same(left_at: int, left: str, right_at: int, right: str) -> DiffLine:
    return DiffLine("same", left_at + 1, (("same", left),), right_at + 1, (("same", right),))


def _make_changed(left_at: int, old: str | None, right_at: int, new: str | None) -> DiffLine:
    kind = "changed"
    if old is None or new is None:
        left, right = [("gone", old or "")], [("new", new or "")]
    else:
        left, right = _compare_words(old, new)
        if any(old.startswith(name) and new.startswith(name) for name in ALLOWED_PREFIXES):
            kind = "allowed"
    return DiffLine(
        kind,
        None if old is None else left_at + 1,
        _show(left),
        None if new is None else right_at + 1,
        _show(right),
    )


def _compare_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """The spans of either side: common beginning and end, and between them word by word where that is cheap."""
    head = _count_common(old, new)
    tail = min(_count_common(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    middles = old[head : len(old) - tail], new[head : len(new) - tail]
    spans: list[Span] = [("gone", middles[0]), ("new", middles[1])]
    if max(map(len, middles)) <= WORDS:
        spans = diff_words(*middles)
    sides = []
    for own in ("gone", "new"):
        middle = [span for span in spans if span[0] in ("same", own)]
        sides.append([("same", old[:head]), *middle, ("same", old[len(old) - tail :])])
    return sides[0], sides[1]


def _show(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans with invisible characters of what changed as boxes; equal stretches are cut before they are shown."""
    shown: list[Span] = []
    for kind, text in spans:
        if text:
            parts = show_hidden(text) if kind != "same" else [("same", text)]
            shown += [(kind if part == "same" else part, words) for part, words in parts]
    return tuple(shown)


def _count_common(old: Sequence[str], new: Sequence[str]) -> int:
    """Length of the common beginning of two texts or lists, by halving: slices compare at memory speed."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _read_body(request: str) -> dict[str, Any] | None:
    try:
        body = orjson.loads(request) if request else None
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _field(body: dict[str, Any], name: str) -> bytes:
    return orjson.dumps(body[name], option=orjson.OPT_SORT_KEYS) if name in body else b"absent"
