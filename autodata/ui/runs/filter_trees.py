"""What a filter would read, as trees: the first rows under their parts, the items found, the rows that are not used."""

from __future__ import annotations

import json
from typing import Any

from autodata.items import FIELDS, ColumnMap, LoadedItems, Preview
from autodata.items.columns import read_path
from autodata.ui.parts import Column, build_section, build_stack, build_table
from autodata.ui.text import count_of, shorten
from autodata.ui.tree import Tree, node

PARTS = {
    "prompt": "Prompt", "answer": "Reference answer", "rubric": "Rubric", "context": "Context",
    "id": "Item id", "system": "System text",
}  # fmt: skip

SHOWN_ROWS, SHOWN_CHARS = 3, 240
_WIDTHS = {"id": "92px"}


def build_preview(preview: Preview, columns: ColumnMap) -> Tree:
    """The first rows as they would be read: one column per part that has one."""
    parts = [part for part in FIELDS if getattr(columns, part)]
    rows: list[list[Tree | None]] = [
        [f"{row.number:,}", *(_show(read_path(row.values, getattr(columns, part))) for part in parts)]
        for row in preview.rows[:SHOWN_ROWS]
    ]
    heads = [Column("Row", True, "44px"), *(Column(PARTS[part], width=_WIDTHS.get(part, "")) for part in parts)]
    box = {"style": "max-height:260px;overflow:auto", "tabindex": "0"}
    return build_section("First rows", node("div", box, build_table(heads, rows, "First rows", fixed=True)))


def build_found(found: LoadedItems) -> Tree:
    """What would be tried, what is odd about it, and every row that is not used with its reason."""
    rest = "" if found.complete else ", where the limit ended the reading"
    words = f"{count_of(found.items, 'item')} to try of {count_of(found.rows, 'row')} read{rest}"
    notes = [f"{count_of(found.written, 'item')} without a rubric: one will be written."] if found.written else []
    notes += [f"{count:,} with: {kind}." for kind, count in found.flags.items()]
    if found.loaded.duplicates:
        twice = count_of(len(found.loaded.duplicates), "row is", "rows are")
        notes.append(f"{twice} an item met before and used once.")
    parts: list[Tree | None] = [node("b", None, words), node("div", "muted", " ".join(notes)) if notes else None]
    if skipped := found.loaded.skipped:
        rows: list[list[Tree | None]] = [
            [node("span", {"dir": "auto"}, skip.name), node("span", {"class": "muted", "dir": "auto"}, skip.reason)]
            for skip in skipped[:50]
        ]
        note = "the rest goes on" if len(rows) == len(skipped) else "first 50 shown"
        table = build_table([Column("Row", width="30%"), Column("Reason")], rows, "Rows that are not used")
        box = node("div", {"style": "max-height:172px;overflow-y:auto", "tabindex": "0"}, table)
        parts.append(build_section(f"{count_of(len(skipped), 'row')} not used", box, note))
    return build_stack(*parts, gap=6)


def _show(value: Any) -> Tree:
    if value is None:
        return node("span", "muted", "–")
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    text = shorten(str(value)[: 4 * SHOWN_CHARS], SHOWN_CHARS)
    return node("span", {"class": "lines", "dir": "auto", "title": text}, text)
