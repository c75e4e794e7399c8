from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.solver import build_solver_body
from autodata.llm.seat import simulated_seats
from tests.support.drafts import make_task

SEATS = simulated_seats()


@given(context=st.text(min_size=1), question=st.text(min_size=1), seed=st.integers(0, 2**31 - 1))
def test_weak_and_strong_get_the_same_bytes_but_for_the_model(context, question, seed):
    task = make_task(context=context, question=question)
    weak = build_solver_body(SEATS.seat("weak"), task, seed=seed)
    strong = build_solver_body(SEATS.seat("strong"), task, seed=seed)
    assert weak | {"model": ""} == strong | {"model": ""}
    assert weak["messages"] == [{"role": "user", "content": f"{context}\n\n{question}"}]


def test_task_without_a_context_is_its_question_alone():
    body = build_solver_body(SEATS.seat("weak"), make_task(context="", question="How many?"), seed=1)
    assert body["messages"] == [{"role": "user", "content": "How many?"}]


def test_solver_sees_neither_rubric_nor_reference():
    task = make_task(reference_answer="the secret reference")
    content = build_solver_body(SEATS.seat("weak"), task, seed=1)["messages"][0]["content"]
    assert "the secret reference" not in content
    assert task.rubric[0].criterion not in content
