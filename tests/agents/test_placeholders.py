"""What recipes may name and what agents fill in are one list: a template that names all of it can be rendered."""

from dataclasses import replace

import pytest

from autodata.agents.answer_verifier import build_answer_verifier_body
from autodata.agents.challenger import build_challenger_body
from autodata.agents.extractor import build_extractor_body
from autodata.agents.judge import build_judge_body
from autodata.agents.loop_judge import build_loop_judge_body
from autodata.agents.packet import build_packet
from autodata.agents.rubric_writer import build_rubric_writer_body
from autodata.agents.screener import build_screener_body
from autodata.agents.verifier import build_verifier_body
from autodata.llm.seat import load_seats
from autodata.model import Criterion, Source, Task
from autodata.recipes.placeholders import NAMED
from autodata.recipes.recipe import load_recipe

SOURCE = Source(id="s", title="T", text="a text")
TASK = Task("t", "s", 1, "", "a context", "a question", "an answer", (Criterion("c1", "says so", 3),), ())
SEAT = load_seats("simulated").seat("judge")
ASKED = {"seed": 1, "nonce": "0a0a0a0a"}
BUILDERS = {
    "extractor": lambda recipe: build_extractor_body(SEAT, recipe, SOURCE, **ASKED),
    "challenger": lambda recipe: build_challenger_body(SEAT, recipe, SOURCE, (), **ASKED),
    "screener": lambda recipe: build_screener_body(SEAT, recipe, SOURCE, {}, **ASKED),
    "verifier": lambda recipe: build_verifier_body(SEAT, recipe, SOURCE, TASK, **ASKED),
    "judge": lambda recipe: build_judge_body(SEAT, recipe, TASK, "an answer", **ASKED),
    "answer_verifier": lambda recipe: build_answer_verifier_body(SEAT, recipe, TASK, "an answer", **ASKED),
    "loop_judge": lambda recipe: build_loop_judge_body(SEAT, recipe, TASK, build_packet(TASK, (), ()), **ASKED),
    "rubric_writer": lambda recipe: build_rubric_writer_body(SEAT, recipe, TASK, **ASKED),
}


@pytest.mark.parametrize("agent", BUILDERS)
def test_every_placeholder_that_may_be_named_is_filled_in(agent):
    files = {f"{agent}.md": f"{agent} instruction", f"{agent}_request.md": "request"}
    for name in files:
        if name in NAMED:
            files[name] += " ".join("{{" + word + "}}" for word in NAMED[name].allowed)
    body = BUILDERS[agent](replace(load_recipe("cs"), files=files))
    assert "{{" not in str(body["messages"])


def test_every_agent_with_a_template_of_its_own_is_tried_here():
    assert {name.removesuffix(".md").removesuffix("_request") for name in NAMED} == set(BUILDERS)
