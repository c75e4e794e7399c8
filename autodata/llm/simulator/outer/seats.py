"""Which simulated model of the outer loop a call is for, and its answer."""

from __future__ import annotations

from collections.abc import Mapping

from autodata.llm.simulator.outer.analyst import analyse_recipe
from autodata.llm.simulator.outer.editor import EDITOR, edit_recipe

ANALYST = "sim-recipe-analyst"


def is_outer(model: str) -> bool:
    """Whether the model plays a part of the outer loop."""
    return model == ANALYST or model.startswith(EDITOR)


def answer_outer(model: str, sections: Mapping[str, str], server_seed: int, seed: int) -> str:
    """The reply; says what it cannot read where the request is not one of the outer loop's."""
    try:
        if model == ANALYST:
            return analyse_recipe(sections, server_seed, seed)
        return edit_recipe(model, sections, server_seed, seed)
    except ValueError as error:
        return f"The request cannot be read: {error}"
