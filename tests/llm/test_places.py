import asyncio

from autodata.llm.places import Places


async def run_in_turn(places, ranks, hold_s=0.0):
    """Callers by rank in the order in which they got a place; all of them ask while the only one is taken."""
    served = []

    async def call(number, rank):
        async with places.hold(rank):
            served.append((number, rank))
            await asyncio.sleep(hold_s)

    async with places.hold():
        callers = [asyncio.create_task(call(number, rank)) for number, rank in enumerate(ranks)]
        await asyncio.sleep(0)
    await asyncio.gather(*callers)
    return served


async def test_highest_rank_goes_first_and_within_a_rank_who_came_first():
    assert await run_in_turn(Places(1), [1, 3, 1, 3]) == [(1, 3), (3, 3), (0, 1), (2, 1)]


async def test_no_more_than_the_places_are_held():
    places, now, most = Places(2), 0, 0

    async def call():
        nonlocal now, most
        async with places.hold():
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(call() for _ in range(9)))
    assert most == 2


async def test_place_of_a_caller_that_gave_up_goes_to_the_next():
    places, served = Places(1), []

    async def call(name):
        async with places.hold():
            served.append(name)

    async with places.hold():
        first, second = asyncio.create_task(call("first")), asyncio.create_task(call("second"))
        await asyncio.sleep(0)
        first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert served == ["second"]


async def test_place_given_to_a_caller_that_gives_up_at_that_moment_is_not_lost():
    places = Places(1)
    await places.acquire()
    waiting = asyncio.create_task(places.acquire())
    await asyncio.sleep(0)
    places.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), places.hold():
        pass
