"""The fixed endpoint of the head-to-head: the product's requests as ever, and those of peers in words they understand.

A peer's request names its stage in its first message (`ROLE:JUDGE …`), as autosynth's prompts do. Latencies and
rejected rounds are drawn as for the product's request of the same stage.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import orjson

from benchmarks.fixed_endpoint import DRAFT, EASY, FILLER, main, write_reply
from benchmarks.latencies import Profile, is_rejected

_STAGES = {
    "CHALLENGER": "challenger",
    "VERIFIER": "verifier",
    "QUALITY": "verifier",
    "WEAK": "weak",
    "STRONG": "strong",
    "JUDGE": "judge",
    "REFLECTION": "verifier",
}
"""What a prompt calls itself → the stage that it is. autosynth's reflection has no stage here; the verifier's is the
nearest: one short call about a task."""


def answer(body: dict[str, Any], profile: Profile) -> tuple[dict[str, Any], str]:
    """The request that latencies are drawn from, and the reply's text."""
    named = re.match(r"ROLE:([A-Z]+)", str(body["messages"][0]["content"]))
    if named is None:
        return body, write_reply(body, profile)
    # autosynth tells its solvers no tier: the model's name does.
    stage = _STAGES.get(named[1]) or str(body["model"]).removeprefix("fixed-")
    asked = {**body, "model": f"fixed-{stage}"}
    return asked, _write(stage, asked, profile)


def _write(stage: str, body: dict[str, Any], profile: Profile) -> str:
    asked = str(body["messages"][-1]["content"])
    match stage:
        case "challenger":
            return orjson.dumps(_draft(EASY if is_rejected(body, profile) else DRAFT["question"])).decode()
        case "verifier":
            passed = {"passed": True, "failures": [], "notes": "", "feedback": ["another angle"], "new_angle": "drift"}
            return orjson.dumps(passed).decode()
        case "judge":
            total = 0.75 if "strong effort" in asked else 0.375
            marks = {f"c{n}": float(n <= 8 * total) for n in range(1, 9)}
            return orjson.dumps({"per_criterion": marks, "total": total, "failure_modes": []}).decode()
        case _:
            effort = "strong" if stage == "strong" or EASY in asked else "plain"
            return f"A {effort} effort. {FILLER}"


def _draft(question: Any) -> dict[str, Any]:
    rubric = [{"id": f"c{n}", "description": f"States step {n} of the bound", "weight": 5} for n in range(1, 9)]
    payload = {"question": question, "context": DRAFT["context"], "reasoning_skills": DRAFT["tags"]}
    return {"payload": payload, "reference_output": DRAFT["reference_answer"], "rubric": rubric}


if __name__ == "__main__":
    # Clients that are killed lose their connections: that is the point.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    main(answer)
