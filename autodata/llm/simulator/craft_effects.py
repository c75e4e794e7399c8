"""What the craft of a challenger does to the tasks it writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from autodata.llm.simulator import calibration as cal
from autodata.llm.simulator.craft import Craft


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the rubric: `claim` is the clause an answer has to state, or the error it has to avoid."""

    criterion: str
    claim: str
    weight: int
    flat: bool = False
    """So general that whether an answer meets it is mostly luck."""


def draw_flaw(craft: Craft, luck: Random) -> str:
    """The flaw that instructions bring about, or fail to prevent; "" for none."""
    leaks, recalls = luck.random() < cal.UNBANNED_LEAK_RATE, luck.random() < cal.PLAIN_RECALL_RATE
    if craft.leak_told or (leaks and not craft.leak_ban):
        return "leak"
    return "recall" if recalls and not craft.reasoning else ""


def shape_rubric(positives: list[Item], negatives: list[Item], craft: Craft) -> tuple[Item, ...]:
    """The criteria as the craft wants them: weights capped, errors left out, or most of the weight left to luck."""
    if craft.soft:
        heaviest = sorted(positives, key=lambda item: -item.weight)[: cal.SOFT_CRITERIA]
        positives = [
            replace(item, weight=craft.weight_max, flat=True) if item in heaviest else replace(item, weight=1)
            for item in positives
        ]
        negatives = [replace(item, weight=-1) for item in negatives]
    kept = positives if craft.positive_only else [*positives, *negatives]
    cap = craft.weight_max
    return tuple(replace(item, weight=max(-cap, min(cap, item.weight))) for item in kept)


def measure_depth(craft: Craft, *, first: bool) -> float:
    """How much harder tasks become by their instructions than by the usual ones; below 0: easier."""
    depth = cal.INSIGHT_GAIN * craft.insight + cal.LEAK_TEST_GAIN * craft.leak_test
    depth -= cal.PLAIN_DROP * (not craft.reasoning) + cal.REFLECTION_DROP * (not craft.reflection)
    return depth - cal.SAME_ANGLE_DROP * (not craft.new_angle and not first)


def measure_vagueness(craft: Craft) -> float:
    """What the craft adds to the share of criteria that nobody is likely to meet."""
    return cal.VAGUE_EXPERT_SHARE * (not craft.concrete)
