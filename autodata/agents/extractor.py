"""The extractor: decides whether a document can carry a question, and takes out what the writer needs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from autodata.agents.replies import read_agreed, read_lines, read_text
from autodata.agents.request import build_body, render_section
from autodata.agents.schemas import TEXT, TEXTS, make_object
from autodata.errors import MalformedReply
from autodata.llm.seat import Seat
from autodata.model import Source
from autodata.recipes.recipe import Recipe

TEMPLATE_FILES = ("extractor.md", "extractor_request.md")

_DECISION = "suitable_for_synthetic_question"
_REFUSALS = (False, "false", "no", "unsuitable")
"""What counts as unsuitable. Everything else is suitable: in doubt a later step sorts the task out (paper Fig 11)."""
_KEYWORDS_MAX = 8
_SCHEMA = make_object(
    {
        "document_type": TEXT,
        "topic_keywords": TEXTS,
        "issues": TEXTS,
        "facts": TEXT,
        "holdings": TEXTS,
        "suitability_note": TEXT,
        _DECISION: {"type": "boolean"},
    }
)


@dataclass(frozen=True, slots=True)
class Extract:
    """What the extractor took out of a document. `facts` are paragraphs; `note` gives the reason of the decision."""

    suitable: bool
    note: str
    document_type: str
    topic_keywords: tuple[str, ...]
    issues: tuple[str, ...]
    facts: str
    holdings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The extract as the writer reads it: JSON without the decision, which is behind it."""
        values = {key: value for key, value in asdict(self).items() if key not in ("suitable", "note")}
        return json.dumps(values, ensure_ascii=False, indent=1)


def build_extractor_body(seat: Seat, recipe: Recipe, source: Source, *, seed: int, nonce: str) -> dict[str, Any]:
    """Request with the document, cut where the recipe's `document_max` ends."""
    values = {"document": render_section("document", source.text[: recipe.limits.document_max], nonce)}
    return build_body(
        seat,
        [
            {"role": "system", "content": recipe.render(TEMPLATE_FILES[0], {})},
            {"role": "user", "content": recipe.render(TEMPLATE_FILES[1], values)},
        ],
        seed,
        schema=_SCHEMA,
    )


def parse_extract(text: str) -> Extract:
    """The extractor's fields.

    Raises MalformedReply for a refusal without a reason, for a suitable document without issues, facts or holdings, and
    for a reply that holds two different extracts, because the document it quotes may hold one.
    """
    return read_agreed(text, _DECISION, _read_extract, stance=lambda extract: extract)


def _read_extract(values: dict[str, Any]) -> Extract:
    decision = values[_DECISION]
    suitable = (decision.strip().lower() if isinstance(decision, str) else decision) not in _REFUSALS
    extract = Extract(
        suitable=suitable,
        note=read_text(values, "suitability_note", required=not suitable),
        document_type=read_text(values, "document_type", required=suitable)[:120],
        topic_keywords=tuple(word[:60] for word in read_lines(values, "topic_keywords")[:_KEYWORDS_MAX]),
        issues=read_lines(values, "issues"),
        facts="\n\n".join(read_lines(values, "facts")),
        holdings=read_lines(values, "holdings"),
    )
    missing = [name for name in ("issues", "facts", "holdings") if not getattr(extract, name)]
    if suitable and missing:
        raise MalformedReply(f"extractor: the document is suitable, but {', '.join(missing)} is missing or empty")
    return extract
