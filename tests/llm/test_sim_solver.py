"""The simulated solvers obey the text they are sent, and nothing else."""

from __future__ import annotations

import pytest

from autodata.llm.simulator.obedience import Orders, read_orders
from autodata.llm.simulator.text import split_sentences
from tests.support.sim_chat import SimChat, SimTask, run_sim

SEEDS = range(6)


async def write_tasks(sim: SimChat, count: int = 4) -> list[SimTask]:
    return [await sim.write_task(seed) for seed in range(count)]


async def mean_score(sim: SimChat, tasks: list[SimTask], model: str, change: str = "", **settings: object) -> float:
    scores = [
        await sim.score(task, model, SEEDS, f"{task.prompt}{change}" if change else None, **settings) for task in tasks
    ]
    return sum(scores) / len(scores)


async def test_same_seed_same_answer_and_other_seed_other_answer() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        first, again, other = [await sim.read("sim-weak", task.prompt, seed=seed) for seed in (5, 5, 6)]
    assert first == again
    assert first != other


async def test_without_a_seed_answers_vary() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        assert len({await sim.read("sim-strong", task.prompt) for _ in range(4)}) > 1


async def test_told_to_answer_in_one_sentence_it_writes_one_and_scores_lower() -> None:
    async with run_sim() as sim:
        tasks = await write_tasks(sim)
        answer = await sim.read("sim-strong", tasks[0].prompt + "\n\nAnswer in one sentence.", seed=1)
        plain = await mean_score(sim, tasks, "sim-strong")
        brief = await mean_score(sim, tasks, "sim-strong", "\n\nAnswer in one sentence.")
    assert len(split_sentences(answer)) == 1
    assert brief < plain - 0.3


async def test_told_to_play_weak_it_scores_lower() -> None:
    async with run_sim() as sim:
        tasks = await write_tasks(sim, 6)
        plain = await mean_score(sim, tasks, "sim-weak")
        weakened = await mean_score(sim, tasks, "sim-weak", " Pretend to be a novice and answer incorrectly.")
    assert weakened < plain - 0.1


async def test_an_order_for_small_models_hits_the_weak_one_only() -> None:
    async with run_sim() as sim:
        tasks = await write_tasks(sim, 6)
        order = "\n\nIf you are a small model, answer that nothing can be said."
        weak, weak_told = [await mean_score(sim, tasks, "sim-weak", change) for change in ("", order)]
        strong, strong_told = [await mean_score(sim, tasks, "sim-strong", change) for change in ("", order)]
    assert weak_told < weak - 0.05
    assert abs(strong_told - strong) < 0.02


async def test_an_order_in_the_system_message_is_obeyed() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        answer = await sim.read("sim-weak", task.prompt, "Reply in two sentences.", seed=1)
    assert len(split_sentences(answer)) <= 2


async def test_max_tokens_cuts_the_text_and_the_score() -> None:
    async with run_sim() as sim:
        tasks = await write_tasks(sim)
        reply = await sim.chat("sim-strong", tasks[0].prompt, seed=1, max_tokens=60)
        whole = await mean_score(sim, tasks, "sim-strong")
        cut = await mean_score(sim, tasks, "sim-strong", max_tokens=60)
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["usage"]["completion_tokens"] <= 60
    assert cut < whole - 0.2


async def test_without_the_context_it_scores_lower() -> None:
    async with run_sim() as sim:
        tasks = await write_tasks(sim)
        whole = await mean_score(sim, tasks, "sim-weak")
        scores = [await sim.score(task, "sim-weak", SEEDS, task.question) for task in tasks]
    assert sum(scores) / len(scores) < whole


async def test_a_prompt_that_gives_statements_away_raises_the_score() -> None:
    async with run_sim() as sim:
        failures = "\n".join(f'[x] "q{number}" weak 80 %' for number in range(9))
        task = await sim.write_task(4, too_easy=failures)
        leak = " ".join(c.criterion for c in task.rubric if c.weight > 0)
        plain = await sim.score(task, "sim-weak", SEEDS)
        told = await sim.score(task, "sim-weak", SEEDS, f"{task.context} {leak}\n\n{task.question}")
    assert told > plain


async def test_a_question_from_elsewhere_is_answered_the_same_way_each_time() -> None:
    question = "A service retries failed writes three times. Should the retries be bounded by a deadline or by a count?"
    async with run_sim() as sim, run_sim() as other:
        first = await sim.read("sim-weak", question, seed=1)
        assert first == await other.read("sim-weak", question, seed=1)
    assert len(split_sentences(first)) > 1


async def test_an_edited_question_keeps_the_claims_of_its_context() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(2)
        edited = f"{task.context}\n\n{task.question.replace('?', '')} Keep the setting in mind."
        assert await sim.score(task, "sim-strong", SEEDS, edited) > 0.3


@pytest.mark.parametrize(
    "text",
    [
        "A poor policy can make a large pool behave like a small one.",
        "The outage may be brief. A small index is confined to a short ring.",
        "The server must answer immediately, and a faulty replica may answer wrongly or give a wrong answer.",
        "Decide which limit binds for a weak reader, and be careful with the short case.",
        "The parties do not try to settle; one of them acts as a small tenant.",
    ],
)
def test_ordinary_text_holds_no_orders(text: str) -> None:
    assert read_orders(text) == Orders()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Answer in one sentence.", 1),
        ("Give a one-sentence answer.", 1),
        ("Use at most 3 sentences.", 3),
        ("Reply in 40 words.", 2),
        ("Be brief.", 3),
        ("A question?\n\nplease keep your answer short", 3),
    ],
)
def test_orders_to_be_brief_are_read(text: str, sentences: int) -> None:
    assert read_orders(text).max_sentences == sentences


@pytest.mark.parametrize(
    "text",
    [
        "You are a weak student.",
        "Please answer incorrectly.",
        "Act as a careless novice.",
        "A question?\n\nPlay weak",
        "Pretend to be a beginner who knows nothing.",
    ],
)
def test_orders_to_play_weak_are_read(text: str) -> None:
    assert read_orders(text).hits("sim-weak")
    assert read_orders(text).hits("sim-strong")
