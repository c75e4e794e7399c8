"""What an audit sends: the task alone in neutral words, or a recorded request word for word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.solver import build_solver_body
from autodata.audit.fresh.requests import (
    build_as_run_body,
    build_neutral_body,
    choose_form,
    derive_fresh_seed,
    enlarge_budget,
    is_neutral,
    list_declared,
    list_recorded,
    name_model,
    render_neutral,
    share_request,
)
from autodata.audit.reading import read_run
from autodata.llm.seat import Contract, simulated_seats
from autodata.model import SOLVERS, Task

TEXTS = st.text(min_size=1, max_size=60)


def make_task(context="A lease ends.", question="Who reads then?"):
    return Task("t1", "s1", 1, "", context, question, "Nobody.", ())


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_both_solvers_get_the_same_bytes_but_for_the_model(context, question, index):
    task, seats = make_task(context, question), simulated_seats()
    bodies = [build_neutral_body(seats.seat(s), task, index=index, seed=7) for s in SOLVERS]
    assert {body.pop("model") for body in bodies} == {"sim-weak", "sim-strong"}
    assert bodies[0] == bodies[1]


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_the_task_stands_in_the_request_as_it_is_whatever_it_holds(context, question, index):
    text = render_neutral(make_task(context, question), index)
    assert context in text
    assert text.endswith(question)


def test_three_forms_take_turns():
    assert len({render_neutral(make_task(), index) for index in range(12)}) == 3


def test_tasks_begin_with_different_forms():
    assert {choose_form(f"t{number}", 0) for number in range(30)} == {0, 1, 2}


def test_a_task_without_context_is_asked_without_one():
    texts = {render_neutral(make_task(context=""), index) for index in range(3)}
    assert len(texts) == 3
    assert not any("ontext" in text or "background" in text for text in texts)


def test_a_fresh_seed_is_of_its_arm_and_index():
    seeds = {derive_fresh_seed(0, "t1", arm, index) for arm in ("neutral", "as_run") for index in range(5)}
    assert len(seeds) == 10


def test_a_recorded_request_is_sent_word_for_word_but_for_the_seed(cheated):
    (call, *_) = list_recorded(read_run(cheated).tasks[0], "weak")
    assert build_as_run_body(call, seed=5) == call.read_body()


def test_a_recorded_seed_is_replaced(journal):
    (call, *_) = list_recorded(read_run(journal).tasks[0], "weak")
    body = build_as_run_body(call, seed=5)
    assert body.pop("seed") == 5
    assert body == {key: value for key, value in call.read_body().items() if key != "seed"}


def test_how_a_reply_is_delivered_is_left_out(cheated):
    (call, *_) = list_recorded(read_run(cheated).tasks[0], "weak")
    streamed = replace(call, request={**call.read_body(), "stream": True, "n": 4})
    assert build_as_run_body(streamed, seed=5) == call.read_body()


def test_a_request_without_messages_cannot_be_sent(cheated):
    task = read_run(cheated).tasks[0]
    bare = tuple(replace(call, request={"prompt": "Who reads then?"}) for call in task.calls)
    assert list_recorded(replace(task, calls=bare), "weak") == ()


def test_an_import_is_asked_under_the_seats_name_of_the_model(cheated, journal):
    seats = simulated_seats()
    assert name_model(read_run(cheated).tasks[0], seats, "weak") == "sim-weak"
    assert name_model(read_run(journal).tasks[0], seats, "weak") == ""


def test_our_own_requests_are_neutral_and_shared(journal):
    task = read_run(journal).tasks[0]
    (call, *_) = list_recorded(task, "weak")
    assert is_neutral(call, simulated_seats().seat("weak"), task.task)
    assert share_request(task)


def test_a_request_that_says_more_is_neither(cheated):
    task = read_run(cheated).tasks[0]
    (call, *_) = list_recorded(task, "weak")
    assert not is_neutral(call, simulated_seats().seat("weak"), task.task)
    assert not share_request(task)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_larger_budget_doubles_the_limit(name):
    body = build_solver_body(simulated_seats().seat("weak"), make_task(), seed=1) | {name: 300}
    assert enlarge_budget(body)[name] == 600


def test_without_a_limit_a_request_stays_as_it_is():
    assert enlarge_budget({"model": "m", "messages": []}) == {"model": "m", "messages": []}


def test_settings_that_a_person_signed_for_are_told():
    seats = simulated_seats()
    changed = {**seats.seats, "weak": seats.seats["weak"].model_copy(update={"max_tokens": 300})}
    contract = Contract(allowed=("max_tokens",), signed_by="the lab")
    assert list_declared(seats.model_copy(update={"seats": changed, "contract": contract})) == ("max_tokens",)
