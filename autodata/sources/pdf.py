"""PDF text layers to paragraphs. PDF keeps lines, not paragraphs, so the borders are found from line lengths."""

from __future__ import annotations

import re
import threading
from collections import Counter

import pypdfium2

from autodata.sources.document import Unreadable, check_length
from autodata.sources.text import clean_text, plain_title

_LOCK = threading.Lock()
"""PDFium is not thread-safe, and two browser sessions may read at the same time."""

_MAX_PAGES = 5000
_HYPHEN = re.compile("[\ufffe\u00ad\x02]\r?\n?")
_SCANNED = (
    "it has no text layer, so it is probably scanned pages; "
    "run text recognition on it first (for example `ocrmypdf in.pdf out.pdf`) and load the result"
)


def read_pdf(data: bytes) -> tuple[str, str, int]:
    """Text, title ("" if none is set) and number of pages.

    Raises Unreadable when it is encrypted, damaged, too long, or has fewer than three words per page (scanned).
    """
    with _LOCK:
        pages, title = _extract_pages(data)
    text = clean_text(_join_pages(_strip_running_lines(pages)))
    if len(text.split()) < 3 * len(pages):
        raise Unreadable(_SCANNED)
    return text, title, len(pages)


def _extract_pages(data: bytes) -> tuple[list[list[str]], str]:
    """Lines of every page and the title."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("it is encrypted; save a copy without a password and load that") from error
        raise Unreadable(f"it is not a readable PDF ({error}); open it in a viewer and save it again") from error
    try:
        count = len(document)
        if count > _MAX_PAGES:
            raise Unreadable(f"it has {count:,} pages; split it into files of at most {_MAX_PAGES:,} pages")
        pages, chars = [], 0
        for number in range(count):
            page = document[number]
            textpage = page.get_textpage()
            text = _HYPHEN.sub("", textpage.get_text_bounded())
            textpage.close()
            page.close()
            chars += len(text)
            check_length(chars)
            pages.append([line.strip() for line in clean_text(text).split("\n") if line.strip()])
        title = plain_title(document.get_metadata_value("Title") or "")
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"a page of it cannot be read ({error}); open it in a viewer and save it again") from error
    finally:
        document.close()
    return pages, "" if re.match(r"(?i)untitled|microsoft word|.*\.(docx?|tex|indd)$", title) else title


def _strip_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Pages without a first or last line that stands, but for its digits, on more than half of four or more pages."""
    if len(pages) < 4:
        return pages
    ends = Counter(key for lines in pages for key in {_mask(line) for line in lines[:1] + lines[-1:]})
    running = {key for key, count in ends.items() if count > len(pages) / 2}
    return [
        [line for n, line in enumerate(lines) if n not in (0, len(lines) - 1) or _mask(line) not in running]
        for lines in pages
    ]


def _mask(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _join_pages(pages: list[list[str]]) -> str:
    """Lines joined to paragraphs. A paragraph ends with a short line that closes a sentence; it may cross pages."""
    paragraphs: list[str] = []
    current = ""
    for lines in pages:
        width = max((len(line) for line in lines), default=0)
        for line in lines:
            if current.endswith("-") and line[:1].islower():
                current = current[:-1] + line
            else:
                current = f"{current} {line}".strip()
            if len(line) < 0.8 * width and re.search(r"[.!?:;]['\"”’)\]]*$", line):
                paragraphs.append(current)
                current = ""
        if re.search(r"[.!?]['\"”’)\]]*$", current):
            paragraphs.append(current)
            current = ""
    return "\n\n".join([*paragraphs, current] if current else paragraphs)
