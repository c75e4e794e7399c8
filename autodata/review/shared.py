"""The reviews journal as this process knows it: folded once, and then only what others appended since."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from autodata.belonging import explain_first
from autodata.errors import JournalDamaged
from autodata.home import Home
from autodata.journal import read_records
from autodata.review.fold import CurrentDecision, DecisionState
from autodata.review.team import ALONE, Team, parse_team
from autodata.votes import Settlement


@dataclass(slots=True)
class Reviews:
    """The fold up to byte `end` of one journal file, told apart from a replaced one by its inode."""

    inode: int = 0
    end: int = 0
    state: DecisionState = field(default_factory=DecisionState)
    team: Team = ALONE


_cache: dict[str, Reviews] = {}
_lock = Lock()


def read_reviews(home: Home) -> Reviews:
    """Everything in the journal by now. The value goes on changing with later calls of this process."""
    with _lock:
        return _refresh(home)


def current_decisions(home: Home) -> dict[str, CurrentDecision]:
    """The decisions in force by task id, in a copy of the caller's own."""
    with _lock:
        return dict(_refresh(home).state.current)


def list_standing(home: Home) -> tuple[CurrentDecision, ...]:
    """Every decision that was not undone, second opinions and votes included, in the order of the journal."""
    with _lock:
        return tuple(_refresh(home).state.by_id.values())


def list_people(home: Home) -> frozenset[str]:
    """Everybody who has decided something that stands."""
    with _lock:
        return frozenset(decision.reviewer for decision in _refresh(home).state.by_id.values())


def find_standing(home: Home, task_id: str, reviewer: str) -> tuple[Settlement, CurrentDecision | None]:
    """What a task's votes come to by now, and this reviewer's own vote."""
    with _lock:
        state = _refresh(home).state
        return state.settle(task_id), state.find_vote(task_id, reviewer)


def forget_reviews() -> None:
    """Read every journal from its start the next time."""
    with _lock:
        _cache.clear()


def _refresh(home: Home) -> Reviews:
    path = home.reviews
    try:
        status = path.stat()
    except FileNotFoundError:
        _cache.pop(str(path), None)
        return Reviews()
    known = _cache.get(str(path))
    if known is None or known.inode != status.st_ino or known.end > status.st_size:
        known = _cache[str(path)] = Reviews(inode=status.st_ino)
    for record in read_records(path, known.end):
        if known.end == 0 and (problem := explain_first(home, path, record)):
            raise JournalDamaged(problem)
        known.state.apply(record)
        if record.kind == "team":
            known.team = parse_team(record.data)
        known.end = record.end
    return known
