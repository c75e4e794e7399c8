"""What the index has read: every journal with how far it was taken in and whether it is intact."""

from __future__ import annotations

from dataclasses import dataclass

from autodata.index.database import Index


@dataclass(frozen=True, slots=True)
class JournalState:
    """One journal. `position` in bytes; `damage` is the sentence that says what is wrong, "" when nothing is."""

    name: str
    records: int
    position: int
    damage: str


def list_journals(index: Index) -> list[JournalState]:
    """All journals, damaged ones first, the reviews before the runs, runs newest first."""
    rows = index.query(
        """SELECT j.name, j.records, j.position, j.damage FROM journals j LEFT JOIN runs u ON u.run = j.run
        ORDER BY j.damage = '', j.name LIKE 'runs/%', u.started DESC NULLS LAST, j.name"""
    )
    return [JournalState(*row) for row in rows]
