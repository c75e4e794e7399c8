"""The simulated solvers: real text, in which every criterion that is met has its sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator import wordings
from autodata.llm.simulator.obedience import Orders, read_orders
from autodata.llm.simulator.tasks import Claim, LatentTask
from autodata.llm.simulator.text import (
    capitalise,
    content_words,
    measure_coverage,
    normalise,
    opens_with_adjunct,
    split_sentences,
)

_SWAPS = ((" because ", " since "), (" requires ", " calls for "), (" cannot ", " can not "), (" whole ", " entire "))


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who answers what under which settings. `extras` are request fields beyond the usual ones.

    `told` is the part of the prompt that speaks to the model, where the rest is material to it.
    """

    model: str
    task: LatentTask
    prompt: str
    temperature: float
    extras: dict[str, Any]
    told: str | None = None


def write_answer(attempt: Attempt, server_seed: int, seed: int) -> str:
    """One rollout. The same attempt and seed give the same text."""
    task, orders = attempt.task, read_orders(attempt.prompt if attempt.told is None else attempt.told)
    rng = Random(derive_seed(server_seed, "rollout", attempt.model, task.key, seed))
    ability = find_ability(attempt, orders)
    told = find_told(task, attempt.prompt)
    luck = draw_luck(server_seed, attempt.model, task.luck_key, len(task.claims))
    shock = rng.gauss(0, cal.SHOCK_SD)
    sentences: list[str] = []
    leads = rng.sample(wordings.STATING_LEADS, len(wordings.STATING_LEADS))
    for index, claim in enumerate(task.claims):
        gain = cal.TOLD_GAIN if index in told else 0.0
        logit = claim.slope * (ability + gain - claim.difficulty + luck[index]) + shock
        met = rng.random() < 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        sentence = _write_sentence(claim, met, task, leads[index % len(leads)], rng)
        if sentence:
            sentences.append(sentence)
    rng.shuffle(sentences)
    return _compose(attempt.model, sentences, task, orders, rng)


def find_ability(attempt: Attempt, orders: Orders) -> float:
    """Ability on the difficulty scale, after everything the prompt and the settings take away or add."""
    ability = cal.ABILITY.get(attempt.model, cal.ORACLE_ABILITY)
    if orders.hits(attempt.model):
        ability -= cal.WEAKENED_DROP * _draw_compliance(attempt.model, attempt.task.luck_key)
    if orders.low_effort or attempt.extras.get("reasoning_effort") in ("low", "minimal", "none"):
        ability -= cal.LOW_EFFORT_DROP
    if orders.care:
        ability += cal.CARE_GAIN
    ability -= cal.MISSING_CONTEXT_DROP * (1 - measure_context(attempt.task, attempt.prompt))
    return ability - cal.HOT_DROP * max(0.0, attempt.temperature - 1.2)


@lru_cache(maxsize=4096)
def measure_context(task: LatentTask, prompt: str) -> float:
    """Share of the task's context that stands in the prompt, in [0, 1]; 1 where the task has none."""
    if not task.context or task.context in prompt:
        return 1.0
    folded = normalise(prompt)
    sentences = split_sentences(task.context)
    return sum(normalise(sentence) in folded for sentence in sentences) / max(1, len(sentences))


@lru_cache(maxsize=4096)
def find_told(task: LatentTask, prompt: str) -> frozenset[int]:
    """Positions of the claims that the prompt itself gives away."""
    rest = prompt.replace(task.question, " ") if task.origin else ""
    if task.context:
        rest = rest.replace(task.context, " ")
    sentences = [content_words(sentence) for sentence in split_sentences(rest)]
    return frozenset(
        index
        for index, claim in enumerate(task.claims)
        if claim.weight > 0 and any(measure_coverage(content_words(claim.text), words) >= 0.8 for words in sentences)
    )


@lru_cache(maxsize=8192)
def draw_luck(server_seed: int, model: str, key: str, count: int) -> tuple[float, ...]:
    """How much more or less a model happens to know about each claim of a task; the same in every rollout."""
    rng = Random(derive_seed(server_seed, "luck", model, key))
    return tuple(rng.gauss(0, cal.LUCK_SD) for _ in range(count))


def _draw_compliance(model: str, key: str) -> float:
    return Random(derive_seed("compliance", model, key)).betavariate(2, 2)


def _write_sentence(claim: Claim, met: bool, task: LatentTask, lead: str, rng: Random) -> str:
    if claim.weight < 0:
        stumbles = not met and rng.random() < cal.ERROR_RATE
        return capitalise(f"{rng.choice(wordings.ERRING_LEADS)}{claim.text}.") if stumbles else ""
    if met:
        plain = lead.endswith(", ") and opens_with_adjunct(claim.text)
        return capitalise(f"{'' if plain else lead}{_paraphrase(claim.text, rng)}.")
    return _fill(rng.choice(wordings.VAGUE), task) if rng.random() < 0.4 else ""


def _paraphrase(text: str, rng: Random) -> str:
    old, new = rng.choice(_SWAPS)
    return text.replace(old, new)


def _compose(model: str, sentences: list[str], task: LatentTask, orders: Orders, rng: Random) -> str:
    if orders.max_sentences is not None:
        return " ".join(sentences[: orders.max_sentences]) or _fill(rng.choice(wordings.VAGUE), task)
    manner = wordings.MANNERS.get(model, wordings.PLAIN)
    body = [_fill(rng.choice(manner.openings), task), *dict.fromkeys(sentences), rng.choice(manner.closings)]
    size = rng.randint(4, 6)
    return "\n\n".join(" ".join(body[start : start + size]) for start in range(0, len(body), size))


def _fill(template: str, task: LatentTask) -> str:
    return template.format(**dict(zip("ABC", task.terms, strict=False)))
