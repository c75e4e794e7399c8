"""A rubric of the auditor's own for a question, from the passage and from what an expert would say."""

from __future__ import annotations

from random import Random

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as solvers
from autodata.llm.simulator import phrases
from autodata.llm.simulator.auditor import calibration as cal
from autodata.llm.simulator.document import digest_document
from autodata.llm.simulator.tasks import Claim, LatentTask
from autodata.llm.simulator.text import content_words, measure_coverage

_SAME = 0.5


def write_own_rubric(task: LatentTask, document: str, server_seed: int, seed: int) -> str:
    """The writer's JSON reply: criteria in words and weights of its own, none of them taken from a rubric."""
    rng = Random(derive_seed(server_seed, "own rubric", task.luck_key, seed))
    chosen = [(claim.text, claim.weight > 0) for claim in task.claims if rng.random() < _find_share(claim)]
    known = [content_words(text) for text, _ in chosen]
    facts = [
        fact.clause
        for fact in digest_document(document).facts
        if not any(measure_coverage(fact.words, words) > _SAME for words in known)
    ]
    wanted = content_words(f"{task.context} {task.question}")
    facts.sort(key=lambda clause: -measure_coverage(content_words(clause), wanted))
    chosen += [(clause, True) for clause in facts[: cal.OWN_FACTS]]
    rng.shuffle(chosen)
    return orjson.dumps({"rubric": [_write_criterion(text, good, rng) for text, good in chosen]}).decode()


def _find_share(claim: Claim) -> float:
    if claim.weight < 0:
        return cal.ERROR_SHARE
    return cal.DEEP_SHARE if claim.difficulty >= solvers.EXPERT_DIFFICULTY else cal.KNOWN_SHARE


def _write_criterion(text: str, good: bool, rng: Random) -> dict[str, object]:
    verbs = (*phrases.ARGUING_VERBS, *phrases.STATING_VERBS) if good else phrases.ERROR_VERBS
    weight = rng.randint(4, 9) if good else -rng.randint(3, 7)
    return {
        "criterion": f"{rng.choice(verbs)} {text}.",
        "weight": weight,
        "category": "positive" if good else "negative",
    }
