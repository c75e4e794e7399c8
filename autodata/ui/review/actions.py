"""What the keys and buttons of the Review page do. Every action runs as a callback, before the page is drawn.

When another key is pressed while a callback runs, Streamlit stops the callback at its next touch of session state or
URL. A decision must be neither lost nor recorded without its consequences, so `decide` and `undo` touch neither: they
are handed the `Screen` they are about, leave on it where to go next, and `catch_up` follows when the page is drawn.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import duckdb
import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.review import Queue, find_previous
from autodata.review.decisions import record_decision, undo_last
from autodata.ui.review import labelling
from autodata.ui.review.holding import choose_next, give_back, is_held
from autodata.ui.review.labelling import Labelled
from autodata.ui.review.replacing import Replaced, remember_replaced
from autodata.ui.review.view import load_view, show_task
from autodata.ui.reviewer import get_reviewer, set_reviewer
from autodata.ui.state import Workbench, get_workbench

WHY = "review.why"
"""The field in which a lead says why a dispute is settled as it is."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads: the task to show (None for the first waiting one), and what to say. `decided` is the task
    that was rejected or flagged, which may still be given a label; `replaced` what an approved new version was made of.
    """

    task_id: str | None
    message: str
    alarm: bool = False
    decided: Labelled | None = None
    replaced: Replaced | None = None


@dataclass(slots=True)
class Screen:
    """What is on screen, and since when (epoch seconds). `move` is set by the first action that leaves it.

    `leased`: the task was leased to the reviewer when it was drawn. `settles`: a decision is a lead's last word.
    `replaces`: the task is a new version of another.
    """

    bench: Workbench
    queue: Queue
    reviewer: str
    task_id: str = ""
    run_id: str = ""
    content_sha: str = ""
    based_on: str | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    about: Labelled | None = None
    leased: bool = False
    settles: bool = False
    replaces: Replaced | None = None
    since: float = field(default_factory=time.time)
    move: Move | None = None
    lock: Lock = field(default_factory=Lock)


def remember_screen(screen: Screen) -> Screen:
    """Note what is on screen; the clock of a task starts when it is first drawn."""
    before: Screen | None = st.session_state.get("review.screen")
    if before is None or before.task_id != screen.task_id:
        st.session_state["review.screen"] = screen
        return screen
    # The same object, so that an action still under way leaves its move where the next run looks for it. `based_on`
    # stays what it was when the task came on screen: a decision taken elsewhere since is not overwritten unseen.
    for name in ("queue", "reviewer", "content_sha", "seen", "about", "settles", "replaces"):
        setattr(before, name, getattr(screen, name))
    return before


def catch_up() -> None:
    """Follow the move that the last action left behind. The last step forgets it, so it may be interrupted anywhere."""
    screen: Screen | None = st.session_state.get("review.screen")
    if screen is None:
        return
    with screen.lock:
        move = screen.move
    if move is None:
        return
    if move.task_id != screen.task_id or not screen.task_id:
        show_task(move.task_id, leaving=screen.task_id)
    labelling.remember_decided(move.decided)
    remember_replaced(move.replaced)
    _say(move.message, alarm=move.alarm)
    st.session_state["review.screen"] = None


def decide(screen: Screen, verdict: str, reason: str = "") -> None:
    """Record a decision on the task of `screen` and go on. Nothing happens when that screen was already left."""
    # A last word is no quick act: what stands in its field is read here, where the act may still be cut off.
    note = str(st.session_state.get(WHY) or "") if screen.settles else ""
    with screen.lock:
        if screen.move is None:
            screen.move = _decide(screen, verdict, reason, note)


def undo(screen: Screen) -> None:
    """Take back this reviewer's last decision and put its task on screen."""
    with screen.lock:
        if screen.move is None:
            screen.move = _undo(screen)


def go_next(task_id: str) -> None:
    """The next waiting task, without deciding this one."""
    found = choose_next(get_workbench(), load_view().queue, task_id)
    _go(found.task_id if found else None, "This is the last waiting task.")


def go_previous(task_id: str) -> None:
    """The task before this one, decided or not."""
    found = find_previous(get_workbench().index, load_view().queue, task_id)
    _go(found.task_id if found else None, "This is the first task.")


def ask_reason(task_id: str, verdict: str) -> None:
    """Open the reason bar for `reject` or `flag`."""
    st.session_state["review.reasons"] = (task_id, verdict)


def leave_reasons() -> None:
    """Close the reason bar without a decision."""
    st.session_state.pop("review.reasons", None)


def get_reasons(task_id: str) -> str:
    """The verdict whose reason bar is open for this task, or ""."""
    owner, verdict = st.session_state.get("review.reasons", ("", ""))
    return verdict if owner == task_id else ""


def label(about: Labelled, name: str) -> None:
    """Say what a task was: the one just decided, or the one on screen."""
    bench = get_workbench()
    message, alarm = labelling.record(bench, about, name, get_reviewer(bench.home))
    _say(message, alarm=alarm)
    labelling.close_labels()
    if not alarm and labelling.get_decided() == about:
        labelling.remember_decided(None)


def open_labels() -> None:
    """Ask what the task was that was just rejected or flagged, else the one on screen."""
    screen: Screen | None = st.session_state.get("review.screen")
    about = labelling.get_decided() or (screen.about if screen else None)
    if about is not None:
        labelling.open_labels(about)


def open_dialog(name: str) -> None:
    """Show a dialog: decisions, keys, fix, changed, comments, judging or provenance."""
    st.session_state["review.dialog"] = name


def close_dialog() -> None:
    """The dialog was closed by its cross or Esc."""
    st.session_state.pop("review.dialog", None)


def show_round(number: int) -> None:
    """Look at another round of this trajectory."""
    st.session_state["review.round"] = number
    st.session_state.pop("review.whole", None)


def save_name() -> None:
    """Use the name typed in the decision bar."""
    try:
        set_reviewer(get_workbench().home, st.session_state.get("review.name", ""))
    except AutodataError as error:
        _say(str(error), alarm=True)


def take_message() -> tuple[str, bool]:
    """What the last action said, and whether it is an alarm; shown once."""
    message: tuple[str, bool] = st.session_state.pop("review.message", ("", False))
    return message


def _decide(screen: Screen, verdict: str, reason: str, note: str = "") -> Move:
    bench = screen.bench
    lost = screen.leased and not is_held(bench.home, screen.task_id, screen.reviewer)
    try:
        result = record_decision(
            bench.home,
            task_id=screen.task_id,
            run_id=screen.run_id,
            content_sha=screen.content_sha,
            verdict=verdict,
            reviewer=screen.reviewer,
            reason=reason,
            note=note,
            seconds_on_item=time.time() - screen.since,
            seen=screen.seen,
            based_on=screen.based_on,
            adjudicates=screen.settles and verdict != "skip",
        )
    except AutodataError as error:
        return Move(screen.task_id, str(error), alarm=True)
    try:
        ingest_reviews_now(bench.index, bench.home)
        found = choose_next(bench, screen.queue, screen.task_id)
        if found is None:
            give_back(bench.home, screen.reviewer)
    except (AutodataError, duckdb.Error) as error:
        words = str(error).splitlines()[0]
        return Move(None, f"{result.message} It is recorded, but this page could not take it in: {words}", alarm=True)
    decided = screen.about if verdict in ("reject", "flag") else None
    message = f"Your lease had run out. {result.message}" if lost else result.message
    replaced = screen.replaces if verdict == "approve" else None
    if replaced is not None:
        message = f"{message} It replaces {replaced.task_id}."
    return Move(found.task_id if found else None, message, result.second_opinion, decided, replaced)


def _undo(screen: Screen) -> Move:
    bench = screen.bench
    try:
        result = undo_last(bench.home, screen.reviewer)
        ingest_reviews_now(bench.index, bench.home)
    except AutodataError as error:
        return Move(screen.task_id or None, str(error))
    return Move(result.task_id, result.message)


def _go(task_id: str | None, otherwise: str) -> None:
    if task_id is None:
        _say(otherwise, alarm=False)
    else:
        labelling.remember_decided(None)
        show_task(task_id)


def _say(message: str, *, alarm: bool) -> None:
    st.session_state["review.message"] = (message, alarm)
