"""What every role of a run has used, and which model it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodata.index.database import Index
from autodata.llm.seat import STANDS_IN
from autodata.model import ROLES, Role
from autodata.prices import Use


@dataclass(frozen=True, slots=True)
class RoleUse:
    """Calls and tokens of one role in one run; `mean_s` is the mean duration of its answered calls.

    `silent` answers came without token counts, `simulated` ones from a simulated model.
    """

    role: Role
    model: str
    calls: int
    errors: int
    prompt_tokens: int
    completion_tokens: int
    mean_s: float | None
    silent: int
    simulated: int
    cached_tokens: int

    @property
    def use(self) -> Use:
        """The same as prices count it."""
        return Use(
            calls=self.calls,
            answered=self.calls - self.errors,
            silent=self.silent,
            simulated=self.simulated,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cached_tokens=self.cached_tokens,
        )


_ORDER = {role: place for place, role in enumerate(ROLES)}


def list_roles(index: Index, run: int) -> tuple[RoleUse, ...]:
    """The roles of a run by its number, in their usual order."""
    rows = index.query(
        """SELECT role, model, calls, errors, prompt_tokens, completion_tokens, seconds / nullif(answered, 0), silent,
            simulated, cached_tokens
        FROM uses WHERE run = ?""",
        [run],
    )
    return tuple(sorted((RoleUse(*row) for row in rows), key=lambda use: _ORDER.get(use.role, len(_ORDER))))


def name_models(roles: Sequence[RoleUse], settings: Mapping[str, Any]) -> dict[Role, str]:
    """The model every role asks for: its seat's, else a neighbour's it sits on, else the one that answered."""
    seats = (settings.get("seats") or {}).get("seats") or {}
    models = {}
    for role in roles:
        seat = seats.get(role.role) or seats.get(STANDS_IN.get(role.role, role.role)) or {}
        models[role.role] = str(seat.get("model") or role.model or "")
    return models
