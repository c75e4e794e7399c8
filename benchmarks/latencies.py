"""How long an endpoint takes over a request, and which rounds it lets fail: drawn from the request's own bytes.

So the server and whoever computes the ideal afterwards agree without a word between them, and a repeat is the same.

`fixed`: every call takes as long as asked. `tail`: 5 % of calls take 1 s, the others 50 ms. `staged`: log-normal by
role, with the stage times of a published run of this loop (133 rounds, seconds, median and 90th percentile: challenger
10.1 and 15.6, verifier 1.6 and 2.6, weak answers with grading 7.7 and 12.0, strong ones 16.2 and 27.3) at 1:20, two
thirds of a solver's stage for the answer and one for its grading, and 30 % of rounds rejected after the weak side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

from autodata.canon import hash_value

Profile = Literal["fixed", "tail", "staged"]

SCALE = 20.0
REJECTED = 0.3
TAIL_SHARE, TAIL_S, USUAL_S = 0.05, 1.0, 0.05

_STAGES = {
    "fixed-challenger": (10.1, 15.6),
    "fixed-verifier": (1.6, 2.6),
    "fixed-weak": (7.7 * 2 / 3, 12.0 * 2 / 3),
    "fixed-strong": (16.2 * 2 / 3, 27.3 * 2 / 3),
    "fixed-judge": ((7.7 + 16.2) / 6, (12.0 + 27.3) / 6),
}
"""Model → median and 90th percentile in seconds, before scaling."""


@dataclass(frozen=True, slots=True)
class Ideal:
    """What no schedule can beat, in seconds: all work spread evenly over the slots, and the longest chain of calls of
    one source that wait for each other."""

    work_over_slots: float
    longest_chain: float

    @property
    def seconds(self) -> float:
        return max(self.work_over_slots, self.longest_chain)


def draw_latency(body: Mapping[str, Any], profile: Profile, fixed_s: float) -> float:
    """Seconds that the endpoint takes over this request."""
    if profile == "fixed":
        return fixed_s
    share = _draw(body, "latency")
    if profile == "tail":
        return TAIL_S if share < TAIL_SHARE else USUAL_S
    median, high = _STAGES[str(body["model"])]
    sigma = math.log(high / median) / NormalDist().inv_cdf(0.9)
    return median / SCALE * math.exp(sigma * NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9)))


def is_rejected(body: Mapping[str, Any], profile: Profile) -> bool:
    """Whether the task that answers this challenger request turns out too easy."""
    return profile == "staged" and _draw(body, "outcome") < REJECTED


def find_ideal(calls: list[dict[str, Any]], profile: Profile, slots: int, fixed_s: float = 0.0) -> Ideal:
    """The ideal of a run from its `call` records: latencies as drawn, nothing for whoever sends them.

    The chain of a round is challenger, verifier, the slowest weak answer with its grading, the slowest strong one with
    its; the rounds of a source follow each other.
    """
    work = 0.0
    chains: dict[str, float] = {}
    sides: dict[tuple[str, int, str], dict[int, float]] = {}
    for call in calls:
        seconds = draw_latency(call["request"], profile, fixed_s)
        work += seconds
        if call["role"] in ("challenger", "verifier"):
            chains[call["source"]] = chains.get(call["source"], 0.0) + seconds
        else:
            solver = call["subject"] or call["role"]
            side = sides.setdefault((call["source"], call["round"], solver), {})
            side[call["attempt"]] = side.get(call["attempt"], 0.0) + seconds
    for (source, _, _), rollouts in sides.items():
        chains[source] = chains.get(source, 0.0) + max(rollouts.values())
    return Ideal(work / slots, max(chains.values(), default=0.0))


def _draw(body: Mapping[str, Any], what: str) -> float:
    """A share in [0, 1) from the request's bytes."""
    return int(hash_value([what, body])[:13], 16) / 16**13
