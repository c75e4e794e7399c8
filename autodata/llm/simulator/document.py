"""What the simulated challenger understands of a document: its field, its terms and its facts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from autodata.llm.simulator.facts import Fact, find_facts
from autodata.llm.simulator.terms import find_terms
from autodata.llm.simulator.text import list_words, word_set

_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|\$\$.*?\$\$|\\\[.*?\\\]", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)]|\([a-z0-9]+\))\s+")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_POOR_TOPIC = re.compile(
    r"^(?:what|why|how|where|when|who|which|a|an|no|not|if|from|against|between|to|facts?|introduction|background|short|"
    r"summary|remedy|disposition|conclusion|completeness|structure|\W|\d)\b|\b(?:is|are|was|has|have|does|do|can|must|"
    r"then|misleads?|contracts?|outlives|needs|adds|break|disappears|ends|enough|fails|costs|looks|behave|here)\b|"
    r"[:?]|, not |^\d|^(?:the )?\S+$",
    re.IGNORECASE,
)
_SHARE = 0.01
_VOCABULARY = {
    "law": word_set(
        """court contract party parties clause tenant landlord claimant defendant statute liability damage plaintiff
        tribunal covenant breach appellant respondent counsel jurisdiction buyer seller licensee licensor indemnity
        claim arbitration arbitrator complaint limitation repose waiver agreement customer provider invoice termination
        penalty remedy fee owner contractor"""
    ),
    "math": word_set(
        """theorem lemma proof prime integer group convergence sequence compact continuous topology bounded metric
        polynomial matrix matrices vector eigenvalue converge subset bijection homomorphism induction axiom graph
        vertex vertices inequality norm diagonal contraction completeness iterate finite infinite bipartite convex
        perturbation neighbour"""
    ),
    "cs": word_set(
        """algorithm cache server client memory thread disk database network latency queue request buffer page log
        index hash key bit byte lock clock leader follower replica node cpu process compiler token model filter
        throughput transaction pointer protocol service load crash code software program bucket checkpoint epoch
        parameter training inference"""
    ),
}


@dataclass(frozen=True, slots=True)
class Digest:
    """A document as the challenger sees it. Terms carry their article; topic is "" where no heading names one."""

    topic: str
    field: str
    facts: tuple[Fact, ...]
    terms: tuple[str, ...]


@lru_cache(maxsize=1024)
def digest_document(text: str) -> Digest:
    """Facts in document order, terms most telling first. Works on any text; a poor one gives few facts and terms."""
    topic, prose = _strip_markup(text)
    return Digest(
        topic="" if _POOR_TOPIC.search(topic) else topic,
        field=_guess_field(Counter(list_words(prose))),
        facts=find_facts(prose),
        terms=find_terms(prose, topic),
    )


def _guess_field(words: Counter[str]) -> str:
    """Whose words are frequent enough; `general` where nobody's are."""
    found: dict[str, list[int]] = {}
    for field, vocabulary in _VOCABULARY.items():
        found[field] = [count for word, count in words.items() if word in vocabulary or word.rstrip("s") in vocabulary]
    best = max(found, key=lambda field: sum(found[field]))
    enough = len(found[best]) >= 3 and sum(found[best]) > _SHARE * sum(words.values())
    return best if enough else "general"


def _strip_markup(text: str) -> tuple[str, str]:
    topic = ""
    paragraphs: list[str] = []
    current: list[str] = []
    for raw in _CODE.sub("\n", _FRONT_MATTER.sub("", text)).splitlines():
        line = raw.strip()
        if line.startswith("#"):
            topic = topic or line.lstrip("#").strip(" *_`")
            line = ""
        elif line.startswith(("|", "---", "===", "<")):
            line = ""
        bullet = _BULLET.match(line)
        if bullet or not line:
            paragraphs.append(" ".join(current))
            current = []
        if line:
            current.append(_BULLET.sub("", line).lstrip("> "))
    paragraphs.append(" ".join(current))
    prose = "\n".join(_LINK.sub(r"\1", part) for part in paragraphs if part)
    return topic[:90], re.sub(r"[*`]{1,3}|(?<!\w)_+|_+(?!\w)", "", prose)
