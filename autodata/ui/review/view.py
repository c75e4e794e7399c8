"""What the Review page looks at: its queue and task, read from the URL and written back to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from autodata.index.queries.filters import DecisionState, Scope, TaskFilter
from autodata.index.queries.review import Queue, QueueOrder

_SETTLING_S = 1.5
LISTS = ("band", "outcome")
ORDER_WORDS = {"risk": "by risk", "gap": "by gap", "newest": "in line", "random": "in line"}


@dataclass(frozen=True, slots=True)
class View:
    """The queue, and the task on screen ("" for the first waiting one)."""

    queue: Queue
    task_id: str = ""


def read_view(params: Mapping[str, Any]) -> View:
    """The view of a URL: task, order, run, source, decision, scope, band, outcome, q, parity, skipped.

    Unknown values are read as if they were absent: a URL is typed by hand and shared.
    """
    order = params.get("order", "risk")
    decision, scope = params.get("decision", "open"), params.get("scope", "accepted")
    bands, outcomes = (tuple(part for part in str(params.get(name, "")).split(",") if part) for name in LISTS)
    task_filter = TaskFilter(
        search=params.get("q", ""),
        bands=bands,
        outcomes=outcomes,
        decision=decision if decision in get_args(DecisionState) else "open",
        run_id=params.get("run") or None,
        source_id=params.get("source") or None,
        scope=scope if scope in get_args(Scope) else "accepted",
        parity=params.get("parity") or None,
    )
    queue = Queue(
        task_filter=task_filter,
        order=order if order in get_args(QueueOrder) else "risk",
        with_skipped=params.get("skipped") == "1",
    )
    return View(queue, str(params.get("task", "")))


def load_view() -> View:
    """The view of this session's URL.

    A key pressed before the browser has heard of the last change still carries the old URL: for a moment after a task
    was left, its address means the task that followed it.
    """
    view = read_view(st.query_params)
    left, following, until = st.session_state.get("review.left", ("", "", 0.0))
    if view.task_id and view.task_id == left and time.monotonic() < until:
        return View(view.queue, following)
    return view


def show_task(task_id: str | None, leaving: str = "") -> None:
    """Put another task on screen, and in the URL; None for whatever waits first. `leaving` is the task shown so far."""
    left = leaving or str(st.query_params.get("task", ""))
    if left and left != task_id:
        st.session_state["review.left"] = (left, task_id or "", time.monotonic() + _SETTLING_S)
    if task_id:
        st.query_params["task"] = task_id
    else:
        st.query_params.pop("task", None)
    for name in ("round", "context", "chip", "reasons", "whole", "dialog"):
        st.session_state.pop(f"review.{name}", None)
