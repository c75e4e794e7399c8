import asyncio
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.llm.limiter import RAMP_CALLERS, RAMP_S, EndpointLimiter


class FakeTime:
    """A clock that moves only when all are asleep: sleepers wake in order of their time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, next(self._order), future))
        await future

    async def run(self, *tasks: asyncio.Task[None]) -> None:
        while not all(task.done() for task in tasks):
            for _ in range(30):
                await asyncio.sleep(0)
            if self._sleepers:
                first = min(self._sleepers)
                self._sleepers.remove(first)
                self.now = max(self.now, first[0])
                if not first[2].done():
                    first[2].set_result(None)


async def enter(limiter: EndpointLimiter, time: FakeTime, entered: list[float]) -> None:
    async with limiter.hold():
        entered.append(time.now)


async def enter_many(limiter: EndpointLimiter, time: FakeTime, count: int) -> list[float]:
    """Times at which `count` callers who came at once got in."""
    entered: list[float] = []
    await time.run(*(asyncio.create_task(enter(limiter, time, entered)) for _ in range(count)))
    return [moment - 1000.0 for moment in entered]


async def test_no_more_callers_than_places_are_inside():
    limiter, inside, most = EndpointLimiter(4), 0, 0

    async def call() -> None:
        nonlocal inside, most
        async with limiter.hold():
            inside += 1
            most = max(most, inside)
            assert limiter.in_flight == inside
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(call() for _ in range(40)))
    assert most == 4
    assert (limiter.in_flight, limiter.waiting) == (0, 0)


async def test_callers_are_served_in_the_order_they_came():
    limiter, order = EndpointLimiter(1), []

    async def call(number: int) -> None:
        async with limiter.hold():
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(call(number) for number in range(10)))
    assert order == list(range(10))


async def test_waiting_callers_are_counted():
    limiter = EndpointLimiter(1)
    async with limiter.hold():
        waiting = [asyncio.create_task(limiter.hold().__aenter__()) for _ in range(3)]
        await asyncio.sleep(0)
        assert (limiter.in_flight, limiter.waiting) == (1, 3)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert (limiter.in_flight, limiter.waiting) == (0, 0)


async def test_place_of_a_cancelled_waiter_is_given_back():
    time = FakeTime()
    limiter = EndpointLimiter(1, sleep=time.sleep, clock=time.clock)
    limiter.pause(60)
    sleeper = asyncio.create_task(limiter.hold().__aenter__())
    await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.gather(sleeper, return_exceptions=True)
    assert await enter_many(limiter, time, 1) != []


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 2000), st.integers(1, 80))
def test_no_second_and_no_minute_lets_more_through_than_the_rate(per_minute: int, callers: int):
    async def run() -> list[float]:
        time = FakeTime()
        limiter = EndpointLimiter(callers, per_minute, sleep=time.sleep, clock=time.clock)
        return await enter_many(limiter, time, callers)

    entered = asyncio.run(run())
    burst = max(1.0, per_minute / 60)
    for number, moment in enumerate(entered):
        for window in (1.0, 60.0):
            inside = sum(moment <= other <= moment + window for other in entered[number:])
            assert inside <= burst + per_minute * window / 60 + 1


async def test_rate_is_used_in_full():
    time = FakeTime()
    limiter = EndpointLimiter(100, 60, sleep=time.sleep, clock=time.clock)
    assert await enter_many(limiter, time, 5) == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_pause_holds_everybody_and_lets_them_in_one_by_one():
    time = FakeTime()
    limiter = EndpointLimiter(10, sleep=time.sleep, clock=time.clock)
    limiter.pause(7.0)
    entered = await enter_many(limiter, time, 4)
    assert [round(moment, 6) for moment in entered] == [7.0, 7.0 + RAMP_S, 7.0 + 2 * RAMP_S, 7.0 + 3 * RAMP_S]


async def test_shorter_pause_does_not_end_a_longer_one():
    time = FakeTime()
    limiter = EndpointLimiter(1, sleep=time.sleep, clock=time.clock)
    limiter.pause(7.0)
    limiter.pause(2.0)
    assert await enter_many(limiter, time, 1) == [7.0]


async def test_pause_that_begins_while_waiting_is_waited_for_too():
    time = FakeTime()
    limiter, entered = EndpointLimiter(2, sleep=time.sleep, clock=time.clock), []
    limiter.pause(1.0)
    waiting = asyncio.create_task(enter(limiter, time, entered))
    await asyncio.sleep(0)
    limiter.pause(5.0)
    await time.run(waiting)
    assert entered == [1005.0]


async def enter_after(limiter: EndpointLimiter, time: FakeTime, delay: float, entered: list[float]) -> None:
    await time.sleep(delay)
    await enter(limiter, time, entered)


@settings(max_examples=25, deadline=None)
@given(
    per_minute=st.integers(1, 600),
    arrivals=st.lists(st.floats(0, 120), min_size=1, max_size=60),
    pauses=st.lists(st.tuples(st.floats(0.1, 60), st.floats(0.1, 30)), min_size=1, max_size=3),
)
def test_no_minute_lets_more_through_than_the_rate_whatever_pauses_come(
    per_minute: int, arrivals: list[float], pauses: list[tuple[float, float]]
):
    async def run() -> list[float]:
        time, entered = FakeTime(), []
        limiter = EndpointLimiter(len(arrivals), per_minute, sleep=time.sleep, clock=time.clock)

        async def pause(delay: float, seconds: float) -> None:
            await time.sleep(delay)
            limiter.pause(seconds)

        tasks = [asyncio.create_task(enter_after(limiter, time, delay, entered)) for delay in arrivals]
        tasks += [asyncio.create_task(pause(*one)) for one in pauses]
        await time.run(*tasks)
        return sorted(entered)

    entered = asyncio.run(run())
    assert len(entered) == len(arrivals)
    burst = max(1.0, per_minute / 60)
    for number, moment in enumerate(entered):
        inside = sum(moment <= other <= moment + 60 for other in entered[number:])
        assert inside <= burst + per_minute + 1


async def test_turns_given_out_before_a_pause_do_not_come_due_beside_those_after_it():
    time = FakeTime()
    limiter, entered = EndpointLimiter(200, 60, sleep=time.sleep, clock=time.clock), []
    early = [asyncio.create_task(enter(limiter, time, entered)) for _ in range(100)]
    await asyncio.sleep(0)
    limiter.pause(10.0)
    late = [asyncio.create_task(enter_after(limiter, time, 50.0, entered)) for _ in range(50)]
    await time.run(*early, *late)
    entered.sort()
    assert all(after - before >= 0.99 for before, after in pairwise(entered[1:]))


async def test_idle_time_before_a_pause_saves_up_nothing_for_its_end():
    time = FakeTime()
    limiter, entered = EndpointLimiter(50, 600, sleep=time.sleep, clock=time.clock), []
    time.now += 3600
    limiter.pause(5.0)
    await time.run(*[asyncio.create_task(enter(limiter, time, entered)) for _ in range(11)])
    assert max(entered) - min(entered) >= 0.99


async def test_ramp_ends_on_an_endpoint_that_is_never_idle():
    time = FakeTime()
    limiter, entered = EndpointLimiter(RAMP_CALLERS, sleep=time.sleep, clock=time.clock), []
    limiter.pause(1.0)
    await time.run(*[asyncio.create_task(enter(limiter, time, entered)) for _ in range(3 * RAMP_CALLERS)])
    assert max(entered) - min(entered) <= (RAMP_CALLERS + 1) * RAMP_S
