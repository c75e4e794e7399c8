"""Words that no edit of a recipe may add, by what they would do (word_rules.toml). A fence, not a proof: rewording gets
round a list of words. What an edit cannot get round is that it never reaches solver, judge, policy or data
(autodata.optimize.guard).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

WordCode = Literal[
    "evaluator",
    "identity",
    "sabotage",
    "leak",
    "reference",
    "soft_rubric",
    "format_criteria",
    "weights",
    "lenient_check",
]

_FILE = Path(__file__).with_name("word_rules.toml")
_NAME = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class WordRule:
    """One pattern over folded text. `negatable`: a ban on it is allowed, and welcome."""

    code: WordCode
    sentence: str
    pattern: re.Pattern[str]
    negatable: bool


def _read_rules() -> tuple[WordRule, ...]:
    values = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    names: dict[str, str] = values["names"]
    return tuple(
        WordRule(
            rule["code"],
            rule["sentence"],
            re.compile("|".join(_NAME.sub(lambda found: names[found.group(1)], text) for text in rule["patterns"])),
            rule.get("negatable", False),
        )
        for rule in values["rule"]
    )


RULES = _read_rules()
"""In the file's order; of each rule the first match in a text is reported."""
