"""When a run is hopeless: its acceptance rate is, with high confidence, below what the researcher asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autodata.binomial import find_upper_bound

CONFIDENCE = 0.99
"""Of the upper bound. Higher than usual because the rule looks again after every source."""

AFTER_SOURCES = 50
"""How many sources have to be finished before the rule says anything, unless set otherwise."""


@dataclass(frozen=True, slots=True)
class StopRule:
    """Pause once the acceptance rate is below `below` (a share in (0, 1)); None: the rule is off.

    It speaks after `after` sources that ended accepted or exhausted. Undecided sources say nothing about the rate and
    skipped ones were never tried, so neither counts. It depends on counts alone: the same counts, the same word.
    """

    below: float | None = None
    after: int = AFTER_SOURCES

    def explain_hopeless(self, outcomes: Mapping[str, int]) -> str:
        """Why the run should pause, as a sentence, from sources by outcome; "" while it should not."""
        accepted = outcomes.get("accepted", 0)
        tried = accepted + outcomes.get("exhausted", 0)
        if self.below is None or tried < self.after:
            return ""
        upper = find_upper_bound(accepted, tried, CONFIDENCE)
        if upper >= self.below:
            return ""
        return (
            f"hopeless acceptance rate: {accepted:,} of {tried:,} sources were accepted, so the true rate is at most "
            f"{_show(upper)} ({_show(CONFIDENCE)} confidence), below the {_show(self.below)} asked for. Change the "
            "rule, the seats or the documents in a new run, or resume with a lower bar or none"
        )


NEVER = StopRule()


def _show(share: float) -> str:
    """A share as a percentage of at most two figures."""
    return f"{100 * share:.2g} %"
