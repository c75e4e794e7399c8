"""What the audit says of everything that was accepted, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.database import Index
from autodata.index.queries.filters import OPEN


@dataclass(frozen=True, slots=True)
class AlarmTotals:
    """Counts over accepted tasks. `certified_gap` is the mean over `certified` tasks; `refuted` of them are not real.

    `open_violations` wait for a decision; `passed_unseen` were approved by a decision that did not see their violation.
    """

    audited: int
    violations: int
    open_violations: int
    open_flags: int
    certified: int
    certified_gap: float | None
    refuted: int
    passed_unseen: int


def load_alarms(index: Index) -> AlarmTotals:
    """What the audit says of everything that was accepted."""
    return index.remember(("alarms",), lambda: _count_alarms(index))


def is_audit_pending(index: Index, run_id: str) -> bool:
    """Whether the audit of a run still has accepted tasks before it."""
    rows = index.query(
        "SELECT a.audited < a.tasks FROM run_audits a JOIN runs u ON u.run = a.run WHERE u.run_id = ?", [run_id]
    )
    return bool(rows[0][0]) if rows else True


def _count_alarms(index: Index) -> AlarmTotals:
    row = index.records(_ALARMS)[0]
    row["passed_unseen"] = index.query(_PASSED_UNSEEN)[0][0] if row["violations"] > row["open_violations"] else 0
    return AlarmTotals(**row)


_ALARMS = f"""
SELECT coalesce(sum(n), 0)::BIGINT AS audited, coalesce(sum(n) FILTER (audit = 'violated'), 0)::BIGINT AS violations,
    coalesce(sum(n) FILTER (audit = 'violated' AND decision IN {OPEN}), 0)::BIGINT AS open_violations,
    coalesce(sum(n) FILTER (audit = 'flagged' AND decision IN {OPEN}), 0)::BIGINT AS open_flags,
    coalesce(sum(certified), 0)::BIGINT AS certified, sum(certified_gap) / nullif(sum(certified), 0) AS certified_gap,
    coalesce(sum(n) FILTER (difficulty = 'not_real'), 0)::BIGINT AS refuted
FROM piles WHERE scope = 'last' AND outcome = 'accepted' AND audited AND run NOT IN (FROM planted)
"""

_PASSED_UNSEEN = """
SELECT count(*) FROM (SELECT key FROM audits WHERE violations > 0 AND run NOT IN (FROM planted)) a
JOIN verdicts d ON d.key = a.key AND d.state = 'approved'
JOIN decisions x ON x.decision_id = d.decision_id
WHERE coalesce(json_extract_string(x.seen, '$.violations')::DOUBLE, 0) = 0
"""
