"""What a request of the outer loop holds, read from its marked sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_HEAD = re.compile(r"^trajectory (\S+)$", re.MULTILINE)
WRITER_FILE = "challenger.md"


@dataclass(frozen=True, slots=True)
class Shown:
    """One trajectory of the request."""

    id: str
    text: str


def read_files(sections: Mapping[str, str]) -> dict[str, str]:
    """The recipe's files by name; raises ValueError when the section is not a JSON object of texts."""
    files = orjson.loads(sections.get("recipe", ""))
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise ValueError("the recipe is not a JSON object from file name to text")
    return files


def read_shown(sections: Mapping[str, str]) -> list[Shown]:
    """Trajectories in the order given."""
    text = sections.get("trajectories", "")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [Shown(head.group(1), text[head.end() : end].strip()) for head, end in zip(heads, ends, strict=True)]


def read_analysis(sections: Mapping[str, str]) -> dict[str, Any]:
    """The analysis; raises ValueError when it is not a JSON object."""
    analysis = orjson.loads(sections.get("analysis", ""))
    if not isinstance(analysis, dict):
        raise ValueError("the analysis is not a JSON object")
    return analysis


def write_json(value: Any) -> str:
    """A reply."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
