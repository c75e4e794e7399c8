"""The editor: turns an analysis into new text for recipe files. What it writes is a proposal that the guard reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from autodata.agents.replies import find_object, read_text, show_value
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import TEXT, make_object
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.optimize.analyst import Analysis, write_files
from autodata.optimize.templates import fill_template, load_template

TEMPLATE_FILES = ("editor.md", "editor_request.md")
EDITS_MAX = 20
SUMMARY_MAX = 600
"""Characters of the summary that a history shows."""

_SCHEMA = make_object({"summary": TEXT, "edits": {"type": "array", "items": make_object({"file": TEXT, "text": TEXT})}})


@dataclass(frozen=True, slots=True)
class Edit:
    """The whole new text of the files that the editor wants to change, by name, nothing of it checked yet."""

    summary: str
    files: Mapping[str, str]


def build_editor_body(
    seat: Seat, files: Mapping[str, str], analysis: Analysis, history: str, *, seed: int, nonce: str
) -> dict[str, Any]:
    """Request with the files that may be changed, the analysis, and what was tried before."""
    words = {"root_cause": analysis.root_cause, "suggestion": analysis.suggestion, "file": analysis.file}
    words_text = orjson.dumps(words, option=orjson.OPT_INDENT_2).decode()
    values = {
        "recipe": render_section("recipe", write_files(files), nonce),
        "analysis": render_section("analysis", words_text, nonce),
        "history": render_section("history", history, nonce),
    }
    messages = [
        {"role": "system", "content": load_template(TEMPLATE_FILES[0])},
        {"role": "user", "content": fill_template(TEMPLATE_FILES[1], values)},
    ]
    return build_body(seat, messages, seed, _SCHEMA)


def parse_edit(text: str) -> Edit:
    """The edit in a reply. Raises MalformedReply without a file, and for a file that is given twice."""
    values = find_object(text, "edits")
    edits = values["edits"]
    if not isinstance(edits, list) or not edits:
        raise MalformedReply("the reply changes no file")
    if len(edits) > EDITS_MAX:
        raise MalformedReply(f"the reply changes {len(edits)} files; at most {EDITS_MAX} can be read")
    files: dict[str, str] = {}
    for item in edits:
        if not isinstance(item, dict):
            raise MalformedReply(f"an edit is {show_value(item)}, not an object")
        name, text_of = read_text(item, "file"), item.get("text")
        if not isinstance(text_of, str):
            raise MalformedReply(f"the text of {show_value(name)} is missing")
        if name in files:
            raise MalformedReply(f"the reply gives {show_value(name)} twice")
        files[name] = text_of
    return Edit(read_text(values, "summary", required=False)[:SUMMARY_MAX], files)
