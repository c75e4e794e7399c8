"""Rounds as the product's recorder writes them: the journal of an own run."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autodata.agents import challenger, judge, verifier
from autodata.agents.solver import SOLVER_TEMPLATE_SHA
from autodata.canon import hash_text, hash_value
from autodata.context import LoopContext
from autodata.history import CallKey, describe_reply, describe_request
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.llm.reply import Reply
from autodata.model import Rollout, Task
from autodata.runs import create_run
from autodata.settings import RunSettings
from autodata.sources import Loaded
from autodata.steps.record import commit_end, commit_round
from autodata.steps.work import RoundResult, SourceWork
from benchmarks.sabotage.family import Entry, Made
from benchmarks.sabotage.harness import Harness, MadeRound, Plan, Trajectory, make_sources

_REFERENCES = ("answer_call", "judge_call", "retry_of")
_SECONDS = 2.0
"""How long a simulated call is said to have taken."""


class Ledger:
    """Takes records before they are chained; stands in for the recorder in autodata.steps.record."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._number = 0
        self._calls = 0

    def append(self, kind: str, data: dict[str, Any]) -> int:
        """Add a record; returns the number by which others may name it."""
        self._number += 1
        self._calls += kind == "call"
        self.entries.append(Entry(self._number, kind, data))
        return self._number

    def commit(self, kind: str, identity: tuple[Any, ...], data: dict[str, Any]) -> int:
        """The same, in the recorder's words."""
        return self.append(kind, data)

    def count_calls(self, source: str, round_number: int) -> int:
        """Calls of the round so far."""
        return self._calls

    def take(self) -> list[Entry]:
        """The records of the round that is done."""
        entries, self.entries, self._calls = self.entries, [], 0
        return entries


def write_own_run(home: Home, plan: Plan) -> tuple[Path, Harness, list[Trajectory]]:
    """A whole run: its start as the product writes it, its sources' rounds, its end."""
    sources = make_sources(plan.seed, plan.sources)
    harness = Harness(plan, "")
    settings = RunSettings(
        domain="cs",
        policy=plan.family.policy,
        seats=harness.seats,
        seed=plan.seed,
        final_review=False,
        inputs=("samples",),
    )
    run_id = harness.run_id = create_run(home, settings, harness.recipe, Loaded(sources))
    path, trajectories, calls = home.journal(run_id), [], 0
    with JournalWriter(path) as journal:
        writer = _Writer(harness, settings, journal)
        for trajectory in harness.run_all(sources):
            writer.write(trajectory)
            trajectories.append(trajectory)
        calls = writer.calls
        outcomes = [t.accepted is not None for t in trajectories]
        totals = {"sources": len(outcomes), "accepted": sum(outcomes), "undecided": 0, "calls": calls}
        journal.append("run_ended", {"state": "done", "reason": "", "totals": totals})
    return path, harness, trajectories


class _Writer:
    def __init__(self, harness: Harness, settings: RunSettings, journal: JournalWriter) -> None:
        self.harness, self.settings, self.journal = harness, settings, journal
        self.ledger = Ledger()
        self.calls = 0
        self.clock = time.time()

    def write(self, trajectory: Trajectory) -> None:
        context = LoopContext(self.harness.run_id, self.settings, self.harness.recipe, self.ledger)  # type: ignore[arg-type]
        work = SourceWork(trajectory.source, context)
        for made in trajectory.rounds:
            self._write_round(work, made)
        accepted = trajectory.accepted
        if accepted is not None:
            task = accepted.revised or accepted.task
            commit_end(work, "accepted", accepted.number, task, accepted.reason)
        else:
            count = len(trajectory.rounds)
            commit_end(work, "exhausted", count, None, f"no task passed in {count} rounds")
        self._flush(self.ledger.take())

    def _write_round(self, work: SourceWork, made: MadeRound) -> None:
        """In the recorder's order: draft, task, review, answers, their verdicts, rollouts, the round."""
        own, ledger = made.tamper, self.ledger
        first = made.revised if made.revised is not None and own.backdate else made.task
        self._add_call(
            made.number, work.source.id, made.asked[0].role, made.asked[0].body, made.asked[0].reply, "write"
        )
        self._add_task(first)
        for asked in made.asked[1:]:
            extra = {"task_sha": first.content_sha}
            self._add_call(made.number, work.source.id, asked.role, asked.body, asked.reply, asked.purpose, extra=extra)
        quality = {"source": work.source.id, "round": made.number, "task_id": first.id, "purpose": "review"}
        ledger.append("quality", {**quality, **asdict(made.review)})
        answers = {id(one): self._add_answer(made, first, one) for one in made.made if one.recorded}
        late = made.revised is not None and not own.backdate
        if late and made.revised is not None:
            for one in (o for o in made.made if o.recorded):
                for body, reply in one.earlier:
                    self._add_judge(made, made.task, one, body, reply)
            self._add_task(made.revised)
        task = made.revised or made.task
        judged = {}
        for one in (o for o in made.made if o.recorded):
            if not late:
                for body, reply in one.earlier:
                    self._add_judge(made, task, one, body, reply)
            if one.judge_body is not None and one.judge_reply is not None:
                judged[id(one)] = self._add_judge(made, task, one, one.judge_body, one.judge_reply)
        rollouts = {
            solver: tuple(_describe(one, answers.get(id(one)), judged.get(id(one))) for one in made.list_used(solver))
            for solver in ("weak", "strong")
        }
        result = RoundResult(
            task, made.outcome, made.reason, rollouts["weak"], rollouts["strong"] or None, made.acceptance
        )
        commit_round(work, made.number, result)
        self._flush(own.edit_entries(ledger.take()))

    def _add_task(self, task: Task) -> None:
        about = {"source": task.source_id, "round": task.round, "content_sha": task.content_sha}
        self.ledger.append("task", {**about, "task": asdict(task)})

    def _add_answer(self, made: MadeRound, task: Task, one: Made) -> int:
        extra = {"task_sha": task.content_sha}
        return self._add_call(
            made.number, task.source_id, one.solver, one.body, one.reply, "select", index=one.index, extra=extra
        )

    def _add_judge(self, made: MadeRound, task: Task, one: Made, body: dict[str, Any], reply: Reply) -> int:
        handed = one.reply.content if made.tamper.conceal else one.answer
        extra = {
            "task_sha": task.content_sha,
            "answer_sha_in": hash_text(handed),
            "rubric_sha": hash_value(judge.render_rubric(task.rubric)),
        }
        return self._add_call(
            made.number,
            task.source_id,
            "judge",
            body,
            reply,
            "select",
            index=one.index,
            subject=one.solver,
            extra=extra,
        )

    def _add_call(
        self,
        number: int,
        source: str,
        role: Any,
        body: dict[str, Any],
        reply: Reply,
        purpose: str,
        *,
        index: int = 0,
        subject: str = "",
        extra: dict[str, Any] | None = None,
    ) -> int:
        key = CallKey(source, number, role, index, purpose, subject)
        self.calls += 1
        self.clock += _SECONDS
        seats = self.harness.seats
        data = {
            **describe_request(key, body, hash_value(body), self._template_sha(role), seats.seat(role).endpoint),
            **(extra or {}),
            "simulated": True,
            "try": 1,
            "retry_of": None,
            **describe_reply(reply, hash_text(reply.content)),
            "t_start": self.clock - _SECONDS,
            "t_end": self.clock,
        }
        return self.ledger.append("call", data)

    def _template_sha(self, role: str) -> str:
        files = {"challenger": challenger, "verifier": verifier, "judge": judge}
        module = files.get(role)
        return self.harness.recipe.template_sha(*module.TEMPLATE_FILES) if module else SOLVER_TEMPLATE_SHA

    def _flush(self, entries: list[Entry]) -> None:
        """Chain the records; each names the others by the numbers they have now."""
        first = self.journal.seq + 1
        numbers = {entry.number: first + at for at, entry in enumerate(entries)}
        for entry in entries:
            names = {n: numbers.get(entry.data[n]) for n in _REFERENCES if entry.data.get(n) is not None}
            self.journal.append(entry.kind, {**entry.data, **names})


def _describe(one: Made, answer_call: int | None, judge_call: int | None) -> Rollout:
    return Rollout(
        solver=one.solver,
        index=one.index,
        purpose="select",
        status=one.status,
        answer=one.reply.content,
        answer_sha=hash_text(one.reply.content),
        finish_reason=one.reply.finish_reason,
        score=one.score,
        verdicts=one.verdicts,
        answer_call=answer_call,
        judge_call=judge_call,
    )
