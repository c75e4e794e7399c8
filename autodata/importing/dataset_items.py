"""Items of a dataset version of ours (`tasks.jsonl`) as lines of the generic format: one accepted round each."""

from __future__ import annotations

from typing import Any

FIELDS = frozenset({"id", "question", "rubric", "scores", "policy", "content_sha", "decision"})


def recognises(value: Any) -> bool:
    """Whether a JSON value is an exported item."""
    return isinstance(value, dict) and value.keys() >= FIELDS and isinstance(value["scores"], dict)


def make_line(item: dict[str, Any]) -> dict[str, Any]:
    """The item as a trajectory of the one round that was exported; earlier rounds did not leave with it."""
    scores, source, models = item["scores"], item.get("source"), item.get("models")
    number = item.get("round")
    task = {
        name: item.get(name) for name in ("question", "context", "reference_answer", "rubric", "tags", "question_type")
    }
    rollouts = [
        {"solver": solver, "index": at, "score": score}
        for solver in ("weak", "strong")
        for at, score in enumerate(scores.get(solver) or ())
        if score is not None
    ]
    return {
        "source": source if isinstance(source, dict) else {},
        "models": {seat: model for seat, model in models.items() if model} if isinstance(models, dict) else {},
        "policy": item["policy"],
        "domain": item.get("domain"),
        "simulated": item.get("simulated"),
        "accepted_round": number,
        "kept": {name: item.get(name) for name in ("id", "run_id", "content_sha", "decision", "imported")},
        "rounds": [{"round": number, "outcome": "accepted", "task": task, "rollouts": rollouts}],
    }
