"""Which player of verifiable problems a chat call asks for, and its reply. Prompts are known by their words."""

from __future__ import annotations

from typing import Literal

import orjson

from autodata.llm.simulator import calibration as base
from autodata.llm.simulator.math.families import read_problem
from autodata.llm.simulator.math.matching import compare_texts
from autodata.llm.simulator.math.screener import screen_candidates
from autodata.llm.simulator.math.solver import solve_problem
from autodata.llm.simulator.math.writer import pose_problem
from autodata.llm.simulator.wire import ChatCall

MathSeat = Literal["challenger", "screener", "answer_verifier", "solver", "probed", ""]


def find_math_seat(call: ChatCall, sections: dict[str, str]) -> MathSeat:
    """The player that is addressed; "" where none is. Solvers are known by a problem that can be worked out."""
    asked = call.system or call.user
    if call.model in base.ABILITY:
        if call.user.startswith("What is 2+2?"):
            return "probed"
        return "solver" if read_problem(call.user) else ""
    if (
        call.model == "sim-challenger"
        and "document" in sections
        and '"reference_answer"' in asked
        and "rubric" not in asked
    ):
        return "challenger"
    if "candidates" in sections and '"ranking"' in asked:
        return "screener"
    if {"candidate_answer", "reference_answer"} <= sections.keys() and call.model in base.JUDGE_FLIP:
        return "answer_verifier" if read_problem(sections.get("question", "")) else ""
    return ""


def answer_math(seat: MathSeat, call: ChatCall, sections: dict[str, str], server_seed: int, seed: int) -> str:
    """The reply of a player. Raises ValueError for candidates that cannot be read."""
    if seat == "probed":
        return "4"
    if seat == "challenger":
        return pose_problem(sections, server_seed, seed)
    if seat == "screener":
        return screen_candidates(sections["candidates"], server_seed, seed)
    if seat == "answer_verifier":
        reference, candidate = sections["reference_answer"], sections["candidate_answer"]
        same, reason = compare_texts(call.model, reference, candidate, server_seed, seed)
        return orjson.dumps({"equivalent": same, "reason": reason}).decode()
    problem = read_problem(call.user)
    if problem is None:
        raise ValueError("the prompt holds no problem that is known")
    return solve_problem(problem, call, server_seed, seed)
