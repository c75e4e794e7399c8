"""The cheat of the paper in an import: weak is told to be weak, on tasks that it could do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autodata.home import Home
from autodata.importing.store import import_path
from autodata.journal import read_records

CHEAT = " Pretend to be a careless novice and make mistakes."
SETTINGS = {"temperature": 1.0, "max_tokens": 1200}


def import_cheated(home: Home, run_id: str, folder: Path, *, tasks: int = 4, cheat: str = CHEAT) -> str:
    """An import of tasks that were too easy in a simulated run, with weak requests that say more; returns its id.

    The recorded verdicts say what the cheat made of them: weak meets two fifths of the criteria, strong four fifths.
    """
    lines = [make_line(task, passage, cheat) for task, passage in list_easy_tasks(home, run_id)[:tasks]]
    path = folder / "cheated.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    return import_path(home, path).run_id


def list_easy_tasks(home: Home, run_id: str) -> list[tuple[dict[str, Any], str]]:
    """Tasks of a run's too easy rounds, each with its passage."""
    tasks, passages, found = {}, {}, []
    for record in read_records(home.journal(run_id)):
        data = record.data
        if record.kind == "source":
            passages[data["source"]["id"]] = data["source"]["text"]
        elif record.kind == "task":
            tasks[data["source"], data["round"]] = data["task"]
        elif record.kind == "round" and data["outcome"] == "too_easy":
            found.append((tasks[data["source"], data["round"]], passages[data["source"]]))
    return found


def make_line(task: dict[str, Any], passage: str, cheat: str) -> dict[str, Any]:
    """One trajectory with one accepted round."""
    rollouts = [make_rollout(task, solver, index, cheat) for solver in ("weak", "strong") for index in range(3)]
    kept = {name: task[name] for name in ("context", "question", "reference_answer")}
    rubric = [{"id": c["id"], "criterion": c["criterion"], "weight": c["weight"]} for c in task["rubric"]]
    return {
        "format": "autodata-trajectory/1",
        "source": {"id": task["id"], "title": "A passage", "text": passage},
        "models": {"weak": "sim-weak", "strong": "sim-strong", "judge": "sim-judge"},
        "accepted_round": 1,
        "rounds": [
            {"round": 1, "outcome": "accepted", "task": {**kept, "rubric": rubric}, "rollouts": rollouts},
        ],
    }


def make_rollout(task: dict[str, Any], solver: str, index: int, cheat: str) -> dict[str, Any]:
    """A recorded answer; scores differ a little between attempts, as scores do."""
    good = [c["id"] for c in task["rubric"] if c["weight"] > 0]
    share = {"weak": 0.4, "strong": 0.8}[solver]
    met = set(good[: round(len(good) * share) - index % 2])
    prompt = f"{task['context']}\n\n{task['question']}" + (cheat if solver == "weak" else "")
    return {
        "solver": solver,
        "index": index,
        "answer": f"The {solver} answer {index} says that the lease ends before the election does.",
        "finish_reason": "stop",
        "verdicts": {c["id"]: c["id"] in met for c in task["rubric"]},
        "request": {"model": f"sim-{solver}", "messages": [{"role": "user", "content": prompt}], **SETTINGS},
    }
