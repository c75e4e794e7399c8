"""Which tasks a view is about, as a value, and its SQL: the only place where filters become WHERE clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

Scope = Literal["accepted", "last", "all"]
"""`accepted`: accepted tasks only; `last`: one per source, the accepted or else the latest; `all`: every round's."""

DecisionState = Literal["all", "open", "waiting", "disputed", "approved", "rejected", "flagged", "skipped"]
"""`open` holds everything that still takes a vote, tasks that were skipped or wait for more votes included; `disputed`
takes a lead; `flagged` is decided but neither in nor out."""

OPEN_STATES = ("open", "skipped", "waiting")
"""The states in which a task still takes a vote."""

OPEN = f"({', '.join(repr(state) for state in OPEN_STATES)})"
"""The same as a list in SQL."""

AuditState = Literal["violated", "flagged", "unchecked", "clear"]
"""What the audit comes to: bytes prove it; look at it; some check lacks its records or nobody looked; nothing found."""

Order = Literal[
    "risk", "suspicion", "certified", "gap", "weak", "strong", "round", "rounds", "newest", "title", "outcome",
    "decision",
]  # fmt: skip


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
    `bands` holds right, easy, hard, inverted and "none" (not measured). Empty tuples mean "any". `audit` holds states;
    `detector` keeps tasks with a violation or flag of it; `integrity`, `difficulty` and `validity` are verdicts.
    `commented` keeps tasks with a comment that nobody has settled.
    `model` keeps runs in which it had any seat; `tag` tasks with a tag that holds these words, without case.
    `answers`: the search looks into the recorded answers of weak and strong, too. `round` counts from 1; `cluster` is
    the number that near copies share.
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
    audit: tuple[AuditState, ...] = ()
    detector: str | None = None
    integrity: str | None = None
    difficulty: str | None = None
    validity: str | None = None
    commented: bool = False
    answers: bool = False
    round: int | None = None
    cluster: int | None = None
    model: str | None = None
    tag: str = ""
    order: Order = "newest"
    descending: bool = True


ORDERS: dict[str, str] = {
    "risk": "v.pressing",
    "suspicion": "v.suspicion",
    "certified": "v.certified",
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
"""Order names to columns; nothing else ever reaches an ORDER BY. `pressing` is how much a task needs a look: violations
first, then by suspicion, and by plain facts where nothing is audited."""


@dataclass(frozen=True, slots=True)
class Where:
    """SQL that selects a filter's tasks: a FROM with the alias v, a condition, and its named parameters."""

    source: str
    condition: str
    params: dict[str, Any]

    def select(self, columns: str) -> str:
        return f"SELECT {columns} FROM {self.source} WHERE {self.condition}"


def build_where(
    task_filter: TaskFilter,
    *,
    leave_out: tuple[str, ...] = (),
    wide: bool = False,
    found: Sequence[int] | None = None,
) -> Where:
    """SQL for a filter; `leave_out` names fields to ignore (bands, box, decision, outcomes). `wide`: the columns asked
    for include question, title, rounds or gaps, which every round's task has only after a join. `found`: keys of the
    tasks that a search in answers is known to find."""
    f, params = task_filter, dict[str, Any]()
    parts = ["v.accepted"] if f.scope == "accepted" else ["v.key IS NOT NULL"]
    if f.run_id is not None:
        parts.append("v.run = (SELECT run FROM runs WHERE run_id = $run_id)")
        params["run_id"] = f.run_id
    for column in ("source_id", "parity", "round"):
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
    parts += _build_audit(f, params)
    if f.model is not None:
        parts.append("v.run IN (SELECT run FROM runs WHERE list_contains(json_extract_string(models, '$.*'), $model))")
        params["model"] = f.model
    if f.tag:
        parts.append("v.key IN (SELECT key FROM tasks WHERE tags ILIKE $tag ESCAPE '!')")
        params["tag"] = f"%{escape_like(f.tag)}%"
    if f.commented:
        parts.append("v.key IN (SELECT key FROM threads WHERE open > 0)")
    search = f.search.strip()
    if search:
        within = "v.question ILIKE $search ESCAPE '!' OR v.title ILIKE $search ESCAPE '!' OR v.task_id = $exact"
        if f.answers:
            within += f" OR v.key IN ({FOUND_IN_ANSWERS if found is None else _KEYS})"
            params |= {} if found is None else {"found": list(found)}
        parts.append(f"({within})")
        params |= {"search": f"%{escape_like(search)}%", "exact": search}
    if f.decision != "all" and "decision" not in leave_out:
        parts.append(f"v.decision IN {OPEN}" if f.decision == "open" else "v.decision = $decision")
        if f.decision != "open":
            params["decision"] = f.decision
    source = "trajectories"
    if f.scope == "all":
        source = "all_tasks" if wide or search or f.order in ("title", "rounds") else "rounds"
    return Where(f"{source} v", " AND ".join(parts), params)


def count_where(task_filter: TaskFilter, *, leave_out: tuple[str, ...] = ()) -> Where | None:
    """SQL for the counts kept of a filter's tasks (`sum(v.n)`), whose cost hardly grows with them; None where the
    filter asks for more than they are kept by."""
    neutral = {field.name: field.default for field in fields(TaskFilter) if field.name not in _COUNTED}
    if any(getattr(task_filter, name) != value for name, value in neutral.items()):
        return None
    where = build_where(task_filter, leave_out=leave_out)
    _, _, rest = where.condition.partition(" AND ")
    scope = "v.scope = 'all'" if task_filter.scope == "all" else "v.scope = 'last'"
    accepted = " AND v.outcome = 'accepted'" if task_filter.scope == "accepted" else ""
    return Where("piles v", f"{scope}{accepted}{' AND ' if rest else ''}{rest}", where.params)


def order_by(task_filter: TaskFilter) -> str:
    """A total ORDER BY: unmeasured values last, ties by the tasks' keys."""
    return f"{ORDERS[task_filter.order]} {'DESC' if task_filter.descending else 'ASC'} NULLS LAST, v.key, v.run"


def _build_audit(f: TaskFilter, params: dict[str, Any]) -> list[str]:
    """The conditions of the audit's fields; a task without an audit is unchecked in every respect."""
    tests = []
    if f.audit:
        tests.append("list_contains($audit, v.audit)")
        params["audit"] = list(f.audit)
    for column, unchecked in UNCHECKED.items():
        value = getattr(f, column)
        if value is not None:
            tests.append(f"v.{column} IN ('', ${column})" if value == unchecked else f"v.{column} = ${column}")
            params[column] = value
    if f.detector is not None:
        tests.append("v.key IN (SELECT key FROM findings WHERE detector = $detector AND severity <> 'note')")
        params["detector"] = f.detector
    if f.cluster is not None:
        tests.append("v.cluster = $cluster")
        params["cluster"] = f.cluster
    return tests


_COUNTED = ("scope", "order", "descending", "run_id", "outcomes", "decision", "audit", "parity", "difficulty")
"""Fields of a filter that the counts kept at ingest are by, or that change no count."""

UNCHECKED = {"integrity": "incomplete", "difficulty": "unchecked", "validity": "unchecked"}
"""The axes of a verdict, and what each is where nobody looked."""


FOUND_IN_ANSWERS = """
    WITH found AS MATERIALIZED (SELECT no FROM texts WHERE text ILIKE $search ESCAPE '!')
    SELECT k.key FROM rollouts r JOIN tasks k ON k.run = r.run AND k.task_id = r.task_id
    WHERE r.text_no IN (FROM found)
    UNION ALL
    SELECT k.key FROM sources s JOIN tasks k ON k.run = s.run AND k.source_id = s.source_id
    WHERE s.text_no IN (FROM found)
"""
"""SQL for the keys of tasks with a search in their recorded answers or their source."""


_KEYS = "SELECT unnest($found::UBIGINT[])"


def escape_like(text: str) -> str:
    """`text` as a literal for LIKE with ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def cell(column: str, bins: int) -> str:
    """SQL for the lower edge of a column's cell on a grid of `bins` over [0, 1]; 1.0 falls into the last cell."""
    return f"least(floor({column} * {int(bins)}), {int(bins) - 1}) / {int(bins)}"
