"""Where a batch of a journal begins: empty, but with what the records before it said of their run or audit."""

from __future__ import annotations

from typing import Any

import orjson

from autodata.index import stage_audit, stage_optimize, stage_reviews, stage_round, stage_run
from autodata.index.database import Index
from autodata.index.known import AUDITS, OPTIMIZATIONS, REVIEWS, KnownJournal
from autodata.index.staging import Batch

_RUN_HANDLERS = {**stage_run.HANDLERS, **stage_round.HANDLERS}


def begin_batch(index: Index, journal: KnownJournal, subject: int, last: Batch | None) -> Batch:
    """An empty batch for the next records of a journal; `last` is the one before it in this pass, if there was any."""
    begun = journal.cursor.position > 0
    if journal.name == REVIEWS:
        return Batch(subject, {}, stage_reviews.HANDLERS)
    if journal.name.startswith(OPTIMIZATIONS):
        return Batch(subject, {}, stage_optimize.HANDLERS, journal.run_id)
    if journal.name.startswith(AUDITS):
        batch = Batch(subject, {}, stage_audit.HANDLERS)
        batch.session = dict(last.session) if last else _load_session(index, subject) if begun else {}
        return batch
    state = last.state if last else _load_state(index, subject) if begun else {}
    return Batch(subject, state or _begin_state(journal), _RUN_HANDLERS)


def _begin_state(journal: KnownJournal) -> dict[str, Any]:
    return {
        "run": journal.number,
        "run_id": journal.run_id,
        "active_s": 0.0,
        "calls": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "state": "running",
        "settings": "{}",
        "policy": "{}",
        "recipe": "{}",
        "warnings": "[]",
        "models": "{}",
        "reason": "",
        "simulated": False,
        "baseline": False,
        "imported": "",
    }


def _load_state(index: Index, run: int) -> dict[str, Any]:
    found = index.records("SELECT * FROM runs WHERE run = ?", [run])
    if not found:
        return {}
    state = found[0]
    contract = (orjson.loads(state["settings"]).get("seats") or {}).get("contract") or {}
    return {**state, "allowed": contract.get("allowed") or []}


def _load_session(index: Index, run: int) -> dict[str, Any]:
    """The latest audit of a run."""
    found = index.records("SELECT * FROM audit_sessions WHERE run = ? ORDER BY seq DESC LIMIT 1", [run])
    return found[0] if found else {}
