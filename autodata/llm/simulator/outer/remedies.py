"""What a sensible editor changes in a challenger's instructions: the lack of a trait, and the words that supply it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from autodata.llm.simulator.craft import Craft

_FILE = Path(__file__).with_name("remedies.toml")


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change. `lines` are ways to write it, under the heading `The {section}`."""

    trait: str
    cause: str
    cue: str
    section: str
    lines: tuple[str, ...]
    symptoms: tuple[str, ...]

    def is_lacking(self, craft: Craft) -> bool:
        """Whether instructions of this craft do without it."""
        return not getattr(craft, self.trait)


def _read_remedies() -> tuple[Remedy, ...]:
    values = tomllib.loads(_FILE.read_text(encoding="utf-8"))["remedy"]
    texts = ("trait", "cause", "cue", "section")
    return tuple(
        Remedy(**{name: one[name] for name in texts}, lines=tuple(one["lines"]), symptoms=tuple(one["symptoms"]))
        for one in values
    )


REMEDIES = _read_remedies()

NO_LACK = "The instructions name everything that the failures would call for; their wording could be plainer."
PLAINER = "Say the same in plainer words."
