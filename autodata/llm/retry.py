"""When to try again: exponential backoff with full jitter, the server's own wish honoured. Pure, no clock."""

from __future__ import annotations

import random
from dataclasses import dataclass

from autodata.errors import ProviderFailure

MAX_ADAPTATIONS = 7
"""Tries beyond `max_tries` for a server that refuses one field after another. Each costs one field, so they end."""


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """How often one call is tried, and how long to wait in between. Times in seconds."""

    max_tries: int = 5
    base_s: float = 0.5
    cap_s: float = 30.0
    retry_after_cap_s: float = 120.0
    """The longest a server may make us wait; what it asks beyond that is cut to this."""

    def find_delay(self, failed_tries: int, failure: ProviderFailure, rng: random.Random) -> float | None:
        """Seconds to wait after the `failed_tries`-th try failed; None when another try is of no use.

        Full jitter: uniform between 0 and the doubled bound, so that callers which failed together do not come back
        together. A server's Retry-After is a floor that jitter is added to. A refused setting is not waited for: the
        next try is another request.
        """
        if failure.kind == "refused_setting":
            return 0.0 if failed_tries < self.max_tries + MAX_ADAPTATIONS else None
        if not failure.retryable or failed_tries >= self.max_tries:
            return None
        bound = min(self.cap_s, self.base_s * 2.0 ** min(failed_tries - 1, 30))
        if failure.retry_after_s is None:
            return rng.uniform(0.0, bound)
        asked = min(max(failure.retry_after_s, 0.0), self.retry_after_cap_s)
        return asked + rng.uniform(0.0, min(bound, self.base_s))
