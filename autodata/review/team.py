"""The team's rules in the reviews journal, so that what was approved under which quorum can be told later.

Without any, everybody may do everything and one decision is enough: a person working alone needs no team.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter, Record, read_records
from autodata.review.entry import check_reviewer
from autodata.team import ALONE, QUORUM_MAX, ROLES, Act, Role, Team, make_team

__all__ = [
    "ALONE",
    "QUORUM_MAX",
    "ROLES",
    "Act",
    "Role",
    "Team",
    "describe_team",
    "fold_team",
    "load_team",
    "parse_team",
    "record_team",
]


def load_team(home: Home) -> Team:
    """The rules in force."""
    return fold_team(read_records(home.reviews))


def fold_team(records: Iterable[Record]) -> Team:
    """The last `team` record's rules; ALONE without any."""
    team = ALONE
    for record in records:
        if record.kind == "team":
            team = parse_team(record.data)
    return team


def record_team(home: Home, team: Team, by: str) -> Team:
    """Put new rules in force. Raises BadInput when `by` may not, or when nobody would be lead any more."""
    name = check_reviewer(by)
    checked = parse_team(describe_team(team))
    if checked.others != "lead" and "lead" not in checked.roles.values():
        raise BadInput("the team would have no lead; name at least one")
    with JournalWriter.open_tail(home.reviews) as journal:
        load_team(home).require(name, "lead")
        journal.append("team", {**describe_team(checked), "by": name})
    return checked


def describe_team(team: Team) -> dict[str, Any]:
    """The rules as a record holds them."""
    return {
        "quorum": team.quorum,
        "blind": team.blind,
        "lease_minutes": team.lease_minutes,
        "others": team.others,
        "roles": dict(team.roles),
    }


def parse_team(values: Mapping[str, Any]) -> Team:
    """Rules from plain values; raises BadInput naming what cannot be used."""
    return make_team({**values, "roles": {check_reviewer(n): role for n, role in (values.get("roles") or {}).items()}})
