"""The simulated challenger of verifiable problems: poses one, works it out, and sometimes gets its own answer wrong."""

from __future__ import annotations

from random import Random

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator.challenger import read_feedback
from autodata.llm.simulator.document import digest_document
from autodata.llm.simulator.math import calibration as cal
from autodata.llm.simulator.math.families import POSED, Problem
from autodata.llm.simulator.math.family import PosedFamily
from autodata.llm.simulator.text import list_words

_LEADS = (
    "Setting: {topic}.",
    "The following is a small case in the neighbourhood of {topic}.",
    "Consider a model problem from the study of {topic}.",
    "This is about {topic}.",
)
_CLOSING = "Write the final answer alone on the last line, after ANSWER:"
_SECOND_ASKS = ("Also prove that your answer is the only one.", "Then find the corresponding limit as well.")
_TAGS = ("symbolic manipulation", "multi-step derivation", "case distinction", "exact reasoning")


def pose_problem(sections: dict[str, str], server_seed: int, seed: int) -> str:
    """The challenger's JSON reply. Everything about it is decided by the prompt's sections and the seeds."""
    document, feedback = sections["document"], read_feedback(sections)
    rng = Random(derive_seed(server_seed, "pose", seed, document, feedback, sections.get("last_round", "")))
    wanted = (
        cal.FIRST_SIZE
        + cal.PUSH_PER_EASY * min(feedback.too_easy, 6)
        - cal.EASE_PER_STRONG * min(feedback.failed_on_strong, 6)
    )
    size = max(cal.SIZE_MIN, min(cal.SIZE_MAX, round(rng.gauss(wanted, cal.SIZE_SD))))
    family = _choose_family(document, rng)
    problem = Problem(family, family.draw(rng, size))
    wrong = frozenset([rng.choice(problem.steps)]) if rng.random() < cal.WRONG_REFERENCE_RATE else frozenset[str]()
    tex = rng.random() < 0.5
    answer, working = problem.derive(wrong, tex, rng)
    second = f" {rng.choice(_SECOND_ASKS)}" if rng.random() < cal.TWO_ASKS_RATE else ""
    topic = digest_document(document).topic
    lead = rng.choice(_LEADS).format(topic=topic) if topic else "Take this small case."
    question = f"{lead} {family.state(problem.numbers)}{second} {_CLOSING}"
    reply = {
        "work": " ".join(working),
        "question_type": f"{family.name} in {len(problem.steps)} steps",
        "tags": rng.sample(_TAGS, 2),
        "question": question,
        "reference_answer": f"${answer}$" if tex and "\\" in answer else answer,
    }
    return orjson.dumps(reply, option=orjson.OPT_INDENT_2).decode()


def _choose_family(document: str, rng: Random) -> PosedFamily:
    """Mostly what the source's words suggest."""
    words = list_words(document)
    counts = [1 + sum(words.count(word) for word in family.words) for family in POSED]
    if rng.random() < 0.35:
        return rng.choice(POSED)
    return rng.choices(POSED, counts)[0]
