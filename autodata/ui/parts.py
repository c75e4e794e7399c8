"""Small trees that several pages put together: tables, lines of a list, sentences with a mark, bars of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.ui.marks import draw_bar, draw_severity
from autodata.ui.text import format_count
from autodata.ui.tree import Tree, node


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its head, whether it holds numbers, and a CSS width."""

    head: Tree
    number: bool = False
    width: str = ""


def build_table(
    columns: Sequence[Column], rows: Sequence[Sequence[Tree | None]], label: str = "", *, fixed: bool = False
) -> Tree:
    """A plain table; a cell that is None is empty. `fixed`: columns keep their widths and cut what is longer."""
    heads = [node("th", {"class": _class(column), "style": _width(column)}, column.head) for column in columns]
    body = [
        node(
            "tr",
            None,
            *[node("td", {"class": _class(column)}, cell) for column, cell in zip(columns, row, strict=True)],
        )
        for row in rows
    ]
    return node(
        "table",
        {"role": "table", "aria-label": label or None, "style": "table-layout:fixed" if fixed else None},
        node("thead", None, node("tr", None, *heads)),
        node("tbody", None, *body),
    )


def build_pairs(pairs: Sequence[tuple[str, Tree]], width: int = 116) -> Tree:
    """Names on the left, values on the right, one line each."""
    grid = f"display:grid;grid-template-columns:{width}px 1fr;gap:3px 12px;overflow-wrap:anywhere"
    cells = [cell for name, value in pairs for cell in (node("span", "muted small", name), node("span", None, value))]
    return node("div", {"style": grid}, *cells)


def build_counts(
    counts: Sequence[tuple[str, int]], *, tone: str = "easy", width: int = 116, total: int | None = None
) -> Tree:
    """Words with a bar and a count each, on one scale; `total` adds the share of it."""
    most = max((count for _, count in counts), default=0) or 1
    grid = f"display:grid;grid-template-columns:{width}px 1fr auto;gap:5px 10px;align-items:center"
    cells: list[Tree] = []
    for word, count in counts:
        share = f" · {100 * count / total:.0f} %" if total else ""
        cells += [
            node("span", "cut", word),
            draw_bar(count / most, tone=tone),
            node("span", "num", format_count(count), node("span", "muted small", share)),
        ]
    return node("div", {"style": grid}, *cells)


def build_sentences(sentences: Sequence[str], severity: str) -> Tree:
    """One sentence per line behind its mark: flag (alarm), unchecked (a note) or clear."""
    tone = "alarm" if severity in ("flag", "violation", "failed") else "muted" if severity == "unchecked" else "accent"
    lines = [
        node(
            "div",
            {"style": "display:grid;grid-template-columns:16px 1fr;gap:6px;align-items:start"},
            node("span", {"class": tone, "style": "padding-top:3px;line-height:12px"}, draw_severity(severity)),
            node("span", {"class": "pre", "style": "overflow-wrap:anywhere", "dir": "auto"}, *set_code(sentence)),
        )
        for sentence in sentences
    ]
    return node("div", {"class": "col", "role": "alert" if tone == "alarm" else "note"}, *lines)


def set_code(sentence: str) -> list[Tree]:
    """What stands between backticks is set as code, the rest as it is."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return [sentence]
    return [node("span", "mono", part) if at % 2 else part for at, part in enumerate(parts) if part]


def build_head(title: str, note: str = "") -> Tree:
    """A section's name with a quiet note after it, for use inside a larger tree."""
    return node("div", "head", title, node("span", "note", note) if note else None)


def build_section(title: str, body: Tree, note: str = "") -> Tree:
    """A section: its head close to what it heads."""
    return node("div", {"class": "col", "style": "gap:6px"}, build_head(title, note), body)


def build_columns(*children: Tree | None, spec: str = "1fr 1fr", gap: int = 24) -> Tree:
    """Children side by side; one column where the room is small."""
    return node("div", {"style": f"display:grid;grid-template-columns:{spec};gap:{gap}px;align-items:start"}, *children)


def build_stack(*children: Tree | None, gap: int = 16) -> Tree:
    """Children under each other."""
    return node("div", {"style": f"display:flex;flex-direction:column;gap:{gap}px"}, *children)


def build_segments(parts: Sequence[tuple[str, float]], label: str, height: int = 8) -> Tree:
    """One bar in segments; `parts` are (tone, share) with shares in [0, 1], the rest stays empty."""
    segments = [
        node("span", {"style": f"flex:0 0 {100 * share:.2f}%;background:var(--ad-{tone})"})
        for tone, share in parts
        if share
    ]
    style = f"display:flex;gap:1px;height:{height}px;background:var(--ad-line);width:100%"
    return node("div", {"style": style, "role": "img", "aria-label": label}, *segments)


def _class(column: Column) -> str | None:
    return "num" if column.number else None


def _width(column: Column) -> str | None:
    return f"width:{column.width}" if column.width else None
