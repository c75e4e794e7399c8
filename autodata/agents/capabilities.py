"""What a task is meant to train, in the writer's own words: tags in focus, what its rubric rewards and penalises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autodata.agents.replies import read_lines, read_text
from autodata.agents.rubric import make_tag
from autodata.errors import MalformedReply

_PRIMARY_MAX, _SECONDARY_MAX = 4, 3


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The capabilities a task aims at; tags in snake_case, the main ones in `primary`."""

    primary: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    rewards: str = ""
    penalises: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.primary, *self.secondary)))


def parse_capabilities(values: Any) -> Capabilities:
    """`target_capabilities` of a reply; raises MalformedReply without a main tag. More tags than asked for are cut."""
    if not isinstance(values, dict):
        raise MalformedReply("target_capabilities is not an object")
    primary = _read_tags(values, "primary_focus")
    if not primary:
        raise MalformedReply("target_capabilities has no primary_focus")
    return Capabilities(
        primary=primary[:_PRIMARY_MAX],
        secondary=_read_tags(values, "secondary_focus")[:_SECONDARY_MAX],
        rewards=read_text(values, "rewards_summary", required=False),
        penalises=read_text(values, "penalises_summary", required=False),
    )


def _read_tags(values: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(tag for tag in map(make_tag, read_lines(values, key)) if tag)
