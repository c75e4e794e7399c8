"""The facts of a document: sentences that stand alone, as clauses that can follow `that`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autodata.llm.simulator.text import content_words, split_sentences, word_set

LENGTH = (40, 220)
"""Characters a fact may have."""
ENOUGH = 9
"""With fewer facts than this, sentences that lean on their neighbours are used as well."""

_CONNECTIVE = re.compile(
    r"^(?:however|thus|therefore|hence|consequently|accordingly|moreover|furthermore|similarly|likewise|conversely|"
    r"in (?:practice|particular|general|short|fact|effect|other words|contrast)|by contrast|for (?:example|instance)|"
    r"of course|as a (?:result|consequence)|on the other hand|at the same time|finally|indeed|nevertheless|"
    r"nonetheless|equally|put differently|(?:note|observe|recall) that|this (?:means|implies|shows) that|"
    r"it is clear that|we show that|it follows that|throughout|and|but|so|yet)\b,?\s+",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)+|[A-Z]\.|\([a-z0-9]+\))\s+")
_INNER_CONNECTIVE = re.compile(
    r", (?:therefore|thus|consequently|however|moreover), | (?:therefore|thus|consequently) (?!,)"
)
_STARTERS = word_set(
    """the a an no every each any all most some many few if when whenever once in at with without on for from by to of
    because although though while since after before until under over between within during as only not there
    unless where against despite beyond through across per"""
)
"""Words a declarative sentence may open with although a determiner follows."""
_DETERMINERS = word_set("the a an any every each one all both its their this these")
_IMPERATIVES = word_set(
    """let suppose take consider assume imagine compare plead say write give call put keep join match define use remove
    delete change replace choose note recall think pick fix repeat start apply insert ask see look add begin try make
    do copy measure check find show prove check set read switch stop treat avoid prefer never always return draw
    send sort count order ignore advise argue request seek file obtain instruct"""
)
_DANGLING = word_set(
    """it its this these that those they their them he his she her we our i my you your here such both neither either
    one another what why how who where which whose probably perhaps there's then also still again first second third
    two three four instead now later otherwise together rather not never nor and or but so than to"""
)
_VAGUE_START = re.compile(
    r"^(?:the (?:first|second|third|fourth|last|next|other|others|rest|latter|former|same|reason|result|answer|truth|"
    r"trick|point|remedy|question|support|statement|sum|argument|example|choice|formula|symptom|way|effect|problem|"
    r"consequence|conclusion|difference|hypothesis|bound|fact|case|cases|idea|step|test|parties|law)\b"
    r"(?! (?:of|in which|that)\b)|a (?:second|third|further|final)\b|"
    r"(?:in|at|on|with|of|from|by|for) (?:both|each case|neither|either case|one case|another)\b)",
    re.IGNORECASE,
)
_DEICTIC = re.compile(
    r"\b(?:above|below|as follows|former|latter|sections?|figure|table \d|the following|exhibit|annex|theorem \d|we|"
    r"our|us|i|my|you|your|see|this|these|such (?!as )|those|(?:during|from|at|by|of|on|in) that|that (?:is|was|one|"
    r"rate|case|point|part|theorem|number|claim|date)|"
    r"the same|let|in the example|here|instead(?! of)|also|again|too$|as well|"
    r"likewise|the (?:first|second|third|fourth|latter|former|others?)(?= (?:is|are|was|were|does|do|of|and|by|has)\b|"
    r"[,.]|$)|(?:one|two|three|four|both|several) (?:other )?(?:ways|cases|consequences|reasons|others|observations|"
    r"statements|conclusions|arguments)|both cases|the other|each other case|the meantime|the sum itself|"
    r"under \d|by \d+\.\d|in \d+\.\d|itself gives|in question|case \d)\b|https?:|\ba final\b",
    re.IGNORECASE,
)
_AUXILIARY = (
    r"is|are|was|were|has|have|had|do|does|did|can|cannot|could|may|might|must|shall|should|will|would|need|needs"
)
_FUNCTION = (
    r"the|a|an|of|in|on|for|from|with|by|at|to|and|or|every|each|all|any|some|no|two|three|four|many|few|most|more|"
    r"fewer|these|those|its|their|per|between|than|as|into|both|such|other|\d+"
)
_FINITE = re.compile(
    rf"\b(?:{_AUXILIARY})\b|(?<!\w)(?!(?:{_FUNCTION})\b)[^\s,;]+ (?!(?:as|its|this|plus|minus|less|plus)\b)[a-z]{{2,}}"
    r"(?:[^su\W]s|ed)\b(?! of\b)|\b(?:grow|tend|converge|behave|decide|lie|differ|pay|become|became|lose|made|held|"
    r"gave|took|began|sent|left|knew|bears?|hold|run|remain|fail|need|come|go|apply|require|cross|exclude)\b"
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|as|if|when|because|while|although|since|until|unless|whether|than)\b[^,]*"
)
_OPENING = re.compile(r"(?:the|a|an|no|every|each|any|all|most|some|if|when|in|at|with|[A-Z][a-z]+)\b")
"""Words that open a clause with a subject of its own, where a long sentence may be cut."""
_CONDITION = re.compile(r"^(?:If|When|Whenever|Once)\s+([^,]{20,140}),\s+(?:then\s+)?(\S.{12,})$")
_OPEN_ENDED = word_set("reads is are was says means gives")
_ELLIPSIS = re.compile(r"\b(?:does|do|did|is|are|was|were) not,")
_SUBORDINATORS = word_set(
    "if when whenever once because although while since after unless where whereas until whether as"
)
_MILD = re.compile(r"(?:the|an?|every|each|no)\b", re.IGNORECASE)
_PRONOUNS = frozenset({"it", "they", "them", "he", "she", "its", "their", "his", "her"})
_PREPOSITIONS = word_set("in at with without on for from by to under over after before between within during as")


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement as a clause that can follow `that`. `condition` is its if-part without `if`, or ""."""

    clause: str
    condition: str
    position: int
    words: frozenset[str]


def find_facts(prose: str) -> tuple[Fact, ...]:
    """Facts in document order. Where there are few, some may lean on a neighbour, yet all are declarative."""
    strict: list[Fact] = []
    loose: list[Fact] = []
    seen: set[str] = set()
    middle = set(re.findall(r"(?<=[a-z,] )[A-Z]\w+", prose))
    lower = set(re.findall(r"\b[a-z]\w*", prose))
    for position, sentence in enumerate(split_sentences(prose)):
        for part in _split_long(sentence):
            clause = _trim(part)
            if clause in seen or not LENGTH[0] <= len(clause) <= LENGTH[1] or not is_declarative(clause):
                continue
            seen.add(clause)
            found = _CONDITION.match(clause)
            premise = found.group(1) if found and not _leans(found.group(1)) else ""
            fact = Fact(_decapitalise(clause, middle, lower), premise, position, content_words(clause))
            (loose if _leans(clause) else strict).append(fact)
    mild = [fact for fact in loose if _MILD.match(fact.clause) and not _points_elsewhere(fact.clause)]
    extra = mild[: max(0, ENOUGH - len(strict))]
    return tuple(sorted(strict + extra, key=lambda fact: fact.position))


def is_declarative(clause: str) -> bool:
    """Whether this is one main clause that states something: no order, question, fragment or supposition."""
    if not _is_balanced(clause) or ":" in clause or "?" in clause or " let " in clause:
        return False
    words = [re.sub(r"[,;'’].*", "", word) for word in clause.lower().split()]
    if not words or _is_order(words) or words[-1] in _OPEN_ENDED or _ELLIPSIS.search(clause):
        return False
    if words[0] in _SUBORDINATORS:
        if ", " not in clause:
            return False
        rest = [part.split() for part in clause.lower().split(", ")[1:]]
        return not any(_is_order(part) for part in rest) and bool(_FINITE.search(clause.split(", ", 1)[1]))
    main = _SUBORDINATE.sub(" ", clause)
    return bool(_FINITE.search(main))


def _is_order(words: list[str]) -> bool:
    first = words[0] if words else ""
    if first in _IMPERATIVES:
        return True
    adverb = first.endswith("ly") and len(words) > 1 and words[1] in _IMPERATIVES
    ordered = first not in _STARTERS and not first.endswith("ing") and len(words) > 1 and words[1] in _DETERMINERS
    return adverb or (ordered and first.isalpha() and first not in _DANGLING)


def _leans(clause: str) -> bool:
    """Whether a clause points at something outside itself."""
    if _points_elsewhere(clause):
        return True
    words = [re.sub(r"[,;'’].*", "", word) for word in clause.lower().split()]
    if " then " in clause and " if " not in clause.lower() and words[0] not in ("if", "when"):
        return True
    conditional = words[0] in ("if", "when", "whenever", "once")
    early = words[:6] if conditional else words[:12] if words[0] in _PREPOSITIONS else words[:3]
    pronouns = {"it", "they", "them", "he", "she"} & set(words[:5] if conditional else words[:8])
    return bool(pronouns) or bool(_PRONOUNS & set(early))


def _points_elsewhere(clause: str) -> bool:
    return bool(_opens_dangling(clause) or _VAGUE_START.search(clause) or _DEICTIC.search(clause))


def _opens_dangling(clause: str) -> bool:
    first = re.sub(r"[,;'’].*", "", clause.lower().split()[0])
    return first in _DANGLING or first.endswith("ly")


def _split_long(sentence: str) -> list[str]:
    if not sentence.endswith((".", "!")):
        return []
    for border in ("; ", ": ", ", but ", ", yet "):
        parts = [part.strip() for part in sentence.split(border)]
        long = all(len(part) >= LENGTH[0] for part in parts)
        if len(parts) > 1 and long and all(_OPENING.match(part) for part in parts[1:]):
            fragment = border == ": " and re.search(r"^(?:\S+ ){1,4}(?:that|which|who|whose)\b", parts[1])
            return parts[:1] if fragment else parts
    return [sentence]


def _trim(part: str) -> str:
    clause = _NUMBERING.sub("", part.strip().rstrip(".!;,").strip())
    for _ in range(2):
        clause = _CONNECTIVE.sub("", clause)
    clause = _INNER_CONNECTIVE.sub(" ", clause)
    return clause[:1].upper() + clause[1:]


def _is_balanced(clause: str) -> bool:
    return (
        clause.count("(") == clause.count(")")
        and clause.count('"') % 2 == 0
        and clause.count("“") == clause.count("”")
        and clause.count("$") != 1
        and clause[:1].isalnum()
        and not re.search(r"[*_`#|]{2}|^\d+[.)]|\]\(", clause)
    )


def _decapitalise(clause: str, middle: set[str], lower: set[str]) -> str:
    first, *rest = clause.split(maxsplit=2)
    bare = re.sub(r"[,;'’].*", "", first)
    known = bare.lower() in lower
    proper = not bare.isalpha() or bare[1:] != bare[1:].lower() or (bare in middle and not known)
    owner = first != bare and first[len(bare)] in "'’" and not known
    owner = owner or bool(rest and bare.lower() not in _STARTERS and re.match(r"[A-Z][a-z]+", rest[0]))
    symbol = len(bare) == 1 and (bare != "A" or (bool(rest) and bool(re.fullmatch(_AUXILIARY, rest[0]))))
    return clause if proper or owner or symbol else clause[0].lower() + clause[1:]
