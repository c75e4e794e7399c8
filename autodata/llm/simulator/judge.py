"""The simulated judge: grades by the answer's text alone, whoever wrote answer and rubric.

A criterion is met when one sentence carries enough of its content words, words that several criteria share counting
less, and agrees with it in being negated or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.text import content_words, criterion_words, is_negated, split_sentences


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One criterion made ready: the weight of each content word, weights adding up to 1."""

    id: str
    words: frozenset[str]
    weights: dict[str, float]
    negated: bool


def grade_answer(model: str, rubric: str, answer: str, server_seed: int, seed: int) -> str:
    """The judge's JSON reply. Raises ValueError when `rubric` is not a JSON array of criteria with ids."""
    rng = Random(derive_seed(server_seed, model, "verdicts", seed, answer))
    sentences, found = read_answer(rubric, answer)
    verdicts = []
    for own, covered, quote in found:
        met = covered >= cal.JUDGE_THRESHOLD[model]
        if sentences and rng.random() < cal.JUDGE_FLIP[model]:
            met = not met
            quote = quote or rng.choice(sentences)
        verdicts.append({"id": own, "quote": quote if met else "", "met": int(met)})
    return orjson.dumps({"verdicts": verdicts}).decode()


@lru_cache(maxsize=512)
def read_answer(rubric: str, answer: str) -> tuple[tuple[str, ...], tuple[tuple[str, float, str], ...]]:
    """The answer's sentences; and for each criterion its id, how much of it the best sentence covers, and that one.

    The same for every judge and every seed: an answer that is graded again is read once. Raises ValueError as
    `read_rubric`.
    """
    sentences = [(text, content_words(text), is_negated(text)) for text in split_sentences(answer)]
    found = []
    for yardstick in read_rubric(rubric):
        best, quote = 0.0, ""
        for text, words, negated in sentences:
            if negated != yardstick.negated:
                continue
            shared = yardstick.words & words
            if len(shared) * 2 < len(yardstick.words):
                continue
            covered = sum(yardstick.weights[word] for word in shared)
            if covered > best:
                best, quote = covered, text
        found.append((yardstick.id, best, quote))
    return tuple(text for text, _, _ in sentences), tuple(found)


@lru_cache(maxsize=2048)
def read_rubric(rubric: str) -> tuple[Yardstick, ...]:
    """Criteria of the rubric section, in order. Raises ValueError when it is not what the format asks for."""
    items = orjson.loads(rubric)
    if not isinstance(items, list) or not all(isinstance(item, dict) and "id" in item for item in items):
        raise ValueError("the rubric is not a JSON array of objects with ids")
    texts = [str(item.get("criterion", "")) for item in items]
    words = [criterion_words(text) for text in texts]
    counts = Counter(word for group in words for word in group)
    return tuple(
        Yardstick(str(item["id"]), group, _weigh_words(group, counts), is_negated(text))
        for item, text, group in zip(items, texts, words, strict=True)
    )


def _weigh_words(words: frozenset[str], counts: Counter[str]) -> dict[str, float]:
    raw = {word: 1 / counts[word] for word in words}
    total = sum(raw.values()) or 1.0
    return {word: weight / total for word, weight in raw.items()}
