"""The seat test: one tiny call that tells at once that an endpoint, a key or a model name is wrong, and what to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodata.errors import BadInput, ProviderFailure
from autodata.llm.client import OpenAITransport
from autodata.llm.quirks import QuirkMemory, adapt_body, describe_adaptations
from autodata.llm.reply import Reply, classify_answer
from autodata.llm.seat import Endpoint, Seat, SeatBook, request_settings
from autodata.model import SOLVERS, Role

PROMPT = "Reply with the single word: ok"
MAX_TOKENS = 16
TIMEOUT_S = 20.0
"""Longest wait of one try in seconds, whatever the endpoint allows a real call."""

TRIES, PAUSE_S = 3, 1.0
"""Tries of a test where the server is only busy or stumbling, and the wait between them in seconds."""


@dataclass(frozen=True, slots=True)
class SeatTest:
    """What a test call showed. `message` is for a person: what happened and, when not ok, what to do.

    `adapted` names what the server would not take, and is sent without from now on.
    """

    ok: bool
    message: str
    seconds: float
    model_returned: str
    adapted: tuple[str, ...] = ()


async def test_seat(
    book: SeatBook,
    role: Role,
    addresses: Mapping[str, str] | None = None,  # noqa: PT028 (not a test of this program)
    *,
    quirks: QuirkMemory | None = None,  # noqa: PT028
    shared: bool = False,  # noqa: PT028
) -> SeatTest:
    """Make one small call with the role's own settings. Never raises for a seat that does not work.

    `addresses` and `quirks` as for OpenAITransport. `shared`: the call stands for several solvers or several agents, so
    no message names one. Costs one call to each server of the endpoint, up to three where it answers 429 or 5xx,
    and one for each field that it refuses.
    """
    seat, endpoint = book.seat(role), book.endpoint_of(role)
    quirks, kind = quirks or QuirkMemory(book), _name_kind(role) if shared else role
    each = [
        endpoint.model_copy(
            update={"base_url": base_url, "replicas": (), "timeout_s": min(endpoint.timeout_s, TIMEOUT_S)}
        )
        for base_url in endpoint.base_urls
    ]
    return _merge_tests(await asyncio.gather(*(_test_server(one, seat, kind, addresses, quirks) for one in each)))


async def test_seats(
    book: SeatBook,
    addresses: Mapping[str, str] | None = None,  # noqa: PT028 (not a test of this program)
    quirks: QuirkMemory | None = None,  # noqa: PT028
) -> dict[Role, SeatTest]:
    """Test every seat at once. Seats that would send the same call share one.

    What servers refuse is found out anew, whatever `quirks` holds, and is in it afterwards.
    """
    quirks = quirks or QuirkMemory(book)
    for role in book.seats:
        quirks.forget(book.endpoint_of(role), book.seat(role).model)
    sharing: dict[tuple[object, ...], list[Role]] = {}
    for role, seat in book.seats.items():
        sharing.setdefault((*_identify_call(seat), _name_kind(role)), []).append(role)
    groups = list(sharing.values())
    tests = await asyncio.gather(
        *(test_seat(book, roles[0], addresses, quirks=quirks, shared=len(roles) > 1) for roles in groups)
    )
    found = {role: test for roles, test in zip(groups, tests, strict=True) for role in roles}
    for role in SOLVERS:
        # What one solver refuses the other is sent without, so the other is tested once more, as it will be sent.
        if role in found and found[role].ok and set(_find_sent(book, role, quirks)) != set(found[role].adapted):
            found[role] = await test_seat(book, role, addresses, quirks=quirks)
    return {role: found[role] for role in book.seats}


async def _test_server(
    endpoint: Endpoint, seat: Seat, role: str, addresses: Mapping[str, str] | None, quirks: QuirkMemory
) -> SeatTest:
    transport = OpenAITransport(addresses, quirks)
    start = time.monotonic()
    try:
        reply = await _send(transport, endpoint, seat, role)
    except (ProviderFailure, BadInput) as error:
        return SeatTest(False, str(error), time.monotonic() - start, "")
    finally:
        await transport.close()
    seconds = time.monotonic() - start
    return SeatTest(True, _describe_success(reply, seat, seconds), seconds, reply.model, reply.adapted)


def _merge_tests(tests: Sequence[SeatTest]) -> SeatTest:
    """What several servers said as one: what the worst said, and how many there are."""
    worst = next((test for test in tests if not test.ok), tests[0])
    if len(tests) == 1:
        return worst
    failed = sum(not test.ok for test in tests)
    count = f"{failed} of its {len(tests)} servers failed." if failed else f"So do all its {len(tests)} servers."
    adapted = tuple(dict.fromkeys(name for test in tests for name in test.adapted))
    seconds = max(test.seconds for test in tests)
    return SeatTest(not failed, f"{worst.message} {count}", seconds, worst.model_returned, adapted)


def _name_kind(role: Role) -> str:
    return "solver" if role in SOLVERS else "agent"


def _find_sent(book: SeatBook, role: Role, quirks: QuirkMemory) -> tuple[str, ...]:
    """What is changed in the role's test call by what is known now."""
    seat = book.seat(role)
    return adapt_body(build_test_body(seat), quirks.find(book.endpoint_of(role), seat.model, role))[1]


def build_test_body(seat: Seat) -> dict[str, Any]:
    """The test's request: the seat's own settings, so that one the server refuses shows, but few tokens."""
    settings = request_settings(seat)
    # A server may insist on the word JSON in the prompt of a request for a JSON object.
    settings.pop("json_mode", None)
    settings.pop("structured", None)
    limit = "max_completion_tokens" if "max_completion_tokens" in settings else "max_tokens"
    messages = [{"role": "user", "content": PROMPT}]
    return {"model": seat.model, "messages": messages, "seed": 0, **settings, limit: MAX_TOKENS}


async def _send(transport: OpenAITransport, endpoint: Endpoint, seat: Seat, role: str) -> Reply:
    tries = 0
    while True:
        try:
            return await transport.send(endpoint, seat, build_test_body(seat), role=role)
        except ProviderFailure as failure:
            if failure.kind == "refused_setting":
                continue
            tries += 1
            if failure.kind not in ("rate_limited", "server_error") or tries == TRIES:
                raise
            await asyncio.sleep(min(failure.retry_after_s or PAUSE_S, 2 * PAUSE_S))


def _identify_call(seat: Seat) -> tuple[str, str, str]:
    return seat.endpoint, seat.model, repr(sorted(build_test_body(seat).items()))


def _describe_success(reply: Reply, seat: Seat, seconds: float) -> str:
    said = " ".join(reply.content.split())[:40]
    status = classify_answer(reply)
    if status == "refused":
        what = "works, but refused the test prompt"
    elif reply.finish_reason == "length":
        what = f"works; its answer was cut off at {MAX_TOKENS} tokens, which is all right for a test"
    elif status == "empty":
        what = "works, but wrote nothing in its answer; look at max_tokens and the reasoning settings"
    else:
        what = f"works and answered {said!r}"
    other = reply.model and reply.model != seat.model
    sentences = [
        f"{seat.model} {what} ({seconds:.1f} s).",
        f"The server calls it {reply.model}." if other else "",
        f"It is sent {describe_adaptations(reply.adapted)}: a server here refuses that." if reply.adapted else "",
        *reply.warnings,
    ]
    return " ".join(sentence for sentence in sentences if sentence)
