"""The versions of a task side by side: what was edited, whether it was tried, and how that came out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.queries.edits import Version, load_versions
from autodata.index.queries.task import TaskDetail
from autodata.review.edits import create_trial, find_edit
from autodata.runs import is_alive
from autodata.ui.piece import draw
from autodata.ui.review.changes import name_changed
from autodata.ui.review.view import show_task
from autodata.ui.reviewer import refuse
from autodata.ui.runs.control import launch
from autodata.ui.state import Workbench
from autodata.ui.text import DECISION_WORDS, OUTCOME_WORDS, RUN_WORDS, format_gap, shorten
from autodata.ui.tree import Tree, node

TRYING = "review.trying"
"""Trials this session began, by edit: (run, monotonic seconds). The index hears of them a moment later."""

EARLY_S = 30.0
"""How long a trial is believed to be on its way though the index does not know it, in seconds."""

POLL_S = 2.0
COMPARED = "review.compared"


def find_versions(bench: Workbench, task_id: str) -> tuple[Version, ...]:
    """The family of a task, with the trials this session has just begun."""
    trying: dict[str, tuple[str, float]] = st.session_state.get(TRYING, {})
    return tuple(_check_trial(bench, version, trying) for version in load_versions(bench.index, task_id))


def draw_versions(bench: Workbench, detail: TaskDetail, versions: tuple[Version, ...]) -> None:
    """One line with every version; it is drawn again by itself while a trial runs."""
    running = any(is_under_way(version) for version in versions)

    @st.fragment(run_every=POLL_S if running else None)
    def draw_line() -> None:
        now = find_versions(bench, detail.task.id)
        clicked = draw(build_versions(now, detail), key="review.versions")
        if clicked:
            _follow(bench, clicked)
        if clicked or (running and not any(is_under_way(version) for version in now)):
            st.rerun()

    draw_line()


def build_versions(versions: tuple[Version, ...], detail: TaskDetail) -> Tree:
    """Acts: `open:TASK`, `try:EDIT`, `changed:EDIT`."""
    cells = [_build_cell(version, versions, detail) for version in versions]
    return node("div", {"class": "versions", "role": "list", "aria-label": "Versions of this task"}, *cells)


def tell_state(version: Version) -> str:
    """What became of a version, in a few words: `not tried, no scores`, `trial running`, `accepted +0.31`."""
    if version.outcome:
        words = OUTCOME_WORDS.get(version.outcome, version.outcome)
        return f"{words} {format_gap(version.gap)}" if version.gap is not None else words
    if not version.trial_run:
        return "not tried, no scores" if version.edit_id else "no scores"
    if is_under_way(version):
        return "trial running"
    reason = f": {shorten(version.trial_reason, 60)}" if version.trial_reason else ""
    if version.trial_state == "done":
        return "tried, without a result"
    return f"trial {RUN_WORDS.get(version.trial_state, version.trial_state)}{reason}"


def is_under_way(version: Version) -> bool:
    """Whether a run measures this version now."""
    return bool(version.trial_run) and not version.outcome and version.trial_state in ("waiting", "running")


def explain_no_trial(detail: TaskDetail) -> str:
    """Why an edited version of this task could not be tried here; "" where it can."""
    if not detail.imported:
        return ""
    return (
        f"Run {detail.run_id} was imported: it has no seats, so there is no weak, strong and judge model to ask. The "
        "new version is kept. To measure it, start a run over it with seats of your own."
    )


def try_edit(bench: Workbench, edit_id: str) -> tuple[str, bool]:
    """Begin the run that measures an edited text; returns what to say, and whether that is an alarm."""
    trying: dict[str, tuple[str, float]] = st.session_state.setdefault(TRYING, {})
    if refusal := refuse(bench.home, "measure"):
        return refusal, True
    begun = trying.get(edit_id)
    if begun and time.monotonic() - begun[1] < EARLY_S:
        return f"{begun[0]} tries this version already.", False
    try:
        run_id = create_trial(bench.home, find_edit(bench.home, edit_id))
        launch(bench.home, run_id)
    except (AutodataError, OSError) as error:
        return f"It could not be tried: {error}", True
    trying[edit_id] = (run_id, time.monotonic())
    bench.ingest.nudge()
    return f"{run_id} tries the new version.", False


def _check_trial(bench: Workbench, version: Version, trying: dict[str, tuple[str, float]]) -> Version:
    """The version with a trial that the index does not know yet, and without one whose process is gone."""
    run_id, since = trying.get(version.edit_id, ("", 0.0))
    early = bool(run_id) and time.monotonic() - since < EARLY_S
    if early and not version.outcome and version.trial_run != run_id:
        return replace(version, trial_run=run_id, trial_state="running", trial_reason="")
    if is_under_way(version) and not early and not is_alive(bench.home, version.trial_run):
        return replace(version, trial_state="failed", trial_reason="its process ended without a result")
    return version


def _build_cell(version: Version, versions: tuple[Version, ...], detail: TaskDetail) -> Tree:
    own = version.task_id == detail.task.id
    parent = next((other.number for other in versions if other.task_id == version.parent_id), 1)
    told: list[Tree | None] = [node("b", None, f"Version {version.number}")]
    if own:
        told.append(node("span", "muted", "this one"))
    elif version.task_id:
        told.append(node("span", "mono muted", version.task_id))
    if version.edit_id:
        of = "" if parent == 1 else f" of version {parent}"
        about = f"{name_changed(version.changed)}{of}, by {version.reviewer}"
        told.append(node("span", {"class": "muted cut", "title": version.note or about, "dir": "auto"}, about))
    state: dict[str, Any] = {"class": "keep accent strong-text" if version.outcome == "accepted" else "keep"}
    told.append(node("span", state, tell_state(version)))
    if version.decision and version.decision != "open":
        told.append(node("span", "muted keep", DECISION_WORDS.get(version.decision, version.decision).lower()))
    if version.edit_id:
        told.append(_draw_link(f"changed:{version.edit_id}", "what changed"))
    if version.edit_id and not version.outcome and not is_under_way(version) and not detail.imported:
        told.append(_draw_link(f"try:{version.edit_id}", "try it again" if version.trial_run else "try it"))
    if version.task_id and not own and not is_under_way(version):
        told.append(_draw_link(f"open:{version.task_id}", "open it"))
    current = "true" if own else None
    return node(
        "div", {"class": "version shown" if own else "version", "role": "listitem", "aria-current": current}, *told
    )


def _draw_link(act: str, words: str) -> Tree:
    return node("span", {"class": "link small", "act": act}, words)


def _follow(bench: Workbench, act: str) -> None:
    kind, _, name = act.partition(":")
    if kind == "open":
        show_task(name)
    elif kind == "changed":
        st.session_state[COMPARED] = name
        st.session_state["review.dialog"] = "changed"
    elif kind == "try":
        st.session_state["review.message"] = try_edit(bench, name)
