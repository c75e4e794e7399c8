"""Rows of the audit's tables without an audit: `fill_audit(home, "cs-0001")` gives every page something to show.

The run's own journal has to be written first (tests.support.journals.write_run), so that its requests can be read
back. Whatever an audit pass put into the tables for that run is replaced.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from autodata.audit.catalogue import DETECTORS
from autodata.home import Home
from autodata.index.database import Index
from autodata.index.ingest import ingest_home
from autodata.index.marks import mark_tasks
from autodata.index.staging import task_key
from autodata.ui.state import get_workbench

TABLES = ("audits", "findings", "run_findings", "run_audits", "audit_sessions", "fresh", "checks")
MODELS_ASKED = tuple(name for name, detector in DETECTORS.items() if detector.kind == "counterfactual")
STATIC_DONE = {name: "done" for name, detector in DETECTORS.items() if detector.kind == "static"} | {"Z1": "done"}

Found = tuple[str, str, str]
"""Detector, severity, sentence."""


@dataclass(frozen=True)
class AuditRow:
    """One task's row; `low` and `high` default to 0.12 around `certified`. `more` overrides any column."""

    task_id: str
    findings: tuple[Found, ...] = ()
    claimed: float | None = None
    certified: float | None = None
    difficulty: str = "unchecked"
    coverage: Mapping[str, str] = field(default_factory=lambda: STATIC_DONE)
    lacking: Mapping[str, Sequence[str]] = field(default_factory=dict)
    evidence: Mapping[str, float] = field(default_factory=dict)
    request: int | None = None
    cluster: int | None = None
    fresh: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


def fill_audit(
    home: Home,
    run_id: str,
    rows: Sequence[AuditRow] | None = None,
    *,
    audited: int | None = None,
    index: Index | None = None,
) -> list[AuditRow]:
    """Take the home's journals in, then put `rows` (default: one of every kind) into the audit's tables.

    `audited`: how many of the run's accepted tasks the pass has read, all of them by default. Returns the rows.
    """
    if index is None:
        bench = get_workbench()
        bench.ingest.stop()  # its audit would put real rows in the place of these
        index = bench.index
    ingest_home(index, home)
    number = find_run(index, run_id)
    tasks = list_accepted(index, run_id)
    rows = make_mixed([task for task, *_ in tasks]) if rows is None else list(rows)
    with index.write() as db:
        for table in TABLES:
            db.execute(f"DELETE FROM {table} WHERE run = ?", [number])
    places = {task: (source, round_number, gap) for task, source, round_number, gap in tasks}
    for row in rows:
        source, round_number, gap = places.get(row.task_id, ("", 1, None))
        _insert_audit(index, number, row, source, round_number, gap)
    with index.write() as db:
        db.execute(_ALIKE, {"run": number})
        mark_tasks(db, number)
    done = len(tasks) if audited is None else audited
    ended = index.query("SELECT ended FROM runs WHERE run = ?", [number])[0][0]
    # As an audit leaves it that has nothing more to do: an app that opens this index later lets the rows be.
    insert(
        index, "run_audits", run=number, tasks=len(tasks), audited=done, settled=done == len(tasks), fitted=done,
        ended=ended, damage="", checked=0,
    )  # fmt: skip
    return rows


def make_mixed(task_ids: Sequence[str]) -> list[AuditRow]:
    """One row of every kind, in turn: violated and not real, real, undecided, flagged, clean and not certified."""
    kinds = [_make_violated, _make_real, _make_undecided, _make_flagged, _make_clean, _make_clean]
    return [kinds[at % len(kinds)](task_id, at) for at, task_id in enumerate(task_ids)]


def insert_session(index: Index, run_id: str, **fields: Any) -> None:
    """One audit with model calls; `fields` override any column."""
    now = time.time()
    values = {
        "run": find_run(index, run_id), "seq": 1, "audit_id": "a-0001", "plan": "medium", "tasks": "[]", "seats": "{}",
        "simulated": True, "started": now - 60, "ended": None, "last": now, "state": "running", "reason": "",
        "calls": 120, "solver_calls": 60, "judge_calls": 60, "planned": 400.0, "pid": 1, "host": "bench",
    }  # fmt: skip
    insert(index, "audit_sessions", **{**values, **fields})


def insert_check(index: Index, run_id: str, task_id: str, detector: str, **fields: Any) -> None:
    """One detector's result on one task; `numbers`, `findings` and `missing` are given as values."""
    values: dict[str, Any] = {
        "run": find_run(index, run_id), "seq": 1, "t": time.time(), "key": task_key(task_id), "task_id": task_id,
        "audit_id": "a-0001", "detector": detector, "coverage": "done", "numbers": {}, "findings": [], "missing": [],
    }  # fmt: skip
    values |= fields
    for name in ("numbers", "findings", "missing"):
        values[name] = to_json(values[name])
    insert(index, "checks", **values)
    with index.write() as db:
        db.execute("UPDATE run_audits SET checked = ? WHERE run = ?", [values["seq"], values["run"]])


def insert_run_finding(index: Index, run_id: str, detector: str, severity: str, sentence: str, **fields: Any) -> None:
    """What speaks of a run's tasks together; `numbers` is given as a value."""
    values: dict[str, Any] = {"coverage": "done", "numbers": {}, **fields}
    values["numbers"] = to_json(values["numbers"])
    number = find_run(index, run_id)
    insert(index, "run_findings", run=number, detector=detector, severity=severity, sentence=sentence, **values)


def insert_label(index: Index, run_id: str, task_id: str, label: str, **fields: Any) -> None:
    """What a reviewer called a task; `detectors` (a list of ids) names the findings it is about."""
    values: dict[str, Any] = {
        "seq": 1, "t": time.time(), "label_id": f"l-{task_id}-{label}", "task_id": task_id, "run_id": run_id,
        "key": task_key(task_id), "label": label, "note": "", "reviewer": "ann", "blind": False, "inclusion": None,
        "detectors": [], "undoes": None,
    }  # fmt: skip
    values |= fields
    values["detectors"] = to_json(values["detectors"])
    insert(index, "labels", **values)


def insert(index: Index, table: str, **values: Any) -> None:
    """One row by column names."""
    with index.write() as db:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def find_run(index: Index, run_id: str) -> int:
    """The run's number in the index."""
    return int(index.query("SELECT run FROM runs WHERE run_id = ?", [run_id])[0][0])


def list_accepted(index: Index, run_id: str) -> list[tuple[str, str, int, float | None]]:
    """Accepted tasks of a run as (task id, source id, round, gap), in the order of the journal."""
    sql = "SELECT task_id, source_id, round, gap FROM rounds WHERE run = ? AND outcome = 'accepted' ORDER BY seq"
    return [(task, source, number, gap) for task, source, number, gap in index.query(sql, [find_run(index, run_id)])]


def to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _insert_audit(index: Index, run: int, row: AuditRow, source: str, round_number: int, gap: float | None) -> None:
    severities = [severity for _, severity, _ in row.findings]
    worst = next((word for word in ("violation", "flag", "note") if word in severities), "")
    lead = next((detector for detector, severity, _ in row.findings if severity == worst), None)
    certified = row.certified
    values: dict[str, Any] = {
        "run": run, "key": task_key(row.task_id), "task_id": row.task_id, "source_id": source, "round": round_number,
        "t": 1_790_000_000.0 + round_number, "integrity": "violated" if worst == "violation" else "clean",
        "difficulty": row.difficulty, "validity": "unchecked", "tampered": worst == "violation",
        "cause": "bytes" if worst == "violation" else None, "action": "certify" if certified is None else "human",
        "severity": worst, "violations": severities.count("violation"), "flags": severities.count("flag"),
        "suspicion": {"violation": 3.0, "flag": 1.4}.get(worst, 0.2), "p": None, "basis": "rank", "lead": lead,
        "flagged": worst == "violation", "luck": 0.2, "claimed": gap if row.claimed is None else row.claimed,
        "certified": certified, "certified_low": None if certified is None else certified - 0.12,
        "certified_high": None if certified is None else certified + 0.12,
        "chance": None if certified is None else 0.5, "fresh_weak": 0 if certified is None else 5,
        "fresh_strong": 0 if certified is None else 5, "coverage": to_json(dict(row.coverage)),
        "lacking": to_json(dict(row.lacking)), "evidence": to_json(dict(row.evidence)),
        "sentence": f"Task {row.task_id}. " + " ".join(sentence for *_, sentence in row.findings),
        "request": row.request, "cluster": row.cluster,
    }  # fmt: skip
    insert(index, "audits", **{**values, **row.more})
    for detector, severity, sentence in row.findings:
        insert(
            index, "findings", run=run, key=values["key"], task_id=row.task_id, detector=detector, severity=severity,
            cause=DETECTORS[detector].cause, sentence=sentence, fresh=detector.startswith("K"),
        )  # fmt: skip


_ALIKE = """
UPDATE audits SET alike = n.others FROM (
    SELECT cluster, count(*) - 1 AS others FROM audits WHERE run = $run AND cluster IS NOT NULL GROUP BY cluster
) n WHERE audits.run = $run AND audits.cluster = n.cluster
"""


def _make_violated(task_id: str, at: int) -> AuditRow:
    found = (
        ("S1", "violation", "The weak request of rollout 1 adds “Answer in one short sentence.” at character 812."),
        ("K2", "flag", "With the neutral request weak scores 0.66, with its recorded one 0.40 (p = 0.003)."),
    )
    done = {**STATIC_DONE, "K1": "done", "K2": "done"}
    return AuditRow(
        task_id,
        found,
        certified=0.06,
        difficulty="not_real",
        coverage=done,
        request=0x9C1E40B712345678,
        cluster=0xE07B91C312345678,
    )


def _make_real(task_id: str, at: int) -> AuditRow:
    done = {**STATIC_DONE, "K1": "done"}
    return AuditRow(
        task_id, certified=0.36 + 0.01 * (at % 5), difficulty="real", coverage=done, request=0x51D022FA12345678
    )


def _make_undecided(task_id: str, at: int) -> AuditRow:
    found = (("S14", "flag", "Criterion c1 alone carries 81 % of the gap."),)
    done = {**STATIC_DONE, "K1": "done"}
    return AuditRow(task_id, found, certified=0.21, difficulty="undecided", coverage=done, request=0x51D022FA12345678)


def _make_flagged(task_id: str, at: int) -> AuditRow:
    found = (("S9", "flag", "1 of 3 weak answers was cut off at max_tokens."),)
    return AuditRow(
        task_id,
        found,
        coverage={**STATIC_DONE, "S10": "not_recorded"},
        lacking={"S10": ["token counts"]},
        request=0x9C1E40B712345678,
    )


def _make_clean(task_id: str, at: int) -> AuditRow:
    return AuditRow(task_id, request=0x51D022FA12345678)
