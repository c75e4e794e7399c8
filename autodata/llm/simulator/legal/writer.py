"""The simulated question-and-rubric writer: a new task, or a better one after reading what the last one scored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log
from random import Random
from typing import Any

import orjson

from autodata.llm.simulator import calibration as solvers
from autodata.llm.simulator import phrases
from autodata.llm.simulator.document import Digest, digest_document
from autodata.llm.simulator.facts import Fact
from autodata.llm.simulator.legal import calibration as cal
from autodata.llm.simulator.legal import wordings
from autodata.llm.simulator.legal.scenario import write_question
from autodata.llm.simulator.tasks import Claim, LatentTask, key_of
from autodata.llm.simulator.text import measure_coverage

_SPECIFIC = re.compile(r"\d|\$|[\"“]|\b[A-Z][a-z]|\bcourt\b|\bmajority\b")
"""What ties a statement to the story of its source: figures, quotations, names, who decided."""
_CLASSES = (("critical", (8, 10)), ("important", (5, 7)), ("slight", (2, 4)))
_CUES = (
    ("timeline_analysis", r"\b(?:period|date|day|before|after|notice|time|expire|when)"),
    ("remedy_analysis", r"\b(?:loss|damages|fee|limit|credit|payment|amount|cap|fine|price)"),
    ("exception_analysis", r"\b(?:unless|except|waiv|only|not)\b"),
)


@dataclass(frozen=True, slots=True)
class LastRound:
    """What the writer reads out of its last round. `weak` is the weak mean in [0, 1]; None where nobody tried it."""

    weak: float | None = None
    long: bool = False
    slipped: bool = False
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One criterion; `claim` is the clause an answer has to state, or the error it has to avoid."""

    verb: str
    claim: str
    capability: str
    weight_class: str
    weight: int


@dataclass(frozen=True, slots=True)
class LegalTask:
    """What the writer replies with."""

    question: str
    terms: tuple[str, str, str]
    items: tuple[Item, ...]

    def as_reply(self) -> dict[str, Any]:
        """The JSON object of the reply: exactly six keys per criterion."""
        weight: dict[str, int] = {}
        for item in self.items:
            weight[item.capability] = weight.get(item.capability, 0) + abs(item.weight)
        ranked = sorted(weight, key=lambda tag: -weight[tag])
        slots = dict(zip("ABC", self.terms, strict=True))
        return {
            "target_capabilities": {
                "primary_focus": ranked[:3],
                "secondary_focus": ranked[3:5],
                "rewards_summary": wordings.REWARDS.format(**slots),
                "penalises_summary": wordings.PENALISES.format(**slots),
            },
            "question": self.question,
            "rubric": [
                {
                    "number": number,
                    "criterion": f"{item.verb} {item.claim}.",
                    "category": "positive" if item.weight > 0 else "negative",
                    "capability": item.capability,
                    "weight_class": item.weight_class,
                    "weight": item.weight,
                }
                for number, item in enumerate(self.items, start=1)
            ],
        }


def read_last_round(section: str) -> LastRound:
    """What stands in the marked section about the last round; nothing tried when it is empty."""
    if not section.strip():
        return LastRound()
    start = section.find("{")
    try:
        values = orjson.loads(section[start:]) if start >= 0 else {}
    except orjson.JSONDecodeError:
        values = {}
    packet = values.get("packet") or {}
    hits = " ".join(values.get("filter_hits") or [])
    return LastRound(
        weak=packet.get("weak_avg"), long="characters" in hits, slipped="gives its source" in hits, tried=True
    )


def write_legal_task(document: str, last: LastRound, rng: Random) -> LegalTask:
    """A whole task. Everything about it is decided by the document, the last round and `rng`."""
    digest = digest_document(document)
    terms = _choose_terms(digest, rng)
    mean, deviation = cal.LATER_LENGTH if last.tried else cal.FIRST_LENGTH
    slip = rng.random() < (0.3 * cal.SLIP_RATE if last.slipped else cal.SLIP_RATE)
    question = write_question(terms, round(rng.gauss(mean, deviation)), slip, rng)
    soft = last.tried and rng.random() < cal.SOFT_RATE
    return LegalTask(question, terms, _write_items(digest, terms, soft, rng))


def draw_legal_difficulty(last: LastRound, source_offset: float, rng: Random) -> float:
    """How hard the task is: unknown at first, later most of the way from what the last one proved to be to the aim."""
    if not last.tried:
        return cal.FIRST_DIFFICULTY + source_offset + rng.gauss(0, cal.FIRST_SD)
    aim = cal.AIM + source_offset + rng.gauss(0, cal.LATER_SD)
    if last.weak is None:
        return aim
    seen = min(0.95, max(0.02, last.weak / (1 - cal.EXPERT_SHARE[0])))
    return aim + (1 - cal.STEP) * (log((1 - seen) / seen) / solvers.SLOPE - aim)


def make_latent(origin: str, task: LegalTask, difficulty: float, first: bool, rng: Random) -> LatentTask:
    """The task with the difficulty of each criterion, for the solvers."""
    positive = [at for at, item in enumerate(task.items) if item.weight > 0]
    share = min(0.6, max(0.0, rng.gauss(cal.EXPERT_SHARE[0 if first else 1], cal.EXPERT_SHARE_SD)))
    beyond = set(rng.sample(positive, min(len(positive), int(share * len(positive) + rng.random()))))
    claims = []
    for at, item in enumerate(task.items):
        own = difficulty + rng.gauss(0, cal.CRITERION_SD) - (cal.ERROR_SHIFT if item.weight < 0 else 0.0)
        claims.append(Claim(item.claim, item.weight, max(own, cal.EXPERT_DIFFICULTY) if at in beyond else own))
    return LatentTask(key_of(task.question), origin, task.question, "", task.terms, tuple(claims), difficulty)


def _choose_terms(digest: Digest, rng: Random) -> tuple[str, str, str]:
    spare = [term for term in phrases.SPARE_TERMS["law"] if term not in digest.terms]
    pool = list(digest.terms[:9])
    rng.shuffle(pool)
    first, second, third = (pool + spare)[:3]
    return first, second, third


def _write_items(digest: Digest, terms: tuple[str, str, str], soft: bool, rng: Random) -> tuple[Item, ...]:
    """Principles of the document first, then steps that apply them; one to three errors at the end."""
    total = rng.randint(13, 18)
    slots = dict(zip("ABC", terms, strict=True))
    drawn = [(_name_capability(fact.clause), fact.clause) for fact in _choose_principles(digest, rng)]
    steps = [(capability, text.format(**slots)) for capability, text in wordings.STEPS]
    claims = [*drawn, *rng.sample(steps, min(len(steps), max(0, total - len(drawn))))]
    rng.shuffle(claims)
    items = []
    for at, (capability, claim) in enumerate(claims):
        place = (at + (2 if soft else 0)) / len(claims)
        name, (low, high) = _CLASSES[0 if place < 0.3 and not soft else 1 if place < 0.75 else 2]
        items.append(Item(rng.choice(wordings.STATING_VERBS), claim, capability, name, rng.randint(low, high)))
    for capability, text in rng.sample(wordings.ERRORS, max(rng.randint(1, 3), 15 - len(items))):
        verb = rng.choice(wordings.ERROR_VERBS)
        items.append(Item(verb, text.format(**slots), capability, "negative", -rng.randint(3, 8)))
    return tuple(items)


def _choose_principles(digest: Digest, rng: Random) -> list[Fact]:
    """Up to seven statements of the document that are free of its story, no two of them much the same."""
    general = [fact for fact in digest.facts if not _SPECIFIC.search(fact.clause)]
    chosen: list[Fact] = []
    for fact in rng.sample(general, len(general)):
        alike = any(measure_coverage(fact.words, other.words) > 0.5 for other in chosen)
        if len(chosen) < 7 and not alike:
            chosen.append(fact)
    return chosen


def _name_capability(clause: str) -> str:
    return next((name for name, cue in _CUES if re.search(cue, clause)), "rule_application")
