"""What reviewers did: their own votes, their pace, and what they say of the judge. Planted tasks are left out."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autodata.index.database import Index
from autodata.index.staging import task_key

DAYS = 14
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class ReviewerWork:
    """One reviewer's work. `votes` stand on that many tasks; `decided` and `skipped` count records, undone ones too.

    `seconds` is the median time on a task over what was decided one by one, `approval_seconds` over its `approvals`;
    both None where nothing was timed. `days` are decisions per day, the last one today, oldest first. `last` in epoch
    seconds.
    """

    reviewer: str
    votes: int
    decided: int
    skipped: int
    seconds: float | None
    approvals: int
    approval_seconds: float | None
    days: tuple[int, ...]
    last: float


@dataclass(frozen=True, slots=True)
class CriterionCheck:
    """What a person says of one verdict of the judge: `met` theirs, `judged` the judge's, both from 0 to 1."""

    task_id: str
    solver: str
    index: int
    criterion_id: str
    judged: float
    met: float
    reviewer: str


def list_own_votes(index: Index) -> dict[str, dict[str, str]]:
    """Task to reviewer to the verdict that they gave before they could know of another's."""
    found: dict[str, dict[str, str]] = {}
    for task_id, reviewer, own in index.query(
        """SELECT task_id, reviewer, own FROM votes WHERE own <> '' AND key NOT IN (SELECT key FROM canaries)
        ORDER BY task_id, reviewer"""
    ):
        found.setdefault(task_id, {})[reviewer] = own
    return found


def list_work(index: Index) -> tuple[ReviewerWork, ...]:
    """Everybody who decided anything, by name."""
    today = int(time.time() // DAY_S)
    votes = dict(index.query(f"SELECT reviewer, count(DISTINCT key) FROM votes WHERE {_REAL} GROUP BY 1"))
    days: dict[str, dict[int, int]] = {}
    for name, day, n in index.query(
        f"""SELECT reviewer, floor(t / {DAY_S})::BIGINT, count(*) FROM decisions
        WHERE {_REAL} AND {_DECIDED} AND t >= ? GROUP BY ALL""",
        [(today - DAYS + 1) * DAY_S],
    ):
        days.setdefault(name, {})[day] = n
    return tuple(
        ReviewerWork(
            votes=votes.get(row["reviewer"], 0),
            days=tuple(days.get(row["reviewer"], {}).get(today - back, 0) for back in range(DAYS - 1, -1, -1)),
            **row,
        )
        for row in index.records(_WORK)
    )


def list_criterion_checks(index: Index) -> list[CriterionCheck]:
    """What people say of the judge's verdicts, each person's latest word on each."""
    rows = index.query(
        f"""SELECT task_id, solver, idx, criterion_id, judged, met, reviewer FROM criterion_checks WHERE {_REAL}
        QUALIFY row_number() OVER (PARTITION BY key, solver, idx, criterion_id, reviewer ORDER BY seq DESC) = 1
        ORDER BY task_id, solver, idx, criterion_id, reviewer"""
    )
    return [CriterionCheck(*row) for row in rows]


def find_criterion_checks(index: Index, task_id: str, reviewer: str) -> dict[tuple[str, int, str], float]:
    """What this person has said of the verdicts on a task's answers: solver, index and criterion to 0 to 1."""
    rows = index.query(
        """SELECT solver, idx, criterion_id, met FROM criterion_checks WHERE key = ? AND task_id = ? AND reviewer = ?
        ORDER BY seq""",
        [task_key(task_id), task_id, reviewer],
    )
    return {(solver, number, criterion_id): met for solver, number, criterion_id, met in rows}


_REAL = "key NOT IN (SELECT key FROM canaries)"
_DECIDED = "verdict IN ('approve', 'reject', 'flag')"
_WORK = f"""
SELECT reviewer, count(*) FILTER ({_DECIDED}) AS decided, count(*) FILTER (verdict = 'skip') AS skipped,
    median(seconds_on_item) FILTER ({_DECIDED}) AS seconds,
    count(seconds_on_item) FILTER (verdict = 'approve') AS approvals,
    median(seconds_on_item) FILTER (verdict = 'approve') AS approval_seconds, max(t) AS last
FROM decisions WHERE verdict <> 'undo' AND {_REAL} GROUP BY reviewer ORDER BY reviewer
"""
