"""Small files of every foreign format, built after its schema: what a test does not say has a plain default."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIME = "2025-11-01T10:00:00.000000+00:00"

_SCHEMA = """
CREATE TABLE runs (run_id TEXT PRIMARY KEY, config_blob TEXT, harness_blob TEXT, started_at TEXT, last_active_at TEXT,
    finished_at TEXT, status TEXT, cost_usd_cap REAL, cost_usd_actual REAL);
CREATE TABLE items (item_id TEXT PRIMARY KEY, run_id TEXT, source_id TEXT, domain TEXT, state TEXT,
    current_round INTEGER, source_metadata TEXT, created_at TEXT, updated_at TEXT, final_round INTEGER,
    rejection_reasons TEXT, consumed_seq INTEGER);
CREATE TABLE rounds (round_id TEXT PRIMARY KEY, item_id TEXT, round_n INTEGER, candidate_blob TEXT, quality_blob TEXT,
    eval_blob TEXT, reflection TEXT, started_at TEXT, ended_at TEXT, accepted INTEGER);
CREATE TABLE requests (request_id TEXT PRIMARY KEY, item_id TEXT, round_n INTEGER, role TEXT, model_key TEXT,
    attempt INTEGER, messages_blob TEXT, json_mode INTEGER, parent_response_id TEXT, status TEXT, submitted_at TEXT,
    completed_at TEXT, batch_id TEXT, failure_count INTEGER, last_error TEXT, temperature REAL, max_tokens INTEGER);
CREATE TABLE responses (response_id TEXT PRIMARY KEY, request_id TEXT, model TEXT, text TEXT, prompt_tokens INTEGER,
    completion_tokens INTEGER, cost_usd REAL, duration_ms INTEGER, received_at TEXT);
CREATE TABLE solver_scores (score_id TEXT PRIMARY KEY, round_id TEXT, solver TEXT, attempt INTEGER, total REAL,
    per_criterion TEXT, failure_modes TEXT, raw_response TEXT, solver_response_id TEXT, judge_response_id TEXT,
    correct INTEGER);
CREATE TABLE accepted (accepted_id TEXT PRIMARY KEY, item_id TEXT, round_id TEXT, payload_blob TEXT, accepted_at TEXT);
"""


@dataclass
class RunDb:
    """A run.db being written. `weak` and `strong` of `add_round` are marks of c1 (weight 5) and c2 (weight 3) per
    attempt; a mark of None is a judge whose reply could not be parsed."""

    path: Path
    mode: str | None = None
    model: str = "openai/gpt-4o-mini"
    extra: dict[str, Any] = field(default_factory=dict)
    strong_extra: dict[str, Any] = field(default_factory=dict)
    status: str = "completed"
    acceptance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.path)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.executescript(_SCHEMA)
        self.db.execute("PRAGMA user_version = 3")
        role = {"provider_model": self.model, "temperature": None, "max_tokens": 900, "top_p": 1.0}
        config = {
            "domain": {"name": "qa_from_documents", "params": {"source_dir": "/home/somebody/private"}},
            "loop": {"max_rounds": 3, "weak_samples": 2, "strong_samples": 2, "short_circuit_strong": True},
            "acceptance": {
                "mode": self.mode, "weak_avg_max": 0.65, "weak_max_max": 0.75, "forbid_weak_zero": True,
                "strong_avg_min": 0.6, "strong_avg_max": 0.95, "min_gap": 0.2, "verifiable_weak_max_correct": 1,
                "verifiable_strong_min_correct": 2, **self.acceptance,
            },
            **{name: {**role, "extra": self.extra} for name in ("orchestrator", "challenger", "weak_solver", "judge")},
            "strong_solver": {**role, "extra": self.strong_extra or self.extra},
        }  # fmt: skip
        self.insert("runs", "r1", json.dumps(config), None, TIME, TIME, TIME, self.status, None, 0.5)

    def insert(self, table: str, *values: Any) -> None:
        """One row in the order of the schema."""
        self.db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)

    def add_item(self, item: str = "i1", state: str = "ACCEPTED", final: int | None = 1, reasons: Any = None) -> None:
        metadata = json.dumps({"path": "/home/somebody/private/leases.md", "name": "leases.md"})
        blob = json.dumps(reasons) if reasons else None
        self.insert(
            "items", item, "r1", f"s-{item}", "qa_from_documents", state, 1, metadata, TIME, TIME, final, blob, 0
        )

    def add_round(
        self,
        item: str = "i1",
        number: int = 1,
        weak: Sequence[Any] = ((0.2, 0.0), (0.2, 0.0)),
        strong: Sequence[Any] = ((1.0, 0.8), (0.9, 0.8)),
        *,
        accepted: bool = True,
        reasons: Sequence[str] = (),
        quality: dict[str, Any] | None = None,
        candidate: dict[str, Any] | None = None,
        total: float | None = None,
        ended: bool = True,
        reflection: Sequence[str] = (),
        audit: dict[str, Any] | None = None,
    ) -> None:
        round_id = f"{item}-{number}"
        candidate = candidate or make_candidate(number)
        report = {"rejection_reasons": list(reasons), "weak_avg": 0.1, "strong_avg": 0.9, "gap": 0.8}
        values = [
            round_id,
            item,
            number,
            json.dumps(candidate),
            json.dumps(quality or {"passed": True, "failures": []}),
        ]
        values += [json.dumps(report), json.dumps(list(reflection)) if reflection else None, TIME]
        self.insert("rounds", *values, TIME if ended else None, int(accepted))
        prompt = "SOURCE_DOCUMENT (truncated):\n---\nA lease ends.\n---\n\nFeedback from previous rounds:\n(none)"
        self.add_call(f"{round_id}-c", item, number, "challenger", prompt, json.dumps(candidate))
        for solver, marks in (("weak", weak), ("strong", strong)):
            for attempt, mark in enumerate(marks):
                self._add_score(round_id, item, number, solver, attempt, mark, total)
        if accepted:
            payload = json.dumps({"audit": audit})
            self.insert("accepted", f"a-{round_id}", item, round_id, payload, TIME)

    def add_call(
        self, own: str, item: str, number: int, role: str, prompt: str, reply: str | None, attempt: int = 0,
        parent: str | None = None,
    ) -> None:  # fmt: skip
        messages = json.dumps([{"role": "user", "content": prompt}])
        state = ("done", TIME, TIME) if reply is not None else ("failed", TIME, None)
        error = None if reply is not None else "APIConnectionError: refused"
        self.insert(
            "requests",
            own,
            item,
            number,
            role,
            self.model,
            attempt,
            messages,
            0,
            parent,
            *state,
            None,
            0,
            error,
            0.7,
            900,
        )
        if reply is not None:
            self.insert("responses", own, own, self.model, reply, 120, 30, 0.001, 2500, TIME)

    def _add_score(
        self, round_id: str, item: str, number: int, solver: str, attempt: int, mark: Any, total: float | None
    ) -> None:
        own = f"{round_id}-{solver}-{attempt}"
        answer = f"{solver} answer {attempt}"
        self.add_call(own, item, number, solver, "Which bound keeps reads safe?", answer, attempt)
        if self.mode == "verifiable":
            correct = None if mark is None else int(mark)
            failures = ["unverifiable"] if mark is None else []
            self.insert("solver_scores", f"x{own}", round_id, solver, attempt, float(mark or 0), "{}",
                        json.dumps(failures), answer, own, own, correct)  # fmt: skip
            return
        self.add_call(f"{own}-j", item, number, "judge", f"grade {own}", "{…}", attempt, parent=own)
        marks = (
            {} if mark is None else dict(mark) if isinstance(mark, dict) else dict(zip(("c1", "c2"), mark, strict=True))
        )
        failures = ["judge_parse_error:no JSON"] if mark is None else []
        computed = (5 * marks.get("c1", 0) + 3 * marks.get("c2", 0)) / 8
        value = 0.0 if mark is None else computed if total is None else total
        self.insert("solver_scores", f"x{own}", round_id, solver, attempt, value, json.dumps(marks),
                    json.dumps(failures), answer, own, f"{own}-j", None)  # fmt: skip

    def close(self) -> Path:
        self.db.commit()
        self.db.close()
        return self.path


def make_candidate(number: int = 1) -> dict[str, Any]:
    """A document candidate with two criteria of weight 5 and 3."""
    return {
        "candidate_id": f"k{number}", "domain": "qa_from_documents", "source_id": "s",
        "payload": {"question": f"Which bound keeps reads safe? ({number})", "context": "A leader holds a lease.",
                    "reasoning_skills": ["timing"]},
        "rubric": [{"id": "c1", "description": "names the bound", "weight": 5},
                   {"id": "c2", "description": "says why", "weight": 3}],
        "reference_output": "The drift bound.", "metadata": {},
    }  # fmt: skip


def make_qa(**changes: Any) -> dict[str, Any]:
    """A task of a JAE-HUN-CHO round."""
    return {
        "context": "A leader holds a lease.", "question": "Which bound?", "reference_answer": "Drift.",
        "rubric": [{"criterion": "names the bound", "weight": 5, "category": "positive"},
                   {"criterion": "blames the network", "weight": -3, "category": "negative"}],
        "question_type": "explain", "reasoning_tags": ["timing"], **changes,
    }  # fmt: skip


def make_paper(*rounds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A JAE-HUN-CHO trajectory."""
    accepted = any(r["status"] == "ACCEPTED" for r in rounds if "status" in r)
    paper = {
        "paper_id": "p1",
        "accepted": accepted,
        "accepted_qa": None,
        "n_rounds": len(rounds),
        "rounds": list(rounds),
    }
    return {**paper, **changes}


def make_paper_round(
    number: int, status: str, weak: list[Any], strong: list[Any], feedback: str = ""
) -> dict[str, Any]:
    """A round of it; the gap is null, as in most of theirs."""
    scores = {"weak_scores": weak, "strong_scores": strong, "gap": None, "feedback": feedback}
    return {"round": number, "status": status, "qa": make_qa(), **scores}


def make_record(**changes: Any) -> dict[str, Any]:
    """An Open-AutoData record of the fullest writer: a round that was accepted."""
    return {
        "run_id": "r", "arm": "loop", "chunk_id": "c-1", "round_num": 1, "question": "What fell?",
        "reference_answer": "Revenue.", "weak_answer": ["a", "b", "c"], "strong_answer": ["d", "e", "f"],
        "weak_score": 20.0, "strong_score": 80.0, "score_gap": 60.0, "judge_feedback": "weak 1: vague",
        "status": "ACCEPTED", "question_type": "cause", "skill_tags": ["finance"], "context": "Revenue fell.",
        "rubric": [{"criterion": "names revenue", "weight": 5}, {"criterion": "says why", "weight": 5}],
        "weak_attempt_scores": [10.0, 20.0, 30.0], "strong_attempt_scores": [70.0, 80.0, 90.0],
        "verifier_feedback": "", "failure_mode": None, "fail_reason": "", "timestamp": TIME, **changes,
    }  # fmt: skip


def make_checkpoint_candidate(own: str = "aaaaaaaaaaaa", **changes: Any) -> dict[str, Any]:
    """A coding candidate of a checkpoint with a full evaluation."""
    return {
        "id": own, "task_name": "coding", "source_id": "s1",
        "payload": {"prompt": "Sort the list.", "starter_code": "def f(): ...", "reference_solution": "sorted(x)",
                    "tests": [{"name": "t", "code": "assert f()"}], "self_audit": "ok",
                    "rubric": [{"criterion": "sorts", "weight": 3, "category": "positive", "capability": "code"},
                               {"criterion": "mutates the input", "weight": 5, "category": "negative"}]},
        "capabilities": ["sorting"], "difficulty": "hard",
        "provenance": {"source_metadata": {"path": "/Users/somebody/docs/a.md", "relative_path": "docs/a.md",
                                           "license": "BSD-3"}},
        "evaluation": {"valid": True, "weak_score": 0.8, "strong_score": None, "judge_score": 0.5, "gap": None,
                       "reasons": ["weak already solves it"], "weak_rollouts": [0.8, 0.8], "strong_rollouts": [],
                       "verdict": "improve", "suggestion_for_writer": "ask for stability", "failure_kind": None,
                       "quality_verifier": {"passed": True, "checks": {"grounded": True}, "feedback": "fine"}},
        "accepted": False, **changes,
    }  # fmt: skip


def make_checkpoint(
    *candidates: dict[str, Any], events: Sequence[dict[str, Any]] = (), **changes: Any
) -> dict[str, Any]:
    """A checkpoint whose last attempts are the candidates."""
    parts = {"accepted_candidates": [], "last_attempts": list(candidates), "audit_events": list(events)}
    return {"version": 1, "complete": True, **parts, "feedback_by_scope": {}, **changes}


def make_event(number: int, status: str, own: str | None = None, **changes: Any) -> dict[str, Any]:
    """An event of a checkpoint."""
    about = {"task": "coding", "source_id": "s1", "attempt": number, "status": status, "candidate_id": own}
    return {
        **about,
        "reasons": [],
        "evaluation": None,
        "candidate_summary": None,
        "solver_visible_task": None,
        **changes,
    }


def make_line(**changes: Any) -> dict[str, Any]:
    """A line of the generic format: one accepted round whose verdicts give weak 0.25 and strong 1."""
    return {
        "format": "autodata-trajectory/1", "source": {"id": "s-1", "title": "Leases", "text": "A lease ends."},
        "models": {"challenger": "c", "weak": "w", "strong": "s", "judge": "j"}, "accepted_round": 1,
        "policy": {"name": "custom", "weak_mean_max": 0.65, "strong_mean_min": 0.6, "gap_min": 0.2},
        "rounds": [make_generic_round()], **changes,
    }  # fmt: skip


def make_generic_round(**changes: Any) -> dict[str, Any]:
    """Its round: two criteria of weight 1 and 3, an error of weight -2."""
    rubric = [{"id": "c1", "criterion": "names it", "weight": 1}, {"id": "c2", "criterion": "why", "weight": 3},
              {"id": "n1", "criterion": "blames the clock", "weight": -2}]  # fmt: skip
    task = {
        "context": "A leader.",
        "question": "Which bound?",
        "reference_answer": "Drift.",
        "rubric": rubric,
        "tags": ["t"],
    }
    rollouts = [make_rollout("weak", at, {"c1": True, "c2": False, "n1": False}) for at in range(3)]
    rollouts += [make_rollout("strong", at, {"c1": True, "c2": True, "n1": False}) for at in range(3)]
    return {"round": 1, "outcome": "accepted", "task": task, "rollouts": rollouts, **changes}


def make_rollout(solver: str, index: int, verdicts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One answer with its verdicts and the request behind it."""
    body = {
        "model": solver,
        "messages": [{"role": "user", "content": "Which bound?"}],
        "temperature": 1.0,
        "seed": index,
    }
    return {
        "solver": solver, "index": index, "answer": f"{solver} {index}", "finish_reason": "stop", "verdicts": verdicts,
        "request": body, "usage": {"prompt_tokens": 9, "completion_tokens": 4},
        "judge_request": {"model": "j", "messages": []}, "judge_reply": "{…}", **changes,
    }  # fmt: skip


def write_json(path: Path, value: Any) -> Path:
    """A JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def write_lines(path: Path, *values: Any) -> Path:
    """JSON lines; a text goes out as it is."""
    path.write_text("".join((v if isinstance(v, str) else json.dumps(v)) + "\n" for v in values), encoding="utf-8")
    return path
