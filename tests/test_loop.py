import json
import re

import pytest

from autodata.errors import ProviderFailure
from autodata.journal import read_records
from autodata.loop import run_round, run_source
from autodata.policy import PRESETS, make_policy
from autodata.steps.record import commit_round
from autodata.steps.work import SourceWork
from tests.support.drafts import SOURCE, make_reply
from tests.support.scripted import PASS, ScriptedTransport, Stage, write_reply, write_verdicts


async def run(stage):
    journal, context = stage.open()
    with journal:
        outcome = await run_source(SOURCE, context)
        await context.recorder.drain()
    return outcome


def rounds(stage):
    return [(record["round"], record["outcome"]) for record in stage.records("round")]


async def test_round_that_passes_is_accepted_in_fourteen_calls_and_a_final_review(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    assert await run(stage) == "accepted"
    assert len(stage.transport.calls) == 15
    assert rounds(stage) == [(1, "accepted")]


async def test_too_easy_round_does_not_run_the_strong_side(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: write_verdicts(7)), max_rounds=1)
    assert await run(stage) == "exhausted"
    assert rounds(stage) == [(1, "too_easy")]
    assert stage.transport.count("strong") == 0


async def test_failure_is_fed_back_to_the_challenger(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: write_verdicts(7)), max_rounds=3)
    await run(stage)
    requests = [body for role, body in stage.transport.calls if role == "challenger"]
    assert "TOO EASY" not in requests[0]["messages"][1]["content"]
    assert requests[2]["messages"][1]["content"].count("weak 78 %") == 2


async def test_solver_answers_do_not_reach_the_challenger(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: write_verdicts(7)), max_rounds=2)
    await run(stage)
    requests = json.dumps([body for role, body in stage.transport.calls if role == "challenger"])
    assert "weak answer" not in requests


async def test_rejected_question_is_not_given_to_solvers(tmp_path):
    fail = json.dumps(json.loads(PASS) | {"question": "RECALL", "overall": "FAIL", "feedback": "only recall"})
    stage = Stage(tmp_path, ScriptedTransport(verifier=lambda n, body: fail), max_rounds=2)
    assert await run(stage) == "exhausted"
    assert rounds(stage) == [(1, "failed_quality"), (2, "failed_quality")]
    assert stage.transport.count("weak") == 0


async def test_task_is_committed_before_the_first_solver_call(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage)
    kinds = [
        record.kind if record.kind != "call" else f"call {record.data['role']}" for record in read_records(stage.path)
    ]
    assert kinds.index("task") < kinds.index("call weak")


async def test_string_weight_is_asked_again_with_another_seed(tmp_path):
    rubric = [{"criterion": "a", "weight": "+8"}]
    stage = Stage(
        tmp_path, ScriptedTransport(challenger=lambda n, body: make_reply(rubric=rubric) if n == 0 else make_reply())
    )
    assert await run(stage) == "accepted"
    seeds = [body["seed"] for role, body in stage.transport.calls if role == "challenger"]
    assert len(set(seeds)) == 2


async def test_challenger_that_never_writes_json_fails_quality_and_says_why(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(challenger=lambda n, body: "no"), max_rounds=1)
    assert await run(stage) == "exhausted"
    assert rounds(stage) == [(1, "failed_quality")]
    assert "could not be used: no JSON object" in stage.records("round")[0]["reason"]


async def test_malformed_verdicts_are_asked_again_and_never_score_zero(tmp_path):
    broken = write_verdicts(11, count=3)
    stage = Stage(
        tmp_path, ScriptedTransport(judge=lambda n, body: broken if n % 2 == 0 else write_verdicts(7)), max_rounds=1
    )
    await run(stage)
    assert stage.records("round")[0]["weak_scores"] == pytest.approx([28 / 36] * 3)


async def test_judge_that_never_answers_properly_leaves_the_source_undecided(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: "meets everything"))
    assert await run(stage) == "undecided"
    record = stage.records("round")[0]
    assert record["outcome"] == "undecided"
    assert record["weak_scores"] == [None, None, None]


async def test_endpoint_failure_leaves_the_source_undecided_not_scored(tmp_path):
    down = ProviderFailure("server_error", "500 from the endpoint", status=500)
    stage = Stage(tmp_path, ScriptedTransport(weak=lambda n, body: down))
    assert await run(stage) == "undecided"
    assert stage.records("round")[0]["weak_mean"] is None
    assert {record["status"] for record in stage.records("rollout")} == {"failed"}


async def test_resume_after_the_endpoint_is_back_decides_the_undecided_source(tmp_path):
    down = ProviderFailure("connection", "nobody listens")
    transport = ScriptedTransport(strong=lambda n, body: down)
    stage = Stage(tmp_path, transport)
    assert await run(stage) == "undecided"
    before = transport.count("weak")
    transport.scripts.clear()
    assert await run(stage) == "accepted"
    assert transport.count("weak") == before
    assert rounds(stage) == [(1, "undecided"), (1, "accepted")]


async def test_resume_of_an_unreadable_judge_asks_on_where_it_gave_up(tmp_path):
    transport = ScriptedTransport(judge=lambda n, body: "no verdicts")
    stage = Stage(tmp_path, transport, max_rounds=1)
    assert await run(stage) == "undecided"
    transport.scripts.clear()
    assert await run(stage) == "accepted"


async def test_wrong_model_name_ends_the_run_instead_of_a_source(tmp_path):
    stage = Stage(
        tmp_path, ScriptedTransport(weak=lambda n, body: ProviderFailure("not_found", "no model", status=404))
    )
    with pytest.raises(ProviderFailure, match="no model"):
        await run(stage)


async def test_empty_answer_is_not_judged_and_not_a_zero(tmp_path):
    stage = Stage(
        tmp_path,
        ScriptedTransport(weak=lambda n, body: write_reply("", "length") if n == 0 else "weak answer"),
    )
    assert await run(stage) == "accepted"
    record = stage.records("round")[0]
    assert record["weak_statuses"] == ["empty", "ok", "ok"]
    assert record["weak_scores"][0] is None
    assert record["weak_mean"] == pytest.approx(15 / 36)


async def test_truncated_answer_is_graded_and_the_record_says_what_would_be_without_it(tmp_path):
    stage = Stage(
        tmp_path,
        ScriptedTransport(weak=lambda n, body: write_reply("weak answer", "length")),
        max_rounds=1,
    )
    assert await run(stage) == "accepted"
    record = stage.records("round")[0]
    assert record["weak_statuses"] == ["truncated"] * 3
    assert record["outcome_without_flagged"] == "undecided"


async def test_policy_may_leave_truncated_answers_undecided(tmp_path):
    stage = Stage(
        tmp_path,
        ScriptedTransport(weak=lambda n, body: write_reply("weak answer", "length")),
        policy=make_policy("deployed", truncated="undecided"),
    )
    assert await run(stage) == "undecided"


async def test_rollouts_of_a_round_have_independent_seeds(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage)
    seeds = [body["seed"] for role, body in stage.transport.calls if role in ("weak", "strong")]
    assert len(set(seeds)) == 6


async def test_judge_seed_depends_on_the_answer_not_on_the_solver(tmp_path):
    same = ScriptedTransport(weak=lambda n, body: "same answer", strong=lambda n, body: "same answer")
    stage = Stage(tmp_path, same, baseline=True)
    await run(stage)
    seeds = {body["seed"] for role, body in same.calls if role == "judge"}
    assert len(seeds) == 1


async def test_baseline_runs_both_sides_once_and_is_never_finished_as_accepted(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(), baseline=True)
    assert await run(stage) == "exhausted"
    assert rounds(stage) == [(1, "passed_baseline")]


async def test_baseline_measures_the_strong_side_of_an_easy_task_too(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(judge=lambda n, body: write_verdicts(7)), baseline=True)
    await run(stage)
    record = stage.records("round")[0]
    assert (record["outcome"], record["strong_mean"]) == ("too_easy", pytest.approx(28 / 36))


async def test_final_review_that_fails_turns_the_round_into_failed_quality(tmp_path):
    fail = json.dumps(json.loads(PASS) | {"leakage": "LEAKS_ANSWER", "overall": "FAIL", "feedback": "leaks after all"})
    stage = Stage(tmp_path, ScriptedTransport(verifier=lambda n, body: fail if n == 1 else PASS), max_rounds=2)
    assert await run(stage) == "accepted"
    assert rounds(stage) == [(1, "failed_quality"), (2, "accepted")]


async def test_every_presets_verdict_is_recorded_with_the_round(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage)
    presets = stage.records("round")[0]["presets"]
    readable = [name for name, preset in PRESETS.items() if preset.rule == "thresholds"]
    assert presets == {name: "too_easy" if name == "strict" else "accepted" for name in readable}


async def test_resume_of_a_finished_source_repeats_nothing(tmp_path):
    transport = ScriptedTransport(judge=lambda n, body: write_verdicts(7))
    stage = Stage(tmp_path, transport, max_rounds=2)
    journal, context = stage.open()
    with journal:
        work = SourceWork(SOURCE, context)
        result = await run_round(work, 1)
        commit_round(work, 1, result)
        await context.recorder.drain()
    made = len(transport.calls)
    await run(stage)
    assert [record["round"] for record in stage.records("round")] == [1, 2]
    assert len(transport.calls) == 2 * made


async def test_every_reader_of_a_round_has_marks_of_its_own(tmp_path):
    """The challenger writes what stands between the judge's and the verifier's marks, so it must not know them."""
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage)
    marks = {
        role: set(re.findall(r"\[\[\w+ ([0-9a-f]{24})\]\]", body["messages"][-1]["content"]))
        for role, body in stage.transport.calls
        if role in ("challenger", "verifier", "judge")
    }
    assert [len(found) for found in marks.values()] == [1, 1, 1]
    assert len(set.union(*marks.values())) == 3


async def test_baseline_whose_strong_side_failed_is_undecided_even_when_the_weak_side_is_too_easy(tmp_path):
    down = ProviderFailure("connection", "nobody listens")
    transport = ScriptedTransport(judge=lambda n, body: write_verdicts(7), strong=lambda n, body: down)
    stage = Stage(tmp_path, transport, baseline=True)
    assert await run(stage) == "undecided"
    del transport.scripts["strong"]
    assert await run(stage) == "exhausted"
    assert rounds(stage) == [(1, "undecided"), (1, "too_easy")]


async def test_challenger_reply_that_would_break_the_journal_is_asked_again(tmp_path):
    bomb = make_reply(rubric=[{"criterion": "a", "weight": 12345}]).replace("12345", "9" * 5_000)
    stage = Stage(tmp_path, ScriptedTransport(challenger=lambda n, body: bomb if n == 0 else make_reply()))
    assert await run(stage) == "accepted"
