"""Whether what others said of a task may be shown to somebody whose vote on it has to be their own."""

from __future__ import annotations

from autodata.index.database import Index
from autodata.index.queries.votes import find_team, load_votes


def may_see_others(index: Index, task_id: str, reviewer: str) -> bool:
    """Whether `reviewer` may read others' votes, comments and labels on a task: one rule for all of them."""
    team, votes = find_team(index), load_votes(index, task_id, reviewer)
    voted = any(vote.reviewer == reviewer for vote in votes.votes)
    return team.may_see_votes(reviewer, votes.standing, votes.needed, voted=voted)
