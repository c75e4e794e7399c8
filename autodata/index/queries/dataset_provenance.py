"""What stands behind exported tasks: rollouts with verdicts, votes, findings, the audit's verdict, all rounds.

For raw files and for reward functions. One query per kind and batch of tasks, never one per task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from autodata.index.database import Index

Key = tuple[str, str]
"""Run id and task id."""


def load_behind(index: Index, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
    """For each of `keys` plain data under rollouts, votes, findings, audit, rounds, clauses and source; what was not
    recorded is None or empty. Clauses are JSON text, as recorded."""
    params = {"tasks": sorted({task_id for _, task_id in keys})}
    found: dict[Key, dict[str, Any]] = {
        key: {"clauses": None, "rollouts": [], "votes": [], "findings": [], "audit": None, "rounds": [], "source": None}
        for key in keys
    }
    for name, (sql, read) in _PARTS.items():
        for run_id, task_id, *values in index.query(sql, params):
            for key in [(run_id, task_id)] if run_id else [key for key in keys if key[1] == task_id]:
                if key in found:
                    _put(found[key], name, read(values))
    return found


def find_recipe_files(index: Index, run_id: str) -> dict[str, str]:
    """The files of a run's recipe as they were frozen when it started, by name; empty where none was recorded."""
    rows = index.query("SELECT recipe FROM runs WHERE run_id = ?", [run_id])
    recipe = orjson.loads(rows[0][0] or "{}") if rows else {}
    files = recipe.get("files") or {}
    return {str(name): str(text) for name, text in files.items()} if isinstance(files, dict) else {}


def _put(behind: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(behind[name], list):
        behind[name].append(value)
    else:
        behind[name] = value


def _read_rollout(values: list[Any]) -> dict[str, Any]:
    solver, index, purpose, status, finish_reason, answer, answer_sha, score, parts, verdicts, note = values
    recorded = orjson.loads(parts or "{}")
    return {
        "solver": solver,
        "index": index,
        "purpose": purpose,
        "status": status,
        "finish_reason": finish_reason,
        "answer": answer,
        "answer_sha": answer_sha,
        "score": score,
        **{name: _to_float(recorded.get(name)) for name in ("earned", "penalty", "attainable")},
        "verdicts": [_read_verdict(key, value) for key, value in orjson.loads(verdicts or "{}").items()],
        "note": note,
    }


def _read_verdict(criterion_id: str, value: Any) -> dict[str, Any]:
    met, quote = (value.get("met"), value.get("quote") or "") if isinstance(value, dict) else (value, "")
    return {"id": criterion_id, "met": _to_float(met), "quote": quote}


def _read_vote(values: list[Any]) -> dict[str, Any]:
    names = ("reviewer", "verdict", "reason", "note", "seconds_on_item", "t", "second_opinion", "adjudicates")
    return dict(zip(names, values, strict=True))


def _read_finding(values: list[Any]) -> dict[str, Any]:
    return dict(zip(("detector", "severity", "cause", "sentence", "fresh"), values, strict=True))


def _read_audit(values: list[Any]) -> dict[str, Any]:
    *plain, coverage = values
    names = ("integrity", "difficulty", "validity", "severity", "suspicion", "claimed_gap", "certified_gap",
             "certified_low", "certified_high", "chance", "fresh_weak", "fresh_strong")  # fmt: skip
    covered = orjson.loads(coverage or "{}")
    return {
        **dict(zip(names, plain, strict=True)),
        "coverage": [{"detector": name, "state": str(covered[name])} for name in sorted(covered)],
    }


def _read_round(values: list[Any]) -> dict[str, Any]:
    names = ("round", "task_id", "outcome", "reason", "weak_mean", "strong_mean", "gap", "question")
    return dict(zip(names, values, strict=True))


def _read_source(values: list[Any]) -> dict[str, Any]:
    title, document, passage, passages, text, metadata = values
    return {
        "title": title,
        "document": document,
        "passage": passage,
        "passages": passages,
        "text": text,
        "metadata": metadata or "{}",
    }


def _read_clauses(values: list[Any]) -> str:
    return str(values[0] or "[]")


def _to_float(value: Any) -> float | None:
    return None if value is None else float(value)


_PARTS = {
    "clauses": (
        """SELECT u.run_id, r.task_id, r.clauses FROM rounds r JOIN runs u USING (run)
        WHERE r.task_id IN (SELECT unnest($tasks)) ORDER BY r.run, r.task_id""",
        _read_clauses,
    ),
    "rollouts": (
        """SELECT u.run_id, r.task_id, r.solver, r.idx, r.purpose, r.status, r.finish_reason, coalesce(x.text, ''),
            r.answer_sha, r.score, r.parts, r.verdicts, r.note
        FROM (SELECT * FROM rollouts WHERE task_id IN (SELECT unnest($tasks))) r
        JOIN runs u USING (run) LEFT JOIN texts x ON x.no = r.text_no
        ORDER BY r.run, r.task_id, r.solver DESC, r.purpose, r.idx""",
        _read_rollout,
    ),
    "votes": (
        """SELECT '', task_id, reviewer, verdict, reason, note, seconds_on_item, t, second_opinion, adjudicates
        FROM decisions WHERE task_id IN (SELECT unnest($tasks)) AND verdict <> 'undo'
            AND decision_id NOT IN (SELECT undoes FROM decisions WHERE verdict = 'undo' AND undoes IS NOT NULL)
        ORDER BY seq""",
        _read_vote,
    ),
    "findings": (
        """SELECT u.run_id, f.task_id, f.detector, f.severity, f.cause, f.sentence, f.fresh
        FROM findings f JOIN runs u USING (run) WHERE f.task_id IN (SELECT unnest($tasks))
        ORDER BY f.run, f.task_id, f.detector, f.severity, f.sentence""",
        _read_finding,
    ),
    "audit": (
        """SELECT u.run_id, a.task_id, a.integrity, a.difficulty, a.validity, a.severity, a.suspicion, a.claimed,
            a.certified, a.certified_low, a.certified_high, a.chance, a.fresh_weak, a.fresh_strong, a.coverage
        FROM audits a JOIN runs u USING (run) WHERE a.task_id IN (SELECT unnest($tasks)) ORDER BY a.run, a.task_id""",
        _read_audit,
    ),
    "rounds": (
        """SELECT u.run_id, t.task_id, r.round, r.task_id, r.outcome, r.reason, r.weak, r.strong, r.gap,
            coalesce(k.question, '')
        FROM rounds t JOIN runs u USING (run)
        JOIN rounds r ON r.run = t.run AND r.source_id = t.source_id
        LEFT JOIN tasks k ON k.run = r.run AND k.key = r.key
        WHERE t.task_id IN (SELECT unnest($tasks)) ORDER BY t.run, t.task_id, r.round""",
        _read_round,
    ),
    "source": (
        """SELECT u.run_id, k.task_id, s.title, s.document, s.passage, s.passages, coalesce(x.text, ''), s.metadata
        FROM tasks k JOIN runs u USING (run) JOIN sources s ON s.run = k.run AND s.source_id = k.source_id
        LEFT JOIN texts x ON x.no = s.text_no
        WHERE k.task_id IN (SELECT unnest($tasks)) ORDER BY k.run, k.task_id""",
        _read_source,
    ),
}
