"""The simulated challenger: writes a task from a document, from a new angle for every seed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator import phrases
from autodata.llm.simulator import questions as asked
from autodata.llm.simulator.craft import USUAL, Craft
from autodata.llm.simulator.craft_effects import Item, draw_flaw, measure_depth, shape_rubric
from autodata.llm.simulator.document import Digest, digest_document
from autodata.llm.simulator.facts import Fact
from autodata.llm.simulator.text import capitalise, measure_coverage, opens_with_adjunct

_GIVEN = ("It is given that ", "It is also given that ")
_OLDER = re.compile(r"\((\d+) older")


@dataclass(frozen=True, slots=True)
class WrittenTask:
    """What the challenger replies with."""

    question_type: str
    tags: tuple[str, ...]
    context: str
    question: str
    reference_answer: str
    items: tuple[Item, ...]
    terms: tuple[str, ...]
    scratchpad: str
    string_weights: bool = False

    def as_reply(self) -> dict[str, object]:
        """The JSON object of the reply."""
        return {
            "scratchpad": self.scratchpad,
            "question_type": self.question_type,
            "tags": list(self.tags),
            "context": self.context,
            "question": self.question,
            "reference_answer": self.reference_answer,
            "rubric": [
                {
                    "criterion": item.criterion,
                    "weight": f"{item.weight:+d}" if self.string_weights else item.weight,
                    "category": "positive" if item.weight > 0 else "negative",
                }
                for item in self.items
            ],
        }


@dataclass(frozen=True, slots=True)
class Feedback:
    """How often earlier attempts failed, by list."""

    too_easy: int = 0
    failed_on_strong: int = 0
    failed_quality: int = 0

    @property
    def total(self) -> int:
        return self.too_easy + self.failed_on_strong + self.failed_quality


def read_feedback(sections: dict[str, str]) -> Feedback:
    """Count the failures listed in the prompt, those that are only counted there included."""
    return Feedback(
        *(_count_failures(sections.get(name, "")) for name in ("too_easy", "failed_on_strong", "failed_quality"))
    )


def write_task(document: str, rng: Random, craft: Craft = USUAL, craft_seed: int = 0) -> WrittenTask:
    """A whole task. Everything about it is decided by the document, `rng` and the craft.

    What an unusual craft brings about is drawn from `craft_seed`.
    """
    digest, luck = digest_document(document), Random(craft_seed)
    flaw = rng.choice(("leak", "recall", "type", "rubric", "style")) if rng.random() < cal.FLAW_RATE else ""
    flaw = draw_flaw(craft, luck) or flaw
    question_type = rng.choice(tuple(asked.QUESTIONS))
    core = _choose_facts(digest, rng)
    slots = _choose_slots(digest, core, rng)
    premise = _choose_premise(digest, core, slots, rng)
    template = rng.choice(asked.RECALL_QUESTIONS if flaw == "recall" else asked.QUESTIONS[question_type])
    question = _fill(template, slots, premise)
    positives = _write_positives(core, question_type, slots, rng)
    negatives = _write_negatives(digest, core, positives, slots, rng, 2 if flaw == "rubric" else rng.randint(3, 5))
    if flaw == "style":
        negatives[-1] = Item(phrases.STYLE_ERROR, "the order of presentation does not matter", negatives[-1].weight)
    items = shape_rubric(positives, negatives, craft)
    heaviest = max(positives, key=lambda item: item.weight)
    used = [*core, *(fact for fact in digest.facts if any(_is_reversed(item.claim, fact) for item in negatives))]
    context = _write_context(digest, used, slots, rng, heaviest.claim if flaw == "leak" else "")
    context = f"{context} {craft.ending}".rstrip()
    shown_type = (
        rng.choice([name for name in asked.QUESTIONS if name != question_type]) if flaw == "type" else question_type
    )
    return WrittenTask(
        question_type=shown_type,
        tags=tuple(rng.sample(asked.TAGS[question_type], rng.choice((2, 2, 3)))),
        context=context,
        question=question,
        reference_answer=_write_reference(core, positives, rng),
        items=items,
        terms=tuple(slots[name] for name in "ABC"),
        scratchpad=f"A fluent answer stays with {slots['A']}; a deep one works out what {slots['B']} changes.",
        string_weights=not craft.integers and luck.random() < cal.STRING_WEIGHTS_RATE,
    )


def draw_difficulty(feedback: Feedback, source_offset: float, rng: Random, craft: Craft = USUAL) -> float:
    """How hard the task is. Failures that were too easy push, failures on the strong side ease; noise remains."""
    return _draw_usual_difficulty(feedback, source_offset, rng) + measure_depth(craft, first=feedback.total == 0)


def _draw_usual_difficulty(feedback: Feedback, source_offset: float, rng: Random) -> float:
    if feedback.total == 0:
        return cal.FIRST_DIFFICULTY + 0.3 * source_offset + rng.gauss(0, cal.FIRST_SD)
    push = cal.PUSH_PER_EASY * min(feedback.too_easy, cal.PUSH_LIMIT) - cal.EASE_PER_STRONG * feedback.failed_on_strong
    return cal.LATER_DIFFICULTY + source_offset + push + rng.gauss(0, cal.LATER_SD)


def _count_failures(section: str) -> int:
    listed = sum(1 for line in section.splitlines() if line.lstrip().startswith("["))
    older = _OLDER.search(section)
    return listed + (int(older.group(1)) if older else 0)


def _choose_facts(digest: Digest, rng: Random) -> list[Fact]:
    """Six to nine facts near one place of the document, no two of them saying much the same."""
    wanted = rng.randint(6, 9)
    if not digest.facts:
        return []
    centre = rng.choice(digest.facts).position
    spread = max(6, wanted)
    nearby = sorted(digest.facts, key=lambda fact: abs(fact.position - centre) + rng.random() * spread)
    chosen: list[Fact] = []
    for fact in nearby:
        if len(chosen) < wanted and not any(_is_similar(fact, other) for other in chosen):
            chosen.append(fact)
    return sorted(chosen, key=lambda fact: fact.position)


def _is_similar(fact: Fact, other: Fact) -> bool:
    return max(measure_coverage(fact.words, other.words), measure_coverage(other.words, fact.words)) > 0.5


def _choose_slots(digest: Digest, core: list[Fact], rng: Random) -> dict[str, str]:
    """Three terms, those of the chosen facts first, and somebody to act."""
    text = " ".join(fact.clause for fact in core).lower()
    near = [term for term in digest.terms if term.removeprefix("the ") in text]
    rng.shuffle(near)
    near.sort(key=lambda term: -term.count(" "))
    far = [term for term in digest.terms if term not in near]
    rng.shuffle(far)
    spare = [term for term in phrases.SPARE_TERMS[digest.field] if term not in digest.terms]
    pool = (near + far)[:6]
    rng.shuffle(pool)
    first, second, third = (pool + spare)[:3]
    actor = rng.choice(phrases.ACTORS[digest.field])
    return {"A": first, "B": second, "C": third, "actor": actor, "Actor": capitalise(actor)}


def _choose_premise(digest: Digest, core: list[Fact], slots: dict[str, str], rng: Random) -> str:
    own = [fact.condition for fact in core if fact.condition]
    if own and rng.random() < 0.8:
        return rng.choice(own)
    anywhere = [fact.condition for fact in digest.facts if fact.condition]
    return rng.choice(anywhere if anywhere and rng.random() < 0.5 else phrases.PREMISE[digest.field])


def _write_positives(core: list[Fact], question_type: str, slots: dict[str, str], rng: Random) -> list[Item]:
    items = [_write_statement(fact, rng) for fact in core]
    total = max(len(items) + 1, rng.randint(7, 10))
    own = rng.sample(phrases.RELATIONS[question_type], 3)
    templates = own[:2] + rng.sample(phrases.COMMON_RELATIONS, len(phrases.COMMON_RELATIONS)) + own[2:]
    for template in templates[: min(total, 10) - len(items)]:
        claim = _fill(template, slots, "")
        items.append(Item(f"{rng.choice(phrases.ARGUING_VERBS)} {claim}.", claim, rng.randint(5, 9)))
    rng.shuffle(items)
    return items


def _write_statement(fact: Fact, rng: Random) -> Item:
    if fact.condition:
        verb, weight = rng.choice(phrases.PREDICTING_VERBS), rng.randint(6, 10)
    elif any(word in fact.clause for word in (" because ", " so that ", " since ", " even though ")):
        verb, weight = rng.choice(phrases.ARGUING_VERBS), rng.randint(5, 9)
    else:
        verb, weight = rng.choice(phrases.STATING_VERBS), rng.randint(4, 8)
    return Item(f"{verb} {fact.clause}.", fact.clause, weight)


def _write_negatives(
    digest: Digest, core: list[Fact], positives: list[Item], slots: dict[str, str], rng: Random, count: int
) -> list[Item]:
    """Concrete errors: statements of the document turned round, and false shortcuts about the terms."""
    others = [fact for fact in digest.facts if fact not in core and not any(_is_similar(fact, used) for used in core)]
    rng.shuffle(others)
    others.sort(key=lambda fact: len(fact.clause.split()) > 22)
    reversed_claims = [claim for fact in others if (claim := _reverse(fact.clause))]
    claims = reversed_claims[: min(2, count - 1)]
    claims += [_fill(template, slots, "") for template in rng.sample(phrases.ERRORS, count - len(claims))]
    return [Item(f"{rng.choice(phrases.ERROR_VERBS)} {claim}.", claim, -rng.randint(3, 8)) for claim in claims]


def _reverse(clause: str) -> str:
    for old, new in phrases.REVERSALS:
        if clause.count(old) == 1 and new not in clause and " at all" not in clause and "if and only" not in clause:
            return clause.replace(old, new).replace(" a infinite", " an infinite").replace(" an finite", " a finite")
    return ""


def _is_reversed(claim: str, fact: Fact) -> bool:
    return _reverse(fact.clause) == claim


def _write_context(digest: Digest, used: list[Fact], slots: dict[str, str], rng: Random, leak: str) -> str:
    """The setting, up to two statements of the document that no criterion asks for, and what makes it hard."""
    spare = [
        fact for fact in digest.facts if not fact.condition and not any(_is_similar(fact, other) for other in used)
    ]
    background = rng.sample(spare, min(len(spare), rng.randint(1, 2)))
    background.sort(key=lambda fact: fact.position)
    sentences = [
        _introduce(digest.topic, slots),
        _fill(rng.choice(phrases.SETTINGS[digest.field]), slots, ""),
        *(f"{link}{fact.clause}." for link, fact in zip(_GIVEN, background, strict=False)),
        *([f"It is also known that {leak}."] if leak else []),
        _fill(rng.choice(phrases.DIFFICULTIES), slots, ""),
        rng.choice(phrases.SCOPE),
    ]
    return " ".join(sentences)


def _introduce(topic: str, slots: dict[str, str]) -> str:
    subject = f"Subject: {topic}. " if topic else ""
    return f"{subject}Three things matter here: {slots['A']}, {slots['B']} and {slots['C']}."


def _write_reference(core: list[Fact], positives: list[Item], rng: Random) -> str:
    """A step of reasoning, facts it rests on in order, where they lead, and whatever else the rubric asks for."""
    stated = {fact.clause for fact in core}
    steps = sorted((item for item in positives if item.claim not in stated), key=lambda item: -item.weight)
    facts = core[:4] if len(core) < 6 else [core[index] for index in sorted(rng.sample(range(len(core)), 4))]
    sentences = [_argue(steps[0], rng.choice(phrases.REFERENCE_OPENINGS))] if steps else []
    for link, fact in zip(phrases.REFERENCE_LINKS, facts, strict=False):
        sentences.append(capitalise(f"{'' if opens_with_adjunct(fact.clause) else link}{fact.clause}."))
    if len(steps) > 1:
        sentences.append(_argue(steps[1], rng.choice(phrases.REFERENCE_CLOSINGS)))
    said = {item.claim for item in steps[:2]} | {fact.clause for fact in facts}
    sentences += [_argue(item, "") for item in positives if item.claim not in said]
    return " ".join(sentences)


def _argue(item: Item, opening: str) -> str:
    """The claim of an item as a sentence; one that the rubric wants as a justification is given as one."""
    wanted = item.criterion.startswith("Justifies the answer")
    return capitalise(f"{'The answer is justified by noting that ' if wanted else opening}{item.claim}.")


def _fill(template: str, slots: dict[str, str], premise: str) -> str:
    return template.format(**slots, premise=premise)
