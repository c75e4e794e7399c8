"""The OpenAI-compatible client: one attempt, one reply or one classified failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
import orjson

from autodata.canon import replace_surrogates, to_canonical_json
from autodata.errors import BadInput, ProviderFailure
from autodata.llm.completion import ServerError, parse_completion, read_error
from autodata.llm.counts import find_count_warnings
from autodata.llm.failures import (
    NETWORK_ERRORS,
    classify_network_error,
    classify_status,
    describe_place,
    explain_missing_model,
    say_timeout,
)
from autodata.llm.quirks import QuirkMemory, adapt_body, describe_adaptations, explain_conflict, read_refusal
from autodata.llm.replicas import ReplicaPool, ServerLoad
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat, read_key

REPLY_BYTES_MAX = 64 * 2**20
"""No chat completion is larger. What a server sent compressed although it was not asked to may have a sixty-fourth."""

CONNECT_S = 15.0
"""Longest wait for a connection, in seconds; a server that takes longer is down."""


@dataclass(frozen=True, slots=True)
class _Connection:
    client: openai.AsyncOpenAI
    address: str


@dataclass(frozen=True, slots=True)
class _Servers:
    """The servers of one endpoint: who gets the next call, and the way to each by its base URL."""

    pool: ReplicaPool
    connections: Mapping[str, _Connection]


class OpenAITransport:
    """Sends chat bodies to OpenAI-compatible servers, one pooled client each. Use in one event loop, close it.

    `addresses` maps endpoint names to real base URLs; it is how simulated endpoints are reached. `quirks` is what is
    known about what servers refuse; without one it is found out anew.
    """

    def __init__(self, addresses: Mapping[str, str] | None = None, quirks: QuirkMemory | None = None) -> None:
        self._addresses = dict(addresses or {})
        self._quirks = quirks or QuirkMemory()
        self._servers: dict[str, _Servers] = {}

    async def send(self, endpoint: Endpoint, seat: Seat, body: dict[str, Any], *, role: str = "") -> Reply:
        """One attempt; `endpoint.timeout_s` bounds it as a whole. `role` is a solver's or another's.

        What the server is known to refuse is changed in the body first; reply and failure name what was. Raises
        ProviderFailure for everything that is not a usable chat completion; BadInput when the key or the simulated
        server's address is missing.
        """
        servers = self._servers.get(seat.endpoint) or self._connect(seat.endpoint, endpoint)
        sent, adapted = adapt_body(body, self._quirks.find(endpoint, seat.model, role))
        replica = await servers.pool.enter()
        connection = servers.connections[replica.base_url]
        # Where there is only one, the endpoint's name says it all.
        server = connection.address if endpoint.replicas else ""
        try:
            with servers.pool.hold(replica):
                reply = await self._post(connection, endpoint, seat, sent, role)
        except ProviderFailure as failure:
            failure.adapted, failure.server = adapted, server
            raise
        warnings = find_count_warnings(sent, reply.usage)
        if adapted or warnings or server:
            return replace(reply, adapted=adapted, warnings=(*reply.warnings, *warnings), server=server)
        return reply

    async def _post(
        self, connection: _Connection, endpoint: Endpoint, seat: Seat, sent: dict[str, Any], role: str
    ) -> Reply:
        client, where = connection.client, describe_place(connection.address, role)
        try:
            async with asyncio.timeout(endpoint.timeout_s):
                # Raw bytes both ways: the client's own models cost more than the rest of a call.
                response = await client.post("/chat/completions", cast_to=httpx2.Response, content=encode_body(sent))
        except TimeoutError:
            raise ProviderFailure("timeout", say_timeout(where, endpoint.timeout_s)) from None
        except openai.APIStatusError as error:
            said = read_error(error.response.content, client.api_key)
            failure = classify_status(error.response, said, where, seat.model, role)
            if failure.kind == "not_found":
                raise await explain_missing_model(failure, client, where, seat.model, role) from None
            raise self._find_way_out(failure, said, endpoint, seat, sent, role) from None
        except NETWORK_ERRORS as error:
            raise classify_network_error(error, where, endpoint.timeout_s, client.api_key) from None
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

    def list_servers(self) -> tuple[ServerLoad, ...]:
        """The load of every server that shares its endpoint with others, by address."""
        return tuple(
            replace(load, server=servers.connections[load.server].address)
            for name, servers in self._servers.items()
            if len(servers.connections) > 1
            for load in servers.pool.list_loads(name)
        )

    async def close(self) -> None:
        """Close all connections. Safe to call twice."""
        servers, self._servers = self._servers, {}
        for one in servers.values():
            for connection in one.connections.values():
                await connection.client.close()

    def _connect(self, name: str, endpoint: Endpoint) -> _Servers:
        if endpoint.simulated and name not in self._addresses:
            raise BadInput(f"endpoint {name} is played by the simulated server, which is not running")
        base_urls = (self._addresses.get(name, endpoint.base_url), *endpoint.replicas)
        key = read_key(endpoint, name)
        connections = {base_url: _open_connection(base_url, name, endpoint, key) for base_url in base_urls}
        self._servers[name] = _Servers(ReplicaPool(tuple(connections), endpoint.concurrency), connections)
        return self._servers[name]


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


def _open_connection(base_url: str, name: str, endpoint: Endpoint, key: str) -> _Connection:
    try:
        return _Connection(_make_client(base_url, endpoint, key), find_address(base_url))
    except (ValueError, httpx2.InvalidURL) as error:
        hint = "give http://HOST:PORT/v1"
        raise BadInput(f"endpoint {name}: {base_url!r} is not an address ({error}); {hint}") from error


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
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound_reply]},
    )
    return openai.AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=timeout, http_client=http_client)


async def _bound_reply(response: httpx2.Response) -> None:
    """Called before a reply's body is read: a server cannot fill the memory."""
    encoded = response.headers.get("content-encoding", "identity") != "identity"
    most = REPLY_BYTES_MAX // 64 if encoded else REPLY_BYTES_MAX
    response.stream = _BoundedStream(response.stream, most)


class _BoundedStream(httpx2.AsyncByteStream):
    """A body that ends with an error after `most` bytes."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._most = stream, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for chunk in self._stream:
            taken += len(chunk)
            if taken > self._most:
                raise aiohttp.ClientPayloadError(f"its reply has more than {self._most // 2**20} MB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
