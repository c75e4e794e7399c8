"""Challenger, judge, verifier and analyst of the simulated server."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from statistics import fmean

from autodata.agents.challenger import parse_draft
from autodata.agents.verifier import parse_review
from autodata.llm.simulator.challenger import Feedback, draw_difficulty, read_feedback
from autodata.recipes.recipe import load_recipe
from tests.support.sim_chat import SimChat, SimTask, render, run_sim

SLOW_LOG = "the disk stays idle although eviction has stalled behind the slow log"


async def review(sim: SimChat, task: SimTask, **changes: str) -> dict[str, object]:
    rubric = json.dumps([{"criterion": c.criterion, "weight": c.weight} for c in task.rubric])
    sections = {
        "document": "…",
        "context": task.context,
        "question": task.question,
        "question_type": task.reply["question_type"],
        "rubric": rubric,
    }
    return json.loads(await sim.read("sim-verifier", render(**{**sections, **changes}), seed=1))


def judge_prompt(answer: str, *criteria: tuple[str, int]) -> str:
    rubric = [{"id": f"c{i}", "criterion": text, "weight": weight} for i, (text, weight) in enumerate(criteria, 1)]
    return render(context="…", question="…", rubric=json.dumps(rubric), answer=answer)


async def test_challenger_writes_tasks_the_product_can_read() -> None:
    async with run_sim() as sim:
        for seed in range(12):
            task = await sim.write_task(seed)
            draft = parse_draft(json.dumps(task.reply), load_recipe("cs").limits)
            assert 10 <= len(draft.rubric) <= 15 or len([c for c in draft.rubric if c.weight < 0]) == 2
            assert len(task.question) > 80
            assert "{" not in task.context + task.question + draft.reference_answer


async def test_challenger_writes_an_entirely_new_question_for_every_seed() -> None:
    async with run_sim() as sim:
        questions = [(await sim.write_task(seed)).question for seed in range(25)]
    assert len(set(questions)) == 25


async def test_challenger_repeats_itself_for_the_same_request() -> None:
    async with run_sim() as sim:
        assert (await sim.write_task(3)).reply == (await sim.write_task(3)).reply


async def test_challenger_copes_with_a_document_of_one_sentence() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1, document="Caches help.")
    assert len(task.rubric) >= 9


def test_challenger_pushes_after_too_easy_failures_and_eases_off_after_strong_ones() -> None:
    pushed = read_feedback({"too_easy": "(3 older attempts of this kind are not listed)\n" + '[x] "q" weak 81 %\n' * 4})
    eased = read_feedback({"failed_on_strong": '[x] "q" weak 41 %, strong 45 %, gap +4 points\n' * 3})
    hard, easy, middle = [
        fmean(draw_difficulty(feedback, 0.0, Random(seed)) for seed in range(300))
        for feedback in (pushed, eased, Feedback(too_easy=1))
    ]
    assert (pushed.too_easy, eased.failed_on_strong) == (7, 3)
    assert hard > middle > easy


async def test_judge_grades_by_the_text_whoever_wrote_it() -> None:
    criteria = [("States that " + SLOW_LOG + ".", 5), ("Claims that pinned pages may be evicted at any moment.", -5)]
    async with run_sim(seed=1) as sim:
        found = {}
        for answer in (f"It matters here that {SLOW_LOG}.", "Pinned pages may be evicted at any moment."):
            text = await sim.read("sim-judge", judge_prompt(answer, *criteria), seed=2)
            found[answer] = [verdict["met"] for verdict in json.loads(text)["verdicts"]]
    assert list(found.values()) == [[1, 0], [0, 1]]


async def test_judge_swaps_verdicts_when_the_solvers_swap_sentences() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        weak, strong = [await sim.read(model, task.prompt, seed=1) for model in ("sim-weak", "sim-strong")]
        forth = [await sim.verdicts(task, answer) for answer in (weak, strong)]
        back = [await sim.verdicts(task, answer) for answer in (strong, weak)]
    assert forth == back[::-1]


async def test_judge_quotes_the_words_of_the_answer_and_nothing_for_unmet_criteria() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        answer = await sim.read("sim-strong", task.prompt, seed=1)
        rubric = [(c.criterion, int(c.weight)) for c in task.rubric]
        verdicts = json.loads(await sim.read("sim-judge", judge_prompt(answer, *rubric), seed=1))["verdicts"]
    assert [verdict["id"] for verdict in verdicts] == [c.id for c in task.rubric]
    assert all(bool(verdict["quote"]) == bool(verdict["met"]) for verdict in verdicts)
    assert all(verdict["quote"] in answer for verdict in verdicts)


async def test_judge_notices_that_a_statement_is_denied() -> None:
    async with run_sim(seed=1) as sim:
        prompt = judge_prompt(
            "A pinned page can never be evicted by the engine.", ("A pinned page can be evicted by the engine.", 5)
        )
        assert json.loads(await sim.read("sim-judge", prompt, seed=2))["verdicts"][0]["met"] == 0


async def test_judge_meets_nothing_in_an_empty_answer() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        assert set((await sim.verdicts(task, "")).values()) == {0}


async def test_judges_of_two_families_mostly_agree_but_not_always() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        answers = [await sim.read("sim-strong", task.prompt, seed=seed) for seed in range(12)]
        first = [v for a in answers for v in (await sim.verdicts(task, a)).values()]
        second = [v for a in answers for v in (await sim.verdicts(task, a, model="sim-judge-b")).values()]
    agreement = sum(a == b for a, b in zip(first, second, strict=True)) / len(first)
    assert 0.8 < agreement < 1


async def test_verifier_finds_a_leaking_context() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        heavy = max(task.rubric, key=lambda c: c.weight)
        leaking = f"{task.context} It is known that {heavy.criterion.split(' that ', 1)[1]}"
        reply = await review(sim, task, context=leaking)
    assert (reply["leakage"], reply["overall"]) == ("LEAKS_ANSWER", "FAIL")
    assert reply["feedback"]


async def test_verifier_counts_the_rubric() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        positives = [{"criterion": c.criterion, "weight": c.weight} for c in task.rubric if c.weight > 0]
        reply = await review(sim, task, rubric=json.dumps(positives))
    assert (reply["rubric"], reply["negatives"], reply["positives"]) == ("FAIL", 0, len(positives))


async def test_verifier_rejects_explain_why_and_a_wrong_type() -> None:
    async with run_sim() as sim:
        task = await sim.write_task(1)
        easy = await review(sim, task, question="Explain why the buffer pool needs an eviction policy for scans.")
        wrong = await review(
            sim,
            task,
            question="Suppose that the log is slow while the pool grows. Find what follows for the writer.",
            question_type="apparent contradiction",
        )
    assert easy["question"] == "TOO_EASY"
    assert wrong["type"] == "INCONSISTENT"


async def test_verifier_passes_most_tasks_and_its_reply_can_be_read() -> None:
    async with run_sim() as sim:
        reviews = [parse_review(json.dumps(await review(sim, await sim.write_task(seed)))) for seed in range(30)]
    assert 0.7 < sum(r.passed for r in reviews) / len(reviews) <= 1


async def test_analyst_counts_failures_and_advises() -> None:
    async with run_sim() as sim:
        reply = json.loads(await sim.read("sim-analyst", "round 1: too easy, round 2: too easy, round 3: narrow gap"))
    assert reply["patterns"][0] == {"pattern": "too easy", "count": 2}
    assert reply["suggestions"]


async def test_restarted_server_still_knows_its_tasks(tmp_path: Path) -> None:
    async with run_sim(state_dir=tmp_path) as sim:
        task = await sim.write_task(1)
        before = await sim.read("sim-weak", task.prompt, seed=1)
    async with run_sim(state_dir=tmp_path) as sim:
        assert await sim.read("sim-weak", task.prompt, seed=1) == before


async def test_two_servers_share_one_state_directory(tmp_path: Path) -> None:
    async with run_sim(state_dir=tmp_path) as first, run_sim(state_dir=tmp_path) as second:
        task = await first.write_task(1)
        answers = [await sim.read("sim-weak", task.prompt, seed=1) for sim in (first, second)]
    assert answers[0] == answers[1]


async def test_a_torn_last_line_costs_one_task_and_no_more(tmp_path: Path) -> None:
    async with run_sim(state_dir=tmp_path) as sim:
        task = await sim.write_task(1)
        before = await sim.read("sim-weak", task.prompt, seed=1)
    with (tmp_path / "tasks.jsonl").open("ab") as file:
        file.write(b'{"key": "torn')
    async with run_sim(state_dir=tmp_path) as sim:
        later = await sim.write_task(2)
        assert await sim.read("sim-weak", task.prompt, seed=1) == before
    async with run_sim(state_dir=tmp_path) as sim:
        health = await (await sim.client.get("/health")).json()
    assert health["tasks"] == 2
    assert later.question != task.question
