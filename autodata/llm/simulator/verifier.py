"""The simulated verifier: real checks of a task's text, and now and then the objection of a picky reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.text import content_words, criterion_words, measure_coverage, split_sentences

_LEAK_COVERAGE = 0.8
_RECALL = re.compile(
    r"^(?:according to|which (?:statement|term|property|name|value|year)|"
    r"what (?:is|are|was|were) the|who |when did|name )",
    re.I,
)
_EASY = re.compile(r"^(?:please )?(?:explain|describe) (?:why|how)\b", re.I)
_STYLE = re.compile(
    r"\b(?:poorly|badly|well|clearly|nicely) (?:written|structured|formatted|organi[sz]ed)\b|"
    r"\b(?:uses|lacks) (?:bullets?|markdown|headings)\b|"
    r"\b(?:answer|response) is (?:too )?(?:long|short|verbose|polite)\b|\bspelling\b",
    re.I,
)
_CUES = {
    "predict": r"\b(?:predict|expect|forecast|happen|outcome|come apart|consequence)",
    "decision": r"\b(?:decid|decision|choos|chosen|choice|prefer|intervene|should)",
    "interaction": r"\b(?:together|combined|interact|reinforce|offset|act on one another|jointly|both)",
    "contradiction": r"\b(?:contradict|contradiction|resolve|reconcile|opposite|both observations)",
}
_ITEMS = re.compile(r"\b(?:there are|has|have|holds|hold) (\d{1,2}) to (\d{1,2})\b")
_LEAST = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bat least (\d{1,2}) (?:of them )?positive\b",
        r"\bat least (\d{1,2}) (?:of them )?negative\b",
        r"\bweight\w*\b[^.;]{0,40}\b(?:above|beyond|at most|from 1 to) (\d{1,2})\b",
    )
)
_NO_NEGATIVES = re.compile(r"\b(?:no|none) (?:of them )?(?:is )?negative\b|\ball (?:of them )?(?:are )?positive\b")
_OBJECTIONS = (
    "The question can be read in two ways; say which of the parts it is about.",
    "Two of the positive criteria overlap, so one insight would be rewarded twice.",
    "The context leaves open who acts, so that a good answer has to guess.",
    "One negative criterion is so general that careful answers could trip it.",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a rubric has to hold, as the verifier was told. The defaults are for one that was told nothing."""

    items_min: int = 10
    items_max: int = 20
    positives_min: int = 4
    negatives_min: int = 3
    weight_max: int = 10


@lru_cache(maxsize=512)
def read_counts(instructions: str) -> Counts:
    """The counts that these instructions name; the usual one for each that they do not."""
    text, usual = " ".join(instructions.casefold().split()), Counts()
    items = _ITEMS.search(text)
    positives, negatives, weight = (found and int(found.group(1)) for found in (p.search(text) for p in _LEAST))
    return Counts(
        items_min=int(items.group(1)) if items else usual.items_min,
        items_max=int(items.group(2)) if items else usual.items_max,
        positives_min=usual.positives_min if positives is None else positives,
        negatives_min=0 if _NO_NEGATIVES.search(text) else usual.negatives_min if negatives is None else negatives,
        weight_max=usual.weight_max if weight is None else weight,
    )


def review_task(sections: dict[str, str], server_seed: int, seed: int, instructions: str = "") -> str:
    """The verifier's JSON reply. Raises ValueError when the rubric section is not a JSON array of criteria."""
    items = orjson.loads(sections["rubric"])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("the rubric is not a JSON array of criteria")
    context, question = sections.get("context", ""), sections.get("question", "").strip()
    issues: list[str] = []
    words: dict[str, Any] = {
        "leakage": _check_leakage(context, items, sections.get("reference_answer", ""), issues),
        "question": _check_question(question, issues),
        "rubric": _check_rubric(items, read_counts(instructions), issues),
        "positives": sum(_weight(item) > 0 for item in items),
        "negatives": sum(_weight(item) < 0 for item in items),
        "type": _check_type(sections.get("question_type", ""), question, issues),
    }
    rng = Random(derive_seed(server_seed, "review", seed, question))
    if not issues and rng.random() < cal.SPURIOUS_REJECTION_RATE:
        issues.append(rng.choice(_OBJECTIONS))
        words["rubric"] = "FAIL"
    return orjson.dumps({**words, "overall": "FAIL" if issues else "PASS", "feedback": " ".join(issues)}).decode()


def _check_leakage(context: str, items: list[dict[str, Any]], reference: str, issues: list[str]) -> str:
    given = [content_words(sentence) for sentence in split_sentences(context)]
    wanted = [criterion_words(str(item.get("criterion", ""))) for item in items if _weight(item) >= 5]
    wanted += [content_words(sentence) for sentence in split_sentences(reference)]
    for words in wanted:
        if len(words) >= 4 and any(measure_coverage(words, sentence) >= _LEAK_COVERAGE for sentence in given):
            issues.append("The context already states what a positive criterion asks for; take that sentence out.")
            return "LEAKS_ANSWER"
    return "NO_LEAKAGE"


def _check_question(question: str, issues: list[str]) -> str:
    if _EASY.search(question):
        issues.append("The question asks for an explanation of why or how; ask for a prediction or a decision instead.")
        return "TOO_EASY"
    if _RECALL.search(question) or len(content_words(question)) < 4:
        issues.append("The question asks for recall of the material; it needs a step of reasoning.")
        return "RECALL"
    return "GOOD"


def _check_rubric(items: list[dict[str, Any]], counts: Counts, issues: list[str]) -> str:
    positives, negatives = sum(_weight(item) > 0 for item in items), sum(_weight(item) < 0 for item in items)
    found = []
    if not counts.items_min <= len(items) <= counts.items_max:
        found.append(f"The rubric has {len(items)} criteria; {counts.items_min} to {counts.items_max} are needed.")
    if positives < counts.positives_min or negatives < counts.negatives_min:
        found.append(
            f"The rubric has {positives} positive and {negatives} negative criteria; at least {counts.positives_min} "
            f"and {counts.negatives_min} are needed."
        )
    if any(abs(_weight(item)) > counts.weight_max for item in items):
        found.append(f"A weight is beyond {counts.weight_max}.")
    style = next((str(item.get("criterion")) for item in items if _STYLE.search(str(item.get("criterion", "")))), None)
    if style:
        found.append(f"This criterion is about form, not about an error of reasoning: {style}")
    issues.extend(found)
    return "FAIL" if found else "PASS"


def _check_type(question_type: str, question: str, issues: list[str]) -> str:
    folded = question_type.lower()
    for name, cue in _CUES.items():
        if name in folded and not re.search(cue, question, re.I):
            issues.append(f"The question is not of the type it claims to be ({question_type}).")
            return "INCONSISTENT"
    return "CONSISTENT"


def _weight(item: dict[str, Any]) -> float:
    weight = item.get("weight", 0)
    return float(weight) if isinstance(weight, int | float) else 0.0
