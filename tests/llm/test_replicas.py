"""Several servers behind one endpoint: who gets a call, who is passed over, and that nothing is lost by it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.errors import ProviderFailure
from autodata.llm.client import OpenAITransport
from autodata.llm.replicas import BUSY_SHARE, EJECT_AFTER, EJECT_MAX_S, EJECT_S, Replica, ReplicaPool
from autodata.llm.seat import Endpoint
from tests.support.fake_endpoint import complete, fail, make_body, make_book, serve_fake


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make_pool(servers: int = 2, most: int = 4) -> tuple[ReplicaPool, Clock]:
    clock = Clock()
    return ReplicaPool([f"http://s{number}/v1" for number in range(servers)], most, clock), clock


async def call(pool: ReplicaPool, kind: str = "", retry_after_s: float | None = None) -> Replica:
    """One call that ends as asked for; returns the server that took it."""
    replica = await pool.enter()
    pool.leave(replica, ProviderFailure(kind, "no", retry_after_s=retry_after_s) if kind else None)
    return replica


async def fail_on(pool: ReplicaPool, name: str, kind: str, times: int) -> None:
    """Let every call that reaches the named server fail until `times` have."""
    while times:
        replica = await pool.enter()
        hit = replica.base_url == f"http://{name}/v1"
        pool.leave(replica, ProviderFailure(kind, "no") if hit else None)
        times -= hit


async def list_taken(pool: ReplicaPool, calls: int) -> list[str]:
    """The servers of so many calls that are held at once."""
    held = [await pool.enter() for _ in range(calls)]
    for replica in held:
        pool.leave(replica)
    return [replica.base_url[7:9] for replica in held]


async def test_calls_are_spread_evenly():
    pool, _ = make_pool(3)
    assert sorted(await list_taken(pool, 6)) == ["s0", "s0", "s1", "s1", "s2", "s2"]


async def test_the_least_loaded_server_is_next():
    pool, _ = make_pool(2)
    first, second = await pool.enter(), await pool.enter()
    pool.leave(first)
    assert (await pool.enter()) is first
    assert second.in_flight == 1


async def test_a_caller_waits_when_all_are_full():
    pool, _ = make_pool(1, most=2)
    held = [await pool.enter(), await pool.enter()]
    waiting = asyncio.create_task(pool.enter())
    await asyncio.sleep(0)
    assert not waiting.done()
    pool.leave(held[0])
    assert (await waiting) is held[0]


async def test_callers_are_served_in_the_order_they_came():
    pool, _ = make_pool(1, most=1)
    order: list[int] = []

    async def work(number: int) -> None:
        replica = await pool.enter()
        order.append(number)
        await asyncio.sleep(0)
        pool.leave(replica)

    await asyncio.gather(*(work(number) for number in range(8)))
    assert order == list(range(8))


async def test_a_caller_that_gives_up_takes_no_place():
    pool, _ = make_pool(1, most=1)
    held = await pool.enter()
    waiting = asyncio.create_task(pool.enter())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    pool.leave(held)
    assert held.in_flight == 0
    assert (await pool.enter()) is held


async def test_a_place_given_to_a_caller_that_gives_up_is_given_on():
    pool, _ = make_pool(1, most=1)
    held = await pool.enter()
    first, second = asyncio.create_task(pool.enter()), asyncio.create_task(pool.enter())
    await asyncio.sleep(0)
    pool.leave(held)
    first.cancel()
    assert (await second) is held
    assert held.in_flight == 1


@pytest.mark.parametrize("kind", ["connection", "timeout", "server_error"])
async def test_a_server_that_fails_in_a_row_is_passed_over(kind):
    pool, _ = make_pool(2)
    await fail_on(pool, "s0", kind, EJECT_AFTER)
    assert set(await list_taken(pool, 4)) == {"s1"}


@pytest.mark.parametrize("kind", ["bad_request", "bad_body", "rate_limited", "auth"])
async def test_a_server_that_answers_badly_is_still_there(kind):
    pool, _ = make_pool(2)
    await fail_on(pool, "s0", kind, EJECT_AFTER)
    assert set(await list_taken(pool, 4)) == {"s0", "s1"}


async def test_a_good_answer_between_failures_starts_the_count_anew():
    pool, _ = make_pool(2)
    for _ in range(EJECT_AFTER):
        await fail_on(pool, "s0", "server_error", EJECT_AFTER - 1)
        while (await call(pool)).base_url != "http://s0/v1":
            pass
    assert set(await list_taken(pool, 4)) == {"s0", "s1"}


async def test_a_server_comes_back_through_a_single_call():
    pool, clock = make_pool(2)
    await fail_on(pool, "s0", "connection", EJECT_AFTER)
    clock.now += EJECT_S
    assert (await list_taken(pool, 5)).count("s0") == 1


async def test_after_a_good_call_it_has_all_its_places_again():
    pool, clock = make_pool(2)
    await fail_on(pool, "s0", "connection", EJECT_AFTER)
    clock.now += EJECT_S
    assert (await call(pool)).base_url in ("http://s0/v1", "http://s1/v1")
    await list_taken(pool, 2)
    assert (await list_taken(pool, 8)).count("s0") == 4


async def test_a_server_that_fails_again_stays_out_twice_as_long():
    pool, clock = make_pool(2)
    await fail_on(pool, "s0", "connection", EJECT_AFTER)
    clock.now += EJECT_S
    await fail_on(pool, "s0", "connection", 1)
    clock.now += EJECT_S
    assert set(await list_taken(pool, 4)) == {"s1"}
    clock.now += EJECT_S
    assert "s0" in await list_taken(pool, 4)


async def test_no_server_stays_out_for_ever():
    pool, clock = make_pool(2)
    await fail_on(pool, "s0", "connection", EJECT_AFTER)
    for _ in range(20):
        clock.now += EJECT_MAX_S
        await fail_on(pool, "s0", "connection", 1)
    clock.now += EJECT_MAX_S
    assert "s0" in await list_taken(pool, 4)


async def test_calls_that_fail_together_count_as_one_ejection():
    pool, clock = make_pool(2, most=8)
    held = [await pool.enter() for _ in range(16)]
    for replica in held:
        lost = replica.base_url == "http://s0/v1"
        pool.leave(replica, ProviderFailure("connection", "no") if lost else None)
    clock.now += EJECT_S
    assert "s0" in await list_taken(pool, 4)


async def test_when_all_are_down_the_one_that_returns_first_is_tried():
    pool, clock = make_pool(2)
    await fail_on(pool, "s0", "connection", EJECT_AFTER)
    clock.now += 1
    while (await call(pool, "connection")).base_url != "http://s1/v1" or pool._replicas[1].closed_until <= clock.now:
        pass
    assert (await call(pool)).base_url == "http://s0/v1"


async def test_a_single_server_is_never_passed_over():
    pool, _ = make_pool(1, most=4)
    for _ in range(10):
        await call(pool, "connection")
    assert len(await list_taken(pool, 4)) == 4


async def test_a_busy_server_that_asks_for_time_gets_it():
    pool, clock = make_pool(2)
    await call(pool, "rate_limited", retry_after_s=7)
    taken = await list_taken(pool, 4)
    assert len(set(taken)) == 1
    clock.now += 7
    assert len(set(await list_taken(pool, 4))) == 2


async def test_a_wait_of_one_server_is_not_everybodys():
    pool, _ = make_pool(2)
    with pytest.raises(ProviderFailure) as caught, pool.hold(await pool.enter()):
        raise ProviderFailure("rate_limited", "busy", retry_after_s=30)
    assert caught.value.retry_after_s is None


async def test_the_wait_of_a_single_server_is_passed_on():
    pool, _ = make_pool(1)
    with pytest.raises(ProviderFailure) as caught, pool.hold(await pool.enter()):
        raise ProviderFailure("rate_limited", "busy", retry_after_s=30)
    assert caught.value.retry_after_s == 30


async def test_a_cancelled_call_gives_its_place_back_and_teaches_nothing():
    pool, _ = make_pool(1, most=1)
    replica = await pool.enter()
    with pytest.raises(asyncio.CancelledError), pool.hold(replica):
        raise asyncio.CancelledError
    assert (replica.in_flight, replica.calls, replica.heard) == (0, 0, 0)


async def test_a_server_that_refuses_many_calls_gets_fewer():
    pool, _ = make_pool(1, most=20)
    for number in range(20):
        await call(pool, "rate_limited" if number % 3 == 0 else "")
    assert len([replica for replica in pool._replicas if replica.places == 14]) == 1


async def test_a_server_that_refuses_a_few_keeps_its_places():
    pool, _ = make_pool(1, most=20)
    for number in range(200):
        await call(pool, "rate_limited" if number % 10 == 0 else "")
    assert pool._replicas[0].places == 20


@given(st.lists(st.sampled_from(["", "rate_limited", "connection", "timeout", "bad_body"]), max_size=300))
def test_a_window_stays_between_one_and_all_its_places(kinds):
    async def work() -> None:
        pool, clock = make_pool(3, most=6)
        for kind in kinds:
            await call(pool, kind)
            clock.now += 0.5
            assert all(1 <= replica.places <= 6 and replica.in_flight == 0 for replica in pool._replicas)

    asyncio.run(work())


def test_the_share_that_shrinks_a_window_is_above_random_refusals():
    assert BUSY_SHARE > 0.1


async def test_a_dead_replica_costs_no_answer():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    async with serve_fake() as alive:
        book = make_book(alive.base_url, replicas=(dead,), concurrency=4)
        transport, failed = OpenAITransport(), []
        try:
            for _ in range(40):
                try:
                    await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body(), role="weak")
                except ProviderFailure as failure:
                    failed.append(failure.server)
        finally:
            await transport.close()
    assert failed == [dead[7:-3]] * EJECT_AFTER
    assert len(alive.bodies) == 40 - EJECT_AFTER


async def test_a_reply_names_its_server_where_there_are_several():
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(serve_fake(default=complete("one")))
        two = await stack.enter_async_context(serve_fake(default=complete("two")))
        book = make_book(one.base_url, replicas=(two.base_url,))
        transport = OpenAITransport()
        try:
            replies = [await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body()) for _ in range(2)]
        finally:
            await transport.close()
    assert {reply.content: reply.server for reply in replies} == {
        "one": one.base_url[7:-3],
        "two": two.base_url[7:-3],
    }


async def test_a_reply_of_the_only_server_names_none():
    async with serve_fake() as fake:
        book = make_book(fake.base_url)
        transport = OpenAITransport()
        try:
            reply = await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body())
        finally:
            await transport.close()
    assert reply.server == ""


async def test_one_busy_server_sends_its_calls_to_the_other():
    async with AsyncExitStack() as stack:
        busy = await stack.enter_async_context(serve_fake(default=fail(429, retry_after="60")))
        free = await stack.enter_async_context(serve_fake())
        book = make_book(busy.base_url, replicas=(free.base_url,))
        transport = OpenAITransport()
        try:
            with pytest.raises(ProviderFailure):
                await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body())
            for _ in range(10):
                await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body())
        finally:
            await transport.close()
    assert (len(busy.bodies), len(free.bodies)) == (1, 10)


def test_places_count_over_all_servers():
    endpoint = Endpoint(base_url="http://a/v1", replicas=("http://b/v1", "http://c/v1"), concurrency=8)
    assert endpoint.places == 24


@pytest.mark.parametrize(
    ("base_url", "replicas", "said"),
    [
        ("http://a/v1", ["http://a/v1"], "twice"),
        ("http://a/v1", ["ftp://b"], "starts with http"),
        ("http://a/v1", ["http://me:secret@b/v1"], "user name or password"),
        ("simulated", ["http://b/v1"], "no replicas"),
    ],
)
def test_replicas_that_cannot_be_are_refused(base_url, replicas, said):
    with pytest.raises(ValueError, match=said):
        Endpoint(base_url=base_url, replicas=replicas)
