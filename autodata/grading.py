"""Grading: one answer, by whoever the recipe declares, without knowing who wrote it.

A rubric is judged criterion by criterion; the arithmetic is ours. A verifiable answer is compared with the reference by
letters and algebra, and read by a model only where these decide nothing. What cannot be graded is raised, never a zero.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from autodata.agents import answer_verifier, judge
from autodata.agents.prober import PROBE_SHA, build_probe_body, is_alive
from autodata.answers import Comparison, FinalAnswer, compare_answers, read_final_answer
from autodata.asking import ask_until_read
from autodata.canon import derive_seed, hash_value
from autodata.context import LoopContext
from autodata.errors import ProviderFailure
from autodata.model import Grader, Score, Solver, Task, Verdict
from autodata.recorder import CallKey, RecordedCall
from autodata.scoring import score_verdicts


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer earned, by whom it was graded and in which call (None: no model was asked)."""

    score: Score
    by: Grader
    verdicts: tuple[Verdict, ...] = ()
    call: int | None = None
    note: str = ""


async def grade_answer(
    task: Task, solver: Solver, index: int, answer: RecordedCall, context: LoopContext, nonce: str
) -> Grade:
    """Grade one answer. Raises MalformedReply or ProviderFailure when nobody could."""
    if task.rubric:
        verdicts, call = await _judge_answer(task, solver, index, answer, context, nonce)
        score = score_verdicts(task.rubric, {verdict.criterion_id: verdict.met for verdict in verdicts})
        return Grade(score, "judge", verdicts, call)
    final, compared = await asyncio.to_thread(decide_symbolically, task.reference_answer, answer.reply.content)
    if compared.equal is not None:
        means = {"text": "letter by letter", "algebra": "by algebra", "": ""}[compared.by]
        return Grade(score_right(compared.equal), "symbolic", note=f"{final.how} answer, compared {means}")
    verdict, call = await _ask_answer_verifier(task, solver, index, answer, final, context, nonce)
    return Grade(score_right(verdict.equivalent), "verifier", call=call, note=verdict.reason)


def decide_symbolically(reference: str, text: str) -> tuple[FinalAnswer, Comparison]:
    """The final answer read out of `text`, and whether it is certain that it equals the reference or does not.

    What stands in the last line without being called the answer may be equal, but being different proves nothing.
    Pure and repeatable, so that an audit can do it again. Blocks; call it in a thread from asynchronous code.
    """
    final = read_final_answer(text)
    if not final.text:
        return final, Comparison(None)
    compared = compare_answers(reference, final.text)
    if compared.equal is False and not final.declared:
        return final, Comparison(None)
    return final, compared


def score_right(right: bool) -> Score:
    """The score of an answer that is right or wrong: 1 or 0."""
    return Score(earned=float(right), penalty=0.0, attainable=1.0, value=float(right))


async def grade_silence(task: Task, solver: Solver, index: int, ask: int, context: LoopContext) -> Grade | None:
    """A verifiable task got an empty answer: zero where the endpoint answers 2+2 (paper Fig 15), None where it is down.

    A probe that failed keeps meaning that the endpoint was down then, also after the run was resumed.
    """
    settings = context.settings
    key = CallKey(task.source_id, task.round, solver, index, purpose="probe", ask=ask)
    if context.recorder.has_failed(key):
        return None
    seed = derive_seed(settings.seed, task.source_id, task.round, solver, index, "probe", ask)
    try:
        call = await context.recorder.call(
            key, build_probe_body(settings.seats.seat(solver), seed), template_sha=PROBE_SHA
        )
    except ProviderFailure as failure:
        if failure.kind in ("auth", "not_found"):
            raise
        return None
    if not is_alive(call.reply.content):
        return None
    return Grade(score_right(False), "probe", note=f"no answer; the endpoint answered 2+2 in call {call.seq}")


async def _ask_answer_verifier(
    task: Task,
    solver: Solver,
    index: int,
    answer: RecordedCall,
    final: FinalAnswer,
    context: LoopContext,
    nonce: str,
) -> tuple[answer_verifier.AnswerVerdict, int]:
    candidate = final.text if final.declared else answer.reply.content

    def build(ask: int) -> dict[str, Any]:
        return answer_verifier.build_answer_verifier_body(
            context.settings.seats.seat("judge"),
            context.recipe,
            task,
            candidate,
            seed=derive_seed(context.settings.seed, task.id, answer.response_sha, "verify", ask),
            nonce=nonce,
        )

    key = CallKey(task.source_id, task.round, "judge", index, purpose="verify", subject=solver)
    extra = {
        "task_sha": task.content_sha,
        "answer_sha_in": answer.response_sha,
        "rubric_sha": hash_value(task.reference_answer),
    }
    return await ask_until_read(context, "answer_verifier", key, build, answer_verifier.parse_answer_verdict, extra)


async def _judge_answer(
    task: Task, solver: Solver, index: int, answer: RecordedCall, context: LoopContext, nonce: str
) -> tuple[tuple[Verdict, ...], int]:
    def build(ask: int) -> dict[str, Any]:
        return judge.build_judge_body(
            context.settings.seats.seat("judge"),
            context.recipe,
            task,
            answer.reply.content,
            seed=derive_seed(context.settings.seed, task.id, answer.response_sha, "judge", ask),
            nonce=nonce,
        )

    key = CallKey(task.source_id, task.round, "judge", index, subject=solver)
    extra = {
        "task_sha": task.content_sha,
        "answer_sha_in": answer.response_sha,
        "rubric_sha": hash_value(judge.render_rubric(task.rubric)),
    }
    return await ask_until_read(
        context, "judge", key, build, lambda text: judge.parse_verdicts(text, task.rubric), extra
    )
