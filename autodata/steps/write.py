"""Writing: the challenger makes the round's task, which is committed before anybody tries it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from autodata.agents import challenger
from autodata.canon import derive_seed
from autodata.context import LoopContext
from autodata.errors import MalformedReply
from autodata.model import Task
from autodata.recorder import CallKey
from autodata.steps.work import SourceWork


@dataclass(frozen=True, slots=True)
class Written:
    """The round's task, or None with the reason."""

    task: Task | None
    reason: str = ""


async def write_task(work: SourceWork, number: int) -> Written:
    """Ask the challenger, again with a new seed after a malformed reply."""
    draft = await ask_challenger(work, number)
    if isinstance(draft, str):
        return Written(None, draft)
    work.target = draft.target
    return commit_task(work, number, draft)


async def ask_challenger(work: SourceWork, number: int, index: int = 0, angle: str = "") -> challenger.Draft | str:
    """One readable draft, or the reason why no reply could be read.

    `index` tells challengers asked at once apart, and `angle` is what this one is told to try.
    """
    context, source = work.context, work.source
    settings, nonce, reason = context.settings, work.nonce(number, "challenger"), ""
    parts = ("challenger", index) if index else ("challenger",)
    for ask in range(settings.challenger_asks):
        body = challenger.build_challenger_body(
            settings.seats.seat("challenger"),
            context.recipe,
            source,
            work.failures,
            extract=work.extract,
            angle=angle,
            seed=derive_seed(settings.seed, source.id, number, *parts, ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(source.id, number, "challenger", index, purpose="write", ask=ask),
            body,
            template_sha=context.recipe.template_sha(*challenger.TEMPLATE_FILES),
        )
        try:
            return challenger.parse_draft(call.reply.content, context.recipe.limits)
        except MalformedReply as error:
            reason = f"the challenger's reply could not be used: {error}"
    return reason


def commit_task(work: SourceWork, number: int, draft: challenger.Draft) -> Written:
    """The draft as the round's task, in the journal."""
    context: LoopContext = work.context
    task = challenger.make_task(draft, context.run_id, work.source.id, number)
    context.recorder.commit(
        "task",
        (work.source.id, number),
        {"source": work.source.id, "round": number, "content_sha": task.content_sha, "task": asdict(task)},
    )
    return Written(task)
