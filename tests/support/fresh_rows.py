"""Fresh answers in the index without an audit: `insert_fresh(index, "cs-1", task_id, "neutral", "weak", 0.6)`."""

from __future__ import annotations

import random

import orjson

from autodata.canon import hash_text
from autodata.index.database import Index
from autodata.index.rollup import read_rubric
from autodata.index.staging import task_key, text_key
from autodata.scoring import score_verdicts
from tests.support.audit_rows import find_run, insert
from tests.support.made_texts import draw_verdicts, make_prose


def insert_fresh(
    index: Index, run_id: str, task_id: str, arm: str, solver: str, aim: float, *, count: int = 5, words: int = 90
) -> list[float]:
    """`count` graded answers of one arm and side whose scores come close to `aim`; returns the scores."""
    run, key = find_run(index, run_id), task_key(task_id)
    rubric = read_rubric(index.query("SELECT rubric FROM tasks WHERE key = ?", [key])[0][0])
    rng = random.Random(f"{task_id}:{arm}:{solver}")
    scores = []
    for number in range(count):
        text = f"Fresh {arm} answer {number + 1} of the {solver} model. {make_prose(rng, words)}"
        met = draw_verdicts(rng, rubric, min(1.0, max(0.0, aim + rng.uniform(-0.08, 0.08))))
        score = score_verdicts(rubric, met)
        scores.append(score.value)
        parts = {"earned": score.earned, "penalty": score.penalty, "attainable": score.attainable, "value": score.value}
        verdicts = {name: {"met": value, "quote": text[:40] if value else ""} for name, value in met.items()}
        insert(
            index, "fresh", run=run, seq=number + 1, key=key, task_id=task_id, arm=arm, solver=solver, idx=number,
            status="ok", finish_reason="stop", text_no=_store_text(index, text), score=score.value,
            parts=orjson.dumps(parts).decode(), verdicts=orjson.dumps(verdicts).decode(), judge="auditor_judge",
            note="",
        )  # fmt: skip
    return scores


def _store_text(index: Index, text: str) -> int:
    number = int(index.query("SELECT coalesce(max(no), 0) + 1 FROM texts")[0][0])
    sha = hash_text(text)
    insert(index, "texts", no=number, key=text_key(sha), sha=sha, text=text)
    return number
