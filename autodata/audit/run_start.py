"""The `run_started` record as what holds for every task of a run; what cannot be read becomes None, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from autodata.audit.records import Chain, RunFacts
from autodata.errors import BadInput
from autodata.llm.seat import SeatBook
from autodata.policy import Policy, parse_policy
from autodata.recipes.recipe import Recipe, make_recipe


def read_facts(start: Mapping[str, Any]) -> RunFacts:
    """The facts of a run before anybody answered: no returned models, an empty chain."""
    settings, recipe = start.get("settings") or {}, start.get("recipe") or {}
    seats = _read_seats(settings.get("seats"))
    models = dict(start.get("models") or {}) or ({r: s.model for r, s in seats.seats.items()} if seats else {})
    return RunFacts(
        run_id=str(start.get("run_id") or ""),
        software=str(start.get("software") or ""),
        imported=bool(start.get("imported")),
        simulated=bool(start.get("simulated")),
        frugal=settings.get("frugal", "off") != "off",
        seed=int(settings.get("seed") or 0),
        policy=read_policy(start.get("policy")),
        seats=seats,
        recipe=_read_recipe(recipe.get("files")),
        recipe_sha=str(recipe.get("sha") or ""),
        models=MappingProxyType({str(role): str(model) for role, model in models.items()}),
        returned=MappingProxyType({}),
        chain=Chain(0),
    )


def read_policy(values: Any) -> Policy | None:
    """The acceptance rule as recorded; None where there is none to read."""
    try:
        return parse_policy(values) if values else None
    except (BadInput, TypeError):
        return None


def _read_seats(values: Any) -> SeatBook | None:
    """The seats as they are: what a run may not start with must still be seen here."""
    try:
        return SeatBook(**values) if values else None
    except (ValidationError, TypeError):
        return None


def _read_recipe(files: Any) -> Recipe | None:
    try:
        return make_recipe(files) if files else None
    except (BadInput, TypeError):
        return None
