"""One attempt against a real server: replies in every dialect, failures of every kind."""

import socket

import orjson
import pytest

from autodata.canon import hash_value
from autodata.errors import BadInput, ProviderFailure
from autodata.llm.client import OpenAITransport, find_address
from autodata.llm.completion import parse_completion
from autodata.llm.failures import read_retry_after
from autodata.llm.reply import Reply, classify_answer
from autodata.llm.seat import Endpoint
from autodata.model import Usage
from tests.support.fake_endpoint import KEY, KEY_ENV, Scripted, complete, fail, make_body, make_book, serve_fake


async def ask(*script: Scripted, models: list[str] | None = None, role: str = "weak", **endpoint: object) -> Reply:
    """One call to a server that answers `script`."""
    async with serve_fake(*script) as fake:
        fake.models = models
        book = make_book(fake.base_url, **endpoint)
        transport = OpenAITransport()
        try:
            return await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body(), role=role)
        finally:
            await transport.close()


async def ask_for_failure(*script: Scripted, **options: object) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        await ask(*script, **options)
    return caught.value


async def test_reply_is_read_in_full():
    usage = {"prompt_tokens": 11, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 2}}
    reply = await ask(complete("Yes.", reasoning="thought", usage=usage, model="m-1-0613"))
    assert reply == Reply("Yes.", "thought", "stop", "m-1-0613", "fp-1", Usage(11, 5, 2))


async def test_body_on_the_wire_is_what_its_hash_names():
    async with serve_fake() as fake:
        book, transport = make_book(fake.base_url), OpenAITransport()
        await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body("naïve ≤ 3"))
        await transport.close()
        sent = orjson.loads(fake.bodies[0])
    assert hash_value(sent) == hash_value(make_body("naïve ≤ 3"))


async def test_reasoning_content_is_read_as_reasoning():
    assert (await ask(complete("a", reasoning_content="why"))).reasoning == "why"


async def test_content_parts_are_joined_and_thoughts_kept_apart():
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "one "},
        {"type": "text", "text": "two"},
    ]
    reply = await ask(complete(parts))
    assert (reply.content, reply.reasoning) == ("one two", "hm")


async def test_missing_usage_is_unknown_not_zero():
    assert (await ask(complete("a", usage=None))).usage == Usage(None, None, None)


async def test_null_content_is_an_empty_answer():
    reply = await ask(complete(None, finish_reason="length"))
    assert reply.content == ""
    assert classify_answer(reply) == "empty"


async def test_lone_surrogates_become_replacement_characters():
    body = b'{"choices":[{"finish_reason":"stop","message":{"content":"a\\ud800b \\ud83d\\ude00"}}]}'
    assert (await ask(Scripted(body=body))).content == "a\ufffdb \U0001f600"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (complete("fine"), "ok"),
        (complete("cut", finish_reason="length"), "truncated"),
        (complete("  \n"), "empty"),
        (complete("", refusal="I will not"), "refused"),
        (complete("part", finish_reason="content_filter"), "refused"),
    ],
)
def test_answer_status_is_told_from_the_reply(reply: Scripted, status: str):
    assert classify_answer(parse_completion(reply.body, "The endpoint")) == status


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, "bad_request", False),
        (401, "auth", False),
        (403, "auth", False),
        (408, "rate_limited", True),
        (422, "bad_request", False),
        (429, "rate_limited", True),
        (500, "server_error", True),
        (503, "server_error", True),
    ],
)
async def test_http_status_gives_its_kind(status: int, kind: str, retryable: bool):
    failure = await ask_for_failure(fail(status, "the server's words"))
    assert (failure.kind, failure.status, failure.retryable) == (kind, status, retryable)
    assert "the server's words" in str(failure)


async def test_unknown_model_names_what_the_endpoint_offers():
    failure = await ask_for_failure(fail(404), models=["A", "B"])
    assert failure.kind == "not_found"
    place = str(failure).split(" answered")[0]
    assert place.startswith("The weak endpoint at 127.0.0.1:")
    assert str(failure) == (f'{place} answered 404: no model "m-1". It offers: A, B. Change the weak seat in Settings.')


async def test_unknown_model_told_by_code_with_status_400_is_not_found():
    body = orjson.dumps({"error": {"message": "x", "code": "model_not_found"}})
    failure = await ask_for_failure(Scripted(400, body), models=["A"])
    assert failure.kind == "not_found"


async def test_address_without_such_an_api_points_at_base_url():
    failure = await ask_for_failure(fail(404), models=None)
    assert failure.kind == "not_found"
    assert "Check base_url" in str(failure)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b'{"choices": null}', b'{"choices": []}', b"[1]", b'{"choices":[{"message":null}]}'],
)
async def test_status_200_without_a_completion_is_a_bad_body(body: bytes):
    failure = await ask_for_failure(Scripted(body=body))
    assert (failure.kind, failure.status, failure.retryable) == ("bad_body", 200, True)


@pytest.mark.parametrize("scripted", [Scripted(drop=True), Scripted(cut=True)])
async def test_broken_connection_is_told_as_such(scripted: Scripted):
    failure = await ask_for_failure(scripted)
    assert failure.kind == "connection"
    assert "broke the connection" in str(failure)


async def test_slow_answer_is_a_timeout_that_names_the_setting():
    failure = await ask_for_failure(complete(delay_s=30), timeout_s=0.2)
    assert failure.kind == "timeout"
    assert "did not answer within 0.2 s" in str(failure)
    assert "timeout_s" in str(failure)


async def test_endpoint_that_is_down_says_so_and_what_to_do():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    book, transport = make_book(f"http://127.0.0.1:{port}/v1"), OpenAITransport()
    with pytest.raises(ProviderFailure) as caught:
        await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body(), role="weak")
    await transport.close()
    assert caught.value.kind == "connection"
    assert f"The weak endpoint at 127.0.0.1:{port} cannot be reached" in str(caught.value)
    assert "start it or change base_url" in str(caught.value)


async def test_key_is_sent_and_never_repeated_in_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_ENV, KEY)
    async with serve_fake(fail(401, f"Incorrect API key provided: {KEY}")) as fake:
        book, transport = make_book(fake.base_url, api_key_env=KEY_ENV), OpenAITransport()
        with pytest.raises(ProviderFailure) as caught:
            await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body())
        await transport.close()
        assert fake.authorizations == [f"Bearer {KEY}"]
    assert caught.value.kind == "auth"
    assert KEY not in str(caught.value)
    assert "[key]" in str(caught.value)


async def test_missing_key_is_bad_input_that_names_the_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(KEY_ENV, raising=False)
    with pytest.raises(BadInput, match=KEY_ENV):
        await ask(complete(), api_key_env=KEY_ENV)


async def test_simulated_endpoint_is_reached_at_its_real_address():
    async with serve_fake(complete("here")) as fake:
        book, transport = make_book("simulated"), OpenAITransport({"lab": fake.base_url})
        reply = await transport.send(book.endpoint_of("weak"), book.seat("weak"), make_body())
        await transport.close()
    assert reply.content == "here"


async def test_simulated_endpoint_without_an_address_is_bad_input():
    endpoint, seat = Endpoint(base_url="simulated"), make_book("simulated").seat("weak")
    with pytest.raises(BadInput, match="simulated server, which is not running"):
        await OpenAITransport().send(endpoint, seat, make_body())


@pytest.mark.parametrize("base_url", ["http://host:port/v1", "http://host:99999/v1", "http:///v1"])
async def test_address_that_is_none_is_bad_input_that_shows_it(base_url: str):
    book = make_book(base_url)
    with pytest.raises(BadInput, match="is not an address") as caught:
        await OpenAITransport().send(book.endpoint_of("weak"), book.seat("weak"), make_body())
    assert base_url in str(caught.value)


async def test_long_words_of_a_server_are_shortened():
    assert len(str(await ask_for_failure(fail(500, "x" * 5000)))) < 500


async def test_retry_after_reaches_the_failure():
    assert (await ask_for_failure(fail(429, retry_after="7"))).retry_after_s == 7.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 40.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None):
    assert read_retry_after(headers, now=60.0) == seconds


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://user:pass@host.example:8443/v1", "host.example:8443"),
        ("https://api.example/v1", "api.example"),
        ("http://[::1]:8000/v1", "[::1]:8000"),
    ],
)
def test_address_is_host_and_port_without_credentials(base_url: str, address: str):
    assert find_address(base_url) == address


def test_count_no_journal_could_hold_is_unknown():
    usage = f'"usage": {{"prompt_tokens": {10**30}}}'
    body = '{"choices": [{"message": {"content": "\\ud800"}}], ' + usage + "}"
    assert parse_completion(body.encode(), "here").usage == Usage()
