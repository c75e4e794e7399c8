"""What came back from one successful call, in our own words whatever the server's dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from autodata.llm.seat import Endpoint, Seat
from autodata.model import AnswerStatus, Usage

SIMULATED_FINGERPRINT = "autodata-simulated"
"""How the system fingerprint of every reply of a simulated model begins, so that its data is labelled everywhere."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One chat completion. `content` is "" where the model wrote none; `finish_reason` as the server said it.

    `adapted` names what was changed in the body before it was sent (quirks.adapt_body); `warnings` are sentences about
    what the server seems to have done with the call without saying so.
    """

    content: str
    reasoning: str
    finish_reason: str
    model: str
    fingerprint: str | None
    usage: Usage
    refusal: str = ""
    adapted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    server: str = ""

    @property
    def simulated(self) -> bool:
        """Whether a simulated model wrote it, at whatever address it was reached."""
        return (self.fingerprint or "").startswith(SIMULATED_FINGERPRINT)


class Transport(Protocol):
    """The one seam to the network."""

    async def send(self, endpoint: Endpoint, seat: Seat, body: dict[str, Any], *, role: str = "") -> Reply:
        """One attempt, no retries. Raises ProviderFailure for everything that is not a usable chat completion.

        `role` is for the wording of errors only.
        """
        ...


def classify_answer(reply: Reply) -> AnswerStatus:
    """How an answer ended, worst first: refused, empty (nothing visible was written), truncated, ok."""
    if reply.refusal.strip() or reply.finish_reason == "content_filter":
        return "refused"
    if not reply.content.strip():
        return "empty"
    return "truncated" if reply.finish_reason == "length" else "ok"
