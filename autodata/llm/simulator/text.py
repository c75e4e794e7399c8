"""Words, sentences and marked sections: the little language processing the simulated models need."""

from __future__ import annotations

import re
from functools import lru_cache


def word_set(words: str) -> frozenset[str]:
    """A word list written as running text."""
    return frozenset(words.split())


_SECTION = re.compile(r"\[\[(\w+) ([0-9a-f]{24})\]\]\n(.*?)\n\[\[/\1 \2\]\]", re.DOTALL)
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_SENTENCE_END = re.compile(r"(?:[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9$])|\n+)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|v|No|Nos|Art|Arts|Sec|Fig|Eq|Dr|Mr|Ms|Mrs|Prof|St|Inc|Ltd|Co|para|p|pp|al|resp|[A-Z]))$"
)

STOPWORDS = word_set(
    """a about above after all also although an and any are as at be because been before being below between both but
    by can could did do does doing done each either else even ever every for from further had has have having he
    her here hers him his how however i if in into is it its itself just may me might more most much must my
    neither no nor not now of off on once one only or other others our out over own rather same shall she should
    since so some such than that the their them then there therefore these they this those though through thus
    to too under until up upon us very was we were what when whenever where whether which while who whom whose
    why will with within without would yet you your"""
)
_RUBRIC_WORDS = word_set(
    """states state explains explain recognises recognizes recognise recognize identifies identify mentions mention
    claims claim argues argue derives derive notes note points point correctly answer response explicitly makes
    explicit concludes conclude assumes assume asserts assert error mistake establishes shows fact says namely"""
)
_ADJUNCT_OPENINGS = word_set(
    """in at on for with without over under from by after before during if when whenever once while because since
    although as at to within between unless"""
)
_NEGATORS = word_set(
    """not no never cannot neither nor without none nothing isn't aren't doesn't don't can't won't wouldn't shouldn't
    wasn't weren't isn’t aren’t doesn’t don’t can’t won’t"""
)


def parse_sections(text: str) -> dict[str, str]:
    """Marked sections by name; where a name occurs twice the first counts."""
    return dict(_find_sections(text))


@lru_cache(maxsize=32)
def _find_sections(text: str) -> tuple[tuple[str, str], ...]:
    # One request is looked at by several parts of a model, one after the other.
    found: dict[str, str] = {}
    for match in _SECTION.finditer(text):
        found.setdefault(match.group(1), match.group(3))
    return tuple(found.items())


@lru_cache(maxsize=32)
def strip_sections(text: str) -> str:
    """What stands outside the marked sections: the words that speak to the model."""
    return _SECTION.sub(" ", text)


def normalise(text: str) -> str:
    """Text folded to what counts when two texts are compared: case and white space do not."""
    return " ".join(text.casefold().split())


def split_sentences(text: str) -> list[str]:
    """Sentences as exact substrings of `text`, without surrounding white space."""
    sentences, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        if text[match.start()] == "." and _ABBREVIATION.search(text, start, match.start()):
            continue
        sentences.append(text[start:end].strip())
        start = end
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def list_words(text: str) -> list[str]:
    """Words in order, lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=8192)
def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry content."""
    return frozenset(stem(word) for word in _WORD.findall(text.lower()) if word not in STOPWORDS)


def criterion_words(text: str) -> frozenset[str]:
    """Content words of a rubric criterion, without the words rubrics are made of (states, explains, claims, …)."""
    words = {stem(word) for word in list_words(text) if word not in STOPWORDS and word not in _RUBRIC_WORDS}
    return frozenset(words) or content_words(text)


@lru_cache(maxsize=8192)
def is_negated(text: str) -> bool:
    """Whether an odd number of negations occurs."""
    return sum(1 for word in list_words(text) if word in _NEGATORS) % 2 == 1


def measure_coverage(wanted: frozenset[str], given: frozenset[str]) -> float:
    """Share of `wanted` that occurs in `given`, in [0, 1]; 0 when nothing is wanted."""
    return len(wanted & given) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A crude stem, enough to match singular with plural and tense with tense."""
    for ending in ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
    return word.rstrip("e") if len(word) > 4 else word


def opens_with_adjunct(clause: str) -> bool:
    """Whether a clause opens with a circumstance (`in a chain, …`, `if …`), so that no adverb should come before it."""
    return clause.split(maxsplit=1)[0].lower() in _ADJUNCT_OPENINGS


def capitalise(text: str) -> str:
    """First letter upper case, the rest untouched."""
    return text[:1].upper() + text[1:]
