"""Text that a spreadsheet program may open: no cell can become a formula, whatever a model wrote."""

from __future__ import annotations

import unicodedata

CELL_MAX = 32_000
"""Spreadsheet programs cut a cell at 32,767 characters and spill the rest into other rows."""

_LEADERS = frozenset("=+-@\u2212")
_CONTROLS = frozenset("\t\r\n")


def neutralise_cell(text: str) -> str:
    """`text` with an apostrophe before it when a spreadsheet could read it as a formula.

    Formula signs count in full-width and small forms too, and behind spaces or invisible characters, which some
    programs drop when they import.
    """
    if text[:1].isascii() and text[:1].isalnum():
        return text  # nearly every cell: a letter or digit begins no formula
    visible = next((character for character in text if not _is_skipped(character)), "")
    if text[:1] in _CONTROLS or (visible and unicodedata.normalize("NFKC", visible)[:1] in _LEADERS):
        return "'" + text
    return text


def make_cell(value: object) -> str:
    """Any value as a safe cell: None is empty, numbers stay numbers, long text is cut with a note."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\x00", "\ufffd")
    if len(text) > CELL_MAX:
        text = f"{text[:CELL_MAX]}… [cut: {len(text):,} characters, all of them in the other formats]"
    return neutralise_cell(text)


def _is_skipped(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Zs"}
