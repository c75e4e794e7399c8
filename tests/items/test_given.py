"""Given tasks in the loop: tried once, rubric committed before anybody answers, replayed on resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autodata.context import LoopContext
from autodata.errors import BadInput, ProviderFailure
from autodata.items.item import Item, Origin, make_source
from autodata.journal import JournalWriter, read_records
from autodata.loop import run_source
from autodata.model import Criterion, Source
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import SOURCE
from tests.support.scripted import ScriptedTransport, Stage, write_verdicts

RUBRIC = (Criterion("c1", "States A", 8), Criterion("c2", "States B", 2.5), Criterion("c3", "Claims C", -5))


def make_item(**changes: Any) -> Source:
    values = {"prompt": "Why is the sky blue?", "answer": "Short waves scatter more.", "rubric": RUBRIC, **changes}
    return make_source(Item(**values), Origin("data.jsonl", "0" * 64, 1, "", {"prompt": "q"}))


def write_rubric(positives: int = 7, negatives: int = 3) -> str:
    good = [{"criterion": f"States fact {n}", "weight": 5, "category": "positive"} for n in range(positives)]
    bad = [{"criterion": f"Claims error {n}", "weight": -4, "category": "negative"} for n in range(negatives)]
    return json.dumps({"rubric": [*good, *bad]})


class GivenStage(Stage):
    """A stage on which the recipe of given tasks is played."""

    def __init__(self, folder: Path, transport: ScriptedTransport, recipe: str = "filter-rubric", **changes: Any):
        super().__init__(folder, transport, **{"final_review": False, "max_rounds": 1, **changes})
        self.recipe = recipe

    def open(self) -> tuple[JournalWriter, LoopContext]:
        journal, context = super().open()
        return journal, LoopContext("filter-0001", context.settings, load_recipe(self.recipe), context.recorder)


async def run(stage: Stage, source: Source) -> str:
    journal, context = stage.open()
    with journal:
        outcome = await run_source(source, context)
        await context.recorder.drain()
    return outcome


def judge(weak: int, strong: int, count: int = 3) -> Any:
    return lambda n, body: write_verdicts(weak if "weak answer" in body["messages"][1]["content"] else strong, count)


async def test_given_rubric_is_used_as_it_stands_and_nobody_writes(tmp_path):
    stage = GivenStage(tmp_path, ScriptedTransport(judge=judge(0, 1)))
    await run(stage, make_item())
    (task,) = stage.records("task")
    assert [criterion["weight"] for criterion in task["task"]["rubric"]] == [8, 2.5, -5]
    assert {stage.transport.count(role) for role in ("challenger", "verifier")} == {0}


async def test_prompt_reaches_the_solvers_as_it_stands(tmp_path):
    stage = GivenStage(tmp_path, ScriptedTransport(judge=judge(0, 1)))
    await run(stage, make_item(context="Take the air as clean.", prompt="  Why {{blue}}?\n"))
    bodies = [body for role, body in stage.transport.calls if role == "weak"]
    assert bodies[0]["messages"] == [{"role": "user", "content": "Take the air as clean.\n\n  Why {{blue}}?\n"}]


async def test_missing_rubric_is_committed_before_any_solver_call(tmp_path):
    stage = GivenStage(
        tmp_path, ScriptedTransport(challenger=lambda n, body: write_rubric(), judge=judge(4, 7, count=10))
    )
    await run(stage, make_item(rubric=()))
    kinds = [
        record.kind if record.kind != "call" else f"call {record.data['role']}" for record in read_records(stage.path)
    ]
    assert kinds.index("call challenger") < kinds.index("task") < kinds.index("call weak")
    assert len(stage.records("task")[0]["task"]["rubric"]) == 10
    assert stage.transport.count("challenger") == 1


async def test_rubric_writer_sees_prompt_and_reference_in_marks_and_the_limits(tmp_path):
    stage = GivenStage(tmp_path, ScriptedTransport(challenger=lambda n, body: write_rubric()))
    await run(stage, make_item(rubric=(), context="Take the air as clean."))
    (body,) = [body for role, body in stage.transport.calls if role == "challenger"]
    system, user = (message["content"] for message in body["messages"])
    assert "10 to 20 criteria" in system
    for name in ("context", "question", "reference_answer"):
        assert f"[[{name} " in user
    assert "Short waves scatter more." in user


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (write_rubric(2, 8), "2 positive criteria, at least 4 are needed"),
        (write_rubric(30, 3), "33 criteria, 10 to 20 are needed"),
        ("I would rather not.", "no JSON object with 'rubric'"),
        (write_rubric().replace("-4", "-4.5", 1), "weights are whole numbers"),
    ],
)
async def test_rubric_that_cannot_be_used_is_asked_again_and_then_fails_the_item(tmp_path, reply, reason):
    stage = GivenStage(tmp_path, ScriptedTransport(challenger=lambda n, body: reply))
    assert await run(stage, make_item(rubric=())) == "exhausted"
    (ended,) = stage.records("round")
    assert ended["outcome"] == "failed_quality"
    assert reason in ended["reason"]
    seeds = [body["seed"] for role, body in stage.transport.calls]
    assert len(set(seeds)) == len(seeds) == 3


async def test_resume_asks_for_no_second_rubric(tmp_path):
    down = ScriptedTransport(
        challenger=lambda n, body: write_rubric(), weak=lambda n, body: ProviderFailure("timeout", "no answer")
    )
    up = ScriptedTransport(judge=judge(4, 7, count=10))
    assert await run(GivenStage(tmp_path, down), make_item(rubric=())) == "undecided"
    assert await run(GivenStage(tmp_path, up), make_item(rubric=())) == "exhausted"
    assert (down.count("challenger"), up.count("challenger")) == (1, 0)


async def test_item_that_fails_is_not_tried_again_whatever_the_settings_say(tmp_path):
    stage = GivenStage(tmp_path, ScriptedTransport(judge=judge(2, 2)), max_rounds=5)
    assert await run(stage, make_item()) == "exhausted"
    assert [record["outcome"] for record in stage.records("round")] == ["too_easy"]


async def test_reference_grading_keeps_no_rubric_and_compares(tmp_path):
    transport = ScriptedTransport(
        weak=lambda n, body: "The answer is 41.", strong=lambda n, body: "Working it out.\n\n**Answer:** 42"
    )
    stage = GivenStage(tmp_path, transport, "filter-answer")
    await run(stage, make_item(answer="42"))
    assert stage.records("task")[0]["task"]["rubric"] == []
    assert {(r["solver"], r["score"]["value"], r["graded_by"]) for r in stage.records("rollout")} <= {
        ("weak", 0.0, "symbolic"),
        ("strong", 1.0, "symbolic"),
    }


async def test_document_is_refused_by_a_recipe_of_given_tasks(tmp_path):
    with pytest.raises(BadInput, match="carries no task"):
        await run(GivenStage(tmp_path, ScriptedTransport()), SOURCE)
