"""The simulated models on prompts that none of them wrote: through text, and repeatably."""

from __future__ import annotations

import json

from autodata.agents.rubric import parse_rubric
from autodata.llm.simulator.filter_items import improvise_item
from tests.support.sim_chat import SimChat, render, run_sim

PROMPT = (
    "A service keeps its sessions in a cache that is lost on restart. Should it be replicated, or rebuilt on demand?"
)
REFERENCE = "Rebuilding is cheaper because sessions are short, but a restart then costs every client one slow request."
RUBRIC = json.dumps(
    [
        {"id": "c1", "criterion": "Prefers rebuilding for short sessions", "weight": 6},
        {"id": "c2", "criterion": "Counts the slow request after a restart", "weight": 4},
        {"id": "c3", "criterion": "Recommends losing sessions on purpose", "weight": -5},
    ]
)


async def met(sim: SimChat, answer: str, seed: int = 1) -> list[int]:
    text = await sim.read("sim-judge", render(question=PROMPT, rubric=RUBRIC, answer=answer), seed=seed)
    return [verdict["met"] for verdict in json.loads(text)["verdicts"]]


async def is_right(sim: SimChat, candidate: str, reference: str = REFERENCE, question: str = PROMPT) -> bool:
    user = render(question=question, reference_answer=reference, candidate_answer=candidate)
    return bool(json.loads(await sim.read("sim-judge", user, seed=1))["equivalent"])


async def test_foreign_rubric_credits_substance_and_a_vague_answer_earns_nothing() -> None:
    claims = [claim.text for claim in improvise_item(PROMPT).claims if claim.weight > 0]
    full = " ".join(f"Note that {claim}." for claim in claims)
    async with run_sim() as sim:
        assert (await met(sim, full))[:2] == [1, 1]
        vague = [sum(await met(sim, "That depends on many things.", seed)) for seed in range(6)]
    assert sum(vague) <= 3


async def test_strong_is_right_about_foreign_prompts_more_often_than_weak() -> None:
    right = {"sim-weak": 0, "sim-strong": 0}
    prompts = [PROMPT.replace("sessions", things) for things in ("sessions", "quotes", "tokens", "prices", "routes")]
    async with run_sim() as sim:
        for model in right:
            for prompt in prompts:
                answers = [await sim.read(model, prompt, seed=seed) for seed in range(3)]
                right[model] += sum([await is_right(sim, answer, question=prompt) for answer in answers])
    assert right["sim-strong"] > right["sim-weak"]


async def test_written_rubric_can_be_read_and_is_met_by_the_solvers_text() -> None:
    async with run_sim() as sim:
        reply = await sim.read("sim-challenger", render(question=PROMPT, reference_answer=REFERENCE), seed=1)
        rubric = parse_rubric(json.loads(reply)["rubric"])
        answer = await sim.read("sim-strong", PROMPT, seed=1)
        shown = json.dumps([{"id": c.id, "criterion": c.criterion, "weight": c.weight} for c in rubric])
        text = await sim.read("sim-judge", render(question=PROMPT, rubric=shown, answer=answer), seed=1)
    assert 10 <= len(rubric) <= 20
    assert sum(c.weight < 0 for c in rubric) >= 3
    assert any(verdict["met"] for verdict in json.loads(text)["verdicts"])


async def test_same_prompt_gets_the_same_rubric() -> None:
    async with run_sim() as sim, run_sim() as other:
        user = render(question=PROMPT, reference_answer=REFERENCE)
        assert await sim.read("sim-challenger", user, seed=1) == await other.read("sim-challenger", user, seed=2)


async def test_answer_verifier_goes_by_the_words_and_by_the_substance_of_an_essay() -> None:
    claims = [claim.text for claim in improvise_item(PROMPT).claims if claim.weight > 0]
    async with run_sim() as sim:
        assert await is_right(sim, "42", "42")
        assert not await is_right(sim, "41", "42")
        assert await is_right(sim, " ".join(f"Note that {claim}." for claim in claims))
        assert not await is_right(sim, "That depends on many things.")
