"""The question of a simulated legal task: an invented client, in a client's words, about as long as is wanted."""

from __future__ import annotations

from random import Random

from autodata.llm.simulator import phrases
from autodata.llm.simulator.legal import wordings
from autodata.llm.simulator.text import capitalise

LEAST = 450
"""Characters below which a question is never planned."""


def write_question(terms: tuple[str, str, str], length: int, slip: bool, rng: Random) -> str:
    """One paragraph that ends in what the client wants to know; details are added until `length` is about reached.

    `slip`: a sentence stands in it that gives a legal source away.
    """
    slots = draw_slots(terms, rng)
    head = [
        rng.choice(wordings.OPENINGS),
        rng.choice(wordings.EVENTS),
        rng.choice(wordings.TURNS),
    ]
    tail = [rng.choice(wordings.CLAIMS), rng.choice(wordings.ASKS)]
    if slip:
        tail.insert(0, rng.choice(wordings.SLIPS))
    fixed = sum(len(_fill(part, slots)) + 1 for part in (*head, *tail))
    details: list[str] = []
    for template in rng.sample(wordings.DETAILS, len(wordings.DETAILS)):
        sentence = _fill(template, slots)
        if fixed + sum(len(each) + 1 for each in details) + len(sentence) // 2 > max(LEAST, length):
            break
        details.append(sentence)
    return " ".join([*(_fill(part, slots) for part in head), *details, *(_fill(part, slots) for part in tail)])


def draw_slots(terms: tuple[str, str, str], rng: Random) -> dict[str, str]:
    """What the templates are filled with: three terms, and names nobody bears."""
    return {
        **dict(zip("ABC", terms, strict=True)),
        "firm": rng.choice(wordings.FIRMS),
        "other": rng.choice(wordings.OTHERS),
        "place": rng.choice(wordings.PLACES),
        "when": rng.choice(wordings.TIMES),
        "sum": rng.choice(wordings.SUMS),
        "premise": rng.choice(phrases.PREMISE["law"]),
    }


def _fill(template: str, slots: dict[str, str]) -> str:
    return capitalise(template.format(**slots))
