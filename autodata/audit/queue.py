"""The order in which a person looks at tasks: what is proven, what stands out, a random look, the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autodata.audit.catalogue import DETECTORS
from autodata.audit.measures import GROUP_WORDS
from autodata.audit.ranking import VIOLATION, WITHIN_RUN, Rank
from autodata.canon import hash_text

RANDOM_EVERY = 6
"""After violations every sixth task is one drawn at random, so that its place does not give it away."""


@dataclass(frozen=True, slots=True)
class Place:
    """A task's place in the queue, and why it is there, as a sentence."""

    task_id: str
    reason: str


def order_queue(ranks: Mapping[str, Rank], drawn: Mapping[str, float] | None = None) -> tuple[Place, ...]:
    """Violations, then flagged tasks and the rest, each by falling suspicion; equal ones by id.

    `drawn` maps tasks that are looked at at random to their chance. Cleared ones among them (neither violation nor
    flagged) stand between the others in an order of their own, one in six.
    """
    chances = drawn or {}
    by_suspicion = sorted(ranks, key=lambda task_id: (-ranks[task_id].suspicion, task_id))
    proven = [task_id for task_id in by_suspicion if ranks[task_id].basis == VIOLATION]
    flagged = [task_id for task_id in by_suspicion if ranks[task_id].flagged and task_id not in set(proven)]
    ahead = {*proven, *flagged}
    random = sorted((t for t in by_suspicion if t in chances and t not in ahead), key=_shuffle)
    aside = ahead | set(random)
    rest = flagged + [task_id for task_id in by_suspicion if task_id not in aside]
    order = [*proven, *_interleave(rest, random)]
    return tuple(Place(task_id, order_reason(ranks[task_id], chances.get(task_id))) for task_id in order)


def order_reason(rank: Rank, chance: float | None = None) -> str:
    """Why a task stands where it stands. `chance`: with which it was drawn at random, None where it was not."""
    if rank.basis == VIOLATION:
        name = f": {_name(rank.lead)}" if rank.lead else ""
        return f"The record proves a violation{name}."
    if rank.flagged:
        return f"Stands out from clean tasks: {_tell_rarity(rank)}."
    if chance is not None:
        return f"Drawn at random ({chance:.0%} of the tasks without a finding), to learn what the checks miss."
    if rank.p >= 1:
        return "Nothing measured speaks against it."
    return f"By suspicion: {_tell_rarity(rank)}."


def _tell_rarity(rank: Rank) -> str:
    if rank.basis.startswith(WITHIN_RUN):
        words = f"{rank.p:.0%} of this run's tasks look as unusual"
    else:
        words = f"one clean task in {1 / rank.p:,.0f} looks as bad" if rank.p < 0.5 else "many clean tasks look as bad"
    about = f", {GROUP_WORDS[rank.group]}" if rank.group else ""
    return f"{words} ({_name(rank.lead)}{about})" if rank.lead else words


def _name(detector: str) -> str:
    return f"{detector} {DETECTORS[detector].subject}" if detector in DETECTORS else detector


def _interleave(rest: list[str], random: list[str]) -> Iterator[str]:
    drawn = iter(random)
    for at, task_id in enumerate(rest, start=1):
        yield task_id
        if at % (RANDOM_EVERY - 1) == 0:
            yield from (one for one in (next(drawn, None),) if one is not None)
    yield from drawn


def _shuffle(task_id: str) -> str:
    return hash_text(f"queue\x1f{task_id}")
