"""What a failed attempt means: the server's status, its words or the network's error as one classified failure."""

from __future__ import annotations

import asyncio
import email.utils
import os
import re
import time
from collections.abc import Mapping

import aiohttp
import httpx2
import openai

from autodata.errors import ProviderFailure
from autodata.llm.completion import ServerError, hide_key, load_json, shorten

MODELS_S = 10.0
"""Longest wait for the list of models after a 404, in seconds."""

_TOO_LONG = re.compile(r"maximum context length|max_model_len|context (window|length)|prompt is too long", re.I)

NETWORK_ERRORS = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError, EOFError)


def classify_status(
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


async def explain_missing_model(
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


def classify_network_error(error: BaseException, where: str, timeout_s: float, key: str) -> ProviderFailure:
    """The client reports dropped connections as timeouts; aiohttp's own error below it tells them apart."""
    cause: BaseException = error
    while cause.__cause__ is not None and not isinstance(cause, aiohttp.ClientError):
        cause = cause.__cause__
    if isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        reason = shorten(_name_reason(cause), key)
        remedy = "It is down or the address is wrong: start it or change base_url."
        return ProviderFailure("connection", f"{where} cannot be reached: {reason} {remedy}")
    if isinstance(cause, TimeoutError):
        return ProviderFailure("timeout", say_timeout(where, timeout_s))
    reason = shorten(_name_reason(cause), key)
    message = f"{where} broke the connection: {reason} If it goes on, check that it still runs."
    return ProviderFailure("connection", message)


def say_timeout(where: str, timeout_s: float) -> str:
    return f"{where} did not answer within {timeout_s:g} s. Raise timeout_s of the endpoint if its model is that slow."


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


async def _list_models(client: openai.AsyncOpenAI) -> list[str] | None:
    try:
        async with asyncio.timeout(MODELS_S):
            response = await client.get("/models", cast_to=httpx2.Response)
        return [hide_key(str(model["id"]), client.api_key)[:100] for model in load_json(response.content)["data"]]
    except (*NETWORK_ERRORS, ValueError, KeyError, TypeError):
        return None


def _name_reason(cause: BaseException) -> str:
    if isinstance(cause, aiohttp.ClientPayloadError) and "not completed" in str(cause):
        return "it hung up in the middle of its reply"
    if isinstance(cause, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    if isinstance(cause, aiohttp.ClientConnectorError) and not isinstance(cause, aiohttp.ClientSSLError):
        # aiohttp words a failed attempt on several addresses at length; the system's own word is enough.
        number = cause.os_error.errno or 0
        return os.strerror(number) if number > 0 else cause.os_error.strerror or str(cause.os_error)
    return str(cause) or type(cause).__name__
