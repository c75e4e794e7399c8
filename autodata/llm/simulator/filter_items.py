"""Prompts from elsewhere: what the simulated models make of a task that none of them wrote.

A rubric for it is written around claims the solvers know of, so it is graded by its text like any other. Of a rubric
that came with the prompt the solvers know nothing, and no simulated solver can know the reference answer. There the
judge goes by the substance of an answer: each foreign criterion stands for one claim that the prompt suggests, and is
met when the answer states that claim. Answers that were cut off, weakened or told to be brief state fewer. None of this
says anything about the item itself; it lets the whole path be walked without a model.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from random import Random

import orjson

from autodata.canon import derive_seed, hash_text
from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator import phrases
from autodata.llm.simulator.judge import grade_answer
from autodata.llm.simulator.math.matching import compare_texts
from autodata.llm.simulator.tasks import Claim, LatentTask, TaskStore, improvise_task, key_of
from autodata.llm.simulator.text import content_words, criterion_words, measure_coverage, normalise

SHIFT, SHIFT_SD = 0.55, 0.85
"""Prompts of a data set are harder on average than improvised ones, and vary more: some are too easy, some too hard."""

RIGHT_SHARE = 0.58
"""Share of the positive claims that an answer has to state to count as right."""

_FRAME = re.compile(
    r"(?:context|question|background|task)s?:|here is (?:some background|a question)\b.{0,80}|"
    r"you are an expert\b.{0,400}|think carefully\b.{0,400}",
    re.IGNORECASE | re.DOTALL,
)
"""Paragraphs that stand round a task and are no part of it."""

_KNOWN = 0.8
"""Coverage of a criterion's words by a claim from which on the two are taken for the same."""


def strip_frame(message: str) -> str:
    """A message without the paragraphs that only introduce its context and question."""
    kept = [part for part in message.split("\n\n") if not _FRAME.fullmatch(part.strip())]
    return "\n\n".join(kept) or message


def improvise_item(message: str) -> LatentTask:
    """Latent claims for a prompt nobody here wrote, always the same for the same words."""
    return _shift(improvise_task(message), message)


def write_rubric(sections: dict[str, str], store: TaskStore, server_seed: int) -> str:
    """The rubric writer's JSON reply; its claims are remembered, so that solvers who meet the prompt can state them."""
    question, context = sections["question"], sections.get("context", "")
    matter = f"{_join(context, question)}\n\n{sections.get('reference_answer', '')}"
    task = _shift(improvise_task(matter), matter)
    origin = hash_text(f"{server_seed}\x1frubric\x1f{matter}")[:24]
    store.remember(replace(task, key=key_of(question), origin=origin, question=question, context=context))
    rng = Random(derive_seed(server_seed, "rubric", matter))
    return orjson.dumps({"rubric": [_write_criterion(claim, rng) for claim in task.claims]}).decode()


def credit_substance(
    graded: str, model: str, sections: dict[str, str], store: TaskStore, server_seed: int, seed: int
) -> str:
    """The judge's JSON reply `graded`, with more criteria met where the rubric is foreign: no claim is in it."""
    items = orjson.loads(sections["rubric"])
    message = _join(sections.get("context", ""), sections.get("question", ""))
    if not message.strip():
        return graded
    task = _recall(message, store)
    if any(_is_known(str(item.get("criterion", "")), task) for item in items):
        return graded
    verdicts = orjson.loads(graded)["verdicts"]
    stated = _find_stated(model, task, sections["answer"], server_seed, seed)
    standing = {True: 0, False: 0}
    for item, verdict in zip(items, verdicts, strict=True):
        good = not str(item.get("weight", "")).lstrip().startswith("-")
        places = [place for place, claim in enumerate(task.claims) if (claim.weight > 0) is good]
        quote = stated.get(places[standing[good] % len(places)], "") if places else ""
        standing[good] += 1
        if quote and not verdict["met"]:
            verdict.update(quote=quote, met=1)
    return orjson.dumps({"verdicts": verdicts}).decode()


def compare_foreign(model: str, sections: dict[str, str], store: TaskStore, server_seed: int, seed: int) -> str:
    """The answer verifier's JSON reply: what the two texts say decides, or the substance of an essay on a prompt that
    nobody here can work out."""
    candidate = sections["candidate_answer"]
    same, reason = compare_texts(model, sections["reference_answer"], candidate, server_seed, seed)
    task = _recall(sections.get("question", ""), store)
    wanted = [place for place, claim in enumerate(task.claims) if claim.weight > 0]
    stated = _find_stated(model, task, candidate, server_seed, seed)
    share = sum(place in stated for place in wanted) / max(1, len(wanted))
    if not same and share >= RIGHT_SHARE:
        same, reason = True, "The candidate argues what the reference rests on."
    return orjson.dumps({"equivalent": same, "reason": reason}).decode()


def _recall(message: str, store: TaskStore) -> LatentTask:
    """What the solvers had in mind when they read the same message."""
    return store.find(message) or improvise_item(message)


def _join(context: str, question: str) -> str:
    """The message a solver reads."""
    return f"{context}\n\n{question}".lstrip("\n")


def _shift(task: LatentTask, message: str) -> LatentTask:
    by = Random(derive_seed("item", normalise(message))).gauss(SHIFT, SHIFT_SD)
    claims = tuple(replace(claim, difficulty=claim.difficulty + by) for claim in task.claims)
    return replace(task, claims=claims, difficulty=task.difficulty + by)


def _write_criterion(claim: Claim, rng: Random) -> dict[str, object]:
    verbs = phrases.ARGUING_VERBS if claim.weight > 0 else phrases.ERROR_VERBS
    weight = rng.randint(4, 9) if claim.weight > 0 else -rng.randint(3, 8)
    category = "positive" if weight > 0 else "negative"
    return {"criterion": f"{rng.choice(verbs)} {claim.text}.", "weight": weight, "category": category}


@lru_cache(maxsize=8192)
def _is_known(criterion: str, task: LatentTask) -> bool:
    words = criterion_words(criterion)
    return any(measure_coverage(words, content_words(claim.text)) >= _KNOWN for claim in task.claims)


def _find_stated(model: str, task: LatentTask, answer: str, server_seed: int, seed: int) -> dict[int, str]:
    """Places of the claims that the answer states, with the words that do, as this judge reads it."""
    claims = [{"id": str(place), "criterion": claim.text} for place, claim in enumerate(task.claims)]
    judge = model if model in cal.JUDGE_FLIP else "sim-judge"
    reply = orjson.loads(grade_answer(judge, orjson.dumps(claims).decode(), answer, server_seed, seed))
    return {int(verdict["id"]): verdict["quote"] for verdict in reply["verdicts"] if verdict["met"]}
