"""Asking an agent until its reply can be read: the same patience for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from autodata.context import LoopContext
from autodata.errors import MalformedReply
from autodata.recipes.recipe import name_templates
from autodata.recorder import CallKey

T = TypeVar("T")


async def ask_until_read(
    context: LoopContext,
    agent: str,
    key: CallKey,
    build: Callable[[int], dict[str, Any]],
    parse: Callable[[str], T],
    extra: Mapping[str, Any] | None = None,
    template_sha: str = "",
) -> tuple[T, int]:
    """What the agent said, and the call's number. `build` makes the request of one ask, each with a seed of its own.

    `agent` is the name of its templates in the recipe, unless `template_sha` names others. A malformed reply is asked
    again, `judge_asks` times; only fresh asks count, so that a retried round or a resumed run may ask on where the last
    one gave up. Raises MalformedReply when none could be read, and ProviderFailure.
    """
    asks = context.settings.judge_asks
    template_sha = template_sha or context.recipe.template_sha(*name_templates(agent))
    reason, ask, fresh = "", 0, 0
    while fresh < asks:
        call = await context.recorder.call(
            replace(key, ask=ask), build(ask), template_sha=template_sha, extra=dict(extra or {})
        )
        try:
            return parse(call.reply.content), call.seq
        except MalformedReply as error:
            reason = str(error)
        ask, fresh = ask + 1, fresh + (not call.replayed)
    raise MalformedReply(f"the {agent.replace('_', ' ')} gave no readable reply in {asks} asks: {reason}")
