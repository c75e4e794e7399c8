"""Which tasks a view is about, as a value, and its SQL: the only place where filters become WHERE clauses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Scope = Literal["accepted", "last", "all"]
"""`accepted`: accepted tasks only; `last`: one per source, the accepted or else the latest; `all`: every round's."""

DecisionState = Literal["all", "open", "approved", "rejected", "flagged", "skipped"]
"""`open` holds everything without a verdict, skipped tasks included; `flagged` is decided but neither in nor out."""

Order = Literal["risk", "gap", "weak", "strong", "round", "rounds", "newest", "title", "outcome", "decision"]


@dataclass(frozen=True, slots=True)
class Box:
    """A brushed rectangle of the weak × strong map, bounds inclusive, in [0, 1]."""

    weak_min: float = 0.0
    weak_max: float = 1.0
    strong_min: float = 0.0
    strong_max: float = 1.0


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """One view of the tasks. Hashable, so it can key a cache; every field has a neutral default.

    `search` is free text, matched as it is (no wildcards) and without case in question, task id and source title.
    `bands` holds right, easy, hard, inverted and "none" (not measured). Empty tuples mean "any".
    """

    search: str = ""
    bands: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    decision: DecisionState = "all"
    run_id: str | None = None
    source_id: str | None = None
    scope: Scope = "last"
    box: Box | None = None
    parity: str | None = None
    order: Order = "newest"
    descending: bool = True


ORDERS: dict[str, str] = {
    "risk": "v.risk",
    "gap": "v.gap",
    "weak": "v.weak",
    "strong": "v.strong",
    "round": "v.round",
    "rounds": "v.rounds",
    "newest": "v.t",
    "title": "v.title",
    "outcome": "v.outcome",
    "decision": "v.decision",
}
"""Order names to columns; nothing else ever reaches an ORDER BY."""


@dataclass(frozen=True, slots=True)
class Where:
    """SQL that selects a filter's tasks: a FROM with the alias v, a condition, and its named parameters."""

    source: str
    condition: str
    params: dict[str, Any]

    def select(self, columns: str) -> str:
        return f"SELECT {columns} FROM {self.source} WHERE {self.condition}"


def build_where(task_filter: TaskFilter, *, leave_out: tuple[str, ...] = (), wide: bool = False) -> Where:
    """SQL for a filter; `leave_out` names fields to ignore (bands, box, decision, outcomes). `wide`: the columns asked
    for include question, title, rounds or gaps, which every round's task has only after a join."""
    f, params = task_filter, dict[str, Any]()
    parts = ["v.accepted"] if f.scope == "accepted" else ["v.key IS NOT NULL"]
    if f.run_id is not None:
        parts.append("v.run = (SELECT run FROM runs WHERE run_id = $run_id)")
        params["run_id"] = f.run_id
    for column in ("source_id", "parity"):
        if getattr(f, column) is not None:
            parts.append(f"v.{column} = ${column}")
            params[column] = getattr(f, column)
    if f.bands and "bands" not in leave_out:
        parts.append("list_contains($bands, coalesce(v.band, 'none'))")
        params["bands"] = list(f.bands)
    if f.outcomes and "outcomes" not in leave_out:
        parts.append("list_contains($outcomes, v.outcome)")
        params["outcomes"] = list(f.outcomes)
    if f.box is not None and "box" not in leave_out:
        parts.append("v.weak BETWEEN $weak_min AND $weak_max AND v.strong BETWEEN $strong_min AND $strong_max")
        params |= {name: getattr(f.box, name) for name in ("weak_min", "weak_max", "strong_min", "strong_max")}
    search = f.search.strip()
    if search:
        parts.append("(v.question ILIKE $search ESCAPE '!' OR v.title ILIKE $search ESCAPE '!' OR v.task_id = $exact)")
        params |= {"search": f"%{escape_like(search)}%", "exact": search}
    if f.decision != "all" and "decision" not in leave_out:
        parts.append("v.decision IN ('open', 'skipped')" if f.decision == "open" else "v.decision = $decision")
        if f.decision != "open":
            params["decision"] = f.decision
    source = "trajectories"
    if f.scope == "all":
        source = "all_tasks" if wide or search or f.order in ("title", "rounds") else "rounds"
    return Where(f"{source} v", " AND ".join(parts), params)


def order_by(task_filter: TaskFilter) -> str:
    """A total ORDER BY: unmeasured values last, ties by the tasks' keys."""
    return f"{ORDERS[task_filter.order]} {'DESC' if task_filter.descending else 'ASC'} NULLS LAST, v.key, v.run"


def escape_like(text: str) -> str:
    """`text` as a literal for LIKE with ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def cell(column: str, bins: int) -> str:
    """SQL for the lower edge of a column's cell on a grid of `bins` over [0, 1]; 1.0 falls into the last cell."""
    return f"least(floor({column} * {int(bins)}), {int(bins) - 1}) / {int(bins)}"
