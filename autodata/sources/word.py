"""DOCX to Markdown-like text: headings, paragraphs, lists and tables in the order of the page."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from autodata.sources.document import Unreadable, check_length
from autodata.sources.text import clean_text, plain_title

_MAX_UNPACKED = 300 * 1024 * 1024
_MAX_XML = 40 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"


def read_word(data: bytes) -> tuple[str, str]:
    """Text and title ("" if none is set). Raises Unreadable when it is locked, damaged, or unpacks to too much."""
    if data.startswith(_OLE):
        raise Unreadable(
            "it is protected by a password or an old .doc file; save it as .docx without a password and load that"
        )
    _check_unpacked(data)
    document = docx.Document(io.BytesIO(data))
    blocks, chars = [], 0
    for block in _render_blocks(document.iter_inner_content()):
        chars += len(block)
        check_length(chars)
        blocks.append(block)
    return clean_text("\n\n".join(blocks)), plain_title(document.core_properties.title or "")


def _check_unpacked(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(
            "it is not a DOCX file or is damaged; open it in a word processor and save it again"
        ) from error
    largest_xml = max((p.file_size for p in parts if p.filename.endswith((".xml", ".rels"))), default=0)
    if sum(p.file_size for p in parts) > _MAX_UNPACKED or largest_xml > _MAX_XML:
        raise Unreadable("it unpacks to far more than a document holds; check where it comes from, or split it")


def _render_blocks(content: Iterator[Paragraph | Table]) -> Iterator[str]:
    """One string per paragraph or table; list items that follow each other are one block."""
    items: list[str] = []
    for block in content:
        if isinstance(block, Paragraph):
            text = block.text.strip()
            style = (block.style.name or "") if block.style is not None else ""
            if text and style.startswith("List"):
                items.append(f"- {text}")
                continue
            rendered = _mark_heading(text, style)
        else:
            rendered = _render_table(block)
        if items and rendered:
            yield "\n".join(items)
            items = []
        if rendered:
            yield rendered
    if items:
        yield "\n".join(items)


def _mark_heading(text: str, style: str) -> str:
    level = re.fullmatch(r"Heading (\d)", style)
    if not text or not (level or style == "Title"):
        return text
    return f"{'#' * min(int(level[1]), 6) if level else '#'} {' '.join(text.split())}"


def _render_table(table: Table) -> str:
    rows = []
    for row in table.rows:
        cells = {id(cell._tc): " ".join(cell.text.split()) for cell in row.cells}  # a merged cell is listed repeatedly
        if any(cells.values()):
            rows.append("| " + " | ".join(cells.values()) + " |")
    return "\n".join(rows)
