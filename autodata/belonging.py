"""Does a journal lie where it belongs? Its chain may hold and it may still be another run's, put here by hand.

What a journal is about stands in its first record, so one look at that is enough.
"""

from __future__ import annotations

from pathlib import Path

from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.journal import Record, read_records

DECISIONS = "decisions"
_BEGINNINGS = {"run_started": "run", "audit_started": "the audits of run"}
"""Kinds of a first record that says whose journal it begins, with the words for it."""


def explain_stranger(home: Home, path: Path) -> str:
    """Why the journal at `path` is not what its place in the home says, with the remedy; "" when it is.

    A journal that cannot be read is no stranger: its damage is told by whoever reads it.
    """
    try:
        first = next(read_records(path), None)
    except (JournalDamaged, OSError):
        return ""
    return "" if first is None else explain_first(home, path, first)


def explain_first(home: Home, path: Path, first: Record) -> str:
    """The same, for a journal whose first record is known."""
    place, found = _name_place(home, path), _name_content(first)
    if not place or not found or place == found or _is_planted(home, path):
        return ""
    return (
        f"{path} holds the records of {found}, not {place}. Put the right file back, from a copy of the "
        "home (`autodata restore`), or take this one away. Nothing was added to it."
    )


def require_own(home: Home, path: Path) -> None:
    """Raise JournalDamaged for a journal that belongs elsewhere."""
    if problem := explain_stranger(home, path):
        raise JournalDamaged(problem)


def _name_place(home: Home, path: Path) -> str:
    """What a place in the home is for; "" where anything may lie."""
    if path == home.reviews:
        return DECISIONS
    owner = path.parent.name
    for folder, words in ((home.runs, "run"), (home.audits, "the audits of run")):
        if path.parent.parent == folder:
            return f"{words} {owner}"
    return ""


def _name_content(first: Record) -> str:
    """Whose journal a first record begins; "" where it does not say."""
    if first.kind == "optimization_started":
        return "a search for recipes"
    words, owner = _BEGINNINGS.get(first.kind), first.data.get("run_id")
    return f"{words} {owner}" if words and owner else ""


def _is_planted(home: Home, path: Path) -> bool:
    """Whether it is a run of canaries, which is a copy on purpose and says so in the decisions alone."""
    if path == home.reviews:
        return False
    named = (record.data.get("run_id") for record in read_records(home.reviews) if record.kind == "canaries")
    return path.parent.name in named
