"""What the audit says of one task, and of all that wait: read from the index, where the audit was taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.queries.evidence import load_texts, read_score
from autodata.index.staging import task_key
from autodata.model import Score, Verdict

SEVERITIES = ("violation", "flag", "note")
"""From the gravest on."""

NEUTRAL = "neutral"
"""The arm whose answers the certified gap is measured on."""


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """One finding. `fresh`: found on fresh answers, not in the record alone. The sentence may quote a task's text."""

    detector: str
    severity: str
    cause: str
    sentence: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class CheckDetail:
    """The latest result of a check that asked models. `coverage`: done, not_recorded, not_run or failed."""

    detector: str
    coverage: str
    numbers: Mapping[str, Any]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreshDetail:
    """One fresh answer. `arm`: what it was asked with, followed by @ and the role when another judge graded it."""

    arm: str
    solver: str
    index: int
    status: str
    finish_reason: str
    answer: str
    score: Score | None
    verdicts: tuple[Verdict, ...]
    judge: str
    note: str


@dataclass(frozen=True, slots=True)
class LabelDetail:
    """What a reviewer called the task; labels that were taken back are left out."""

    label_id: str
    label: str
    reviewer: str
    note: str
    t: float
    blind: bool


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """The audit of one task. Gaps in [-1, 1], None where not measured; `chance` is P(gap >= bar).

    `coverage` maps detectors to done, not_recorded, not_run or failed; one that is absent was not run. `lacking` maps
    detectors to what the record misses. `siblings` other tasks of the run have the same weak request, `alike` others
    nearly the same text. `suspicion` is -log10 p against clean tasks, or with `basis` = rank a place within the run.
    """

    integrity: str
    difficulty: str
    validity: str
    tampered: bool
    cause: str
    action: str
    severity: str
    violations: int
    flags: int
    suspicion: float | None
    basis: str
    lead: str
    flagged: bool
    claimed: float | None
    certified: float | None
    low: float | None
    high: float | None
    chance: float | None
    bar: float | None
    fresh_weak: int
    fresh_strong: int
    coverage: Mapping[str, str]
    lacking: Mapping[str, tuple[str, ...]]
    evidence: Mapping[str, float]
    sentence: str
    siblings: int
    alike: int
    findings: tuple[FindingDetail, ...] = ()
    checks: tuple[CheckDetail, ...] = ()
    fresh: tuple[FreshDetail, ...] = ()
    labels: tuple[LabelDetail, ...] = ()

    @property
    def detectors(self) -> tuple[str, ...]:
        """Detectors with a violation or a flag: what a label speaks of."""
        return tuple(dict.fromkeys(f.detector for f in self.findings if f.severity != "note"))

    @property
    def clear(self) -> int:
        """Checks that ran to the end and found nothing to look at."""
        found = set(self.detectors)
        return sum(state == "done" and name not in found for name, state in self.coverage.items())

    def numbers(self, detector: str) -> Mapping[str, Any]:
        """Numbers of one check; empty where it was not run."""
        return next((check.numbers for check in self.checks if check.detector == detector), {})


def load_audit(index: Index, task_id: str) -> AuditDetail | None:
    """The audit of a task; None where it has not been audited (yet)."""
    return index.remember(("audit", task_id), lambda: _load_audit(index, task_id))


def _load_audit(index: Index, task_id: str) -> AuditDetail | None:
    params = {"key": task_key(task_id)}
    rows = index.records("SELECT * FROM audits WHERE key = $key", params)
    row = next((row for row in rows if row["task_id"] == task_id), None)
    if row is None:
        return None
    coverage = orjson.loads(row["coverage"] or "{}")
    # Every audit with model calls leaves a check; without one there is nothing more to look for.
    asked = row["fresh_weak"] or row["fresh_strong"] or any(name[0] == "K" for name in coverage)
    checks = _load_checks(index, params) if asked else ()
    bar = next((check.numbers.get("bar") for check in checks if check.detector == "K1"), None)
    kept: dict[str, Any] = {name: row[name] for name in _AS_THEY_ARE}
    kept |= {name: row[name] or "" for name in ("cause", "action", "severity", "basis", "lead", "sentence")}
    kept |= {name: int(row[name] or 0) for name in ("violations", "flags", "fresh_weak", "fresh_strong")}
    return AuditDetail(
        **kept,
        tampered=bool(row["tampered"]),
        flagged=bool(row["flagged"]),
        low=row["certified_low"],
        high=row["certified_high"],
        bar=float(bar) if isinstance(bar, int | float) else None,
        coverage=coverage,
        lacking={name: tuple(what) for name, what in orjson.loads(row["lacking"] or "{}").items()},
        evidence=orjson.loads(row["evidence"] or "{}"),
        siblings=_count_others(index, row, "request"),
        alike=_count_others(index, row, "cluster"),
        findings=_load_findings(index, params) if row["severity"] else (),
        checks=checks,
        fresh=_load_fresh(index, params) if asked else (),
        labels=_load_labels(index, params),
    )


def _count_others(index: Index, row: Mapping[str, Any], column: str) -> int:
    if row[column] is None:
        return 0
    sql = f"SELECT count(*) FROM audits WHERE run = ? AND {column} = ?"
    return max(0, int(index.query(sql, [row["run"], row[column]])[0][0]) - 1)


def _load_findings(index: Index, params: dict[str, Any]) -> tuple[FindingDetail, ...]:
    rows = index.query(
        """SELECT detector, severity, coalesce(cause, ''), sentence, fresh FROM findings
        WHERE key = $key""",
        params,
    )
    rows.sort(key=lambda row: SEVERITIES.index(row[1]) if row[1] in SEVERITIES else len(SEVERITIES))
    return tuple(FindingDetail(*row) for row in rows)


def _load_checks(index: Index, params: dict[str, Any]) -> tuple[CheckDetail, ...]:
    rows = index.query(
        """SELECT detector, coverage, numbers, missing FROM checks WHERE key = $key
        QUALIFY row_number() OVER (PARTITION BY detector ORDER BY seq DESC) = 1 ORDER BY detector""",
        params,
    )
    return tuple(
        CheckDetail(detector, coverage, orjson.loads(numbers or "{}"), tuple(orjson.loads(missing or "[]")))
        for detector, coverage, numbers, missing in rows
    )


def _load_fresh(index: Index, params: dict[str, Any]) -> tuple[FreshDetail, ...]:
    rows = index.query(
        f"""SELECT arm, solver, idx, status, finish_reason, text_no, parts, verdicts, judge, note FROM fresh
        WHERE key = $key ORDER BY arm <> '{NEUTRAL}', arm, solver DESC, idx""",
        params,
    )
    texts = load_texts(index, [row[5] for row in rows])
    return tuple(
        FreshDetail(
            arm=arm,
            solver=solver,
            index=number,
            status=status or "",
            finish_reason=finish or "",
            answer=texts.get(text_no, ""),
            score=read_score(orjson.loads(parts) or {}) if parts else None,
            verdicts=_read_verdicts(verdicts),
            judge=judge or "",
            note=note or "",
        )
        for arm, solver, number, status, finish, text_no, parts, verdicts, judge, note in rows
    )


def _read_verdicts(text: str | None) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(name, float(v["met"]), v.get("quote") or "") if isinstance(v, dict) else Verdict(name, float(v))
        for name, v in (orjson.loads(text or "{}") or {}).items()
    )


def _load_labels(index: Index, params: dict[str, Any]) -> tuple[LabelDetail, ...]:
    rows = index.query(
        """SELECT label_id, label, reviewer, coalesce(note, ''), t, coalesce(blind, false), undoes FROM labels
        WHERE key = $key ORDER BY seq""",
        params,
    )
    undone = {row[6] for row in rows if row[6]}
    # A reviewer's later label stands for the earlier one; what takes one back is no label.
    kept = {row[2]: row for row in rows if not row[6] and row[0] not in undone}
    return tuple(LabelDetail(*row[:6]) for row in kept.values())


_AS_THEY_ARE = ("integrity", "difficulty", "validity", "suspicion", "claimed", "certified", "chance")
