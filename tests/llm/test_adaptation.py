"""Quirks from end to end: a picky server, the real client, the real recorder, a real journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from autodata.agents.request import build_body
from autodata.canon import hash_value
from autodata.errors import ProviderFailure
from autodata.journal import JournalWriter, read_records
from autodata.llm.check import test_seats as check_seats
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import QuirkMemory
from autodata.llm.reply import Reply
from autodata.llm.seat import Contract, Endpoint, Seat, SeatBook
from autodata.model import ROLES, Role, Usage
from autodata.recorder import CallKey, Recorder
from tests.llm.picky import (
    NO_JSON_MODE,
    NO_SCHEMA,
    NO_TEMPERATURE,
    WANTS_COMPLETION_TOKENS,
    Picky,
    refuse,
    serve_picky,
)
from tests.support.fake_endpoint import complete, serve_fake

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
NO_SEED = refuse("seed", "Unrecognized request argument supplied: seed")


def make_book(base_url: str, contract: Contract | None = None, **settings: Any) -> SeatBook:
    """Every role its own model at one endpoint, all with the same settings."""
    seats = {role: Seat(endpoint="lab", model=f"m-{role}", max_tokens=100, **settings) for role in ROLES}
    return SeatBook(endpoints={"lab": Endpoint(base_url=base_url)}, seats=seats, contract=contract or Contract())


def make_request(book: SeatBook, role: Role, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return build_body(book.seat(role), [{"role": "user", "content": "Reply in JSON."}], 7, schema)


@asynccontextmanager
async def open_recorder(path: Path, book: SeatBook, quirks: QuirkMemory | None = None) -> AsyncIterator[Recorder]:
    transport = OpenAITransport(quirks=quirks or QuirkMemory(book))
    with JournalWriter(path) as journal:
        recorder = Recorder(journal, book, transport, slots=8)
        try:
            yield recorder
        finally:
            await recorder.drain()
            await transport.close()


async def call(recorder: Recorder, book: SeatBook, role: Role, attempt: int = 0, schema: Any = None) -> Reply:
    key = CallKey("src", 1, role, attempt)
    return (await recorder.call(key, make_request(book, role, schema), template_sha="t" * 64)).reply


def read_calls(path: Path) -> list[dict[str, Any]]:
    return [record.data for record in read_records(path) if record.kind == "call"]


@pytest.mark.parametrize(
    ("rule", "gone", "new"),
    [
        (WANTS_COMPLETION_TOKENS, "max_tokens", {"max_completion_tokens": 100}),
        (NO_TEMPERATURE, "temperature", {}),
        (NO_SEED, "seed", {}),
    ],
)
async def test_refused_field_is_left_out_of_the_next_try(tmp_path: Path, rule: Any, gone: str, new: dict[str, Any]):
    async with serve_picky(rule) as picky:
        book = make_book(picky.base_url, temperature=0.3)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            assert (await call(recorder, book, "judge")).content == "ok"
    first, second = picky.bodies
    assert gone in first
    assert second == {**{key: value for key, value in first.items() if key != gone}, **new}


async def test_server_that_refuses_everything_is_answered_field_by_field(tmp_path: Path):
    rules = (WANTS_COMPLETION_TOKENS, NO_TEMPERATURE, NO_SEED, NO_SCHEMA, NO_JSON_MODE)
    async with serve_picky(*rules) as picky:
        book = make_book(picky.base_url, temperature=0.3, structured="schema")
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            assert (await call(recorder, book, "judge", schema=SCHEMA)).content == "ok"
    assert picky.bodies[-1].keys() == {"model", "messages", "max_completion_tokens"}
    assert len(picky.bodies) == 6


async def test_refusal_is_met_once_for_a_model(tmp_path: Path):
    async with serve_picky(NO_TEMPERATURE) as picky:
        book = make_book(picky.base_url, temperature=0.3)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            for attempt in range(3):
                await call(recorder, book, "judge", attempt)
    assert ["temperature" in body for body in picky.bodies] == [True, False, False, False]


async def test_schema_falls_back_to_json_mode_and_then_to_the_prompt_alone(tmp_path: Path):
    async with serve_picky(NO_SCHEMA, NO_JSON_MODE) as picky:
        book = make_book(picky.base_url, structured="schema")
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            await call(recorder, book, "judge", schema=SCHEMA)
    forms = [body.get("response_format", {}).get("type") for body in picky.bodies]
    assert forms == ["json_schema", "json_object", None]


async def test_server_that_takes_the_schema_gets_it_in_the_order_it_was_written(tmp_path: Path):
    ordered = {"type": "object", "properties": {"reason": {"type": "string"}, "met": {"type": "integer"}}}
    async with serve_fake() as fake:
        book = make_book(fake.base_url, structured="schema")
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            await call(recorder, book, "judge", schema=ordered)
    assert fake.bodies[0].index(b'"reason"') < fake.bodies[0].index(b'"met"')


async def test_every_attempt_is_recorded_with_the_body_that_was_sent(tmp_path: Path):
    async with serve_picky(WANTS_COMPLETION_TOKENS) as picky:
        book = make_book(picky.base_url)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            await call(recorder, book, "judge")
    calls = read_calls(tmp_path / "journal.jsonl")
    assert [record["request"] for record in calls] == picky.bodies
    assert [record["request_sha"] for record in calls] == [hash_value(body) for body in picky.bodies]
    assert calls[0]["error"]["kind"] == "refused_setting"
    assert "The next try is sent with max_tokens as max_completion_tokens." in calls[0]["error"]["message"]
    assert calls[1]["adapted"] == ["max_completion_tokens"]


async def test_adapted_call_is_found_again_on_resume(tmp_path: Path):
    async with serve_picky(NO_TEMPERATURE) as picky:
        book = make_book(picky.base_url, temperature=0.3)
        for _ in range(2):
            async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
                reply = await call(recorder, book, "judge")
    assert len(picky.bodies) == 2
    assert reply.adapted == ("no_temperature",)


async def test_usage_that_is_missing_stays_unknown_in_the_record(tmp_path: Path):
    async with serve_picky() as picky:
        book = make_book(picky.base_url)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            assert (await call(recorder, book, "judge")).usage == Usage(None, None, None)
    assert read_calls(tmp_path / "journal.jsonl")[0]["usage"]["prompt_tokens"] is None


async def test_no_body_asks_for_several_answers(tmp_path: Path):
    async with serve_picky(refuse("n", "n is not supported")) as picky:
        book = make_book(picky.base_url)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            await call(recorder, book, "weak")
    assert len(picky.bodies) == 1


async def test_silently_cut_prompt_is_a_warning_on_the_record(tmp_path: Path):
    async with serve_fake(complete("ok", usage={"prompt_tokens": 2048, "completion_tokens": 1})) as fake:
        book = make_book(fake.base_url)
        body = build_body(book.seat("judge"), [{"role": "user", "content": "word " * 9000}], 7)
        async with open_recorder(tmp_path / "journal.jsonl", book) as recorder:
            made = await recorder.call(CallKey("src", 1, "judge"), body, template_sha="t" * 64)
    (record,) = read_calls(tmp_path / "journal.jsonl")
    assert record["warnings"] == list(made.reply.warnings)
    assert "cut the prompt" in record["warnings"][0]


async def test_context_too_long_says_what_to_change():
    words = "This model's maximum context length is 4096 tokens. However, you requested 18029 tokens."
    async with serve_picky(refuse("messages", words, code="context_length_exceeded")) as picky:
        book, transport = make_book(picky.base_url), OpenAITransport()
        with pytest.raises(ProviderFailure, match="lower max_tokens of the judge seat, or serve it with a larger one"):
            await transport.send(
                book.endpoint_of("judge"), book.seat("judge"), make_request(book, "judge"), role="judge"
            )
        await transport.close()


# Weak and strong


def strip_own(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in ("model", "seed")}


async def solve(path: Path, picky: Picky, book: SeatBook) -> list[dict[str, Any]]:
    """Test the seats, then ask weak and strong; their recorded requests without what may differ."""
    quirks = QuirkMemory(book)
    await check_seats(book, quirks=quirks)
    async with open_recorder(path, book, quirks) as recorder:
        await call(recorder, book, "weak")
        await call(recorder, book, "strong")
    return [strip_own(record["request"]) for record in read_calls(path) if not record["error"]]


async def test_what_strong_refuses_weak_is_not_sent_either(tmp_path: Path):
    rule = refuse("temperature", "temperature is not supported", model="m-strong")
    async with serve_picky(rule) as picky:
        weak, strong = await solve(tmp_path / "journal.jsonl", picky, make_book(picky.base_url, temperature=0.3))
    assert weak == strong
    assert "temperature" not in weak


async def test_difference_that_the_contract_allows_stays_in_the_record(tmp_path: Path):
    rule = refuse("temperature", "temperature is not supported", model="m-strong")
    contract = Contract(allowed=("temperature",), signed_by="Ada", reason="strong refuses it")
    async with serve_picky(rule) as picky:
        book = make_book(picky.base_url, contract, temperature=0.3)
        weak, strong = await solve(tmp_path / "journal.jsonl", picky, book)
    assert (weak.get("temperature"), strong.get("temperature")) == (0.3, None)


async def test_seat_test_says_what_both_are_sent_without():
    rule = refuse("temperature", "temperature is not supported", model="m-strong")
    async with serve_picky(rule) as picky:
        tests = await check_seats(make_book(picky.base_url, temperature=0.3))
    assert tests["weak"].adapted == tests["strong"].adapted == ("no_temperature",)
    assert "It is sent without temperature: a server here refuses that." in tests["weak"].message
    assert tests["judge"].adapted == ()


async def test_opposite_needs_are_a_failed_seat_test_with_the_remedy():
    rules = (
        refuse("max_tokens", "max_tokens is not supported, use max_completion_tokens instead", model="m-strong"),
        refuse("max_completion_tokens", "unknown field max_completion_tokens", model="m-weak"),
    )
    async with serve_picky(*rules) as picky:
        tests = await check_seats(make_book(picky.base_url))
    assert tests["strong"].ok
    assert not tests["weak"].ok
    assert "[contract] allowed = ['max_completion_tokens', 'max_tokens']" in tests["weak"].message
