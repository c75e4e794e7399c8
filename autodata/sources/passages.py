"""Long documents to passages of about equal length, cut between paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from autodata.sources.text import FENCE, HEADING

_EAST_ASIAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_EAST_ASIAN}]|[^\s{_EAST_ASIAN}]+")
_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)\]]))\s+(?=[\"'“‘(\[]?[^\Wa-z_])|(?<=[。！？])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-Z]|[A-Z]\.[A-Z]|e\.g|i\.e|cf|vs?|No|Nos|Art|Sec|Fig|Eq|Ch|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|al|pp?)\.$"
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a paragraph with the headings before it, or one sentence of an overlong paragraph.

    `joiner` is what stood between this unit and the one before it.
    """

    text: str
    words: int
    joiner: str = "\n\n"


def split_passages(text: str, passage_words: int) -> list[str]:
    """Passages of at most `passage_words` words, about equally long, in order; none for a text without words.

    A cut lies between paragraphs. Only a paragraph that is longer than the limit by itself is cut, between sentences
    (then lines); a single sentence longer than the limit stays whole. A heading stays with the paragraph after it.
    """
    units = _make_units(_split_blocks(text), passage_words)
    remaining = sum(unit.words for unit in units)
    passages: list[list[_Unit]] = []
    size, target = 0, 0.0
    for unit in units:
        over = size + unit.words > passage_words
        past_middle = size + unit.words / 2 > target
        if not passages or (size and (over or past_middle)):
            passages.append([])
            target = remaining / max(1, ceil(remaining / passage_words))
            size = 0
        passages[-1].append(unit)
        size += unit.words
        remaining -= unit.words
    return [_join(passage) for passage in passages]


def count_words(text: str) -> int:
    """Words of `text`: runs without blanks, and every Chinese, Japanese or Korean character."""
    return len(_WORD.findall(text))


def split_sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, each with the blanks that follow it; common abbreviations do not end one."""
    sentences, start = [], 0
    for match in _SENTENCE_END.finditer(paragraph):
        if not _ABBREVIATION.search(paragraph[max(start, match.start() - 12) : match.start()]):
            sentences.append(paragraph[start : match.end()])
            start = match.end()
    return [s for s in [*sentences, paragraph[start:]] if s]


def _split_blocks(text: str) -> list[str]:
    """Paragraphs, headings and whole code fences, in order."""
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if fence:
            blocks[-1].append(line)
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
                blocks.append([])
        elif mark:
            fence = mark[1]
            blocks.append([line])
        elif HEADING.match(line):
            blocks.extend(([line], []))
        elif line.strip():
            blocks[-1].append(line)
        else:
            blocks.append([])
    return [joined for block in blocks if (joined := "\n".join(block)).strip()]


def _make_units(blocks: list[str], limit: int) -> list[_Unit]:
    units: list[_Unit] = []
    headings: list[str] = []
    for block in blocks:
        together = "\n\n".join([*headings, block])
        if count_words(together) > limit:
            pieces = _cut_block(block, limit)
            if headings and count_words("\n\n".join(headings)) + pieces[0].words <= limit:
                first = "\n\n".join([*headings, pieces[0].text])
                pieces[0] = _Unit(first, count_words(first))
            elif headings:
                heading = "\n\n".join(headings)
                units.append(_Unit(heading, count_words(heading)))
            units.extend(pieces)
            headings = []
        elif HEADING.match(block):
            headings.append(block)
        else:
            units.append(_Unit(together, count_words(together)))
            headings = []
    if headings:
        rest = "\n\n".join(headings)
        units.append(_Unit(rest, count_words(rest)))
    return units


def _cut_block(block: str, limit: int) -> list[_Unit]:
    """The block's sentences (lines, where a sentence is too long); the block itself when it fits the limit."""
    if (words := count_words(block)) <= limit:
        return [_Unit(block, words)]
    pieces: list[str] = []
    for sentence in split_sentences(block):
        pieces.extend(sentence.splitlines(keepends=True) if count_words(sentence) > limit else [sentence])
    units, joiner = [], "\n\n"
    for piece in pieces:
        if body := piece.strip():
            units.append(_Unit(body, count_words(body), joiner))
            joiner = ""
        joiner += "\n" if "\n" in piece[len(piece.rstrip()) :] else " " if piece[-1:].isspace() else ""
    return units


def _join(units: list[_Unit]) -> str:
    return units[0].text + "".join(unit.joiner + unit.text for unit in units[1:])
