"""Cells as text: what counts as missing, what can be read as text, and conversations as prompt and reply."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from autodata.canon import replace_surrogates
from autodata.items.row import MAX_TEXT_CHARS
from autodata.sources.document import Unreadable

_USER, _ASSISTANT, _SYSTEM = {"user", "human"}, {"assistant", "gpt", "model", "bot"}, {"system", "developer"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a list of messages comes to: the last question, what stands before it, and the reply if there is one."""

    prompt: str
    system: str = ""
    earlier: str = ""
    reply: str = ""


def is_missing(value: Any) -> bool:
    """None, a blank text, an empty list or object, and NaN, which tables write for a missing value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return not value.strip() if isinstance(value, str) else isinstance(value, list | dict | tuple) and not value


def read_text(value: Any, what: str) -> str:
    """Text as it stands, a number or truth value as it is written, "" where it is missing.

    Raises Unreadable for anything else, for binary data, and for more than one item may hold.
    """
    if is_missing(value):
        return ""
    if isinstance(value, list) and len(value) == 1:
        return read_text(value[0], what)
    if isinstance(value, bool | int | float | Decimal):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, str):
        remedy = " (name one of its parts, e.g. column.text.0)" if isinstance(value, list | dict) else ""
        raise Unreadable(f"its {what} is a {type(value).__name__}, not text{remedy}")
    if "\0" in value:
        raise Unreadable(f"its {what} holds binary data")
    if len(value) > MAX_TEXT_CHARS:
        raise Unreadable(f"its {what} has {len(value):,} characters; {MAX_TEXT_CHARS:,} are the most")
    return str(replace_surrogates(value))


def find_messages(value: Any) -> list[dict[str, Any]] | None:
    """The messages of a conversation, given as a list or as its JSON; None for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("[") and len(value) <= 4 * MAX_TEXT_CHARS:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, list) or not value or not all(isinstance(message, dict) for message in value):
        return None
    return value if all("role" in message or "from" in message for message in value) else None


def read_conversation(messages: list[dict[str, Any]]) -> Conversation:
    """Split a conversation at its last question. Raises Unreadable where there is none, or where it is not all text."""
    turns: list[tuple[str, str]] = []
    system: list[str] = []
    for message in messages:
        role = str(message.get("role") or message.get("from")).casefold()
        text = _read_content(message.get("content", message.get("value")))
        if role in _SYSTEM:
            system.append(text)
        elif role in _USER | _ASSISTANT:
            turns.append(("User" if role in _USER else "Assistant", text))
        else:
            raise Unreadable(f"its conversation has a turn of {role[:40]!r}; only user, assistant and system are read")
    reply = turns.pop()[1] if turns and turns[-1][0] == "Assistant" else ""
    if not turns or turns[-1][0] != "User":
        raise Unreadable("its conversation has no question of a user at its end")
    earlier = "\n\n".join(f"{speaker}: {text}" for speaker, text in turns[:-1])
    return Conversation(turns[-1][1], "\n\n".join(filter(None, system)), earlier, reply)


def _read_content(content: Any) -> str:
    """A message's text; parts are joined. Images and calls of tools cannot be asked of a text model."""
    if not isinstance(content, list):
        return read_text(content, "message")
    parts = [part.get("text") if isinstance(part, dict) else part for part in content]
    if not all(isinstance(part, str) for part in parts):
        raise Unreadable("its conversation holds an image or another part that is not text")
    return read_text("\n".join(str(part) for part in parts), "message")
