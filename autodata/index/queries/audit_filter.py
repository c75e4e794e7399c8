"""Which audited tasks a view of the Audit page is about, as a value, and its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from autodata.index.marks import AUDIT_STATE

Kind = Literal["request", "cluster"]
KINDS: tuple[Kind, ...] = ("request", "cluster")

_VERDICTS = {
    "alarm": "a.severity IN ('violation', 'flag')",
    "violation": "a.severity = 'violation'",
    "flag": "a.severity = 'flag'",
    "nothing": "a.severity NOT IN ('violation', 'flag')",
    "clear": f"{AUDIT_STATE} = 'clear'",
    "real": "a.difficulty = 'real'",
    "undecided": "a.difficulty = 'undecided'",
    "not_real": "a.difficulty = 'not_real'",
    "not_certified": "a.certified IS NULL",
    "incomplete": "a.integrity = 'incomplete'",
}
VERDICTS = tuple(_VERDICTS)
"""Filters by what the audit came to: `clear` is what the Tasks page calls so, `nothing` also holds tasks whose record
lacks what some check needs."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which audited tasks a view is about; every field has a neutral default.

    `kind` and `group`: tasks that share a weak request or a text, by the number that stands for it; `group` is text
    because such numbers have more digits than a browser keeps.
    """

    run_id: str = ""
    detector: str = ""
    verdict: str = ""
    kind: Kind = "request"
    group: str = ""


def build_where(view: AuditFilter) -> tuple[str, dict[str, Any]]:
    """The condition on an audit `a`, and its parameters."""
    parts, params = ["TRUE"], dict[str, Any]()
    if view.run_id:
        parts.append("a.run = (SELECT run FROM runs WHERE run_id = $run_id)")
        params["run_id"] = view.run_id
    if view.verdict in _VERDICTS:
        parts.append(_VERDICTS[view.verdict])
    if view.detector:
        parts.append(
            """(a.run, a.key) IN (
                SELECT run, key FROM findings WHERE detector = $detector AND severity IN ('violation', 'flag'))"""
        )
        params["detector"] = view.detector
    if view.group.isdecimal():
        parts.append(f"a.{'cluster' if view.kind == 'cluster' else 'request'} = $group::UBIGINT")
        params["group"] = view.group
    return " AND ".join(parts), params
