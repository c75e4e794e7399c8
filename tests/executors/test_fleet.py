import asyncio
from collections import Counter

import orjson
import pytest
from aiohttp import web

from autodata.context import LoopContext
from autodata.engine import run_sources
from autodata.errors import BadInput, StopRequested
from autodata.executors.messages import Greeting
from autodata.journal import JournalWriter, read_records, verify_journal
from autodata.llm.client import OpenAITransport
from autodata.recipes.recipe import load_recipe
from autodata.recorder import Budget, Recorder
from benchmarks.engine import CALLS_PER_SOURCE, make_settings, make_sources
from benchmarks.fixed_endpoint import DRAFT, run_endpoint, write_reply
from tests.executors.piped import PipedRun

UNLIKE = ("t_start", "t_end", "retry_of", "answer_call", "judge_call")
"""Fields of a record that say when it was made, and which numbers other records got."""


@pytest.fixture(scope="module")
def fast():
    with run_endpoint(0.0) as address:
        yield address


@pytest.fixture
async def counted(tmp_path):
    """An endpoint in this process that looks at the journal while it is asked: address, what it saw."""
    seen = {"calls": 0, "now": 0, "most": 0, "uncommitted": 0, "solver": 0}

    async def complete(request):
        body = orjson.loads(await request.read())
        seen["calls"] += 1
        seen["now"] += 1
        seen["most"] = max(seen["most"], seen["now"])
        text = write_reply(body)
        asked = str(body["messages"])
        if body["model"] == "fixed-challenger":
            number = asked.split("Source ")[1].split(".")[0]
            text = orjson.dumps({**DRAFT, "question": f"Which bound holds for store {number} of ours?"}).decode()
        if body["model"] in ("fixed-weak", "fixed-strong"):
            seen["solver"] += 1
            tasks = [r.data["task"]["question"] for r in read_records(tmp_path / "journal.jsonl") if r.kind == "task"]
            seen["uncommitted"] += not any(question in asked for question in tasks)
        await asyncio.sleep(0.002)
        seen["now"] -= 1
        message = {"role": "assistant", "content": text}
        choices = [{"index": 0, "finish_reason": "stop", "message": message}]
        usage = {"prompt_tokens": 40, "completion_tokens": 9, "total_tokens": 49}
        return web.json_response({"model": body["model"], "choices": choices, "usage": usage})

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    await runner.cleanup()


async def work_alone(path, address, sources, slots=8):
    """The same run in one process."""
    settings = make_settings(address, slots)
    transport = OpenAITransport()
    with JournalWriter(path) as journal:
        recorder = Recorder(journal, settings.seats, transport, slots=slots)
        context = LoopContext("cs-0001", settings, load_recipe("cs"), recorder)
        await run_sources(list(make_sources(sources)), {}, context, read_request=lambda: None, signals=False)
        await recorder.drain()
    await transport.close()


def list_records(path):
    """Every record as bytes, but for times and numbers; how often it is there."""
    return Counter(
        orjson.dumps([record.kind, {k: v for k, v in record.data.items() if k not in UNLIKE}])
        for record in read_records(path)
        if record.kind != "run_ended"
    )


def count_calls(path):
    """Call key → how often it was answered."""
    calls = (record.data for record in read_records(path) if record.kind == "call")
    return Counter(call["key"] for call in calls if not call["error"])


def cut_at(count):
    """Cut the first worker's wire once the journal has so many records."""

    def look(run, records):
        if records >= count:
            run.links[0].cut.set()

    return look


async def test_two_workers_write_the_same_records_as_one_process(tmp_path, fast):
    run = PipedRun(tmp_path, fast)
    end = await run.work()
    assert (end.state, end.totals["accepted"], end.totals["calls"]) == ("done", 6, 6 * CALLS_PER_SOURCE)
    await work_alone(tmp_path / "alone.jsonl", fast, 6)
    assert list_records(run.path) == list_records(tmp_path / "alone.jsonl")
    assert verify_journal(run.path).ok


async def test_both_workers_take_a_share_of_the_sources(tmp_path, fast):
    run = PipedRun(tmp_path, fast)
    shares = []
    await run.work(on_records=lambda run, records: shares.append([w.sources for w in run.fleet.list_workers()]))
    assert [3, 3] in shares


async def test_numbers_of_answers_and_gradings_are_those_of_their_calls(tmp_path, fast):
    run = PipedRun(tmp_path, fast, sources=2)
    await run.work()
    records = list(read_records(run.path))
    calls = {record.seq: record.data for record in records if record.kind == "call"}
    for rollout in (record.data for record in records if record.kind == "rollout"):
        assert calls[rollout["answer_call"]]["role"] == rollout["solver"]
        assert calls[rollout["judge_call"]]["role"] == "judge"


async def test_task_is_in_the_journal_before_the_endpoint_sees_a_solver_call(tmp_path, counted):
    address, seen = counted
    run = PipedRun(tmp_path, address, sources=4)
    run.delay_s = 0.005
    await run.work()
    assert seen["solver"] == 4 * 6
    assert seen["uncommitted"] == 0


async def test_slots_hold_over_all_workers(tmp_path, counted):
    address, seen = counted
    await PipedRun(tmp_path, address, sources=6, slots=3, workers=3).work()
    assert seen["most"] == 3


@pytest.mark.parametrize("records", [3, 40, 100])
async def test_lost_worker_loses_no_source_and_repeats_no_recorded_call(tmp_path, counted, records):
    address, seen = counted
    run = PipedRun(tmp_path, address, sources=6)
    end = await run.work(on_records=cut_at(records))
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert run.fleet.lost == 1
    assert set(count_calls(run.path).values()) == {1}
    assert sum(count_calls(run.path).values()) == 6 * CALLS_PER_SOURCE
    assert seen["calls"] - 6 * CALLS_PER_SOURCE <= run.settings.slots


async def test_lost_worker_leaves_the_records_as_if_it_had_stayed(tmp_path, fast):
    run = PipedRun(tmp_path, fast)
    await run.work(on_records=cut_at(30))
    await work_alone(tmp_path / "alone.jsonl", fast, 6)
    assert list_records(run.path) == list_records(tmp_path / "alone.jsonl")


async def test_without_any_worker_left_the_run_stops_with_the_reason_and_can_be_resumed(tmp_path, fast):
    run = PipedRun(tmp_path, fast, workers=1)
    run.hired_max = 1
    end = await run.work(on_records=cut_at(20))
    assert end.state == "stopped"
    assert "the wire was cut" in end.reason
    assert "no machine has room" in end.reason
    run.hired_max = 9
    end = await run.work()
    assert (end.state, end.totals["accepted"]) == ("done", 6)
    assert set(count_calls(run.path).values()) == {1}


async def test_workers_that_are_lost_again_and_again_end_the_run(tmp_path, fast):
    run = PipedRun(tmp_path, fast, workers=1)

    def cut_all(run, records):
        run.links[-1].cut.set()

    end = await run.work(on_records=cut_all)
    assert end.state == "stopped"
    assert "3 workers were lost" in end.reason


async def test_budget_of_calls_is_kept_exactly(tmp_path, fast):
    run = PipedRun(tmp_path, fast)
    end = await run.work(budget=Budget(max_calls=31))
    assert (end.state, end.totals["calls"]) == ("paused", 31)
    assert "31 calls is spent" in end.reason


async def test_pause_finishes_the_calls_in_flight_and_the_run_goes_on_later(tmp_path, counted, monkeypatch):
    monkeypatch.setattr("autodata.engine.POLL_S", 0.001)
    address, seen = counted
    run = PipedRun(tmp_path, address)
    end = await run.work(request=lambda: "pause" if seen["calls"] > 20 else None)
    assert end.state == "paused"
    assert sum(count_calls(run.path).values()) == seen["calls"]
    done = {r.data["source"]: r.data["outcome"] for r in read_records(run.path) if r.kind == "source_done"}
    await run.work(finished=done)
    assert seen["calls"] == 6 * CALLS_PER_SOURCE


async def test_source_whose_end_could_not_be_written_is_not_done(tmp_path, fast):
    class FullDisk(JournalWriter):
        def append(self, kind, data):
            if kind == "source_done":
                raise StopRequested("disk", "no space left")
            return super().append(kind, data)

    run = PipedRun(tmp_path, fast, sources=1)
    end = await run.work(journal=FullDisk)
    assert (end.state, end.totals["accepted"]) == ("stopped", 0)
    assert (await run.work()).totals["accepted"] == 1


async def test_worker_of_another_version_is_refused_by_name(tmp_path, fast):
    run = PipedRun(tmp_path, fast)
    run.greeting = Greeting("node-b", 7, "0.0.1")
    with pytest.raises(BadInput, match=r"node-b runs version 0\.0\.1"):
        await run.work()


async def test_fault_of_a_worker_ends_the_run_with_its_traceback(tmp_path, fast, monkeypatch):
    async def fail(source, context):
        raise KeyError("no such thing")

    monkeypatch.setattr("autodata.executors.worker.run_source", fail)
    with pytest.raises(ExceptionGroup) as caught:
        await PipedRun(tmp_path, fast, sources=1).work()
    assert "no such thing" in str(caught.value.exceptions[0])
