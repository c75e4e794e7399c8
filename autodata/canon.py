"""Canonical bytes and hashes: one way to turn a value into bytes, one way to name bytes."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import orjson

_SURROGATES = re.compile("[\ud800-\udfff]")


def to_canonical_json(value: Any) -> bytes:
    """Compact JSON with sorted keys, UTF-8. Equal values give equal bytes; lone surrogates become U+FFFD.

    Raises TypeError for values JSON has no form for (NaN becomes null, as in orjson).
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return orjson.dumps(replace_surrogates(value), option=orjson.OPT_SORT_KEYS)


def replace_surrogates(value: Any) -> Any:
    """`value` with U+FFFD for lone surrogates, which model text may hold and which have no UTF-8 form."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {str(replace_surrogates(key)): replace_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_surrogates(item) for item in value]
    return value


def hash_value(value: Any) -> str:
    """SHA-256 hex of the canonical JSON of `value`."""
    return hashlib.sha256(to_canonical_json(value)).hexdigest()


def hash_text(text: str) -> str:
    """SHA-256 hex of the UTF-8 bytes of `text`; lone surrogates are kept as such bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derive_seed(*parts: object) -> int:
    """A 31-bit seed that depends on every part: independent per rollout, the same on resume."""
    return int(hash_text("\x1f".join(str(part) for part in parts))[:8], 16) & 0x7FFFFFFF
