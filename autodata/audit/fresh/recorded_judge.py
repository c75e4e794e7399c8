"""The run's own judge request around an answer: sent again for other answers, or for the same under the other label."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import orjson

from autodata.agents.judge import parse_verdicts, render_rubric
from autodata.asking import ask_until_read
from autodata.audit.fresh.answer_set import AnswerSet, GivenAnswer
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.requests import NOT_OF_ONE_ANSWER
from autodata.audit.fresh.result import Subject
from autodata.audit.records import Call, TaskRecords
from autodata.audit.static.rendering import find_nonce
from autodata.canon import derive_seed, hash_text, hash_value, to_canonical_json
from autodata.errors import MalformedReply
from autodata.model import SOLVERS, Solver
from autodata.recorder import CallKey
from autodata.scoring import score_verdicts

_ANSWER = "\x00answer\x00"
"""Stands for the judged answer; no request holds it."""


@dataclass(frozen=True, slots=True)
class JudgeWrappers:
    """A judge request of each solver with the answer taken out, as canonical JSON; `template_sha` is as recorded."""

    bodies: Mapping[Solver, bytes]
    template_sha: str

    @property
    def labelled(self) -> bool:
        """Whether the judge was told something else around a weak answer than around a strong one."""
        texts = {to_canonical_json(orjson.loads(body)["messages"]) for body in self.bodies.values()}
        return len(texts) > 1

    def fill(self, solver: Solver, text: str, model: str, seed: int) -> dict[str, Any]:
        """The request that was sent for `solver`, around another answer."""
        body = orjson.loads(self.bodies[solver])
        body = _change_texts(body, lambda given: text.join(given.split(_ANSWER)))
        return {**body, "model": model, **({"seed": seed} if "seed" in body else {})}


def find_judge_wrappers(records: TaskRecords) -> JudgeWrappers | None:
    """The judge requests of both solvers; None where one is not recorded, holds no answer, or had a reply that cannot
    be read as verdicts on this rubric."""
    bodies: dict[Solver, bytes] = {}
    template_sha = ""
    for solver in SOLVERS:
        for answer in records.list_answers(solver):
            call = records.find_call(answer.judge_call)
            body = _take_out(records, call, answer.text or "") if call is not None else None
            if body is not None and call is not None and _is_readable(records, call):
                bodies[solver], template_sha = body, call.template_sha
                break
    return JudgeWrappers(MappingProxyType(bodies), template_sha) if len(bodies) == len(SOLVERS) else None


async def grade_as_recorded(
    subject: Subject,
    context: AuditContext,
    answers: AnswerSet,
    wrappers: JudgeWrappers,
    *,
    swapped: bool = False,
    salt: int = 0,
) -> AnswerSet:
    """The answers graded by the run's judge in the run's words; `swapped`: each in the other solver's request.

    Another `salt` asks once more with other seeds.

    Raises MalformedReply or ProviderFailure when one of them could not be graded.
    """
    task, settings = subject.records.task, context.loop.settings
    model = settings.seats.seat("judge").model
    purpose = f"{'relabelled' if swapped else 'as_judged'}{f'_{salt}' if salt else ''}_{answers.origin}"
    extra = {"task_sha": task.content_sha, "rubric_sha": hash_value(render_rubric(task.rubric))}

    async def grade(answer: GivenAnswer) -> GivenAnswer:
        asked = answer.solver if not swapped else SOLVERS[1 - SOLVERS.index(answer.solver)]
        sha = hash_text(answer.text)

        def build(ask: int) -> dict[str, Any]:
            return wrappers.fill(
                asked, answer.text, model, derive_seed(settings.seed, task.id, sha, purpose, asked, ask)
            )

        key = CallKey(task.id, 0, "judge", answer.index, purpose=purpose, subject=answer.solver)
        verdicts, _ = await ask_until_read(
            context.loop,
            "judge",
            key,
            build,
            lambda text: parse_verdicts(text, task.rubric),
            {**extra, "answer_sha_in": sha},
            wrappers.template_sha,
        )
        score = score_verdicts(task.rubric, {v.criterion_id: v.met for v in verdicts})
        return replace(answer, score=score.value, verdicts=verdicts)

    return AnswerSet(answers.origin, tuple(await asyncio.gather(*(grade(answer) for answer in answers.answers))))


def _take_out(records: TaskRecords, call: Call, answer: str) -> bytes | None:
    """The call's body with the answer taken out; None where the answer is not in it."""
    if not records.run.imported:
        nonce = find_nonce(records)
        shown, put = (f"[[answer {nonce}]]\n{text}\n[[/answer {nonce}]]" for text in (answer, _ANSWER))
    else:
        shown, put = answer.strip(), _ANSWER
    body = call.read_body()
    if not shown or not isinstance(body.get("messages"), list) or not answer.strip():
        return None
    found = _change_texts(body, lambda text: text.replace(shown, put))
    if found == body:
        return None
    kept = {key: value for key, value in found.items() if key not in NOT_OF_ONE_ANSWER}
    return to_canonical_json(kept)


def _is_readable(records: TaskRecords, call: Call) -> bool:
    try:
        parse_verdicts(call.response or "", records.task.rubric)
    except MalformedReply:
        return False
    return True


def _change_texts(body: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The body with every text of its messages changed."""
    messages = []
    for message in body["messages"]:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            message = {**message, "content": change(content)}
        elif isinstance(content, list):
            parts = [
                {**part, "text": change(part["text"])} if isinstance(part, dict) and isinstance(part.get("text"), str)
                else part
                for part in content
            ]  # fmt: skip
            message = {**message, "content": parts}
        messages.append(message)
    return {**body, "messages": messages}
