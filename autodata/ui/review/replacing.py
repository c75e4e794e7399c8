"""After a new version was approved: rejecting the one it replaces is offered, and never done unasked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.database import Index
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.edits import find_replaceable
from autodata.index.queries.task import load_task
from autodata.review.decisions import record_decision
from autodata.ui.reviewer import get_reviewer
from autodata.ui.state import Workbench

_KEY = "review.replaced"


@dataclass(frozen=True, slots=True)
class Replaced:
    """The original, and the approved task that was made out of it."""

    task_id: str
    by: str


def find_replaced(index: Index, task_id: str) -> Replaced | None:
    """What this task would replace: the one it was edited from, unless that is rejected already."""
    parent = find_replaceable(index, task_id)
    return Replaced(parent, task_id) if parent else None


def remember_replaced(replaced: Replaced | None) -> None:
    """Offer it in the bar from now on; None ends the offer."""
    st.session_state[_KEY] = replaced


def tell_replaced(replaced: Replaced) -> str:
    """The sentence beside the decision buttons while the new version is on screen."""
    return f"A new version of {replaced.task_id}. Approving it does not reject the original: that is asked afterwards."


def draw_offer(bench: Workbench) -> None:
    """The button that rejects the original as replaced."""
    replaced: Replaced | None = st.session_state.get(_KEY)
    if replaced is not None:
        st.button("Reject the original", key="review.replace", type="tertiary",
                  icon=":material/published_with_changes:",
                  help=f"{replaced.by} replaces {replaced.task_id}; recorded as Other: replaced by {replaced.by}",
                  on_click=_reject, args=(bench, replaced))  # fmt: skip


def reject_original(bench: Workbench, replaced: Replaced, reviewer: str) -> tuple[str, bool]:
    """Record the rejection; returns what to say, and whether that is an alarm."""
    detail = load_task(bench.index, replaced.task_id, reviewer)
    if detail is None:
        return f"Task {replaced.task_id} is not in the index.", True
    current = next((d for d in detail.decisions if d.current and d.verdict != "skip"), None)
    try:
        result = record_decision(
            bench.home,
            task_id=replaced.task_id,
            run_id=detail.run_id,
            content_sha=detail.content_sha,
            verdict="reject",
            reviewer=reviewer,
            reason="Other",
            note=f"replaced by {replaced.by}",
            seen={"replaced_by": replaced.by},
            based_on=current.decision_id if current else None,
        )
        ingest_reviews_now(bench.index, bench.home)
    except AutodataError as error:
        return str(error), True
    return result.message, result.second_opinion


def _reject(bench: Workbench, replaced: Replaced) -> None:
    message, alarm = reject_original(bench, replaced, get_reviewer(bench.home))
    remember_replaced(None)
    st.session_state["review.message"] = (message, alarm)
