"""S11: characters a reader cannot see, or takes for others. Works on code points, so it does not depend on wording.

Unicode Standard 16.0, chapters 9.2 and 12 (joiners in scripts that need them), 23.2, 23.3 and 23.9 (controls, tags);
UTS #39 for mixed scripts.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from itertools import islice

from autodata.audit.records import TaskRecords
from autodata.audit.static.check import SHOWN, Check, Sheet, quote
from autodata.audit.static.texts import LONGEST, list_request_texts, list_task_texts, tell_unread

FLAG_TAG = "\U0001f3f4"
"""The black flag: with tag characters after it, the flag of a region, which is a picture like any other."""

ENCODED_LEAST = 40
PRINTABLE_SHARE = 0.7
ENOUGH = 10_000
"""Invisible characters of one kind after which nobody needs to count on."""

LOOKED_AT = 100_000
"""Invisible characters after which those that a script needs are no longer told from others."""

WIDE_LEAST = 4
"""Letters in a row of a compatibility form (full width, mathematical) that make a word and not a symbol."""

_TAGS = re.compile("[\U000e0000-\U000e007f]")
_TAG_BYTES = (b"\xf3\xa0\x80", b"\xf3\xa0\x81")
"""With what the UTF-8 form of a tag character begins."""
_FLAG = re.compile(f"{FLAG_TAG}[\U000e0020-\U000e007e]+\U000e007f")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_JOINERS = "\u200c\u200d"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SOFT_HYPHEN = "\u00ad"
_JOINED_SCRIPTS = (
    "ARABIC SYRIAC MONGOLIAN THAANA NKO DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA TAMIL TELUGU KANNADA MALAYALAM "
    "SINHALA KHMER MYANMAR TIBETAN"
).split()
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_GREEK_TWIN = re.compile("[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf]")
_LATIN = re.compile("[A-Za-z]")
_WIDE = re.compile(f"[\uff21-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9]{{{WIDE_LEAST},}}")
_COMMENT = "<!--"
_ENCODED = re.compile(rf"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{{{ENCODED_LEAST},}}={{0,2}}")


def check_characters(task: TaskRecords) -> Check:
    """Tag characters, or something invisible inside a word: a violation. Other invisible characters, direction controls
    without right-to-left text, words of mixed scripts, comments and encoded text: a flag.
    """
    sheet = Sheet("S11")
    for name, text in (*list_task_texts(task), *list_request_texts(task)):
        _scan(sheet, name, text)
    sheet.measure("S11", len(sheet.findings))
    return sheet.close()


def find_hidden_characters(name: str, text: str) -> tuple[str, ...]:
    """The same for one text alone, as sentences in which it goes by `name`."""
    sheet = Sheet("S11")
    _scan(sheet, name, text)
    return tuple(finding.sentence for finding in sheet.close().findings)


def _scan(sheet: Sheet, name: str, text: str) -> None:
    start = text.find(_COMMENT)
    if start >= 0:
        shown = text[start + len(_COMMENT) : start + 4 * SHOWN].split("-->")[0]
        count = text.count(_COMMENT)
        kind = "comment" if count == 1 else "comments"
        sheet.flag(f"the {name} holds {count:,} hidden {kind}, the first: {quote(shown)}")
    for block in dict.fromkeys(_ENCODED.findall(text)):
        if sheet.full:
            break
        decoded = _decode(block)
        if decoded:
            sheet.flag(f"the {name} holds encoded text: {quote(decoded)}")
    if text.isascii():
        return
    if _TAGS.search(text):
        _read_tags(sheet, name, _FLAG.sub("", text))
    _scan_invisible(sheet, name, text)
    if len(text) > LONGEST:
        sheet.flag(tell_unread(name, text, LONGEST, "look-alike letters"))
        text = text[:LONGEST]
    _scan_words(sheet, name, text)


def _read_tags(sheet: Sheet, name: str, text: str) -> None:
    """How many tag characters there are, counted as bytes, and what the first ones spell."""
    data = text.encode("utf-8", "surrogatepass")
    count = sum(map(data.count, _TAG_BYTES))
    if count:
        first = (chr(ord(match.group()) - 0xE0000) for match in islice(_TAGS.finditer(text), 4 * SHOWN + 1))
        sheet.violation(f"the {name} holds {count} tag characters that spell {quote(''.join(first))}")


def _scan_words(sheet: Sheet, name: str, text: str) -> None:
    """Words of mixed scripts, and words in letters that only look like others."""
    greek = _GREEK_TWIN.search(text) is not None
    for word in dict.fromkeys(_WORD.findall(text)) if greek or _CYRILLIC.search(text) else ():
        if _LATIN.search(word) and (_CYRILLIC.search(word) or (len(word) >= 4 and _GREEK_TWIN.search(word))):
            sheet.flag(f"the {name} mixes scripts in the word {quote(word)} ({_spell_odd(word)})")
    for word in dict.fromkeys(_WIDE.findall(text)):
        if sheet.full:
            break
        sheet.flag(f"the {name} writes {quote(unicodedata.normalize('NFKC', word[: 4 * SHOWN]))} in look-alike letters")


def _scan_invisible(sheet: Sheet, name: str, text: str) -> None:
    right_to_left = bool(_RIGHT_TO_LEFT.search(text))
    inside: dict[str, int] = {}
    outside: dict[str, int] = {}
    for number, match in enumerate(_INVISIBLE.finditer(text)):
        character, at = match.group(), match.start()
        if number >= LOOKED_AT:
            sheet.flag(tell_unread(name, text, at, "invisible characters"))
            break
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if _is_needed(character, before, after, right_to_left, at):
            continue
        split = before.isalnum() and after.isalnum() and character != _SOFT_HYPHEN
        counts = inside if split else outside
        counts[character] = counts.get(character, 0) + 1
        if max(counts.values()) >= ENOUGH:
            break
    for character, count in inside.items():
        sheet.violation(f"the {name} holds {count} invisible {_name(character)} inside words")
    for character, count in outside.items():
        sheet.flag(f"the {name} holds {count} invisible {_name(character)}")


def _is_needed(character: str, before: str, after: str, right_to_left: bool, at: int) -> bool:
    """Joiners in the scripts and pictures that are written with them, direction marks in text that needs them."""
    if character in _JOINERS:
        pictures = unicodedata.category(after or " ") in ("So", "Sk") and character == "\u200d"
        return pictures or _is_joined(before) or _is_joined(after)
    if character in _DIRECTIONS:
        return right_to_left
    return character == "\ufeff" and at == 0


def _is_joined(character: str) -> bool:
    return bool(character) and unicodedata.name(character, "").split(" ")[0] in _JOINED_SCRIPTS


def _name(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'private use').lower()})"


def _spell_odd(word: str) -> str:
    odd = [c for c in dict.fromkeys(word) if not c.isascii()]
    return ", ".join(f"{c} is {unicodedata.name(c, 'unnamed').lower()}" for c in odd[:3])


def _decode(text: str) -> str:
    """What base64 text says, "" when it says nothing a person could read."""
    body = text.rstrip("=")[:4000]
    body = body[: len(body) - (1 if len(body) % 4 == 1 else 0)]
    try:
        plain = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    if len(plain) - plain.count("\ufffd") < PRINTABLE_SHARE * len(plain):
        return ""  # as nearly every key and hash
    readable = sum(1 for c in plain if (c.isprintable() or c.isspace()) and c != "\ufffd")
    return plain if plain and readable >= PRINTABLE_SHARE * len(plain) else ""
