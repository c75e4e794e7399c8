"""Replies that break off, hardly move or never end, and a server that comes and goes, through the real client."""

import time

import pytest

from autodata.errors import ProviderFailure
from autodata.llm import client
from autodata.llm.client import OpenAITransport
from autodata.llm.simulator import Faults, start_simulator
from tests.support.fake_endpoint import make_body, make_book


async def ask(tmp_path, timeout_s=5.0, **faults):
    with start_simulator(tmp_path, latency_s=0, faults=Faults(**faults)) as server:
        book, transport = make_book(server.base_url, timeout_s=timeout_s), OpenAITransport()
        try:
            with pytest.raises(ProviderFailure) as caught:
                await transport.send(book.endpoint_of("weak"), book.seat("weak"), BODY, role="weak")
            return caught.value
        finally:
            await transport.close()


BODY = {**make_body(), "model": "sim-weak"}


async def test_a_reply_that_breaks_off_is_a_broken_connection(tmp_path):
    failure = await ask(tmp_path, reset=1.0)
    assert (failure.kind, failure.retryable) == ("connection", True)
    assert "hung up in the middle of its reply" in str(failure)


async def test_a_reply_that_drips_ends_with_the_time_of_the_whole_call(tmp_path):
    failure = await ask(tmp_path, timeout_s=0.4, drip=1.0)
    assert failure.kind == "timeout"
    assert "did not answer within 0.4 s" in str(failure)


async def test_a_reply_without_end_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "REPLY_BYTES_MAX", 2**20)
    failure = await ask(tmp_path, giant=1.0)
    assert "more than 1 MB" in str(failure)


async def test_a_server_that_flaps_drops_calls_while_it_is_down(tmp_path):
    # One and a half of its periods have gone by since the clock began: it is down.
    failure = await ask(tmp_path, flap_s=time.monotonic() / 1.5)
    assert failure.kind == "connection"
