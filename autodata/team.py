"""The team as a value: who may do what, how many must agree, and whose votes are hidden from whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from autodata.errors import BadInput

Role = Literal["viewer", "reviewer", "lead"]
ROLES: tuple[Role, ...] = ("viewer", "reviewer", "lead")
"""A viewer looks, a reviewer decides, a lead also settles disagreements, exports, starts runs and changes the team."""

Act = Literal[
    "decide", "comment", "edit", "label", "measure", "arrange", "adjudicate", "override", "export", "run", "import",
    "plant", "promote", "set_up", "lead",
]  # fmt: skip
_RULES: Mapping[Act, tuple[Role, str]] = {
    "decide": ("reviewer", "decide on tasks"),
    "comment": ("reviewer", "comment on tasks"),
    "edit": ("reviewer", "edit tasks"),
    "label": ("reviewer", "label tasks"),
    "measure": ("reviewer", "have tasks measured anew"),
    "arrange": ("reviewer", "keep, rename or delete saved views"),
    "adjudicate": ("lead", "settle a disagreement"),
    "override": ("lead", "override the gate"),
    "export": ("lead", "export a dataset"),
    "run": ("lead", "start, pause or stop runs"),
    "import": ("lead", "import trajectories"),
    "plant": ("lead", "plant canaries"),
    "promote": ("lead", "make a recipe the default of its domain"),
    "set_up": ("lead", "change seats, prices, model servers or the index"),
    "lead": ("lead", "change the team"),
}
"""The lowest role that each act takes, and the act in words."""

QUORUM_MAX = 9


@dataclass(frozen=True, slots=True)
class Team:
    """`quorum` reviewers must agree on a task. `blind`: others' votes are hidden from a reviewer who has not voted.

    `others` is the role of a name that is not listed.
    """

    quorum: int = 1
    blind: bool = True
    lease_minutes: float = 20.0
    others: Role = "lead"
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))

    def role_of(self, name: str) -> Role:
        return self.roles.get(name, self.others)

    def may(self, name: str, act: Act) -> bool:
        return ROLES.index(self.role_of(name)) >= ROLES.index(_RULES[act][0])

    def refuse(self, name: str, act: Act) -> str:
        """Why this person may not, as a sentence without its stop; "" when they may."""
        if self.may(name, act):
            return ""
        role, words = _RULES[act]
        return f"{name or 'somebody without a name'} is a {self.role_of(name)} and may not {words}; that takes a {role}"

    def require(self, name: str, act: Act) -> None:
        """Raise BadInput when this person may not; checked where something is written, whatever a page shows."""
        if refusal := self.refuse(name, act):
            raise BadInput(refusal)

    def may_see_votes(self, name: str, standing: str, needed: int, *, voted: bool) -> bool:
        """Whether a person may see how others voted on a task that stands so.

        Under a blind quorum a reviewer sees nothing before they voted, also once others have settled the task, so that
        a vote that comes late is a vote of their own. A lead sees what is disputed or settled, a viewer what is
        settled.
        """
        if not self.blind or voted:
            return True
        if standing in ("approved", "rejected", "flagged"):
            return needed == 1 or self.role_of(name) != "reviewer"
        if standing == "disputed":
            return self.may(name, "adjudicate")
        return max(needed, self.quorum) == 1


ALONE = Team()


def make_team(values: Mapping[str, Any]) -> Team:
    """The rules of a `team` record; raises BadInput naming what cannot be used."""
    quorum, minutes = values.get("quorum", 1), values.get("lease_minutes", 20.0)
    if not isinstance(quorum, int) or not 1 <= quorum <= QUORUM_MAX:
        raise BadInput(f"quorum {quorum!r}: a whole number from 1 to {QUORUM_MAX}")
    if not isinstance(minutes, int | float) or not 0 < minutes <= 24 * 60:
        raise BadInput(f"lease_minutes {minutes!r}: more than 0 and at most a day")
    roles = {str(name): _check_role(role) for name, role in (values.get("roles") or {}).items()}
    return Team(
        quorum=quorum,
        blind=bool(values.get("blind", True)),
        lease_minutes=float(minutes),
        others=_check_role(values.get("others", "lead")),
        roles=MappingProxyType(roles),
    )


def _check_role(role: Any) -> Role:
    if role not in ROLES:
        raise BadInput(f"role {role!r} is unknown; choose one of {', '.join(ROLES)}")
    checked: Role = role
    return checked
