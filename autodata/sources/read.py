"""One file to documents: checks that hold for every format, then the reader of its format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from autodata.sources.document import MAX_FILE_BYTES, SUFFIXES, Document, Skipped, Unreadable, check_length
from autodata.sources.pdf import read_pdf
from autodata.sources.records import read_records
from autodata.sources.text import (
    clean_text,
    decode_text,
    find_heading,
    plain_title,
    strip_front_matter,
    title_from_name,
)
from autodata.sources.web import read_web_page
from autodata.sources.word import read_word


def read_documents(path: Path, name: str) -> Iterator[Document | Skipped]:
    """The documents in one file and what in it was skipped; reads the file, never raises for its contents."""
    try:
        data = _load_bytes(path)
        facts = {"format": path.suffix.lower().lstrip("."), "sha256": hashlib.sha256(data).hexdigest()}
        if path.suffix.lower() == ".jsonl":
            yield from read_records(data, name, facts)
        else:
            yield _read_document(data, path.suffix.lower(), name, facts)
    except Unreadable as problem:
        yield Skipped(name, str(problem))
    except OSError as error:
        yield Skipped(name, f"it cannot be opened ({error.strerror or error}); check its permissions")
    except Exception as error:  # noqa: BLE001 - the boundary to foreign parsers: hostile files raise anything
        yield Skipped(name, f"it is damaged or not what its name says ({type(error).__name__}: {str(error)[:200]})")


def _load_bytes(path: Path) -> bytes:
    if path.suffix.lower() not in SUFFIXES:
        kind = f"files ending in {path.suffix}" if path.suffix else "files without an ending"
        raise Unreadable(f"{kind} cannot be read; supported are {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise Unreadable("it is not a regular file (a broken link, a pipe or a device); remove it or its link")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 2**20
        raise Unreadable(f"it has {size / 2**20:,.0f} MB, more than {limit} MB; split it into smaller files")
    if not size:
        raise Unreadable("it is empty (0 bytes); remove it or save it again")
    return path.read_bytes()


def _read_document(data: bytes, suffix: str, name: str, facts: dict[str, Any]) -> Document:
    note = ""
    if suffix == ".pdf":
        text, title, facts["pages"] = read_pdf(data)
    elif suffix == ".docx":
        text, title = read_word(data)
    elif suffix in (".html", ".htm"):
        text, title, note = read_web_page(data)
    else:
        text, title, note = _read_plain(data, suffix)
    if not re.search(r"\w", text):
        raise Unreadable("there is no text in it; remove it, or export it again with its text")
    if note:
        facts["note"] = note
    return Document(name, title or find_heading(text) or title_from_name(PurePosixPath(name).name), text, facts)


def _read_plain(data: bytes, suffix: str) -> tuple[str, str, str]:
    decoded, note = decode_text(data)
    check_length(len(decoded))
    text, title = strip_front_matter(clean_text(decoded))
    if not title and suffix == ".txt":
        title = _find_first_line(text)
    return text, plain_title(title), note


def _find_first_line(text: str) -> str:
    """The first line where it stands alone and reads like a title: short and not a sentence."""
    first, _, rest = text.partition("\n")
    alone = rest.startswith("\n")
    return first.strip(" =-*#") if alone and len(first) <= 100 and not re.search(r"[.!?:;,]$", first) else ""
