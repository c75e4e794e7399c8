"""The analyst: reads trajectories of a recipe and names the root cause of its failures, with citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.agents.replies import find_object, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import TEXT, make_object
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.optimize.templates import fill_template, load_template
from autodata.optimize.trajectories import Trajectory, render_trajectories

TEMPLATE_FILES = ("analyst.md", "analyst_request.md")
CITATIONS_MAX = 20
TEXT_MAX = 4_000
"""Characters kept of each field of an analysis."""

_SCHEMA = make_object(
    {
        "root_cause": TEXT,
        "citations": {
            "type": "array",
            "items": make_object({"trajectory": TEXT, "quote": TEXT, "shows": TEXT}),
        },
        "suggestion": TEXT,
        "file": TEXT,
    }
)


@dataclass(frozen=True, slots=True)
class Citation:
    """A trajectory that an analysis rests on. `found`: whether the quoted words stand in it."""

    trajectory: str
    quote: str
    shows: str
    found: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """The analyst's word. Every citation names a trajectory that it was given."""

    root_cause: str
    citations: tuple[Citation, ...]
    suggestion: str
    file: str


def build_analyst_body(
    seat: Seat,
    files: Mapping[str, str],
    history: str,
    trajectories: Sequence[Trajectory],
    *,
    seed: int,
    nonce: str,
) -> dict[str, Any]:
    """Request with the files that may be changed, what was tried before, and the trajectories."""
    values = {
        "recipe": render_section("recipe", write_files(files), nonce),
        "history": render_section("history", history, nonce),
        "trajectories": render_section("trajectories", render_trajectories(trajectories), nonce),
    }
    messages = [
        {"role": "system", "content": load_template(TEMPLATE_FILES[0])},
        {"role": "user", "content": fill_template(TEMPLATE_FILES[1], values)},
    ]
    return build_body(seat, messages, seed, _SCHEMA)


def parse_analysis(text: str, trajectories: Sequence[Trajectory]) -> Analysis:
    """The analysis in a reply. Raises MalformedReply without a citation, and for one of an unknown trajectory."""
    values = find_object(text, "root_cause")
    given = {own.id: " ".join(own.text.split()).casefold() for own in trajectories}
    cited = values.get("citations")
    if not isinstance(cited, list) or not cited:
        raise MalformedReply("the analysis cites no trajectory")
    return Analysis(
        root_cause=read_text(values, "root_cause")[:TEXT_MAX],
        citations=tuple(_read_citation(item, given) for item in cited[:CITATIONS_MAX]),
        suggestion=read_text(values, "suggestion")[:TEXT_MAX],
        file=read_text(values, "file", required=False)[:200],
    )


def write_files(files: Mapping[str, str]) -> str:
    """Files as a JSON object from name to text."""
    return orjson.dumps(dict(files), option=orjson.OPT_INDENT_2).decode()


def _read_citation(item: Any, given: Mapping[str, str]) -> Citation:
    if not isinstance(item, dict):
        raise MalformedReply(f"a citation is {show_value(item)}, not an object")
    name = read_text(item, "trajectory")
    if name not in given:
        raise MalformedReply(f"the analysis cites trajectory {show_value(name)}, which it was not given")
    quote = read_text(item, "quote", required=False)[:TEXT_MAX]
    words = " ".join(quote.split()).casefold()
    return Citation(
        trajectory=name,
        quote=quote,
        shows=read_text(item, "shows", required=False)[:TEXT_MAX],
        found=bool(words) and words in given[name],
    )
