"""Writes one run's journal piece by piece, every kind of record in the order the engine writes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autodata.acceptance import Graded, decide_acceptance, find_band, passes_weak_side, select_scores
from autodata.canon import hash_text
from autodata.clauses import measure_spread
from autodata.frugal import Side, count_saved, foresee_presets, foresee_without_flagged, settle_round
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.llm.seat import simulated_seats
from autodata.model import Solver, Task
from autodata.policy import PRESETS, Policy
from autodata.scoring import score_verdicts
from tests.support.made_calls import make_call
from tests.support.made_texts import TARGETS, TOPICS, describe_task, draw_verdicts, make_prose, make_task


@dataclass
class WrittenRun:
    """What a written run holds. `outcomes`: (source id, round) to outcome; `tasks`: the same to task id."""

    run_id: str
    sources: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    outcomes: dict[tuple[str, int], str] = field(default_factory=dict)
    tasks: dict[tuple[str, int], str] = field(default_factory=dict)
    content: dict[str, str] = field(default_factory=dict)


class RunAuthor:
    """One run's journal, for tests that need to stop in the middle; `write_run` is the short way."""

    def __init__(
        self,
        home: Home,
        run_id: str,
        *,
        seed: int = 0,
        policy: Policy = PRESETS["deployed"],
        simulated: bool = True,
        domain: str = "cs",
        words: int = 120,
        baseline: bool = False,
        frugal: bool = False,
    ) -> None:
        self.baseline, self.frugal = baseline, frugal
        self.home, self.policy, self.simulated, self.domain, self.words = home, policy, simulated, domain, words
        self.written = WrittenRun(run_id)
        self.rng = random.Random(f"{run_id}:{seed}")
        self.parity_broken = False
        self.statuses: tuple[str, ...] = ()
        self.gap_shift = 0.0
        self.journal = JournalWriter(home.journal(run_id))
        self._calls = 0
        self._places: dict[str, int] = {}
        self._before = 0

    def __enter__(self) -> RunAuthor:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()

    def start(self, n_sources: int, skipped: int = 0) -> None:
        """The head of the journal: settings, skipped files, sources."""
        run_id = self.written.run_id
        settings = {
            "domain": self.domain,
            "policy": self.policy.name,
            "max_rounds": 12,
            "seed": 0,
            "baseline": self.baseline,
            "final_review": False,
            "frugal": "one_by_one" if self.frugal else "off",
            "slots": 8,
            "sources_in_flight": 4,
            "budget_calls": 10_000,
            "budget_tokens": None,
            "seats": simulated_seats().model_dump(),
            "inputs": ["samples"],
        }
        self.journal.append(
            "run_started",
            {
                "run_id": run_id,
                "software": "0.1.0",
                "settings": settings,
                "recipe": {"name": self.domain, "sha": "ab" * 32, "files": {}},
                "policy": self.policy.model_dump(),
                "simulated": self.simulated,
                "host": "bench",
                "pid": 4242,
                "warnings": [],
            },
        )
        for number in range(skipped):
            self.journal.append("source_skipped", {"name": f"scan-{number}.pdf", "reason": "no text: a scanned page"})
        for number in range(n_sources):
            text = f"Passage {number} of {run_id}. " + self._write_prose(self.words * 3)
            source_id = hash_text(text)[:16]
            self.written.sources.append(source_id)
            self._places[source_id] = number
            source = {
                "id": source_id,
                "title": f"{TOPICS[number % len(TOPICS)].capitalize()}, passage {number // 4 + 1}",
                "text": text,
                "document": f"notes-{number // 4}.md",
                "passage": number % 4 + 1,
                "passages": 4,
                "metadata": {},
            }
            self.journal.append("source", {"source": source})

    def resume(self) -> None:
        self.journal.append("run_resumed", {"run_id": self.written.run_id, "pid": 4343, "host": "bench"})

    def end(self, state: str = "done", reason: str = "") -> None:
        totals = {"sources": len(self.written.sources), "accepted": len(self.written.accepted), "calls": self._calls}
        self.journal.append("run_ended", {"state": state, "reason": reason, "totals": totals})

    def draw_plan(self) -> list[str]:
        """A plausible trajectory: mostly too easy, sometimes accepted in the end."""
        misses = ["too_easy"] * 7 + ["failed_on_strong", "narrow_gap", "failed_quality"]
        plan = [self.rng.choice(misses) for _ in range(self.rng.randint(0, 5))]
        return [*plan, "accepted" if self.rng.random() < 0.8 else "too_easy"]

    def write_trajectory(self, number: int, plan: Sequence[str], first_round: int = 1) -> None:
        """All rounds of one source and its `source_done`."""
        source = self.written.sources[number]
        outcome, task_id = "", None
        for round_number, aim in enumerate(plan, start=first_round):
            outcome, task_id = self.write_round(source, round_number, aim)
            if outcome == "accepted":
                break
        done = outcome if outcome in ("accepted", "undecided") else "exhausted"
        self.journal.append(
            "source_done",
            {
                "source": source,
                "outcome": done,
                "accepted_round": round_number if done == "accepted" else None,
                "task_id": task_id if done == "accepted" else None,
                "rounds": round_number,
                "reason": "3 of 3 weak answers failed" if done == "undecided" else "",
            },
        )

    def write_round(self, source: str, number: int, aim: str) -> tuple[str, str | None]:
        """One round with all its calls; returns what the rule came to, and the task's id."""
        task = self._write_task(source, number)
        self._before = self._calls
        self._call(source, number, "challenger", "write", {"document": "…", "nonce": task.id}, "{…}")
        passed = aim != "failed_quality"
        self.journal.append(
            "task",
            {"source": source, "round": number, "content_sha": task.content_sha, "task": describe_task(task)},
        )
        self._call(source, number, "verifier", "review", {"question": task.question}, "{…}")
        quality = {"source": source, "round": number, "task_id": task.id, "passed": passed, "by": "verifier"}
        checks = {"leakage": "NO_LEAKAGE", "question": "GOOD" if passed else "RECALL", "rubric": "PASS"}
        feedback = "" if passed else "the question asks to recall one sentence"
        self.journal.append("quality", {**quality, "checks": checks, "feedback": feedback})
        weak: list[Graded] = []
        strong: list[Graded] | None = None
        if passed:
            aims = TARGETS.get(aim, (0.5, 0.5))
            weak = self._write_side(task, "weak", aims[0], failing=aim == "undecided")
            if self.baseline or passes_weak_side(self.policy, weak):
                strong = self._write_side(task, "strong", aims[1] + self.gap_shift, failing=False, weak=weak)
        outcome = self._close_round(task, weak, strong, passed, feedback)
        return outcome, task.id

    def _close_round(
        self, task: Task, weak: list[Graded], strong: list[Graded] | None, passed: bool, feedback: str
    ) -> str:
        data: dict[str, Any] = {
            "source": task.source_id,
            "round": task.round,
            "task_id": task.id,
            "policy": self.policy.name,
            "policy_sha": self.policy.sha,
            "calls": self._calls - self._before,
            "outcome": "failed_quality",
            "reason": feedback,
            "feedback": feedback,
        }
        if passed:
            sides = self._make_side("weak", weak), self._make_side("strong", strong or [])
            result = decide_acceptance(self.policy, weak, strong)
            saved: dict[Solver, int] = {}
            if self.frugal:
                result = settle_round(self.policy, *sides, scored=False) or result
                saved = count_saved(self.policy, *sides, together=False, scored=False)
            data |= {
                "outcome": "passed_baseline" if self.baseline and result.outcome == "accepted" else result.outcome,
                "reason": result.reason,
                "weak_mean": result.weak_mean,
                "strong_mean": result.strong_mean,
                "gap": result.gap,
                "band": find_band(self.policy, result.weak_mean, result.strong_mean),
                "clauses": [
                    {"name": c.name, "text": c.text, "measured": c.measured, "holds": c.holds} for c in result.clauses
                ],
                "weak_spread": measure_spread(select_scores(self.policy, weak, "weak")[0]),
                "rollouts": {
                    solver: {"planned": side.planned, "asked": len(side.answers), "saved": saved.get(solver, 0)}
                    for solver, side in zip(("weak", "strong"), sides, strict=True)
                },
                "calls_saved": 2 * sum(saved.values()),
                "presets": foresee_presets(*sides, scored=False),
                "outcome_without_flagged": foresee_without_flagged(self.policy, *sides, scored=False),
                "weak_scores": [g.score for g in weak],
                "strong_scores": [g.score for g in strong or []],
                "weak_statuses": [g.status for g in weak],
                "strong_statuses": [g.status for g in strong or []],
                "feedback": "the weak model meets most criteria; ask for the step it leaves out",
            }
        self.journal.append("round", data)
        self.written.outcomes[task.source_id, task.round] = data["outcome"]
        if data["outcome"] == "accepted":
            self.written.accepted.append(task.id)
        return str(data["outcome"])

    def _make_side(self, solver: Solver, answers: Sequence[Graded]) -> Side:
        return Side(tuple(answers), self.policy.rollouts(solver))

    def _is_settled(self, solver: Solver, graded: list[Graded], weak: Sequence[Graded]) -> bool:
        sides = (weak, graded) if solver == "strong" else (graded, ())
        made = self._make_side("weak", sides[0]), self._make_side("strong", sides[1])
        return self.frugal and settle_round(self.policy, *made, scored=False) is not None

    def _write_side(
        self, task: Task, solver: Solver, aim: float, failing: bool, weak: Sequence[Graded] = ()
    ) -> list[Graded]:
        graded: list[Graded] = []
        for index in range(self.policy.rollouts(solver)):
            if self._is_settled(solver, graded, weak):
                break
            status = self.statuses[index] if solver == "weak" and index < len(self.statuses) else "ok"
            if failing:
                graded.append(self._write_failed(task, solver, index))
                continue
            words = (
                "" if status == "empty" else f"Answer {index} of the {solver} model. {self._write_prose(self.words)}"
            )
            messages = [{"role": "user", "content": f"{task.context}\n\n{task.question}"}]
            if self.parity_broken and solver == "weak":
                messages[0]["content"] += "\n\nAnswer in one short sentence."
            finish = "length" if status == "truncated" else "stop"
            answer = self._call(
                task.source_id,
                task.round,
                solver,
                "select",
                {"messages": messages},
                words,
                attempt=index,
                finish=finish,
            )
            graded.append(self._grade(task, solver, index, status, words, answer, aim, finish))
        return graded

    def _grade(
        self, task: Task, solver: str, index: int, status: str, words: str, answer: int, aim: float, finish: str
    ) -> Graded:
        score, verdicts, judge = None, {}, None
        if status != "empty":
            met = draw_verdicts(self.rng, task.rubric, min(1.0, max(0.0, aim + self.rng.uniform(-0.04, 0.04))))
            score = score_verdicts(task.rubric, met)
            verdicts = {cid: {"met": value, "quote": words[:40] if value else ""} for cid, value in met.items()}
            request = {"answer": words, "rubric": [c.criterion for c in task.rubric]}
            judge = self._call(
                task.source_id, task.round, "judge", "select", request, "{…}", subject=solver, attempt=index
            )
        record = {
            "source": task.source_id,
            "round": task.round,
            "task_id": task.id,
            "solver": solver,
            "index": index,
            "purpose": "select",
            "status": status,
            "finish_reason": finish,
            "answer_sha": hash_text(words),
            "answer_call": answer,
            "judge_call": judge,
            "score": None
            if score is None
            else {
                "earned": score.earned,
                "penalty": score.penalty,
                "attainable": score.attainable,
                "value": score.value,
            },
            "verdicts": verdicts,
            "note": "",
            "graded_by": "judge",
        }
        self.journal.append("rollout", record)
        return Graded(status, None if score is None else score.value)  # type: ignore[arg-type]

    def _write_failed(self, task: Task, solver: str, index: int) -> Graded:
        error = {"kind": "server_error", "status": 500, "message": "upstream failed"}
        self._call(task.source_id, task.round, solver, "select", {"messages": []}, None, attempt=index, error=error)
        record = {"source": task.source_id, "round": task.round, "task_id": task.id, "solver": solver, "index": index}
        rest = {"answer_sha": "", "answer_call": None, "judge_call": None, "score": None, "verdicts": {}}
        self.journal.append(
            "rollout",
            {
                **record,
                **rest,
                "purpose": "select",
                "status": "failed",
                "finish_reason": "",
                "note": "500",
                "graded_by": "judge",
            },
        )
        return Graded("failed", None)

    def _call(
        self,
        source: str,
        round_number: int,
        role: str,
        purpose: str,
        request: dict[str, Any],
        response: str | None,
        *,
        attempt: int = 0,
        subject: str = "",
        finish: str = "stop",
        error: dict[str, Any] | None = None,
    ) -> int:
        self._calls += 1
        body = {"model": f"sim-{role}", "temperature": 1.0, "max_tokens": 1200, "seed": self._calls, **request}
        call = make_call(
            body,
            response,
            key=f"{source}/{round_number}/{role}/{attempt}/{purpose}/{subject}",
            ended=1_790_000_000.0 + self._calls,
            finish=finish,
            error=error,
        )
        about = {"source": source, "round": round_number, "role": role, "attempt": attempt, "purpose": purpose}
        data = {**about, "subject": subject, **call, "simulated": self.simulated}
        return self.journal.append("call", data).seq

    def _write_prose(self, words: int) -> str:
        return make_prose(self.rng, words)

    def _write_task(self, source: str, number: int) -> Task:
        written = self.written
        task = make_task(self.rng, written.run_id, source, self._places[source], number)
        written.tasks[source, number] = task.id
        written.content[task.id] = task.content_sha
        return task
