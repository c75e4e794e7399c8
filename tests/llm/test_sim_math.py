"""The simulated players of verifiable problems."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.agents.answer_verifier import parse_answer_verdict
from autodata.agents.challenger import parse_draft
from autodata.agents.screener import parse_ranking
from autodata.answers import compare_answers, read_final_answer
from autodata.llm.simulator.math.families import POSED, Problem, read_problem
from autodata.llm.simulator.math.matching import match_answers
from autodata.recipes.recipe import load_recipe
from tests.support.sim_chat import SimChat, render, run_sim

RECIPE = load_recipe("math")
DOCUMENT = "# Matrix powers\n\nA stable matrix may grow first. Its eigenvalue bounds the limit, its norm the way.\n"


async def pose(sim: SimChat, seed: int, **sections: str) -> dict[str, str]:
    user = "Write one problem.\n\n" + render(document=DOCUMENT, **sections)
    return json.loads(await sim.read("sim-challenger", user, system=RECIPE.render("challenger.md", {}), seed=seed))


@pytest.mark.parametrize("family", POSED, ids=lambda family: family.name)
@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_every_problem_is_read_back_from_its_words(family, seed, size):
    problem = Problem(family, family.draw(Random(seed), size))
    assert read_problem(f"Some lead. {family.state(problem.numbers)} Say it after ANSWER:") == problem


@pytest.mark.parametrize("family", POSED, ids=lambda family: family.name)
def test_all_ways_of_writing_an_answer_are_the_same_and_slips_mostly_are_not(family):
    slips, same = 0, 0
    for seed in range(12):
        problem = Problem(family, family.draw(Random(seed), 1 + seed % 6))
        right = [problem.derive(frozenset(), bool(at % 2), Random(at))[0] for at in range(4)]
        assert all(match_answers(right[0], other) for other in right)
        assert not any(compare_answers(right[0], other).equal is False for other in right)
        for step in problem.steps:
            slips += 1
            same += match_answers(right[0], problem.derive(frozenset([step]), False, Random(9))[0])
    assert same <= slips / 5


async def test_challenger_poses_problems_the_product_can_read_with_mostly_right_references():
    right = 0
    async with run_sim() as sim:
        for seed in range(20):
            draft = parse_draft(json.dumps(await pose(sim, seed)), RECIPE.limits)
            problem = read_problem(draft.question)
            assert problem is not None
            right += match_answers(draft.reference_answer, problem.derive(frozenset(), False, Random(1))[0])
    assert 15 <= right <= 20


async def test_problems_get_longer_after_those_that_were_too_easy():
    async with run_sim() as sim:
        first = [await pose(sim, seed) for seed in range(15)]
        easy = "\n".join(f'[recurrence] "problem {n}" weak 100 %' for n in range(6))
        later = [await pose(sim, seed, too_easy=easy) for seed in range(15)]

    def count(replies):
        return sum(len(read_problem(reply["question"]).steps) for reply in replies)

    assert count(later) > count(first)


async def test_strong_is_right_more_often_than_weak_and_answers_vary():
    found: dict[str, list[bool]] = {"sim-weak": [], "sim-strong": []}
    async with run_sim() as sim:
        for seed in range(10):
            reply = await pose(sim, seed, too_easy='[a] "b" weak 100 %\n[a] "c" weak 100 %')
            problem = read_problem(reply["question"])
            truth = problem.derive(frozenset(), False, Random(1))[0]
            for model, verdicts in found.items():
                for attempt in range(4):
                    answer = read_final_answer(await sim.read(model, reply["question"], seed=attempt)).text
                    verdicts.append(match_answers(truth, answer))
    assert 0 < sum(found["sim-weak"]) < sum(found["sim-strong"]) <= 40


async def test_screener_drops_a_wrong_reference_and_ranks_every_candidate():
    async with run_sim() as sim:
        replies = [await pose(sim, seed) for seed in (3, 4, 5)]
        items = [{"id": f"k{n}", **reply} for n, reply in enumerate(replies, 1)]
        items[0]["reference_answer"] = "t^9 + n + m"
        user = render(document=DOCUMENT, candidates=json.dumps(items))
        text = await sim.read("sim-verifier", user, system=RECIPE.render("screener.md", {}), seed=1)
    ranking = {one.id: one.keep for one in parse_ranking(text, ["k1", "k2", "k3"])}
    assert ranking["k1"] is False


async def test_answer_verifier_knows_one_group_by_several_names():
    question = POSED[3].state((2, 0, 0, 6))

    async def verify(sim, candidate):
        user = render(question=question, reference_answer="Z/2 x Z/6", candidate_answer=candidate)
        return parse_answer_verdict(await sim.read("sim-judge", user, seed=1)).equivalent

    async with run_sim() as sim:
        assert await verify(sim, "C_2 × C_6")
        assert await verify(sim, "Work. ANSWER: Z_6 ⊕ Z_2")
        assert not await verify(sim, "Z/12")
        assert not await verify(sim, "ANSWER: Z/12\nANSWER: Z/2 x Z/6")


async def test_solvers_answer_two_plus_two_and_work_out_sums_and_nothing_else_changes():
    async with run_sim() as sim:
        assert await sim.read("sim-weak", "What is 2+2? Reply with the number.", seed=1) == "4"
        sums = [await sim.read("sim-strong", "Calculate 12 + 30 * ( 4 - 2 ).", seed=seed) for seed in range(6)]
        assert sum(read_final_answer(text).text.strip("$") == "72" for text in sums) >= 3
        prose = await sim.read("sim-weak", "Between 10-15 leases expire per day. Which bound holds, and why?", seed=1)
        assert "ANSWER" not in prose
