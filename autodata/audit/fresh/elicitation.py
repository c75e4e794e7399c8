"""K11: what weak can do when it is asked as well as one can, and what strong can do without the context.

The first bounds the difficulty from below: the prompt that helped weak most would leave the smallest gap. It is known
to be unreliable, a model may hold back under every prompt (https://arxiv.org/abs/2512.07810). The second asks whether
strong knows the matter by heart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from autodata.agents.request import build_body
from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.difference import Difference, measure_difference
from autodata.audit.fresh.arms import explain_ungraded, list_scores, roll_fresh
from autodata.audit.fresh.certify import explain_ungradable, measure_neutral
from autodata.audit.fresh.context import AuditContext
from autodata.audit.fresh.noise import choose_noise
from autodata.audit.fresh.prompts import explain_failure, fill_template, load_template
from autodata.audit.fresh.requests import NEUTRAL_SHA, build_neutral_body, derive_fresh_seed, render_neutral
from autodata.audit.fresh.result import Result, Subject
from autodata.audit.tamper import DEFAULT_SIZE
from autodata.audit.verdict import Finding
from autodata.canon import hash_text
from autodata.errors import MalformedReply, ProviderFailure
from autodata.model import Rollout

FLAG_RISE, FLAG_P = 0.15, 0.01
"""A rise of weak under the best prompt that counts."""

CLOSED_LOSS = 0.10
"""Strong without the context loses less than this, although a context was written for the task."""

FEWEST_GRADED = 3


@dataclass(frozen=True, slots=True)
class Elicited:
    """`rise` of weak under the best prompt; `gap` of the neutral answers and `lower`, what is left of it when weak
    answers the best prompt; `closed` is strong's mean without the context, None where the task has none."""

    rise: Difference
    weak: float
    strong: float
    elicited: float
    closed: float | None

    @property
    def gap(self) -> float:
        return self.strong - self.weak

    @property
    def lower(self) -> float:
        """The smaller of the two gaps: an elicitation that made weak worse bounds nothing."""
        return min(self.gap, self.strong - self.elicited)


async def check_elicitation(subject: Subject, context: AuditContext, *, count: int = DEFAULT_SIZE) -> Result:
    """K11 with `count` answers an arm: weak elicited, strong closed-book, and the neutral answers of both.

    `numbers["fall"]` is what elicitation takes from the gap. A task without a context has no closed book.
    """
    lacking = explain_ungradable(subject)
    if lacking:
        return Result("K11", "not_recorded", missing=lacking)
    try:
        return await _elicit(subject, context, count)
    except (ProviderFailure, MalformedReply) as failure:
        return Result("K11", "failed", missing=(explain_failure(failure),))


def decide_elicited(found: Elicited, bar: float = DEFAULT_BAR) -> tuple[Finding, ...]:
    """Flags: the best prompt lifts weak by 0.15 or more with p < 0.01 and takes the gap below `bar`; strong loses less
    than 0.10 without the context and is still `bar` ahead of weak, which has it."""
    words, p = [], found.rise.find_p()
    if round(found.rise.value, 9) >= FLAG_RISE and p < FLAG_P and round(found.lower, 9) < bar:
        words.append(
            f"asked as well as one can, weak scores {found.rise.value:.2f} more (p = {p:.3f}), which leaves a gap of "
            f"{found.lower:.2f}"
        )
    if found.closed is not None and round(found.strong - found.closed, 9) < CLOSED_LOSS:
        lead = round(found.closed - found.weak, 9)
        if lead >= bar:
            words.append(
                f"without the context strong still scores {found.closed:.2f}, {lead:.2f} more than weak with it: it "
                "may know the source by heart"
            )
    return tuple(Finding("K11", "flag", sentence) for sentence in words)


async def _elicit(subject: Subject, context: AuditContext, count: int) -> Result:
    task, settings = subject.records.task, context.loop.settings
    neutral = await measure_neutral(subject, context, count)

    def build_elicited(index: int) -> dict[str, Any]:
        prompt = fill_template("elicited.md", {"prompt": render_neutral(task, index)})
        seed = derive_fresh_seed(settings.seed, task.id, "elicited", index)
        return build_body(settings.seats.seat("weak"), [{"role": "user", "content": prompt}], seed)

    def build_closed(index: int) -> dict[str, Any]:
        seed = derive_fresh_seed(settings.seed, task.id, "closed_book", index)
        return build_neutral_body(settings.seats.seat("strong"), replace(task, context=""), index=index, seed=seed)

    sha = hash_text(load_template("elicited.md"))
    elicited = await roll_fresh(
        subject, context, "weak", "elicited", body_of=build_elicited, count=count, template_sha=sha
    )
    closed: tuple[Rollout, ...] = ()
    if task.context.strip():
        closed = await roll_fresh(
            subject, context, "strong", "closed_book", body_of=build_closed, count=count, template_sha=NEUTRAL_SHA
        )
    arms = {"weak": neutral.weak, "strong": neutral.strong, "elicited": elicited, "closed_book": closed}
    scores = {name: list_scores(rollouts) for name, rollouts in arms.items() if rollouts}
    for name, own in scores.items():
        if len(own) < min(FEWEST_GRADED, count):
            return Result("K11", "failed", missing=(explain_ungraded(arms[name]),))
    rise = measure_difference(scores["elicited"], scores["weak"], choose_noise(context, "weak", scores["weak"]))
    means = {name: fmean(own) for name, own in scores.items()}
    found = Elicited(rise, means["weak"], means["strong"], means["elicited"], means.get("closed_book"))
    numbers: dict[str, Any] = {
        **means,
        "scores": {name: list(own) for name, own in scores.items()},
        "rise": rise.value,
        "p": rise.find_p(),
        "gap": found.gap,
        "lower_gap": found.lower,
        "fall": max(0.0, found.gap - found.lower),
        "closed_gap": found.closed - found.weak if found.closed is not None else None,
    }
    return Result("K11", "done", decide_elicited(found, context.bar), numbers)
