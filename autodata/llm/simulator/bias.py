"""What moves a biased judge beside the words of an answer. Unbiased ones go by the words alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log2
from random import Random

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator.config import JudgeBias
from autodata.llm.simulator.text import split_sentences
from autodata.llm.simulator.wordings import recognise_manner

USUAL_LENGTH = 900
"""Characters of an answer that a lover of length finds neither long nor short."""

_LABEL = re.compile(r"\b(weak|strong)(?:er)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a judge leans in one request. `label` is what the request calls the answer: weak, strong or ""."""

    bias: JudgeBias
    label: str = ""

    def measure(self, answer: str) -> float:
        """In [-1, 1]: the chance with which a verdict on `answer` is moved, in its favour above 0."""
        bias, lean = self.bias, 0.0
        if self.label:
            lean += bias.label if self.label == "strong" else -bias.label
        if bias.family:
            lean += bias.family if recognise_manner(answer) == bias.kin else -bias.family
        if bias.length and answer:
            lean += bias.length * max(-1.0, min(1.0, log2(len(answer) / USUAL_LENGTH)))
        return max(-1.0, min(1.0, lean))


def find_leaning(model: str, told: str, bias: JudgeBias) -> Leaning:
    """How `model` leans, given the part of the request that is no material: instructions and labels."""
    if model not in bias.models:
        return Leaning(JudgeBias())
    found = _LABEL.search(told)
    return Leaning(bias, found.group(1).lower() if found else "")


def sway_verdicts(reply: str, rubric: str, answer: str, leaning: Leaning, seed: int) -> str:
    """The judge's JSON reply after its leaning: verdicts that cost the answer points are moved for it, or the others
    against it."""
    lean = leaning.measure(answer)
    if not lean:
        return reply
    costs = {str(item["id"]): str(item.get("weight", "")).lstrip().startswith("-") for item in orjson.loads(rubric)}
    verdicts, sentences = orjson.loads(reply)["verdicts"], split_sentences(answer) or [""]
    for verdict in verdicts:
        harms = bool(verdict["met"]) == costs.get(verdict["id"], False)
        rng = Random(derive_seed("leaning", seed, answer, verdict["id"]))
        if harms == (lean > 0) and rng.random() < abs(lean):
            verdict["met"] = 1 - verdict["met"]
            verdict["quote"] = rng.choice(sentences) if verdict["met"] else ""
    return orjson.dumps({"verdicts": verdicts}).decode()
