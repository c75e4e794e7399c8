"""A run's log as its page shows it: sources that ended, the run's own end, calls that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodata.index.database import Index
from autodata.index.queries.cards import RunCard


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the run's log: epoch seconds, journal kind, sentence."""

    t: float
    kind: str
    sentence: str


def list_events(index: Index, run: int, card: RunCard, limit: int = 12) -> tuple[Event, ...]:
    """The latest ends of sources, and the run's own end, newest first."""
    rows = index.query(
        """SELECT source_id, t, outcome, accepted_round, rounds, reason FROM results WHERE run = ?
        ORDER BY seq DESC LIMIT ?""",
        [run, limit],
    )
    titles = _load_titles(index, run, [row[0] for row in rows])
    events = [Event(t, "source_done", _describe_end(titles.get(own, own), *rest)) for own, t, *rest in rows]
    if card.state != "running":
        events.insert(0, Event(card.last, "run_ended", f"{card.state}: {card.reason}" if card.reason else card.state))
    return tuple(events[:limit])


def list_last_errors(index: Index, run: int) -> tuple[Event, ...]:
    """The latest calls that failed, newest first."""
    return tuple(Event(t, "call", sentence) for t, sentence in index.query(_LAST_ERRORS, [run]))


def _load_titles(index: Index, run: int, sources: Sequence[str]) -> dict[str, str]:
    if not sources:
        return {}
    marks = ", ".join("?" * len(sources))
    sql = f"SELECT source_id, title FROM sources WHERE run = ? AND source_id IN ({marks})"
    return dict(index.query(sql, [run, *sources]))


def _describe_end(title: str, outcome: str, accepted_round: int | None, rounds: int, reason: str) -> str:
    if outcome == "accepted":
        return f"{title}: accepted in round {accepted_round}"
    if outcome == "skipped":
        return f"{title}: unsuitable ({reason})"
    if outcome == "exhausted" and rounds == 1:
        return f"{title}: {_ONE_ROUND.get(reason, 'exhausted after 1 round')}"
    words = f"{title}: {outcome} after {rounds} {'round' if rounds == 1 else 'rounds'}"
    return f"{words} ({reason})" if reason and outcome != "exhausted" else words


_ONE_ROUND = {"single-shot baseline": "measured once", "the given task did not pass": "not accepted"}
"""What an exhausted source of a single round is called, by the recorded reason."""


_LAST_ERRORS = """SELECT t, role || ': ' || error_kind || coalesce(' ' || error_status::VARCHAR, '')
    || coalesce(': ' || error_message[:200], '')
FROM calls WHERE run = ? AND error_kind IS NOT NULL ORDER BY seq DESC LIMIT 5"""
