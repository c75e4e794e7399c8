"""A transport without a network: the product's recorder asks the simulated models in this very process."""

from __future__ import annotations

from typing import Any

from autodata.errors import ProviderFailure
from autodata.llm.reply import Reply
from autodata.llm.seat import Endpoint, Seat
from autodata.llm.simulator.wire import RequestRefused, make_completion, parse_call
from autodata.model import Usage
from benchmarks.sabotage.world import World


class DirectTransport:
    """autodata.llm.reply.Transport over one world. Counts calls by model."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = 0

    async def send(self, endpoint: Endpoint, seat: Seat, body: dict[str, Any], *, role: str = "") -> Reply:
        """One reply; a body the simulated server refuses is a ProviderFailure, as over HTTP."""
        self.calls += 1
        return reply_to(self.world, body)

    async def close(self) -> None:
        """Nothing to let go of."""


def reply_to(world: World, body: dict[str, Any]) -> Reply:
    """What the server of this world answers. Raises ProviderFailure for a body it refuses."""
    try:
        call = world.cut_prompt(parse_call(body))
    except RequestRefused as refused:
        kind = "not_found" if refused.status == 404 else "bad_request"
        raise ProviderFailure(kind, refused.body["error"]["message"], status=refused.status) from refused
    written = world.write(call)
    completion = make_completion(call, written, world.config.fingerprint)
    usage = completion["usage"]
    return Reply(
        content=written.content,
        reasoning=written.reasoning,
        finish_reason=written.finish_reason,
        model=call.model,
        fingerprint=world.config.fingerprint,
        usage=Usage(
            usage["prompt_tokens"],
            usage["completion_tokens"],
            usage["completion_tokens_details"]["reasoning_tokens"],
        ),
    )
