import asyncio

import pytest

from autodata.errors import ProviderFailure, StopRequested
from autodata.executors.messages import Asked, Called, Granted, Left, Recorded, Refused, Rested, Wrote
from autodata.executors.relay import BATCH_MAX, Outbox, RelayedRecorder
from autodata.history import SourceHistory, StoredCall
from autodata.llm.reply import Reply
from autodata.model import Usage
from autodata.recorder import CallKey
from benchmarks.engine import make_seats

KEY = CallKey("s1", 1, "weak")
TASK = {"source": "s1", "round": 1, "task": {"id": "t"}}
REPLY = Reply("an answer", "", "stop", "m", None, Usage(1, 1, 0))


class CountingTransport:
    def __init__(self, *failures):
        self.sent, self.failures = 0, list(failures)

    async def send(self, endpoint, seat, body, *, role=""):
        self.sent += 1
        if self.failures:
            raise self.failures.pop(0)
        return REPLY


class Relay:
    """A worker's recorder, and its outbox as the process that holds the journal would read it."""

    def __init__(self, *failures):
        self.outbox, self.transport = Outbox(), CountingTransport(*failures)
        self.recorder = RelayedRecorder(self.outbox, make_seats("http://127.0.0.1:1"), self.transport, slots=4)

    def call(self):
        return asyncio.create_task(self.recorder.call(KEY, {"model": "m"}, template_sha="t"))

    async def collect(self):
        for _ in range(5):
            await asyncio.sleep(0)
        return list(await self.outbox.collect(0.0)) if self.outbox._reports else []


async def test_call_waits_behind_what_was_committed_until_it_is_granted():
    relay = Relay()
    relay.recorder.commit("task", ("s1", 1), TASK)
    call = relay.call()
    assert await relay.collect() == [Wrote("task", TASK), Asked(1, "fixed", KEY.rank)]
    assert relay.transport.sent == 0
    relay.recorder.settle(Granted(1))
    await relay.collect()
    assert relay.transport.sent == 1
    call.cancel()


async def test_reply_is_used_only_once_its_record_is_written():
    relay = Relay()
    call = relay.call()
    await relay.collect()
    relay.recorder.settle(Granted(1))
    (called,) = await relay.collect()
    assert isinstance(called, Called)
    assert not call.done()
    relay.recorder.settle(Recorded(1, 77))
    assert (await call).seq == 77
    assert await relay.collect() == [Left(1)]


async def test_refused_call_is_not_sent():
    relay = Relay()
    call = relay.call()
    await relay.collect()
    relay.recorder.settle(Refused(1, "budget", "the budget is spent"))
    with pytest.raises(StopRequested, match="the budget is spent"):
        await call
    assert relay.transport.sent == 0


async def test_call_whose_record_cannot_be_written_ends_the_source():
    relay = Relay()
    call = relay.call()
    await relay.collect()
    relay.recorder.settle(Granted(1))
    await relay.collect()
    relay.recorder.settle(Refused(1, "disk", "no space left"))
    with pytest.raises(StopRequested, match="no space left"):
        await call


async def test_wait_that_a_server_asks_for_is_passed_on():
    relay = Relay(ProviderFailure("rate_limited", "slow down", status=429, retry_after_s=30.0))
    call = relay.call()
    await relay.collect()
    relay.recorder.settle(Granted(1))
    await relay.collect()
    relay.recorder.settle(Recorded(1, 5))
    assert Rested("fixed", 30.0) in await relay.collect()
    call.cancel()


async def test_recorded_call_of_a_source_that_was_taken_over_is_not_asked_for():
    first, second = Relay(), Relay()
    call = first.call()
    await first.collect()
    first.recorder.settle(Granted(1))
    (called,) = await first.collect()
    call.cancel()
    stored = StoredCall(called.data["request_sha"], REPLY, called.data["response_sha"], 9)
    second.recorder.begin_source("s1", SourceHistory(replies={KEY.text: stored}))
    assert (await second.call()).seq == 9
    assert await second.collect() == []


async def test_batch_has_a_limit_and_the_rest_follows_in_order():
    outbox = Outbox()
    for number in range(BATCH_MAX + 3):
        outbox.put(Left(number))
    first, second = await outbox.collect(1.0), await outbox.collect(1.0)
    assert [report.place for report in (*first, *second)] == list(range(BATCH_MAX + 3))
    assert len(first) == BATCH_MAX
