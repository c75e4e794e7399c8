"""The blind judge of an audit: one answer, by the shipped templates, never the run's own, not knowing whose it is.

Every answer is judged in a call of its own, so that no order of answers can say anything about them. A verifiable
answer is compared by letters and algebra first, exactly as in a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from autodata.agents import answer_verifier, judge
from autodata.agents.request import make_nonce
from autodata.asking import ask_until_read
from autodata.audit.fresh.context import AuditContext
from autodata.canon import derive_seed, hash_text, hash_value
from autodata.grading import decide_symbolically, score_right
from autodata.model import Criterion, Role, Score, Task, Verdict
from autodata.recipes.recipe import Recipe, load_recipe, make_recipe
from autodata.recorder import CallKey
from autodata.scoring import score_verdicts

UNASKED = 0
"""Stands for the call's number where letters or algebra decided and nobody was asked."""


@lru_cache(maxsize=1)
def load_canonical() -> Recipe:
    """The recipe of every audit: the shipped templates of the judge and of the answer verifier, whatever the domain."""
    answers = load_recipe("filter-answer").files
    both = {name: answers[name] for name in answer_verifier.TEMPLATE_FILES}
    return make_recipe({**load_recipe("filter-rubric").files, **both})


async def grade_blind(
    task: Task,
    text: str,
    context: AuditContext,
    *,
    role: Role = "auditor_judge",
    purpose: str,
    subject: str,
    attempt: int,
    rubric: Sequence[Criterion] | None = None,
    nonce: str | None = None,
) -> tuple[Score, tuple[Verdict, ...], int]:
    """Score, verdicts and the number of the call, `UNASKED` where nobody had to be asked.

    `purpose`, `subject` (whose answer) and `attempt` name the call in the journal and are no part of the request.
    `rubric` takes the place of the task's own. Raises MalformedReply or ProviderFailure when nobody could grade it.
    """
    task = task if rubric is None else replace(task, rubric=tuple(rubric))
    loop = context.loop
    nonce = nonce or make_nonce(context.loop.run_id, loop.settings.seed, task.id, 0, role)
    key = CallKey(task.id, 0, role, attempt, purpose=purpose, subject=subject)
    extra = {"task_sha": task.content_sha, "answer_sha_in": hash_text(text)}
    if not task.rubric:
        return await _compare(task, text, context, key, nonce, extra)

    def build(ask: int) -> dict[str, Any]:
        seed = derive_seed(loop.settings.seed, task.id, extra["answer_sha_in"], "blind", role, ask)
        return judge.build_judge_body(loop.settings.seats.seat(role), loop.recipe, task, text, seed=seed, nonce=nonce)

    extra["rubric_sha"] = hash_value(judge.render_rubric(task.rubric))
    verdicts, call = await ask_until_read(
        loop, "judge", key, build, lambda reply: judge.parse_verdicts(reply, task.rubric), extra
    )
    return score_verdicts(task.rubric, {v.criterion_id: v.met for v in verdicts}), verdicts, call


async def _compare(
    task: Task, text: str, context: AuditContext, key: CallKey, nonce: str, extra: dict[str, str]
) -> tuple[Score, tuple[Verdict, ...], int]:
    """Right or wrong against the reference: by letters and algebra where these decide, else by the blind verifier."""
    final, compared = await asyncio.to_thread(decide_symbolically, task.reference_answer, text)
    if compared.equal is not None:
        return score_right(compared.equal), (), UNASKED
    loop, candidate = context.loop, final.text if final.declared else text

    def build(ask: int) -> dict[str, Any]:
        seed = derive_seed(loop.settings.seed, task.id, extra["answer_sha_in"], "blind", key.role, ask)
        return answer_verifier.build_answer_verifier_body(
            loop.settings.seats.seat(key.role), loop.recipe, task, candidate, seed=seed, nonce=nonce
        )

    extra = {**extra, "rubric_sha": hash_value(task.reference_answer)}
    verdict, call = await ask_until_read(
        loop, "answer_verifier", key, build, answer_verifier.parse_answer_verdict, extra
    )
    return score_right(verdict.equivalent), (), call
