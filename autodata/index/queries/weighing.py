"""Domains with an extractor and a loop judge: what was taken out of a source, skipped sources, and every weighing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.index.database import Index
from autodata.index.staging import task_key


@dataclass(frozen=True, slots=True)
class CapabilityDetail:
    """One capability in one round: shares of its positive points in [0, 1], None where not measured."""

    capability: str
    criteria: int
    weak: float | None
    strong: float | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class WeighingDetail:
    """The two layers of a decision on one round.

    `word` is the loop judge's accept or improve and `suitability` its high, medium or low; "" where it could not be
    asked. `hits` are the filters' sentences; `overridden`: they overruled an accept. `spread` is the standard deviation
    (population) of the valid weak scores. `softer` names ways in which the rubric demands less than the one before.
    """

    round: int
    task_id: str
    outcome: str
    reason: str
    word: str
    suitability: str
    overridden: bool
    hits: tuple[str, ...]
    weak_pattern: str
    strong_pattern: str
    gap_interpretation: str
    concerns: tuple[str, ...]
    verdict_reason: str
    suggestion: str
    weak_scores: tuple[float, ...]
    strong_scores: tuple[float, ...]
    spread: float | None
    softer: tuple[str, ...]
    capabilities: tuple[CapabilityDetail, ...]


@dataclass(frozen=True, slots=True)
class ExtractDetail:
    """What the extractor made of a source; empty lists where it found it unsuitable."""

    suitable: bool
    note: str
    document_type: str
    keywords: tuple[str, ...]
    issues: tuple[str, ...]
    facts: str
    holdings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsuitableSource:
    """A source that was read and found unsuitable: its title and the extractor's reason."""

    name: str
    reason: str


def find_weighing(index: Index, task_id: str) -> WeighingDetail | None:
    """The weighing of a task; None where nobody weighed it."""
    rows = index.records("SELECT * FROM weighings WHERE key = ? AND task_id = ?", [task_key(task_id), task_id])
    return _build_weighing(rows[0]) if rows else None


def load_weighings(index: Index, run_id: str, source_id: str) -> tuple[WeighingDetail, ...]:
    """All weighings of one source of a run, by round."""
    rows = index.records(
        """SELECT w.* FROM weighings w JOIN runs u USING (run) WHERE u.run_id = ? AND w.source_id = ?
        ORDER BY w.round""",
        [run_id, source_id],
    )
    return tuple(_build_weighing(row) for row in rows)


def find_extract(index: Index, run_id: str, source_id: str) -> ExtractDetail | None:
    """What was taken out of a source; None in a domain without an extractor."""
    rows = index.query(
        """SELECT e.suitable, e.note, e.document_type, e.keywords, e.content FROM extracts e JOIN runs u USING (run)
        WHERE u.run_id = ? AND e.source_id = ?""",
        [run_id, source_id],
    )
    if not rows:
        return None
    suitable, note, document_type, keywords, content = rows[0]
    parts = orjson.loads(content)
    return ExtractDetail(
        suitable=suitable,
        note=note,
        document_type=document_type,
        keywords=tuple(orjson.loads(keywords)),
        issues=tuple(parts.get("issues") or ()),
        facts=parts.get("facts") or "",
        holdings=tuple(parts.get("holdings") or ()),
    )


def list_unsuitable(index: Index, run_id: str) -> tuple[UnsuitableSource, ...]:
    """Sources of a run that were skipped for what is in them, in the order they were read."""
    rows = index.query(
        """SELECT coalesce(s.title, e.source_id), e.reason FROM results e JOIN runs u USING (run)
        LEFT JOIN sources s ON s.run = e.run AND s.source_id = e.source_id
        WHERE u.run_id = ? AND e.outcome = 'skipped' ORDER BY e.seq""",
        [run_id],
    )
    return tuple(UnsuitableSource(*row) for row in rows)


def count_suitability(index: Index, run_id: str) -> dict[str, int]:
    """Accepted tasks of a run by the loop judge's grpo_suitability: high, medium and low, those that occur."""
    rows = index.query(
        """SELECT w.suitability, count(*) FROM weighings w JOIN runs u USING (run)
        WHERE u.run_id = ? AND w.outcome = 'accepted' AND w.suitability IS NOT NULL
        GROUP BY 1 ORDER BY list_position(['high', 'medium', 'low'], w.suitability)""",
        [run_id],
    )
    return dict(rows)


def _build_weighing(row: Mapping[str, Any]) -> WeighingDetail:
    verdict, packet = orjson.loads(row["verdict"]), orjson.loads(row["packet"])
    return WeighingDetail(
        round=row["round"],
        task_id=row["task_id"] or "",
        outcome=row["outcome"],
        reason=row["reason"],
        word=row["word"] or "",
        suitability=row["suitability"] or "",
        overridden=row["overridden"],
        hits=tuple(str(hit.get("sentence") or hit.get("found") or "") for hit in orjson.loads(row["hits"])),
        weak_pattern=verdict.get("weak_pattern") or "",
        strong_pattern=verdict.get("strong_pattern") or "",
        gap_interpretation=verdict.get("gap_interpretation") or "",
        concerns=tuple(verdict.get("rubric_concerns") or ()),
        verdict_reason=verdict.get("verdict_reason") or "",
        suggestion=verdict.get("suggestion_for_writer") or "",
        weak_scores=tuple(packet.get("weak_scores") or ()),
        strong_scores=tuple(packet.get("strong_scores") or ()),
        spread=row["spread"],
        softer=tuple(packet.get("softer_rubric") or ()),
        capabilities=tuple(
            CapabilityDetail(
                str(each.get("capability", "")),
                int(each.get("n_criteria") or 0),
                each.get("weak"),
                each.get("strong"),
                each.get("gap"),
            )
            for each in packet.get("capabilities") or ()
        ),
    )
