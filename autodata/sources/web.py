"""HTML to Markdown-like text: the main content where trafilatura finds one, else every visible word."""

from __future__ import annotations

import re

import lxml.html
import trafilatura

from autodata.sources.document import Unreadable, check_length
from autodata.sources.text import clean_text, decode_text, find_heading, plain_title

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_HIDDEN = "//script | //style | //noscript | //template | //head | //nav | //footer | //comment()"
_BLOCK = re.compile(r"p|div|li|tr|br|table|ul|ol|section|article|header|main|blockquote|pre|dt|dd|hr|h[1-6]")
_MAX_MARKUP_CHARS = 20_000_000


def read_web_page(data: bytes) -> tuple[str, str, str]:
    """Text, title ("" if the page has none) and a note on the encoding.

    Raises Unreadable for bytes that are no text and for more markup than one page may have.
    """
    html, note = _decode(data)
    if len(html) > _MAX_MARKUP_CHARS:
        raise Unreadable(f"it has more than {_MAX_MARKUP_CHARS:,} characters of markup; split it into smaller pages")
    tree = _parse(html)
    if tree is None:
        return "", "", note
    page_title = plain_title(tree.findtext(".//title") or "")
    extracted = trafilatura.extract(html, output_format="markdown", include_comments=False, favor_recall=True)
    text = clean_text(_unmark(extracted or "")) or clean_text(_gather_text(tree))
    check_length(len(text))
    return text, find_heading(text) or page_title, note


def _decode(data: bytes) -> tuple[str, str]:
    declared = _CHARSET.search(data[:4096])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii")), ""
        except (LookupError, UnicodeDecodeError):
            pass  # a wrong declaration is common; the bytes decide
    return decode_text(data)


def _parse(html: str) -> lxml.html.HtmlElement | None:
    try:
        parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError:
        return None  # a page without any element


def _gather_text(tree: lxml.html.HtmlElement) -> str:
    for hidden in tree.xpath(_HIDDEN):
        hidden.drop_tree()
    parts: list[str] = []
    for event, node in lxml.etree.iterwalk(tree, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if _BLOCK.fullmatch(tag):
            parts.append("\n\n")
        if event == "start":
            parts.append(f"{'#' * int(tag[1])} " if re.fullmatch(r"h[1-6]", tag) else "")
            parts.append(re.sub(r"\s+", " ", node.text or ""))
        else:
            parts.append(re.sub(r"\s+", " ", node.tail or ""))
    return re.sub(r" *\n *", "\n", "".join(parts))


def _unmark(markdown: str) -> str:
    """Raised and lowered text written as plain `^x` and `_x`."""
    markdown = re.sub(r"<sup>(.*?)</sup>", r"^\1", markdown)
    return re.sub(r"<sub>(.*?)</sub>", r"_\1", markdown)
