"""What the Review page looks at: its queue and task, read from the URL and written back to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import streamlit as st

from autodata.index.queries.filters import AuditState, DecisionState, Scope, TaskFilter
from autodata.index.queries.review import Queue, QueueOrder
from autodata.ui.reviewer import get_reviewer
from autodata.ui.state import get_workbench

_SETTLING_S = 1.5
LISTS = ("band", "outcome", "audit")
ORDER_WORDS = {"risk": "by risk", "gap": "by gap", "newest": "in line", "random": "in line"}


@dataclass(frozen=True, slots=True)
class View:
    """The queue, and the task on screen ("" for the first waiting one)."""

    queue: Queue
    task_id: str = ""


def read_view(params: Mapping[str, Any]) -> View:
    """The view of a URL: task, order, run, source, decision, scope, band, outcome, q, parity, skipped, audit, detector,
    integrity, difficulty, validity, answers, at_round, cluster, comments, model, tag.

    Unknown values are read as if they were absent: a URL is typed by hand and shared.
    """
    order = params.get("order", "risk")
    decision, scope = params.get("decision", "open"), params.get("scope", "accepted")
    bands, outcomes, audits = (tuple(part for part in str(params.get(name, "")).split(",") if part) for name in LISTS)
    task_filter = TaskFilter(
        search=params.get("q", ""),
        bands=bands,
        outcomes=outcomes,
        decision=decision if decision in get_args(DecisionState) else "open",
        run_id=params.get("run") or None,
        source_id=params.get("source") or None,
        scope=scope if scope in get_args(Scope) else "accepted",
        parity=params.get("parity") or None,
        audit=tuple(state for state in get_args(AuditState) if state in audits),
        detector=params.get("detector") or None,
        integrity=params.get("integrity") or None,
        difficulty=params.get("difficulty") or None,
        validity=params.get("validity") or None,
        answers=params.get("answers") == "1",
        round=_read_number(params.get("at_round"), 2**31 - 1),
        commented=params.get("comments") == "open",
        cluster=_read_number(params.get("cluster"), 2**64 - 1),
        model=params.get("model") or None,
        tag=str(params.get("tag", "")),
    )
    queue = Queue(
        task_filter=task_filter,
        order=order if order in get_args(QueueOrder) else "risk",
        with_skipped=params.get("skipped") == "1",
    )
    return View(queue, str(params.get("task", "")))


def _read_number(text: Any, most: int) -> int | None:
    """A whole number of a URL from 0 to `most`; None for anything else."""
    digits = str(text or "")
    found = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 20 else None
    return found if found is not None and found <= most else None


def load_view() -> View:
    """The view of this session's URL.

    A key pressed before the browser has heard of the last change still carries the old URL: for a moment after a task
    was left, its address means the task that followed it.
    """
    view = read_view(st.query_params)
    queue = replace(view.queue, reviewer=get_reviewer(get_workbench().home))
    left, following, until = st.session_state.get("review.left", ("", "", 0.0))
    if view.task_id and view.task_id == left and time.monotonic() < until:
        return View(queue, following)
    return View(queue, view.task_id)


def show_task(task_id: str | None, leaving: str = "") -> None:
    """Put another task on screen, and in the URL; None for whatever waits first. `leaving` is the task shown so far."""
    left = leaving or str(st.query_params.get("task", ""))
    if left and left != task_id:
        st.session_state["review.left"] = (left, task_id or "", time.monotonic() + _SETTLING_S)
    if task_id:
        st.query_params["task"] = task_id
    else:
        st.query_params.pop("task", None)
    for name in ("round", "context", "chip", "reasons", "whole", "dialog", "labelling"):
        st.session_state.pop(f"review.{name}", None)
