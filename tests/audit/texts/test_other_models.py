"""K9 and K11: a peer of weak's class, weak asked as well as one can, and strong without the context."""

from __future__ import annotations

import pytest

from autodata.audit.difference import measure_difference
from autodata.audit.fresh.elicitation import Elicited, check_elicitation, decide_elicited
from autodata.audit.fresh.peers import check_peers, decide_lead, measure_lead, pool_leads
from autodata.audit.variance import Noise
from autodata.llm.simulator import Faults
from tests.audit.texts.changing import hide_order
from tests.support.audited import open_audit, read_calls

NOISE = Noise(0.0144)


def rise(low: float, high: float, count: int = 5):
    return measure_difference([high] * count, [low] * count, NOISE)


def test_a_lead_has_the_noise_of_models_on_top_of_that_of_answers():
    found = measure_lead(0.36, 0.0081)
    assert found.error == pytest.approx(0.15)
    assert found.z == pytest.approx(2.4)
    assert found.p == pytest.approx(0.0082, abs=1e-4)
    assert decide_lead(found, "peer-7b")[0].severity == "flag"


def test_a_lead_that_honest_models_show_is_clear():
    assert decide_lead(measure_lead(0.20, 0.0081), "peer-7b") == ()


def test_a_peer_that_is_better_everywhere_says_nothing():
    leads = {"a": [0.20, 0.22, 0.18, 0.21, 0.19], "b": [0.2, 0.19, 0.21, 0.2, 0.2]}
    assert all(found.p > 0.3 for found in pool_leads(leads).values())


def test_a_peer_that_is_better_under_one_request_is_seen():
    leads = {"a": [0.30, 0.28, 0.33, 0.31, 0.29, 0.30], "b": [0.0, 0.02, -0.01, 0.01, 0.0, 0.02]}
    found = pool_leads(leads)
    assert found["a"].lead == pytest.approx(0.295, abs=0.01)
    assert found["a"].p < 0.001
    assert found["b"].p > 0.99


def test_a_request_of_few_tasks_is_not_pooled():
    assert pool_leads({"a": [0.3, 0.3], "b": [0.0] * 10}) == {}


def test_a_prompt_that_closes_the_gap_is_a_flag():
    (found,) = decide_elicited(Elicited(rise(0.4, 0.7), 0.4, 0.75, 0.7, None))
    assert "leaves a gap of 0.05" in found.sentence


def test_a_prompt_that_leaves_the_gap_is_clear():
    assert decide_elicited(Elicited(rise(0.2, 0.5), 0.2, 0.75, 0.5, None)) == ()


def test_elicitation_never_raises_the_bound():
    assert Elicited(rise(0.4, 0.3), 0.4, 0.7, 0.3, None).lower == pytest.approx(0.3)


def test_strong_that_needs_no_context_is_a_flag():
    (found,) = decide_elicited(Elicited(rise(0.4, 0.4), 0.4, 0.75, 0.4, 0.70))
    assert "may know the source by heart" in found.sentence


def test_strong_that_needs_the_context_is_clear():
    assert decide_elicited(Elicited(rise(0.4, 0.4), 0.4, 0.75, 0.4, 0.50)) == ()


async def test_honest_peers_pass(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path) as context:
        results = [await check_peers(task, context) for task in cs_tasks]
    assert {result.coverage for result in results} == {"done"}
    assert not [finding for result in results for finding in result.findings]


async def test_the_peer_gets_the_bytes_that_weak_gets(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path) as context:
        await check_peers(cs_tasks[0], context)
    bodies = {"peer": [], "weak": []}
    for call in read_calls(tmp_path):
        if call["role"] in bodies:
            bodies[call["role"]].append({k: v for k, v in call["request"].items() if k != "model"})
    by_seed = [{body["seed"]: body for body in bodies[role]} for role in ("peer", "weak")]
    assert len(by_seed[0]) in (3, 5)
    assert by_seed[0] == by_seed[1]


async def test_without_a_seat_for_a_peer_nothing_is_asked(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path, without=("peer",)) as context:
        result = await check_peers(cs_tasks[0], context)
        assert context.loop.recorder.calls == 0
    assert (result.coverage, result.missing) == ("not_run", ("a seat for a peer of the weak model",))


async def test_a_failing_peer_leaves_the_task_unchecked(cs_run, cs_tasks, tmp_path):
    faults = Faults(server_error=1.0, models=("sim-peer",))
    async with open_audit(cs_run, tmp_path, faults=faults) as context:
        result = await check_peers(cs_tasks[0], context)
    assert (result.coverage, result.findings) == ("failed", ())


async def test_honest_tasks_stay_hard_when_elicited(cs_run, cs_tasks, tmp_path):
    async with open_audit(cs_run, tmp_path) as context:
        results = [await check_elicitation(task, context) for task in cs_tasks]
    assert {result.coverage for result in results} == {"done"}
    assert sum(bool(result.findings) for result in results) <= 1
    assert all(result.numbers["lower_gap"] <= result.numbers["gap"] for result in results)


async def test_strong_is_asked_without_the_context(cs_run, cs_tasks, tmp_path):
    task = cs_tasks[0]
    async with open_audit(cs_run, tmp_path) as context:
        result = await check_elicitation(task, context)
    sent = [
        c["request"]["messages"][0]["content"]
        for c in read_calls(tmp_path)
        if (c["role"], c["purpose"]) == ("strong", "closed_book")
    ]
    assert len(sent) == 5
    assert all(task.records.task.context not in text and task.records.task.question in text for text in sent)
    assert result.numbers["closed_book"] < result.numbers["strong"]


async def test_a_task_without_a_context_has_no_closed_book(legal_run, tmp_path):
    async with open_audit(legal_run, tmp_path) as context:
        result = await check_elicitation(legal_run.list_subjects()[0], context)
    assert result.coverage == "done"
    assert result.numbers["closed_gap"] is None


async def test_a_verifiable_task_is_elicited_too(math_run, tmp_path):
    async with open_audit(math_run, tmp_path) as context:
        result = await check_elicitation(math_run.list_subjects()[0], context)
    assert result.coverage == "done"


async def test_a_failing_solver_leaves_the_task_unchecked(cs_run, cs_tasks, tmp_path):
    faults = Faults(server_error=1.0, models=("sim-strong",))
    async with open_audit(cs_run, tmp_path, faults=faults) as context:
        result = await check_elicitation(hide_order(cs_tasks[0]), context)
    assert (result.coverage, result.findings) == ("failed", ())
