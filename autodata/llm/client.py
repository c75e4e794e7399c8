"""The OpenAI-compatible client: one attempt, one reply or one classified failure."""

from __future__ import annotations

import asyncio
import email.utils
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
import orjson

from autodata.canon import replace_surrogates, to_canonical_json
from autodata.errors import BadInput, ProviderFailure
from autodata.llm.completion import ServerError, load_json, parse_completion, read_error, shorten
from autodata.llm.counts import find_count_warnings
from autodata.llm.quirks import QuirkMemory, adapt_body, describe_adaptations, explain_conflict, read_refusal
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat, read_key

CONNECT_S = 15.0
"""Longest wait for a connection, in seconds; a server that takes longer is down."""

MODELS_S = 10.0
"""Longest wait for the list of models after a 404, in seconds."""

_TOO_LONG = re.compile(r"maximum context length|max_model_len|context (window|length)|prompt is too long", re.I)

_NETWORK_ERRORS = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class _Connection:
    client: openai.AsyncOpenAI
    address: str


class OpenAITransport:
    """Sends chat bodies to OpenAI-compatible servers, one pooled client per endpoint. Use in one event loop, close it.

    `addresses` maps endpoint names to real base URLs; it is how simulated endpoints are reached. `quirks` is what is
    known about what servers refuse; without one it is found out anew.
    """

    def __init__(self, addresses: Mapping[str, str] | None = None, quirks: QuirkMemory | None = None) -> None:
        self._addresses = dict(addresses or {})
        self._quirks = quirks or QuirkMemory()
        self._connections: dict[str, _Connection] = {}

    async def send(self, endpoint: Endpoint, seat: Seat, body: dict[str, Any], *, role: str = "") -> Reply:
        """One attempt; `endpoint.timeout_s` bounds it as a whole. `role` is a solver's or another's.

        What the server is known to refuse is changed in the body first; reply and failure name what was. Raises
        ProviderFailure for everything that is not a usable chat completion; BadInput when the key or the simulated
        server's address is missing.
        """
        connection = self._connections.get(seat.endpoint) or self._connect(seat.endpoint, endpoint)
        sent, adapted = adapt_body(body, self._quirks.find(endpoint, seat.model, role))
        try:
            reply = await self._post(connection, endpoint, seat, sent, role)
        except ProviderFailure as failure:
            failure.adapted = adapted
            raise
        warnings = find_count_warnings(sent, reply.usage)
        return replace(reply, adapted=adapted, warnings=warnings) if adapted or warnings else reply

    async def _post(
        self, connection: _Connection, endpoint: Endpoint, seat: Seat, sent: dict[str, Any], role: str
    ) -> Reply:
        client, where = connection.client, describe_place(connection.address, role)
        try:
            async with asyncio.timeout(endpoint.timeout_s):
                # Raw bytes both ways: the client's own models cost more than the rest of a call.
                response = await client.post("/chat/completions", cast_to=httpx2.Response, content=encode_body(sent))
        except TimeoutError:
            raise ProviderFailure("timeout", _say_timeout(where, endpoint.timeout_s)) from None
        except openai.APIStatusError as error:
            said = read_error(error.response.content, client.api_key)
            failure = _classify_status(error.response, said, where, seat.model, role)
            if failure.kind == "not_found":
                raise await _explain_missing_model(failure, client, where, seat.model, role) from None
            raise self._find_way_out(failure, said, endpoint, seat, sent, role) from None
        except _NETWORK_ERRORS as error:
            raise _classify_network_error(error, where, endpoint.timeout_s, client.api_key) from None
        return parse_completion(response.content, where, client.api_key)

    def _find_way_out(
        self,
        failure: ProviderFailure,
        said: ServerError,
        endpoint: Endpoint,
        seat: Seat,
        sent: dict[str, Any],
        role: str,
    ) -> ProviderFailure:
        """The same failure, or `refused_setting` when a request without what the server refuses can be sent."""
        quirk = read_refusal(failure.status or 0, said, sent)
        if quirk is None:
            return failure
        if not self._quirks.learn(endpoint, seat.model, role, quirk):
            return ProviderFailure("bad_request", f"{failure} {explain_conflict(quirk)}", status=failure.status)
        message = f"{failure} The next try is sent {describe_adaptations([quirk])}."
        return ProviderFailure("refused_setting", message, status=failure.status)

    async def close(self) -> None:
        """Close all connections. Safe to call twice."""
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            await connection.client.close()

    def _connect(self, name: str, endpoint: Endpoint) -> _Connection:
        if endpoint.simulated and name not in self._addresses:
            raise BadInput(f"endpoint {name} is played by the simulated server, which is not running")
        base_url = self._addresses.get(name, endpoint.base_url)
        try:
            connection = _Connection(_make_client(base_url, endpoint, read_key(endpoint, name)), find_address(base_url))
        except (ValueError, httpx2.InvalidURL) as error:
            hint = "give http://HOST:PORT/v1"
            raise BadInput(f"endpoint {name}: {base_url!r} is not an address ({error}); {hint}") from error
        self._connections[name] = connection
        return connection


def encode_body(body: dict[str, Any]) -> bytes:
    """The bytes on the wire: canonical, but for a body that carries a JSON schema.

    A server makes the model write a schema's fields in the order it gets them, and sorting would put decisions before
    their reasons.
    """
    if body.get("response_format", {}).get("type") == "json_schema":
        return orjson.dumps(replace_surrogates(body))
    return to_canonical_json(body)


def find_address(base_url: str) -> str:
    """HOST:PORT of a URL, as far as it has a port; never credentials that it may carry."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    return f"{host}:{parts.port}" if parts.port else host


def describe_place(address: str, role: str = "") -> str:
    """`The weak endpoint at HOST:PORT`."""
    return f"The {role} endpoint at {address}" if role else f"The endpoint at {address}"


def read_retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds a server asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date); None without."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - (time.time() if now is None else now))


def _make_client(base_url: str, endpoint: Endpoint, key: str) -> openai.AsyncOpenAI:
    host = urlsplit(base_url).hostname
    if not host:
        raise ValueError("no host")
    timeout = openai.Timeout(endpoint.timeout_s, connect=min(CONNECT_S, endpoint.timeout_s), pool=None)
    http_client = openai.DefaultAioHttpClient(
        timeout=timeout,
        limits=httpx2.Limits(max_connections=endpoint.concurrency + 8),
        # A proxy from the environment is for other machines than this one.
        trust_env=host not in ("127.0.0.1", "localhost", "::1"),
    )
    return openai.AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=timeout, http_client=http_client)


def _classify_status(
    response: httpx2.Response, error: ServerError, where: str, model: str, role: str
) -> ProviderFailure:
    status = response.status_code
    said = f"{where} answered {status}: {error.text or 'nothing'}"
    if status in (401, 403):
        hint = "The key is wrong or may not use this model; set the right one in the environment and start again."
        return ProviderFailure("auth", f"{said} {hint}", status=status)
    if status == 404 or error.code == "model_not_found":
        return ProviderFailure("not_found", said, status=status)
    if status in (408, 409, 425, 429):
        return ProviderFailure("rate_limited", said, status=status, retry_after_s=read_retry_after(response.headers))
    if status >= 500:
        return ProviderFailure("server_error", said, status=status, retry_after_s=read_retry_after(response.headers))
    seat = f"the {role} seat" if role else "the seat"
    if error.code == "context_length_exceeded" or _TOO_LONG.search(error.words):
        hint = f"Prompt and answer do not fit its window: lower max_tokens of {seat}, or serve it with a larger one."
        return ProviderFailure("bad_request", f"{said} {hint}", status=status)
    return ProviderFailure("bad_request", f"{said} Check the settings of {seat} for model {model!r}.", status=status)


async def _explain_missing_model(
    failure: ProviderFailure, client: openai.AsyncOpenAI, where: str, model: str, role: str
) -> ProviderFailure:
    """The same failure with what the endpoint offers, or that it is no such server at all."""
    offers = await _list_models(client)
    remedy = f"Change the {role} seat in Settings." if role else "Change the seat in Settings."
    if offers is None:
        message = (
            f'{where} answered {failure.status} for model "{model}" and does not list models. '
            f"Check base_url, which usually ends in /v1. {remedy}"
        )
    elif model in offers:
        message = f"{failure} It does list model {model!r}. {remedy}"
    else:
        shown = ", ".join(offers[:12]) + (f" and {len(offers) - 12} more" if len(offers) > 12 else "")
        message = f'{where} answered {failure.status}: no model "{model}". It offers: {shown or "none"}. {remedy}'
    return ProviderFailure("not_found", message, status=failure.status)


async def _list_models(client: openai.AsyncOpenAI) -> list[str] | None:
    try:
        async with asyncio.timeout(MODELS_S):
            response = await client.get("/models", cast_to=httpx2.Response)
        return [str(model["id"])[:100] for model in load_json(response.content)["data"]]
    except (*_NETWORK_ERRORS, ValueError, KeyError, TypeError):
        return None


def _classify_network_error(error: BaseException, where: str, timeout_s: float, key: str) -> ProviderFailure:
    """The client reports dropped connections as timeouts; aiohttp's own error below it tells them apart."""
    cause: BaseException = error
    while cause.__cause__ is not None and not isinstance(cause, aiohttp.ClientError):
        cause = cause.__cause__
    if isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        reason = shorten(_name_reason(cause), key)
        remedy = "It is down or the address is wrong: start it or change base_url."
        return ProviderFailure("connection", f"{where} cannot be reached: {reason} {remedy}")
    if isinstance(cause, TimeoutError):
        return ProviderFailure("timeout", _say_timeout(where, timeout_s))
    reason = shorten(_name_reason(cause), key)
    message = f"{where} broke the connection: {reason} If it goes on, check that it still runs."
    return ProviderFailure("connection", message)


def _name_reason(cause: BaseException) -> str:
    if isinstance(cause, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    if isinstance(cause, aiohttp.ClientConnectorError) and not isinstance(cause, aiohttp.ClientSSLError):
        # aiohttp words a failed attempt on several addresses at length; the system's own word is enough.
        number = cause.os_error.errno or 0
        return os.strerror(number) if number > 0 else cause.os_error.strerror or str(cause.os_error)
    return str(cause) or type(cause).__name__


def _say_timeout(where: str, timeout_s: float) -> str:
    return f"{where} did not answer within {timeout_s:g} s. Raise timeout_s of the endpoint if its model is that slow."
