"""Records about one round of a source to rows: its task, reviews, answers and outcome."""

from __future__ import annotations

from typing import Any

from autodata.index.reader import Line
from autodata.index.staging import Batch, Handler, dump, task_key


def add_task(batch: Batch, line: Line) -> None:
    r, t = line.data, line.data["task"]
    batch.keyed["tasks"][t["id"]] = (
        batch.run,
        r["seq"],
        r["t"],
        t["id"],
        r["source"],
        r["round"],
        t.get("question_type") or "",
        t.get("context") or "",
        t["question"],
        t.get("reference_answer") or "",
        dump(t.get("rubric") or []),
        dump(t.get("tags") or []),
        r.get("content_sha") or "",
        task_key(t["id"]),
    )


def add_quality(batch: Batch, line: Line) -> None:
    r = line.data
    batch.keyed["qualities"][r["source"], r["round"]] = (
        batch.run,
        r["seq"],
        r["source"],
        r["round"],
        r.get("task_id"),
        r.get("passed"),
        dump(r.get("checks") or {}),
        r.get("feedback") or "",
        r.get("by") or "",
    )


def add_loop_verdict(batch: Batch, line: Line) -> None:
    r, packet = line.data, line.data.get("packet") or {}
    word = r.get("verdict") or {}
    batch.keyed["weighings"][r["source"], r["round"]] = (
        batch.run,
        r["seq"],
        r["source"],
        r["round"],
        r.get("task_id"),
        r.get("outcome") or "",
        r.get("reason") or "",
        word.get("verdict"),
        word.get("grpo_suitability"),
        bool(r.get("post_filter_override")),
        packet.get("weak_spread"),
        dump(r.get("post_filter_flags") or []),
        dump(word),
        dump(packet),
        task_key(r.get("task_id") or ""),
    )


def add_rollout(batch: Batch, line: Line) -> None:
    r = line.data
    sha, score = r.get("answer_sha"), r.get("score") or {}
    if r.get("answer"):
        sha = batch.keep_text(r["answer"], sha)
    batch.keyed["rollouts"][r["task_id"], r["solver"], r["index"], r["purpose"]] = (
        batch.run,
        r["seq"],
        r["source"],
        r["round"],
        r["task_id"],
        r["solver"],
        r["index"],
        r["purpose"],
        r.get("status") or "ok",
        r.get("finish_reason") or "",
        sha or "",
        sha or "",
        r.get("answer_call"),
        r.get("judge_call"),
        score.get("value"),
        dump(score),
        dump(_check_verdicts(r.get("verdicts") or {})),
        r.get("note") or "",
    )


def _check_verdicts(verdicts: dict[str, Any]) -> dict[str, Any]:
    """Verdicts as they are; raises ValueError for one that is no number, which damages its journal and no other."""
    for name, verdict in verdicts.items():
        met = verdict.get("met") if isinstance(verdict, dict) else verdict
        if not isinstance(met, int | float):
            raise ValueError(f"the verdict on criterion {str(name)[:40]!r} is {str(met)[:40]!r}, no number")
    return verdicts


def add_round(batch: Batch, line: Line) -> None:
    batch.rounds[line.data["source"], line.data["round"]] = line.data


HANDLERS: dict[str, Handler] = {
    "task": add_task,
    "quality": add_quality,
    "loop_verdict": add_loop_verdict,
    "rollout": add_rollout,
    "round": add_round,
}
