"""The terms of a document: singular noun phrases with their article, found by position and agreement.

No parser of language is at work. A phrase counts when it stands between a determiner and something that only a noun
phrase precedes. After a singular noun a present verb ends in s and a past one in ed, so a bare last word that is
neither an adjective nor an irregular past form is a noun.
"""

from __future__ import annotations

import re
from collections import Counter

from autodata.llm.simulator.text import STOPWORDS, content_words, word_set

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d[\d.,]*\d|\S")
_DETERMINERS = word_set("the a an every its their any our his her")
_SINGULAR = word_set("a an every")
_BORDERS = word_set(
    """. , ; : ? ! ) of is was has had may must can cannot could would will should shall does did in on for from with by
    at to into after before between under over than and or but because when if while unless that which who whose as
    against during without within per through since until not"""
)
_VAGUE = word_set(
    """case way number fact question result reason problem point example same other others first second third last next
    whole part kind sort thing time matter moment most least latter former end rest lot few many more less single set
    pair amount beginning step word sense difference course year day month following above right wrong true false new
    old good bad usual rule side middle later earlier extent means need answer chance hand place fourth fifth two three
    start turn view enough alternative negative positive opposite already twice alone together again itself there here
    apart clean large small high long short note title factor half copy bit minute second hour week price effort truth
    difficulty conclusion trick subject topic order kind corollary inequality proof lemma theorem figure table section
    square average sum estimate choice error one zero ten hundred million common best worst correct incorrect actual
    relevant respective present current previous only very own larger smaller newer older better worse invented
    meantime reader's possible further constant letter memo memorandum document paragraph sentence heading picture
    hypothesis statement remedy explanation comparison argument instance circumstance text client partner reply bank
    exact different easy hard contrary maximum minimum majority minority fraction multiple quarter third poor
    cheap slow busy late straight general favourite ordinary unrelated torn healthy valid line corner percentage
    distinction percent lesson importance meaning absence presence existence lack situation detail ability purpose
    reading popularity example's paper volume nature name greater lesser
    longer shorter sooner"""
)
_VAGUE_ALONE = word_set(
    """use read check bug call circle total send power size event date form value holding law danger effect gain
    subtraction slack origin requirement length age bottom head loss cause microsecond
    millisecond nanosecond property"""
)
"""Too little by themselves, yet good with a word before them."""
_ADJECTIVE = re.compile(r"(?:ous|ive|able|ible|ful|less|ical|ic|ary|ial|ual|onal|ant|ent|ish|est|ward|wise|ory|ular)$")
_NOUNS_DESPITE = word_set(
    """archive objective initiative directive motive incentive executive alternative table cable variable topic traffic
    metric logic public fabric boundary library summary secretary primary dictionary trial material credential
    differential potential tutorial individual manual residual event client agent content component document argument
    environment agreement statement payment settlement commitment judgment judgement movement requirement measurement
    element increment segment assessment amendment instrument equipment shipment employment assignment experiment
    deployment enforcement replacement announcement acknowledgement patent parent rent intent consent accident incident
    student percent gradient coefficient quotient exponent opponent moment plant tenant covenant warrant grant constant
    determinant variant invariant claimant defendant complainant request test forest interest rest arrest harvest guest
    quest contest memory factory directory inventory theory history category territory heuristic characteristic
    arithmetic statistic semantic mechanic critic clinic panic picnic epidemic traffic matrix inhibitant tangent
    entitlement adjustment improvement treatment investment development placement displacement reinforcement
    attachment fragment ligament supplement management alignment refinement endorsement involvement impairment"""
)
_NOT_NOUNS = word_set(
    """equal high low new free full available independent empty finite infinite dirty hot cold safe unsafe fast slow
    stale late early idle sparse dense stable unstable fresh durable certain sure wide narrow deep open closed ready
    due prior null void valid invalid greedy convex complete incomplete separate concrete compact exact distinct strict
    knew took gave made held found began became came went saw left lost paid sent said told thought wrote ran fell rose
    kept led met broke chose drew grew stood understood brought caught bought taught built spent meant dealt got had
    been done gone seen given taken known shown written spoken broken chosen fallen forgotten hidden driven drawn grown
    thrown worn torn sworn withdrawn undergone begun sunk swept bound sold worth unlike like near poor rich mere sole
    alike akin afraid aware ago away back down off out up else instead therefore hence thus once ever never
    warm bright dark healthy faulty plain prompt secret double triple daily monthly yearly several various much
    upper lower inner outer main major minor global local whole entire"""
)
_HOMOGRAPHS = word_set("read put set cut cost hit let split quit spread shut run come become overcome")
_NOUNS_IN_ED = word_set("seed speed feed need deed bed shed thread breed")
_SINGULAR_IN_S = word_set("lens bias alias series canvas chaos gas bus atlas")
_IRREGULAR_PLURALS = word_set(
    "vertices indices matrices criteria people data media men women children minima maxima axes feet phenomena"
)
_PERSONS = word_set(
    """leader follower owner reader writer tenant landlord claimant plaintiff defendant court manager engineer client
    partner handyman contractor expert buyer seller arbitrator administrator judge counsel user caller adversary
    attacker operator operators author student mathematician lawyer promisor promisee provider customer supplier
    developer architect observer party applicant anybody person man woman jury juror clerk carrier lender borrower
    team company bank employer employee successor candidate member hacker designer referee"""
)
_LIMIT = 16
_FEW = 8
"""With fewer terms than this a single noun counts even if it was seen once."""
_Phrase = tuple[str, ...]


def find_terms(prose: str, topic: str) -> tuple[str, ...]:
    """Terms with their article (`the buffer pool`), most telling first, at most 16; all of them are singular."""
    phrases, articles, complements = _collect_phrases(prose)
    alone = Counter({words[0]: count for words, count in phrases.items() if len(words) == 1})
    counts: Counter[str] = Counter()
    for least in (2, 1):
        if len(counts) < _FEW:
            counts.clear()
            for words, count in phrases.items():
                kept = _strip_vague(words)
                if _is_noun_phrase(kept, alone, articles, least):
                    counts["the " + " ".join(kept)] += count
    for (first, second), count in complements.items():
        if all(_is_noun_phrase((word,), alone, articles) and alone[word] for word in (first, second)):
            counts[f"the {first} of the {second}"] += count
    counts.update(_collect_names(prose))
    heading = content_words(topic)
    ranked = sorted(counts, key=lambda term: (_weigh(term, counts[term], heading), term), reverse=True)
    return _choose_distinct(ranked)


def is_singular(word: str) -> bool:
    """Whether a noun of this form is singular, as far as its ending tells."""
    regular = not word.endswith("s") or word.endswith(("ss", "us", "is")) or word in _SINGULAR_IN_S
    return regular and word not in _IRREGULAR_PLURALS


def _collect_phrases(prose: str) -> tuple[Counter[_Phrase], Counter[str], Counter[tuple[str, str]]]:
    """Phrases between determiner and border; last words seen after a singular article; `the X of the Y` pairs."""
    phrases: Counter[_Phrase] = Counter()
    articles: Counter[str] = Counter()
    complements: Counter[tuple[str, str]] = Counter()
    for line in prose.splitlines():
        tokens = _TOKEN.findall(line)
        for index, token in enumerate(tokens):
            opening = index == 0 or tokens[index - 1] in ".?!:"
            if (token.lower() if opening else token) not in _DETERMINERS:
                continue
            words = _read_phrase(tokens, index + 1)
            if not words:
                continue
            phrases[words] += 1
            if token.lower() in _SINGULAR:
                articles[words[-1]] += 1
            after = index + 1 + len(words)
            if len(words) == 1 and [word.lower() for word in tokens[after : after + 2]] == ["of", "the"]:
                complement = _read_phrase(tokens, after + 2)
                if len(complement) == 1:
                    complements[words[0], complement[0]] += 1
    return phrases, articles, complements


def _read_phrase(tokens: list[str], start: int) -> _Phrase:
    """Up to three lower-case words that end at a border; empty where there is no such phrase."""
    end = start
    while end < len(tokens) and end - start < 4 and _is_plain(tokens[end]):
        end += 1
    if not 1 <= end - start <= 3 or end >= len(tokens) or tokens[end].lower() not in _BORDERS:
        return ()
    return tuple(tokens[start:end])


def _is_plain(token: str) -> bool:
    return len(token) >= 3 and token.islower() and token not in STOPWORDS and token not in _BORDERS


def _strip_vague(words: _Phrase) -> _Phrase:
    while len(words) > 1 and (words[0] in _VAGUE or words[0].endswith(("ly", "est"))):
        words = words[1:]
    return words


def _is_noun_phrase(words: _Phrase, alone: Counter[str], articles: Counter[str], least: int = 2) -> bool:
    *before, head = words
    if (
        head in _VAGUE
        or head in _NOT_NOUNS
        or not is_singular(head)
        or head.endswith(("ly", "-in", "-out"))
        or "'" in head
    ):
        return False
    if head.endswith(("ly", "-in", "-out")):
        return False
    if head.endswith("ed") and head not in _NOUNS_IN_ED:
        return False
    if _ADJECTIVE.search(head) and head not in _NOUNS_DESPITE:
        return False
    if head.endswith("ing") and not (alone[head] or len(head) <= 5):
        return False
    if head in _HOMOGRAPHS and not articles[head]:
        return False
    if not before:
        return head not in _VAGUE_ALONE and (alone[head] >= least or articles[head] >= 1)
    inner = before[1:]
    return all(is_singular(word) and not word.endswith("ly") for word in before) and not any(
        word.endswith(("ed", "ing")) or word in _NOT_NOUNS for word in inner
    )


def _collect_names(prose: str) -> Counter[str]:
    """Defined terms (`the Monthly Fee`) and what is named after somebody (`Hall's condition`), where they recur."""
    defined = re.findall(r"\b(?:[Tt]he|[Aa]n?|[Ee]very|[Ee]ach) ((?:[A-Z][a-z]{2,} ){1,2}[A-Z][a-z]{2,})\b", prose)
    found = Counter(f"the {name}" for name in defined if is_singular(name.lower()))
    named = re.findall(
        r"\b([A-Z][a-z]{2,})['’]s (theorem|condition|lemma|inequality|law|bound|formula|rule|test|criterion|algorithm|"
        r"matrix|map|proof|principle|paradox)\b",
        prose,
    )
    found.update(f"{name}'s {noun}" for name, noun in named)
    return Counter({term: count for term, count in found.items() if count >= 2})


def _weigh(term: str, count: int, heading: frozenset[str]) -> float:
    size = len(term.split()) - (" of the " in term)
    weight = count * (2.5 if size > 2 else 1.0) + 2 * len(content_words(term) & heading) + (1 if "-" in term else 0)
    return weight - (1.5 if " of the " in term else 0)


def _choose_distinct(ranked: list[str]) -> tuple[str, ...]:
    """No term inside another one; people only where there is too little else to speak about."""
    things = [term for term in ranked if term.split()[-1].lower() not in _PERSONS]
    chosen: list[str] = []
    for term in [*things, *(term for term in ranked if term not in things and len(things) < 5)]:
        words = set(term.split())
        if not any(words <= set(other.split()) or set(other.split()) <= words for other in chosen):
            chosen.append(term)
    return tuple(chosen[:_LIMIT])
