from autodata.context import LoopContext
from autodata.engine import run_sources
from autodata.errors import ProviderFailure
from autodata.model import Source
from autodata.recorder import Budget, Recorder
from tests.support.scripted import ScriptedTransport, Stage, skip_sleep

SOURCES = [Source(id=f"{n:016x}", title=f"Source {n}", text=f"Text {n} about leases and clocks.") for n in range(6)]


async def run(stage, *, finished=None, read_request=lambda: None, budget=None, sources=SOURCES):
    journal, context = stage.open()
    if budget:
        recorder = Recorder(
            journal, stage.settings.seats, stage.transport, slots=stage.settings.slots, budget=budget, sleep=skip_sleep
        )
        context = LoopContext(context.run_id, context.settings, context.recipe, recorder)
    with journal:
        return await run_sources(sources, finished or {}, context, read_request=read_request)


async def test_every_source_reaches_an_outcome_and_the_end_is_recorded(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage)
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert stage.records("run_ended")[0]["totals"]["calls"] == 6 * 15


async def test_finished_sources_are_counted_and_not_called(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage, finished={SOURCES[0].id: "accepted", SOURCES[1].id: "exhausted"})
    assert (end.totals["accepted"], end.totals["exhausted"]) == (5, 1)
    assert len(stage.transport.calls) == 4 * 15


async def test_spent_budget_pauses_the_run_at_that_many_calls(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    end = await run(stage, budget=Budget(max_calls=20))
    assert end.state == "paused"
    assert "the budget of 20 calls is spent" in end.reason
    assert len(stage.transport.calls) == 20


async def test_run_paused_by_budget_goes_on_without_repeating_a_call(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage, budget=Budget(max_calls=20))
    done = {record["source"]: record["outcome"] for record in stage.records("source_done")}
    end = await run(stage, finished=done)
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert len(stage.transport.calls) == 6 * 15


async def test_pause_request_ends_the_run_as_paused(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    asked = []

    def read_request():
        asked.append(1)
        return "pause"

    end = await run(stage, read_request=read_request)
    assert end.state == "paused"
    assert asked


async def test_wrong_key_fails_the_run_with_its_message(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport(challenger=lambda n, body: ProviderFailure("auth", "wrong key")))
    end = await run(stage)
    assert (end.state, end.reason) == ("failed", "wrong key")


async def test_one_undecided_source_does_not_stop_the_others(tmp_path):
    down = ProviderFailure("bad_request", "context too long", status=400)
    stage = Stage(
        tmp_path,
        ScriptedTransport(
            challenger=lambda n, body: (
                down if "Text 3" in body["messages"][1]["content"] else ScriptedTransport()._answer_challenger(n, body)
            )
        ),
    )
    end = await run(stage)
    assert (end.state, end.totals["accepted"], end.totals["undecided"]) == ("done", 5, 1)


async def test_recorded_call_that_no_longer_fits_its_request_fails_the_run_with_a_sentence(tmp_path):
    stage = Stage(tmp_path, ScriptedTransport())
    await run(stage, budget=Budget(max_calls=3))
    changed = Stage(tmp_path, stage.transport, seed=99)
    end = await run(changed)
    assert end.state == "failed"
    assert "was made with another request" in end.reason
