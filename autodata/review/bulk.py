"""One decision on many tasks: each is a record of its own, all of them carry the act's id and are undone as one.

Tasks that somebody decided already and tasks with an alarm that nobody has looked at are left alone, with the reason.
An act on very many tasks is done in parts, so that nobody waits long for the journal; all parts carry one id.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.review.entry import check_note, check_reason, check_reviewer, check_verdict
from autodata.review.fold import CurrentDecision
from autodata.review.shared import Reviews, list_standing, read_reviews
from autodata.team import Team
from autodata.votes import SETTLED


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task of the filter. `alarmed`: it has a violation, which only a look at the task itself can settle. `accepted`:
    by its policy; no other task can leave. `cluster` tells near copies, None where there are none."""

    task_id: str
    run_id: str
    content_sha: str
    alarmed: bool = False
    accepted: bool = True
    cluster: int | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What an act on many tasks did. `left` counts the tasks that were left alone, by reason."""

    bulk_id: str
    recorded: int
    left: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class LastAct:
    """A person's latest act of which `count` decisions still stand, all with the same verdict."""

    bulk_id: str
    verdict: str
    count: int


DECIDED, ALARMED, VOTED = "already decided", "with an open violation", "voted on by you"
REFUSED = "not accepted by its policy"
PART = 2_000
"""Decisions that are written in one go: others wait for the journal no longer than that takes."""


def make_act_id() -> str:
    """The id of a new act, for one that is done in parts."""
    return f"b{uuid.uuid4().hex[:15]}"


def foresee_all(home: Home, tasks: Sequence[Chosen], reviewer: str) -> BulkResult:
    """What `decide_all` would do now, without an act id: how many it would record, and which it would leave, why."""
    name, reviews = check_reviewer(reviewer), read_reviews(home)
    left = Counter(why for task in tasks if (why := _explain_left(reviews, task, name)))
    return BulkResult("", len(tasks) - left.total(), left)


def pick_one_each(home: Home, tasks: Sequence[Chosen], reviewer: str) -> list[Chosen]:
    """One task of every group of near copies, the first that an act would decide on, and all that are in no group. Of
    a group with a decided task in the list none is picked: that one stands for it."""
    name, reviews = check_reviewer(reviewer), read_reviews(home)
    reasons = {task.task_id: _explain_left(reviews, task, name) for task in tasks if task.cluster is not None}
    taken = {task.cluster for task in tasks if reasons.get(task.task_id) in (DECIDED, VOTED)}
    picked = []
    for task in tasks:
        if task.cluster is not None:
            if reasons[task.task_id] or task.cluster in taken:
                continue
            taken.add(task.cluster)
        picked.append(task)
    return picked


def decide_all(
    home: Home,
    tasks: Sequence[Chosen],
    verdict: str,
    reviewer: str,
    *,
    reason: str = "",
    note: str = "",
    bulk_id: str = "",
) -> BulkResult:
    """Record the verdict on every task of the filter that is open, was accepted and has no alarm.

    `bulk_id` goes on with an act that was begun (`make_act_id`).

    Raises BadInput for a verdict that cannot be given to many (a skip says nothing), a missing reason for a flag, a
    person whose role does not allow it, or an empty filter; HeldElsewhere and StopRequested("disk") as a single
    decision does: what was written until then stands and carries the act's id.
    """
    name, bulk_id = check_reviewer(reviewer), bulk_id or make_act_id()
    if check_verdict(verdict) not in SETTLED:
        raise BadInput(f"{verdict} cannot be given to many tasks at once; approve, reject or flag them")
    if not tasks:
        raise BadInput("the filter holds no task, so there is nothing to decide")
    shared = {"verdict": verdict, "reason": check_reason(reason, verdict), "note": check_note(note), "reviewer": name}
    left: Counter[str] = Counter()
    recorded = 0
    with JournalWriter.open_tail(home.reviews) as journal:
        reviews = read_reviews(home)
        reviews.team.require(name, "decide")
        for task in tasks:
            if why := _explain_left(reviews, task, name):
                left[why] += 1
                continue
            journal.append("decision", _describe(task, shared, bulk_id, reviews.team))
            recorded += 1
    return BulkResult(bulk_id, recorded, left)


def undo_all(home: Home, bulk_id: str, reviewer: str, *, most: int | None = None) -> int:
    """Take back every decision of one act that still stands, or at most `most` of them; returns how many.

    Raises BadInput when there is no such act of this reviewer, or nothing of it is left.
    """
    name = check_reviewer(reviewer)
    with JournalWriter.open_tail(home.reviews) as journal:
        reviews = read_reviews(home)
        reviews.team.require(name, "decide")
        undone = [one for one in reviews.state.by_id.values() if one.bulk_id == bulk_id and one.reviewer == name]
        if not bulk_id or not undone:
            raise BadInput(f"nothing to undo: no decision of act {bulk_id} by {name} stands any more")
        for decision in undone[:most]:
            journal.append("decision", _describe_undo(decision))
    return len(undone[:most])


def find_last_act(home: Home, reviewer: str) -> LastAct | None:
    """This reviewer's latest act of which something stands, also after a restart; None without one."""
    name, acts = check_reviewer(reviewer), dict[str, LastAct]()
    for one in list_standing(home):
        if one.bulk_id and one.reviewer == name:
            earlier = acts.pop(one.bulk_id, None)
            acts[one.bulk_id] = LastAct(one.bulk_id, one.verdict, earlier.count + 1 if earlier else 1)
    return next(reversed(acts.values()), None)


def _explain_left(reviews: Reviews, task: Chosen, name: str) -> str:
    settled = reviews.state.settle(task.task_id)
    if settled.standing in (*SETTLED.values(), "disputed"):
        return DECIDED
    if not task.accepted:
        return REFUSED
    if task.alarmed:
        return ALARMED
    if settled.standing == "waiting" and reviews.state.find_vote(task.task_id, name):
        return VOTED
    return ""


def _describe(task: Chosen, shared: dict[str, Any], bulk_id: str, team: Team) -> dict[str, Any]:
    return {
        "decision_id": f"d{uuid.uuid4().hex[:15]}",
        "task_id": task.task_id,
        "run_id": task.run_id,
        **shared,
        "seconds_on_item": None,
        "content_sha": task.content_sha,
        "seen": {},
        "undoes": None,
        "quorum": team.quorum,
        **({"blind": team.blind} if team.quorum > 1 else {}),
        "second_opinion": False,
        "bulk_id": bulk_id,
    }


def _describe_undo(decision: CurrentDecision) -> dict[str, Any]:
    return {
        "decision_id": f"d{uuid.uuid4().hex[:15]}",
        "task_id": decision.task_id,
        "run_id": decision.run_id,
        "verdict": "undo",
        "reason": "",
        "note": "",
        "reviewer": decision.reviewer,
        "seconds_on_item": None,
        "content_sha": decision.content_sha,
        "seen": {},
        "undoes": decision.decision_id,
        "second_opinion": False,
    }
