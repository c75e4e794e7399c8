"""The error model, in one place.

1. `BadInput` - something a person gave us (a path, a policy, a seats file). Names the value and the remedy; exit 2.
2. `ProviderFailure` - one attempt to get a usable reply from an endpoint failed. It is data: journaled, retried where
   `retryable`, and in the end an `undecided` outcome. It is never a score.
3. `MalformedReply` - an agent answered, but not in the form asked for. Asked again with a new seed; after the last ask
   the round fails quality (challenger) or is `undecided` (verifier, judge).
4. `JournalDamaged` - the record is not what was written; names the record and what is still intact.
5. `HeldElsewhere` - another process owns the file that was asked for; names the holder and what to do.
6. `StopRequested` - budget spent, pause or stop asked for, or the disk refused a write. The run can be resumed.
"""

from __future__ import annotations


class AutodataError(Exception):
    """Base of every error that is meant to be read by a person."""


class BadInput(AutodataError):
    """A value given by a person cannot be used; the message names it and the remedy."""


class ProviderFailure(AutodataError):
    """One attempt at an endpoint failed.

    `kind` is one of `FAILURE_KINDS`; `status` is the HTTP status where there was one; `retry_after_s` is what the
    server asked for, in seconds. `adapted` names what was changed in the body before it was sent; `server` is the
    address of the one that failed, where an endpoint has several.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        adapted: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.adapted = adapted
        self.server = ""

    @property
    def retryable(self) -> bool:
        return self.kind in RETRYABLE_KINDS


RETRYABLE_KINDS = frozenset({"rate_limited", "server_error", "timeout", "connection", "bad_body", "refused_setting"})
"""Failures that another try may mend. `bad_body`: HTTP 200 without a usable chat completion. `refused_setting`: the
server does not take a field of the request, and the next try is sent without it."""

FAILURE_KINDS = RETRYABLE_KINDS | {"auth", "not_found", "bad_request"}


class MalformedReply(AutodataError):
    """An agent's text does not have the form it was asked for; the message says what is wrong."""


class JournalDamaged(AutodataError):
    """A journal's chain is broken; the message names the first bad record and what before it is intact."""


class HeldElsewhere(AutodataError):
    """Another process holds a file that only one may open; the message names it and the remedy."""


class StopRequested(AutodataError):
    """The run ends early and can be resumed. `reason` is budget, paused, stopped, signal or disk."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
