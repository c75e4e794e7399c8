"""The simulated solvers of verifiable problems: they read the problem, work it out step by step, and slip by skill."""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from autodata.canon import derive_seed
from autodata.llm.simulator import calibration as base
from autodata.llm.simulator.math import calibration as cal
from autodata.llm.simulator.math.families import Problem
from autodata.llm.simulator.obedience import read_orders
from autodata.llm.simulator.wire import ChatCall

_OPENINGS = ("Let me work this out.", "I take it step by step.", "First the set-up.", "")
_ENDINGS = ("ANSWER: {}", "**ANSWER:** {}", "Therefore \\boxed{{{}}}.\n\nANSWER: {}", "Final answer: {}")


def solve_problem(problem: Problem, call: ChatCall, server_seed: int, seed: int) -> str:
    """One rollout. The same call and seed give the same text."""
    key = derive_seed("problem", problem.family.name, problem.numbers)
    rng = Random(derive_seed(server_seed, "solve", call.model, key, seed))
    ability, shock = find_ability(call, key), rng.gauss(0, cal.SHOCK_SD)
    difficulties = draw_difficulties(problem)
    wrong = set()
    for step, difficulty in difficulties.items():
        luck = Random(derive_seed(server_seed, "luck", call.model, key, step)).gauss(0, cal.LUCK_SD)
        logit = cal.SLOPE * (ability - difficulty + luck) + shock
        if rng.random() >= 1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))):
            wrong.add(step)
    tex = rng.random() < 0.5
    answer, working = problem.derive(frozenset(wrong), tex, rng)
    shown = f"${answer}$" if tex and "\\" in answer else answer
    if read_orders(call.prompt).max_sentences is not None:
        return f"ANSWER: {shown}"
    lines = [rng.choice(_OPENINGS), *working]
    chance = rng.random()
    if chance < cal.UNMARKED_RATE:
        return "\n\n".join([*filter(None, lines), f"So what remains is {shown}"])
    if chance < cal.UNMARKED_RATE + cal.TWO_ANSWERS_RATE:
        other, _ = problem.derive(frozenset(problem.steps[:1]), False, rng)
        return "\n\n".join([*filter(None, lines), f"ANSWER: {other}", f"Or, read another way:\n\nANSWER: {shown}"])
    ending = rng.choice(_ENDINGS)
    return "\n\n".join(
        [*filter(None, lines), ending.format(answer, shown) if "boxed" in ending else ending.format(shown)]
    )


def draw_difficulties(problem: Problem) -> dict[str, float]:
    """Difficulty of every step, drawn from the problem alone; longer problems are harder at every step."""
    key = derive_seed("problem", problem.family.name, problem.numbers)
    return _draw_difficulties(key, problem.steps)


def find_ability(call: ChatCall, key: int) -> float:
    """Ability after everything that the prompt and the settings take away or add."""
    orders, ability = read_orders(call.prompt), base.ABILITY.get(call.model, base.ORACLE_ABILITY)
    if orders.hits(call.model):
        ability -= base.WEAKENED_DROP * Random(derive_seed("compliance", call.model, key)).betavariate(2, 2)
    if orders.low_effort or call.extras.get("reasoning_effort") in ("low", "minimal", "none"):
        ability -= base.LOW_EFFORT_DROP
    if orders.care:
        ability += base.CARE_GAIN
    return ability - base.HOT_DROP * max(0.0, call.temperature - 1.2)


@lru_cache(maxsize=4096)
def _draw_difficulties(key: int, steps: tuple[str, ...]) -> dict[str, float]:
    rng = Random(key)
    level = cal.STEP_DIFFICULTY + cal.PER_STEP * len(steps)
    return {step: rng.gauss(level, cal.STEP_SD) for step in steps}
