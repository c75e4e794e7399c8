"""What each detector came to over the tasks of a view. What is JSON is read once per distinct value, not per task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from autodata.audit.catalogue import DETECTORS
from autodata.index.database import Index
from autodata.index.queries.audit_filter import AuditFilter, build_where


@dataclass(frozen=True, slots=True)
class DetectorCount:
    """One detector over the tasks of a view: with a violation, with a flag as the worst, and what was not looked at.

    `not_recorded`: the record lacks what it needs; `not_run`: nobody ran it; `failed`: its calls failed.
    """

    detector: str
    violations: int
    flags: int
    done: int
    not_recorded: int
    not_run: int
    failed: int

    @property
    def found(self) -> int:
        return self.violations + self.flags

    @property
    def unchecked(self) -> int:
        return self.not_recorded + self.not_run + self.failed


def list_detectors(index: Index, view: AuditFilter) -> list[DetectorCount]:
    """Every detector that found something or was not run somewhere, by what it found, largest first.

    The view's own detector is not applied: the list is what one chooses it from.
    """
    view = replace(view, detector="")
    return index.remember(("audit detectors", view), lambda: _count_detectors(index, view))


def _count_detectors(index: Index, view: AuditFilter) -> list[DetectorCount]:
    where, params = build_where(view)
    counts: dict[str, dict[str, int]] = {}
    states = index.query(f"SELECT a.coverage, count(*) FROM audits a WHERE {where} GROUP BY 1", params)
    for text, n in states:
        for detector, state in _read_object(text).items():
            own = counts.setdefault(detector, {})
            own[str(state)] = own.get(str(state), 0) + n
    found = index.query(_FOUND.format(tasks=f"SELECT a.run, a.key FROM audits a WHERE {where}",
                                      some="TRUE" if view == AuditFilter() else "FALSE"), params)  # fmt: skip
    for detector, violations, flags in found:
        counts.setdefault(detector, {}).update(violations=violations, flags=flags)
    names = ("violations", "flags", "done", "not_recorded", "not_run", "failed")
    total = sum(n for _, n in states)
    for name, known in DETECTORS.items():
        # What a task's record does not name was not run on it; what speaks of runs alone is no task's.
        if known.axis != "run" or name in counts:
            own = counts.setdefault(name, {})
            seen = sum(own.get(state, 0) for state in ("done", "not_recorded", "not_run", "failed"))
            own["not_run"] = own.get("not_run", 0) + max(0, total - seen)
    rows = [DetectorCount(name, *(own.get(part, 0) for part in names)) for name, own in counts.items()]
    return sorted(rows, key=lambda row: (-row.violations, -row.flags, -row.unchecked, row.detector))


def _read_object(text: str | None) -> dict[str, Any]:
    value = orjson.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


_FOUND = """
SELECT detector, count(*) FILTER (worst = 'violation'), count(*) FILTER (worst = 'flag') FROM (
    SELECT detector, max(severity) AS worst FROM findings f
    WHERE severity IN ('violation', 'flag') AND ({some} OR (f.run, f.key) IN ({tasks}))
    GROUP BY f.run, f.key, detector
) GROUP BY detector
"""
"""'violation' comes after 'flag' in the alphabet, so the largest word is the worst."""
