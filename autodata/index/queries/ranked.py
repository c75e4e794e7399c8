"""An order over tasks, walked from one to the next: each step is a scan of few columns, and nothing is sorted whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from autodata.index.database import Index
from autodata.index.staging import task_key


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task stands: by `a`, and among equals by its key."""

    run: int
    key: int
    a: Any


@dataclass(frozen=True, slots=True)
class Ranked:
    """The tasks `v` of a source under a condition, in the ascending order of an expression and of their keys. `waits`
    is the condition under which one of them still waits, with the parameters `waiting`."""

    source: str
    condition: str
    order: str
    waits: str
    params: dict[str, Any]
    waiting: dict[str, Any] = field(default_factory=dict)

    def find_place(self, index: Index, task_id: str) -> Place | None:
        """Where a task stands; None when the order does not hold it."""
        rows = self._query(index, f"{self._places()} AND v.key = $here LIMIT 1", {"here": task_key(task_id)})
        return Place(*rows[0]) if rows else None

    def list_beside(
        self, index: Index, here: Place | None, sign: Literal["<", ">"], *, waiting: bool = False, limit: int = 1
    ) -> list[Place]:
        """The nearest places on one side of `here`, or from the end of the order on that side when it is None."""
        params, parts = dict[str, Any](), ""
        if here is not None:
            parts = f" AND {self.order} {sign}= $a AND ({self.order} {sign} $a OR v.key {sign} $here)"
            params = {"a": here.a, "here": here.key}
        if waiting:
            parts += f" AND {self.waits}"
            params |= self.waiting
        way = "ASC" if sign == ">" else "DESC"
        rows = self._query(index, f"{self._places()}{parts} ORDER BY a {way}, v.key {way} LIMIT {int(limit)}", params)
        return [Place(*row) for row in rows]

    def count_before(self, index: Index, place: Place) -> int:
        """How many tasks stand before a place."""
        sql = f"""SELECT count(*) FROM {self.source} WHERE {self.condition} AND {self.order} <= $a
            AND ({self.order} < $a OR v.key < $here)"""
        return int(self._query(index, sql, {"a": place.a, "here": place.key})[0][0])

    def _places(self) -> str:
        return f"SELECT v.run, v.key, {self.order} AS a FROM {self.source} WHERE {self.condition}"

    def _query(self, index: Index, sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        return index.query(sql, self.params | params)
