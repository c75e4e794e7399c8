"""Bytes to text and text to clean text: encodings, line ends, control characters, Markdown front matter, titles."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from autodata.sources.document import Unreadable

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?\n)\1[ \t]*(?:\n|$)", re.DOTALL)
_FIELD = re.compile(r"(?:[\w-]+[ \t]*[:=].*|[ \t]+.*|-[ \t].*|#.*|)$")
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_TITLE_FIELD = re.compile(r"^title[ \t]*[:=][ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_SETEXT = re.compile(r"^(\S.*)\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)

_WINDOWS_NOTE = "read as Windows-1252 because the bytes are not UTF-8; save the file as UTF-8 if letters look wrong"


def decode_text(data: bytes) -> tuple[str, str]:
    """Text and a note ("" for UTF-8): UTF-8, UTF-16 with a byte order mark, then Windows-1252.

    Raises Unreadable for bytes that are no text.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), "read as UTF-16"
        except UnicodeDecodeError as error:
            raise Unreadable("it starts like UTF-16 text but is damaged; save it as UTF-8 and load it again") from error
    try:
        text, note = data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        text, note = _decode_windows(data), _WINDOWS_NOTE
    if len(_CONTROL.findall(text)) > max(8, 0.02 * len(text)):
        raise Unreadable(_BINARY)
    return text, note


def clean_text(text: str) -> str:
    """`text` with LF line ends, no control characters, no trailing blanks and at most one empty line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = text.replace("\f", "\n\n").replace("\v", "\n").replace("\u00a0", " ")
    text = _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def strip_front_matter(text: str) -> tuple[str, str]:
    """Cleaned text without its front matter and leading comments, and the title the front matter gives ("" if none)."""
    title = ""
    match = _FRONT_MATTER.match(text)
    if match and all(_FIELD.match(line) for line in match[2].splitlines()):
        found = _TITLE_FIELD.search(match[2])
        title = found[1].strip("\"'") if found else ""
        text = text[match.end() :]
    while comment := _COMMENT.match(text):
        text = text[comment.end() :]
    return text.strip("\n"), title


def find_heading(text: str) -> str:
    """The first Markdown heading outside code fences, without its marks; "" when there is none."""
    fence = ""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        elif heading := HEADING.match(line):
            return plain_title(heading[1])
        elif _SETEXT.match("\n".join(lines[number : number + 2])):
            return plain_title(line)
    return ""


def title_from_name(name: str) -> str:
    """A readable title from a file name: "notes/lease-reads.md" gives "lease reads"."""
    stem = PurePosixPath(name).stem
    return re.sub(r"[-_\s]+", " ", stem).strip() or name


def plain_title(text: str) -> str:
    """`text` on one line without Markdown marks, at most 200 characters."""
    return " ".join(re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", clean_text(text)).split())[:200]


def _decode_windows(data: bytes) -> str:
    try:
        if b"\0" in data:
            raise Unreadable(_BINARY)
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unreadable(_BINARY) from error


_BINARY = (
    "it is not text (neither UTF-8 nor Windows-1252); "
    "if it is a document, save it as UTF-8 text, PDF or DOCX with the right file name ending"
)
