import asyncio

import pytest

from autodata.llm import check
from autodata.llm.seat import Endpoint, Seat, SeatBook
from tests.support.fake_endpoint import KEY_ENV, Scripted, complete, fail, make_book, serve_fake


async def try_seat(*script: Scripted, models: list[str] | None = None, **endpoint: object) -> check.SeatTest:
    async with serve_fake(*script) as fake:
        fake.models = models
        return await check.test_seat(make_book(fake.base_url, **endpoint), "weak")


async def test_working_seat_says_what_it_answered():
    result = await try_seat(complete("ok", model="m-1-0613"))
    assert result.ok
    assert result.model_returned == "m-1-0613"
    assert result.message.startswith("m-1 works and answered 'ok' (")
    assert "The server calls it m-1-0613." in result.message


async def test_answer_cut_off_by_the_token_limit_is_all_right():
    result = await try_seat(complete(None, finish_reason="length", reasoning="let me think"))
    assert result.ok
    assert "cut off at 16 tokens, which is all right for a test" in result.message


async def test_wrong_model_says_what_the_endpoint_offers():
    result = await try_seat(fail(404), models=["A", "B"])
    assert not result.ok
    assert 'answered 404: no model "m-1". It offers: A, B. Change the weak seat in Settings.' in result.message


async def test_missing_key_names_the_variable_to_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(KEY_ENV, raising=False)
    result = await try_seat(api_key_env=KEY_ENV)
    assert not result.ok
    assert f"export {KEY_ENV}=" in result.message


async def test_wrong_key_says_so():
    result = await try_seat(fail(401, "bad key"))
    assert not result.ok
    assert "The key is wrong" in result.message


async def test_endpoint_that_is_down_says_so():
    result = await check.test_seat(make_book("http://127.0.0.1:9/v1"), "judge")
    assert not result.ok
    assert "The judge endpoint at 127.0.0.1:9 cannot be reached" in result.message


async def test_server_that_is_no_model_server_says_what_came():
    result = await try_seat(Scripted(body=b"<html>hello</html>"))
    assert not result.ok
    assert "not JSON: <html>hello</html>." in result.message


async def test_test_call_uses_the_seats_own_settings():
    async with serve_fake() as fake:
        seat = Seat(endpoint="lab", model="m-1", temperature=0.3, json_mode=True, extra_body={"top_k": 5})
        book = SeatBook(endpoints={"lab": Endpoint(base_url=fake.base_url)}, seats={"weak": seat})
        await check.test_seat(book, "weak")
        assert b'"max_tokens":16' in fake.bodies[0]
        assert b'"temperature":0.3' in fake.bodies[0]
        assert b'"top_k":5' in fake.bodies[0]
        assert b"response_format" not in fake.bodies[0]


async def test_solvers_and_agents_that_would_send_the_same_call_share_one_each():
    async with serve_fake() as fake:
        book = make_book(fake.base_url)
        other = book.seat("judge").model_copy(update={"model": "m-2"})
        results = await check.test_seats(book.model_copy(update={"seats": {**book.seats, "judge": other}}))
        assert len(fake.bodies) == 3
    assert set(results) == set(book.seats)
    assert all(result.ok for result in results.values())


async def test_seats_are_tested_at_once():
    async with serve_fake(default=complete(delay_s=0.05)) as fake:
        book = make_book(fake.base_url)
        seats = {role: seat.model_copy(update={"model": role}) for role, seat in book.seats.items()}
        await asyncio.wait_for(check.test_seats(book.model_copy(update={"seats": seats})), 30)
        assert fake.most_in_flight == len(seats)


async def test_every_server_of_an_endpoint_is_tested():
    async with serve_fake() as one, serve_fake() as two:
        book = make_book(one.base_url, replicas=(two.base_url,))
        found = await check.test_seat(book, "weak")
    assert (found.ok, len(one.bodies), len(two.bodies)) == (True, 1, 1)
    assert found.message.endswith("So do all its 2 servers.")


async def test_one_server_that_fails_fails_the_seat():
    async with serve_fake() as one, serve_fake(default=fail(401)) as two:
        book = make_book(one.base_url, replicas=(two.base_url,))
        found = await check.test_seat(book, "weak")
    assert not found.ok
    assert two.base_url[7:-3] in found.message
    assert found.message.endswith("1 of its 2 servers failed.")
