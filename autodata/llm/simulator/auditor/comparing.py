"""Two texts side by side: does one say all that the other says, and which of two answers is better?"""

from __future__ import annotations

from random import Random

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as judges
from autodata.llm.simulator.auditor import calibration as cal
from autodata.llm.simulator.auditor.reading import drop_comments, is_order
from autodata.llm.simulator.bias import Leaning
from autodata.llm.simulator.judge import grade_answer
from autodata.llm.simulator.tasks import LatentTask
from autodata.llm.simulator.text import content_words, is_negated, measure_coverage, split_sentences


def check_entailment(sections: dict[str, str], server_seed: int, seed: int) -> str:
    """The writer's JSON reply: whether every statement of one text is in the other, and the first that is not."""
    given, claimed = sections["given"], sections["claimed"]
    known = [(content_words(text), is_negated(text)) for text in split_sentences(drop_comments(given))]
    missing = ""
    for sentence in split_sentences(drop_comments(claimed)):
        words, negated = content_words(sentence), is_negated(sentence)
        if len(words) < 3 or is_order(sentence):
            continue
        if not any(measure_coverage(words, own) >= cal.COVERED and sign == negated for own, sign in known):
            missing = sentence
            break
    rng = Random(derive_seed(server_seed, "entailment", seed, given, claimed))
    if not missing and rng.random() < cal.ENTAILMENT_SLIP:
        missing = "One shade of meaning seems to be lost."
    return orjson.dumps({"missing": missing[:300], "entailed": not missing}).decode()


def prefer_answer(
    model: str, task: LatentTask, sections: dict[str, str], leaning: Leaning, server_seed: int, seed: int
) -> str:
    """The judge's JSON reply: which answer holds more of what can be said to the question and fewer errors."""
    rng = Random(derive_seed(server_seed, model, "prefers", seed, sections["first_answer"], sections["second_answer"]))
    values = []
    for name, bonus in (("first_answer", cal.FIRST_BONUS), ("second_answer", 0.0)):
        text = sections[name]
        substance = _weigh_substance(model, task, text, server_seed, seed)
        values.append(substance + bonus + leaning.measure(text) + rng.gauss(0, cal.PREFERENCE_SD))
    lead = values[0] - values[1]
    better = "equal" if abs(lead) < cal.TIE else "first" if lead > 0 else "second"
    reason = {
        "equal": "Both reach the same points.",
        "first": "The first answer carries more of what the question turns on.",
        "second": "The second answer carries more of what the question turns on.",
    }[better]
    return orjson.dumps({"reason": reason, "better": better}).decode()


def _weigh_substance(model: str, task: LatentTask, answer: str, server_seed: int, seed: int) -> float:
    """Share of the statements that count, minus errors; whatever a rubric says of them."""
    items = [{"id": str(place), "criterion": claim.text} for place, claim in enumerate(task.claims)]
    judge = model if model in judges.JUDGE_FLIP else "sim-judge-b"
    reply = orjson.loads(grade_answer(judge, orjson.dumps(items).decode(), answer, server_seed, seed))
    met = {int(verdict["id"]) for verdict in reply["verdicts"] if verdict["met"]}
    good = [place for place, claim in enumerate(task.claims) if claim.weight > 0]
    errors = sum(1 for place in met if task.claims[place].weight < 0)
    return (sum(place in met for place in good) - errors) / max(1, len(good))
