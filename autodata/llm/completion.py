"""Reading a server's answer, whatever its dialect: a chat completion in our own words, or its words of error."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import orjson

from autodata.canon import replace_surrogates
from autodata.errors import ProviderFailure
from autodata.llm.reply import Reply
from autodata.model import Usage

_COUNT_MAX = 2**40
"""More tokens than this were never used by one call; a journal's numbers have 64 bits."""

SECRET_MIN = 12
"""Shorter keys are placeholders of servers that need none."""

SHOWN = 300
"""Characters of a server's own text that an error shows."""


_WORDS_MAX = 4000
"""Characters of a server's error that are looked at."""


@dataclass(frozen=True, slots=True)
class ServerError:
    """A server's own words: short for a person, at length for the program, with its code and the field it names."""

    text: str
    words: str = ""
    code: str = ""
    param: str = ""


def parse_completion(content: bytes, where: str, key: str = "none") -> Reply:
    """A chat completion in our own words. Raises ProviderFailure("bad_body") saying what came instead."""
    if not content.strip():
        raise ProviderFailure("bad_body", f"{where} answered 200 with an empty body.", status=200)
    try:
        data = load_json(content)
    except ValueError:
        raise _say_bad_body(f"not JSON: {shorten(content, key)}", where) from None
    if not isinstance(data, dict):
        raise _say_bad_body(f"{type(data).__name__} instead of a chat completion: {shorten(content, key)}", where)
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _say_bad_body(f"no choices: {shorten(content, key)}", where)
    text, thoughts = _read_parts(message.get("content"))
    reply = Reply(
        content=text,
        reasoning=_read_text(message.get("reasoning")) or _read_text(message.get("reasoning_content")) or thoughts,
        finish_reason=_read_text(choice.get("finish_reason")),
        model=_read_text(data.get("model")),
        fingerprint=_read_text(data.get("system_fingerprint")) or None,
        usage=_read_usage(data.get("usage")),
        refusal=_read_text(message.get("refusal")),
    )
    return _clear_key(reply, key)


def read_error(content: bytes, key: str) -> ServerError:
    """What a server said beside an error status; "" in each field it left out. The key is in none of them."""
    words = hide_key(content[: 4 * _WORDS_MAX].decode("utf-8", "replace")[:_WORDS_MAX], key)
    try:
        data = load_json(content)
    except ValueError:
        return ServerError(shorten(content, key), words)
    # Some wrap the error in a list, some nest it twice, some put a list of wrong fields in its place.
    data = data[0] if isinstance(data, list) and data else data
    error = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return ServerError(shorten(str(error), key), words)
    text = error.get("message") or error.get("detail") or content
    shown = shorten(text if isinstance(text, (str, bytes)) else str(text), key)
    return ServerError(shown, words, _read_text(error.get("code")), _read_param(error))


def shorten(text: str | bytes, key: str) -> str:
    """One line of at most SHOWN characters, ended by a full stop or an ellipsis, without the key."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join(_read_text(words).split())
    line = hide_key(line, key)
    if len(line) > SHOWN:
        return line[:SHOWN] + "…"
    return line if not line or line.endswith((".", "!", "?", "…")) else line + "."


def load_json(content: bytes) -> Any:
    """JSON as servers write it: lone surrogates and stray bytes are let through, to be replaced. Raises ValueError."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def hide_key(text: str, key: str) -> str:
    """The text without the key, as it is and as an address spells it."""
    if not key or key == "none":
        return text
    return text.replace(key, "[key]").replace(quote(key, safe=""), "[key]")


def _clear_key(reply: Reply, key: str) -> Reply:
    """A reply that repeats the key it was asked with loses it before anything is recorded, and says so.

    A short one is a placeholder (`EMPTY`, `none`): a word that answers may hold.
    """
    if len(key) < SECRET_MIN:
        return reply
    hidden = replace(
        reply,
        content=hide_key(reply.content, key),
        reasoning=hide_key(reply.reasoning, key),
        finish_reason=hide_key(reply.finish_reason, key),
        model=hide_key(reply.model, key),
        fingerprint=hide_key(reply.fingerprint, key) if reply.fingerprint else None,
        refusal=hide_key(reply.refusal, key),
    )
    if hidden == reply:
        return reply
    return replace(hidden, warnings=(*reply.warnings, "the reply held the endpoint's key, which stands here as [key]"))


def _read_param(error: dict[str, Any]) -> str:
    """The field an error is about: its `param`, or the last name in the place of its first detail."""
    if isinstance(error.get("param"), str):
        return _read_text(error["param"])
    inner = error.get("message") if isinstance(error.get("message"), dict) else error
    detail = inner.get("detail") if isinstance(inner, dict) else None
    first = detail[0] if isinstance(detail, list) and detail else None
    place = first.get("loc") if isinstance(first, dict) else None
    names = [part for part in place if isinstance(part, str) and part != "body"] if isinstance(place, list) else []
    return _read_text(names[0]) if names else ""


def _say_bad_body(what: str, where: str) -> ProviderFailure:
    return ProviderFailure("bad_body", f"{where} answered 200 with {what}", status=200)


def _read_text(value: object) -> str:
    """A string without lone surrogates, which have no UTF-8 form; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else replace_surrogates(value)


def _read_parts(content: object) -> tuple[str, str]:
    """Visible text and thoughts of a message's content: a string, or a list of parts."""
    if not isinstance(content, list):
        return _read_text(content), ""
    visible, thoughts = [], []
    for part in content:
        if isinstance(part, str):
            visible.append(_read_text(part))
        elif isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
            inner = part.get("thinking") or part.get("reasoning") or part.get("text")
            thoughts.append(_read_parts(inner)[0])
        elif isinstance(part, dict):
            visible.append(_read_text(part.get("text")))
    return "".join(visible), "".join(thoughts)


def _read_usage(value: object) -> Usage:
    usage = value if isinstance(value, dict) else {}
    details, sources = usage.get("completion_tokens_details"), usage.get("prompt_tokens_details")
    return Usage(
        prompt_tokens=_read_count(usage.get("prompt_tokens")),
        completion_tokens=_read_count(usage.get("completion_tokens")),
        reasoning_tokens=_read_count(details.get("reasoning_tokens")) if isinstance(details, dict) else None,
        cached_tokens=_read_count(sources.get("cached_tokens")) if isinstance(sources, dict) else None,
    )


def _read_count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _COUNT_MAX else None
