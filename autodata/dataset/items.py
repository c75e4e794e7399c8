"""An exported item: what one task becomes outside. Plain data; texts of models go out as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from autodata.dataset.gate import GateRow
from autodata.index.queries.dataset import ExportRow
from autodata.index.queries.dataset_gate import TaskFacts

MODEL_ROLES = ("challenger", "weak", "strong", "judge")
IMPORT_FIELDS = ("format", "file", "sha256")
"""What an item of another system says of the file it came from."""
ORIGIN_FIELDS = ("id", "row", "file", "file_sha256", "split")
"""What an item that was given, not written, says of the row it came from."""


def make_item(row: ExportRow, reviewer: str) -> dict[str, Any]:
    """The item of one task, with the same keys in the same order for every task. `reviewer` may be a pseudonym."""
    return {
        "id": row.task_id,
        "context": row.context,
        "question": row.question,
        "reference_answer": row.reference_answer,
        "rubric": [{"id": c.id, "criterion": c.criterion, "weight": float(c.weight)} for c in row.rubric],
        "tags": list(row.tags),
        "question_type": row.question_type,
        "domain": row.domain,
        "source": {
            "id": row.source_id,
            "title": row.source_title,
            "document": row.source_document,
            "passage": row.source_passage,
        },
        "scores": {
            "weak_mean": row.weak,
            "strong_mean": row.strong,
            "gap": row.gap,
            "weak": list(row.weak_scores),
            "strong": list(row.strong_scores),
        },
        "policy": row.policy,
        "models": {role: row.models.get(role) for role in MODEL_ROLES},
        "run_id": row.run_id,
        "round": row.round,
        "content_sha": row.content_sha,
        "decision": {
            "verdict": "approve",
            "reviewer": reviewer,
            "reason": row.decision_reason,
            "time": format_time(row.decided),
        },
        "simulated": row.simulated,
        "imported": {name: row.imported[name] for name in IMPORT_FIELDS} if row.imported else None,
        "origin": {name: row.origin.get(name) for name in ORIGIN_FIELDS} if row.origin else None,
    }


def make_facts_row(facts: TaskFacts) -> GateRow:
    """What the gate looks at in a task, from its facts."""
    return GateRow(
        task_id=facts.task_id,
        decision=facts.decision,
        outcome=facts.outcome,
        parity=facts.parity,
        damaged=facts.damaged,
        content_changed=facts.content_changed,
        canary=facts.canary,
        run_id=facts.run_id,
        audited=facts.audited,
        alarm=facts.alarm,
        difficulty=facts.difficulty,
        certified=facts.certified,
        certified_low=facts.certified_low,
        gap=facts.gap,
        approvals=facts.approvals,
        last_word=facts.last_word,
        twin=facts.twin,
    )


def encode_item(item: dict[str, Any]) -> bytes:
    """One line of JSON with its newline. Equal items give equal bytes; they are what a version's hash is made of."""
    return orjson.dumps({**item, "policy": _sort_keys(item["policy"])}) + b"\n"


def format_time(t: float | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC with milliseconds; None where there is none."""
    return None if t is None else datetime.fromtimestamp(t, UTC).isoformat(timespec="milliseconds")


def _sort_keys(value: Any) -> Any:
    """Stored policies keep the order of their writer; a hash must not depend on it."""
    if isinstance(value, dict):
        return {key: _sort_keys(value[key]) for key in sorted(value)}
    return value
