"""Decisions: appended to data/reviews.jsonl, never changed. The app and the command line may decide at the same time.

Every function that writes takes the journal's lock, reads what others appended meanwhile, and only then decides what
its own record says. A decision that meets one its screen did not show is kept as a second opinion, never lost.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autodata.errors import BadInput
from autodata.home import Home
from autodata.journal import JournalWriter
from autodata.review.entry import (
    check_note,
    check_reason,
    check_reviewer,
    check_seconds,
    check_verdict,
    clean_seen,
)
from autodata.review.fold import UNDO_DEPTH, CurrentDecision, DecisionState
from autodata.review.shared import read_reviews
from autodata.votes import Settlement

_PAST = {"approve": "approved", "reject": "rejected", "flag": "flagged", "skip": "skipped"}


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of a key press, with a sentence to show.

    `decision_id` is the record's, or that of the decision that already said the same (`recorded` is False then).
    """

    decision_id: str
    task_id: str
    second_opinion: bool
    recorded: bool
    message: str


def record_decision(
    home: Home,
    *,
    task_id: str,
    run_id: str,
    content_sha: str,
    verdict: str,
    reviewer: str,
    reason: str = "",
    note: str = "",
    seconds_on_item: float | None = None,
    seen: Mapping[str, Any] | None = None,
    based_on: str | None = None,
    adjudicates: bool = False,
) -> DecisionResult:
    """Append one decision and force it to the disk.

    `based_on` is the id of the current decision that the reviewer's screen showed; None for an open task. When the
    current decision is another one by now: the same verdict by the same reviewer records nothing, anything else is
    kept as a second opinion. Under a quorum of more than one every reviewer's decision is a vote of its own. A lead who
    `adjudicates` settles the task whatever was voted, and says why by a reason or a note.

    Raises BadInput for a verdict, reason or name that cannot be used, and for a person whose role does not allow it;
    HeldElsewhere when the journal stays locked, StopRequested("disk") when it cannot be written.
    """
    name = check_reviewer(reviewer)
    for value, what in ((task_id, "task"), (run_id, "run"), (content_sha, "content hash")):
        if not value:
            raise BadInput(f"a decision needs a {what}; none was given")
    data: dict[str, Any] = {
        "task_id": task_id,
        "run_id": run_id,
        "verdict": check_verdict(verdict),
        "reason": check_reason(reason, verdict),
        "note": check_note(note),
        "reviewer": name,
        "seconds_on_item": check_seconds(seconds_on_item),
        "content_sha": content_sha,
        "seen": clean_seen(seen),
        "undoes": None,
    }
    with JournalWriter.open_tail(home.reviews) as journal:
        reviews = read_reviews(home)
        state, team = reviews.state, reviews.team
        team.require(name, "adjudicate" if adjudicates else "decide")
        if adjudicates and not (data["reason"] or data["note"]):
            raise BadInput("a last word needs its reason: choose one, or say it in the note")
        data |= {"quorum": team.quorum, **({"adjudicates": True} if adjudicates else {})}
        data |= {"blind": team.blind} if team.quorum > 1 else {}
        if adjudicates or team.quorum > 1:
            return _vote(journal, state, data, home)
        current = state.find_current(task_id)
        standing = None if current is None or current.open else current
        if standing and _says_the_same(standing, data, based_on):
            return DecisionResult(standing.decision_id, task_id, False, False, _describe_same(standing, data))
        second = standing is not None and standing.decision_id != based_on
        kept = state.find_opinion(task_id, name) if second else None
        if kept and (kept.verdict, kept.reason, kept.note) == (verdict, data["reason"], data["note"]):
            return DecisionResult(kept.decision_id, task_id, True, False, "Your second opinion is already kept.")
        decision_id = _append(journal, {**data, "second_opinion": second})
    message = _describe_second(standing, name) if second and standing else _describe(data, task_id)
    return DecisionResult(decision_id, task_id, second, True, message)


def undo_last(home: Home, reviewer: str) -> DecisionResult:
    """Take back this reviewer's latest decision that is not undone, up to UNDO_DEPTH in a row, also after a restart.

    Raises BadInput when nothing is left to undo.
    """
    name = check_reviewer(reviewer)
    with JournalWriter.open_tail(home.reviews) as journal:
        reviews = read_reviews(home)
        reviews.team.require(name, "decide")
        last = reviews.state.find_undoable(name)
        if last is None:
            raise BadInput(
                f"nothing to undo: undo takes back the latest {UNDO_DEPTH} decisions of {name}. "
                f"An older one is changed by opening its task and deciding again."
            )
        undo: dict[str, Any] = {
            "task_id": last.task_id,
            "run_id": last.run_id,
            "verdict": "undo",
            "reason": "",
            "note": "",
            "reviewer": name,
            "seconds_on_item": None,
            "content_sha": last.content_sha,
            "seen": {},
            "undoes": last.decision_id,
            "second_opinion": False,
        }
        decision_id = _append(journal, undo)
        now = read_reviews(home).state.find_current(last.task_id)
    state = "open again" if now is None or now.open else f"{_PAST[now.verdict]} by {now.reviewer}"
    return DecisionResult(decision_id, last.task_id, False, True, f"Undone: {last.task_id} is {state}.")


def change_decision(
    home: Home,
    decision_id: str,
    verdict: str,
    *,
    reviewer: str,
    reason: str = "",
    note: str = "",
    seconds_on_item: float | None = None,
    seen: Mapping[str, Any] | None = None,
) -> DecisionResult:
    """Decide again a task whose current decision is `decision_id`; the earlier decision stays in the journal.

    Raises BadInput when there is no such decision (or it was undone), and as `record_decision` does.
    """
    earlier = read_reviews(home).state.by_id.get(decision_id)
    if earlier is None:
        raise BadInput(f"decision {decision_id!r} does not exist or was undone; open the task and decide it")
    return record_decision(
        home,
        task_id=earlier.task_id,
        run_id=earlier.run_id,
        content_sha=earlier.content_sha,
        verdict=verdict,
        reviewer=reviewer,
        reason=reason,
        note=note,
        seconds_on_item=seconds_on_item,
        seen=seen,
        based_on=decision_id,
    )


def _vote(journal: JournalWriter, state: DecisionState, data: dict[str, Any], home: Home) -> DecisionResult:
    """A vote under a quorum, or a lead's last word; the same person's same vote is recorded once."""
    task_id, name = data["task_id"], data["reviewer"]
    own = state.find_vote(task_id, name)
    if own and not data.get("adjudicates") and _says_the_same(own, data, own.decision_id):
        return DecisionResult(own.decision_id, task_id, False, False, _describe_same(own, data))
    decision_id = _append(journal, {**data, "second_opinion": False})
    settled = read_reviews(home).state.settle(task_id)
    return DecisionResult(decision_id, task_id, False, True, f"{_describe(data, task_id)}{_describe_votes(settled)}")


def _append(journal: JournalWriter, data: dict[str, Any]) -> str:
    decision_id = f"d{uuid.uuid4().hex[:15]}"
    journal.append("decision", {"decision_id": decision_id, **data})
    return decision_id


def _says_the_same(standing: CurrentDecision, data: Mapping[str, Any], based_on: str | None) -> bool:
    """A skip of a decided task says nothing new either: it must not open the task again."""
    if data["verdict"] == "skip":
        return True
    same = standing.verdict == data["verdict"] and standing.reviewer == data["reviewer"]
    if standing.decision_id != based_on:
        return same
    return same and standing.reason == data["reason"] and standing.note == data["note"]


def _describe(data: Mapping[str, Any], task_id: str) -> str:
    if data["verdict"] == "skip":
        return f"Skipped: {task_id} stays open."
    reason = f" ({data['reason']})" if data["reason"] else ""
    return f"{_PAST[data['verdict']].capitalize()}: {task_id}{reason}."


def _describe_votes(settled: Settlement) -> str:
    if settled.standing == "waiting":
        return f" {settled.given} of {settled.needed} votes."
    return " The votes differ; a lead settles it." if settled.standing == "disputed" else ""


def _describe_same(standing: CurrentDecision, data: Mapping[str, Any]) -> str:
    who = "You" if standing.reviewer == data["reviewer"] else standing.reviewer
    return f"{who} already {_PAST[standing.verdict]} this task {_describe_age(standing.t)}. Nothing was changed."


def _describe_second(standing: CurrentDecision, reviewer: str) -> str:
    done, age = _PAST[standing.verdict], _describe_age(standing.t)
    if standing.reviewer == reviewer:
        return f"You {done} this task {age} in another window. This decision was kept as a second opinion."
    return f"{standing.reviewer} {done} this task {age}. Your decision was kept as a second opinion."


def _describe_age(t: float) -> str:
    seconds = max(0, round(time.time() - t))
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name} ago"
    return f"{seconds} s ago"
