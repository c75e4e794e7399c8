"""What a template may name in `{{…}}`, and what it must, or its agent could not do its work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from autodata.errors import BadInput

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
"""What is filled in."""

_LOOKALIKE = re.compile(r"\{\{\s*\w+\s*\}\}")
"""What somebody meant to be filled in: with blanks inside it would reach the model as it stands."""


@dataclass(frozen=True, slots=True)
class Named:
    """Placeholders of one template: of each group in `needed` at least one, and any of `allowed`."""

    needed: tuple[tuple[str, ...], ...] = ()
    more: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*(name for group in self.needed for name in group), *self.more)


NAMED: Mapping[str, Named] = {
    "extractor_request.md": Named((("document",),)),
    "challenger_request.md": Named((("document", "extract"),), ("failures", "mode", "last_round", "angle")),
    "screener_request.md": Named((("candidates",),), ("document",)),
    "verifier_request.md": Named((("question",),), ("document", "context", "question_type", "rubric")),
    "judge_request.md": Named((("question",), ("rubric",), ("answer",)), ("context",)),
    "answer_verifier_request.md": Named((("candidate_answer",), ("reference_answer",)), ("question",)),
    "loop_judge_request.md": Named((("packet",),), ("question",)),
    "rubric_writer.md": Named(
        more=("items_min", "items_max", "positives_min", "negatives_min", "weight_max", "classes"),
    ),
    "rubric_writer_request.md": Named((("question",), ("reference_answer",)), ("context",)),
}
"""By file name; every other template names nothing."""


def check_placeholders(recipe: str, file: str, text: str) -> None:
    """Raise BadInput for an empty template, for a placeholder nothing is filled into, and for one that is missing."""
    named = NAMED.get(file, Named())
    if not text.strip():
        raise BadInput(
            f"recipe {recipe}: {file} is empty, so its agent would be told nothing; write it, or copy it anew"
        )
    for found in _LOOKALIKE.findall(text):
        if found not in {_write(name) for name in named.allowed}:
            may = f"it may name {_list(named.allowed)}" if named.allowed else "it may name none"
            raise BadInput(f"recipe {recipe}: {file} names {found}, which nothing is filled into; {may}")
    for group in named.needed:
        if not any(_write(name) in text for name in group):
            raise BadInput(
                f"recipe {recipe}: {file} does not name {_list(group, ' or ')}, without which its agent cannot work; "
                "put it where that text belongs"
            )


def _write(name: str) -> str:
    return f"{{{{{name}}}}}"


def _list(names: tuple[str, ...], joint: str = ", ") -> str:
    return joint.join(_write(name) for name in names)
