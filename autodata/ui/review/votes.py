"""What reviewers said of the task on screen, as far as this person may know it, and where a lead settles a dispute."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from autodata.index.queries.votes import TaskVotes, VoteDetail
from autodata.review.leases import Lease
from autodata.ui.parts import Column, build_table
from autodata.ui.piece import draw
from autodata.ui.review.actions import WHY
from autodata.ui.text import VERDICT_WORDS, count_of, format_moment, format_pace
from autodata.ui.tree import Tree, node

LINE, HEAD, FIELD = 32, 39, 43
"""Pixels of a vote's line, of the table's head and of the field below it, gaps included."""


def draw_votes(votes: TaskVotes, reviewer: str, *, settles: bool) -> int:
    """Draw the votes where there is more to say than the header does; returns the pixels that they take."""
    if not is_shown(votes, reviewer):
        return 0
    draw(build_votes(votes), key="review.votes")
    height = HEAD + LINE * len(votes.votes)
    if not settles:
        return height
    st.text_input(
        "Why", key=WHY, placeholder="Why it is settled so: stands in the record beside both votes", max_chars=500,
        label_visibility="collapsed",
    )  # fmt: skip
    return height + FIELD


def is_shown(votes: TaskVotes, reviewer: str) -> bool:
    """Whether others voted on the task under a quorum and this person may know how, or it was disputed."""
    others = [vote for vote in votes.votes if vote.reviewer != reviewer]
    return bool(others) and (votes.needed > 1 or any(vote.adjudicates for vote in votes.votes))


def build_votes(votes: TaskVotes) -> Tree:
    """The votes side by side, in the order in which they were given."""
    columns = [
        Column(describe_standing(votes), width="190px"),
        Column("Vote", width="104px"),
        Column("Reason", width="130px"),
        Column("Note"),
        Column("On the task", True, "96px"),
        Column("When", True, "110px"),
    ]
    return build_table(columns, [_build_line(vote) for vote in votes.votes], "Votes on this task", fixed=True)


def describe_standing(votes: TaskVotes) -> str:
    """How far the votes are, in two or three words."""
    if votes.standing == "disputed":
        return "The votes differ"
    if votes.standing == "waiting":
        return f"{votes.given} of {count_of(votes.needed, 'vote')}"
    return "Settled by a lead" if any(vote.adjudicates for vote in votes.votes) else "The votes agree"


def describe_holders(holders: Sequence[Lease]) -> str:
    """Who has the task on screen."""
    names = [lease.reviewer for lease in holders]
    return f"Held by {' and '.join(names)}" if names else ""


def _build_line(vote: VoteDetail) -> list[Tree | None]:
    who = node("span", "cut", vote.reviewer, node("span", "muted", "  last word") if vote.adjudicates else None)
    tone = "alarm" if vote.verdict in ("reject", "flag") else "accent"
    return [
        who,
        node("b", tone, VERDICT_WORDS[vote.verdict]),
        vote.reason or node("span", "muted", "–"),
        node("span", {"class": "cut", "dir": "auto", "title": vote.note}, vote.note or "–"),
        format_pace(vote.seconds_on_item),
        node("span", "muted", format_moment(vote.t)),
    ]
