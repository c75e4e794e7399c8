"""Given tasks: the source carries prompt, answer and often a rubric, and nobody writes another task for it.

Where answers are graded by rubric and the item has none, the challenger's seat writes one. The whole task is in the
journal before any solver sees it.
"""

from __future__ import annotations

from autodata.agents import rubric_writer
from autodata.agents.challenger import Draft, make_task
from autodata.canon import derive_seed
from autodata.errors import MalformedReply
from autodata.items import Item, read_item
from autodata.model import Criterion
from autodata.recorder import CallKey
from autodata.steps.work import SourceWork
from autodata.steps.write import Written, commit_task


async def take_given(work: SourceWork, number: int) -> Written:
    """The source's own task, in the journal; a task is tried once, or the best of many noisy tries would be kept.

    Raises BadInput when the source is a document.
    """
    if number > 1:
        return Written(None, "a given task is tried once, and it did not pass")
    item = read_item(work.source)
    by_rubric = work.context.recipe.limits.flow.grading == "rubric"
    rubric: tuple[Criterion, ...] | str = item.rubric if by_rubric else ()
    if by_rubric and not rubric:
        rubric = await _write_rubric(work, number, item)
    if isinstance(rubric, str):
        return Written(None, rubric)
    return commit_task(work, number, _make_draft(item, rubric))


async def _write_rubric(work: SourceWork, number: int, item: Item) -> tuple[Criterion, ...] | str:
    """A rubric within the limits, or why there is none; what cannot be used is asked again with a new seed."""
    context, source = work.context, work.source
    settings, nonce, reason = context.settings, work.nonce(number, "challenger"), ""
    task = make_task(_make_draft(item, ()), context.run_id, source.id, number)
    for ask in range(settings.challenger_asks):
        body = rubric_writer.build_rubric_writer_body(
            settings.seats.seat("challenger"),
            context.recipe,
            task,
            seed=derive_seed(settings.seed, source.id, number, "rubric", ask),
            nonce=nonce,
        )
        call = await context.recorder.call(
            CallKey(source.id, number, "challenger", purpose="rubric", ask=ask),
            body,
            template_sha=context.recipe.template_sha(*rubric_writer.TEMPLATE_FILES),
        )
        try:
            return rubric_writer.parse_written_rubric(call.reply.content, task, context.recipe)
        except MalformedReply as error:
            reason = f"no rubric could be written: {error}"
    return reason


def _make_draft(item: Item, rubric: tuple[Criterion, ...]) -> Draft:
    return Draft(
        question_type="",
        context=item.context,
        question=item.prompt,
        reference_answer=item.answer,
        rubric=rubric,
        tags=(),
    )
