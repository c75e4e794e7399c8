"""What a person typed or pressed, checked before it becomes a record."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from numbers import Real
from typing import Any

from autodata.errors import BadInput

VERDICTS = ("approve", "reject", "flag", "skip")

REASONS = (
    "Request differs",
    "Luck",
    "Leak",
    "Rubric quirk",
    "Judge",
    "Cut off",
    "Not valid",
    "Duplicate",
    "Other",
)
"""Why a task is flagged or rejected, in the order of the keys 1-9."""

_NOTE_MAX = 10_000
_NAME_MAX = 80
_JOINERS = {"\u200c", "\u200d"}
"""Invisible, but part of correct spelling in some scripts."""


def check_verdict(verdict: str) -> str:
    """`verdict` when it is one a reviewer can give; raises BadInput listing them."""
    if verdict not in VERDICTS:
        raise BadInput(f"verdict {verdict!r} is unknown; choose one of {', '.join(VERDICTS)}")
    return verdict


def check_reason(reason: str, verdict: str) -> str:
    """The reason as REASONS spells it, or "". Raises BadInput for another one, and for a flag without one."""
    wanted = reason.strip().casefold()
    if not wanted:
        if verdict == "flag":
            raise BadInput(f"a flag needs a reason; choose one of {', '.join(REASONS)}")
        return ""
    for known in REASONS:
        if known.casefold() == wanted:
            return known
    raise BadInput(f"reason {reason!r} is unknown; choose one of {', '.join(REASONS)}, and use the note for more")


def check_reviewer(name: str) -> str:
    """A name without outer spaces, in one Unicode form so that one person is one reviewer. Raises BadInput."""
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean:
        raise BadInput("a decision needs the reviewer's name; give it with --reviewer, or in the page's sidebar")
    if len(clean) > _NAME_MAX:
        raise BadInput(f"the reviewer's name has {len(clean)} characters; at most {_NAME_MAX} are kept")
    hidden = [character for character in clean if _is_hidden(character)]
    if hidden:
        raise BadInput(f"the reviewer's name holds a control character (U+{ord(hidden[0]):04X}); leave it out")
    return clean


def check_note(note: str) -> str:
    """The note without outer space; raises BadInput when it is longer than the journal should carry."""
    clean = note.strip()
    if len(clean) > _NOTE_MAX:
        raise BadInput(f"the note has {len(clean):,} characters; at most {_NOTE_MAX:,} are kept")
    return clean


def check_seconds(seconds: float | None) -> float | None:
    """Time on the item in seconds, to a tenth; None when it was not measured or makes no sense."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return None
    return round(float(seconds), 1)


def clean_seen(seen: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was on screen as plain JSON values: numbers of any library become floats, NaN becomes None."""
    return {str(key): _to_plain(value) for key, value in (seen or {}).items()}


def _to_plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return str(value)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _JOINERS
