"""The simulated screener: works every candidate out again and ranks by how many steps it takes."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson

from autodata.canon import derive_seed
from autodata.llm.simulator.math import calibration as cal
from autodata.llm.simulator.math.families import read_problem
from autodata.llm.simulator.math.matching import match_answers


def screen_candidates(section: str, server_seed: int, seed: int) -> str:
    """The screener's JSON reply. Raises ValueError when the section is not a JSON array of candidates."""
    items = orjson.loads(section)
    if not isinstance(items, list) or not all(isinstance(item, dict) and "id" in item for item in items):
        raise ValueError("the candidates are not a JSON array of objects with ids")
    rng = Random(derive_seed(server_seed, "screen", seed, section))
    judged = [_judge_candidate(item, rng) for item in items]
    judged.sort(key=lambda one: (not one["keep"], one.pop("distance")))
    return orjson.dumps({"ranking": judged}).decode()


def _judge_candidate(item: dict[str, Any], rng: Random) -> dict[str, Any]:
    problem = read_problem(str(item.get("question", "")))
    if problem is None:
        return {"id": item["id"], "keep": True, "distance": 9.0, "reason": "I cannot work it out, so it may be hard."}
    slips = frozenset() if rng.random() < cal.SCREENER_SKILL else frozenset([rng.choice(problem.steps)])
    answer, _ = problem.derive(slips, False, rng)
    plain, _ = problem.derive(slips, True, rng)
    given = str(item.get("reference_answer", ""))
    steps = len(problem.steps)
    if not (match_answers(given, answer) or match_answers(given, plain)):
        return {"id": item["id"], "keep": False, "distance": 99.0, "reason": f"Working it out gives {answer} instead."}
    if steps < 2:
        return {"id": item["id"], "keep": False, "distance": 50.0, "reason": "It is one routine step."}
    reason = f"The answer is right; {steps} steps, each with a turn that looks right."
    return {"id": item["id"], "keep": True, "distance": abs(steps - cal.SCREENER_TARGET), "reason": reason}
