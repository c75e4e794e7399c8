"""Saying what a task was: one key for each word, for the task just decided or the one on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.review.labels import record_label
from autodata.ui.piece import draw
from autodata.ui.state import Workbench
from autodata.ui.tree import node

LABEL_NAMES = {
    "sabotage": "Sabotage",
    "artefact": "Artefact",
    "luck": "Luck",
    "invalid": "Invalid task",
    "honest_hard": "Honest hard",
    "unsure": "Unsure",
}
"""In the order of the keys 1–6."""

_OPEN, _LAST = "review.labelling", "review.last"


@dataclass(frozen=True, slots=True)
class Labelled:
    """The task a label is about, and what is recorded with it. `blind`: what the audit found was hidden."""

    task_id: str
    run_id: str
    content_sha: str
    blind: bool
    inclusion: float | None
    detectors: tuple[str, ...]


def record(bench: Workbench, about: Labelled, label: str, reviewer: str) -> tuple[str, bool]:
    """Write a label; returns what to say, and whether that is an alarm."""
    try:
        result = record_label(
            bench.home,
            task_id=about.task_id,
            run_id=about.run_id,
            content_sha=about.content_sha,
            label=label,
            reviewer=reviewer,
            blind=about.blind,
            inclusion=about.inclusion,
            detectors=about.detectors,
        )
        ingest_reviews_now(bench.index, bench.home)
    except AutodataError as error:
        return str(error), True
    return result.message, False


def remember_decided(about: Labelled | None) -> None:
    """Note which task was just rejected or flagged, so that it can still be named from the next one."""
    st.session_state[_LAST] = about


def get_decided() -> Labelled | None:
    """The task that was just rejected or flagged; None after any other move."""
    found: Labelled | None = st.session_state.get(_LAST)
    return found


def open_labels(about: Labelled) -> None:
    """Show the label bar for a task."""
    st.session_state[_OPEN] = about


def close_labels() -> None:
    """Leave the label bar."""
    st.session_state.pop(_OPEN, None)


def get_labelling() -> Labelled | None:
    """The task whose label bar is open."""
    found: Labelled | None = st.session_state.get(_OPEN)
    return found


def draw_labels(about: Labelled, *, quiet: bool, on_label: Callable[..., None]) -> None:
    """The label bar: what the named task was, one key a word."""
    draw(node("b", None, f"{about.task_id} was"), key="review.was", width="content")
    for number, (label, words) in enumerate(LABEL_NAMES.items(), start=1):
        st.button(words, key=f"review.label.{number}.{about.task_id}", shortcut=None if quiet else str(number),
                  on_click=on_label, args=(about, label))  # fmt: skip
    st.button("Back", key=f"review.unlabel.{about.task_id}", type="tertiary", shortcut=None if quiet else "Esc",
              on_click=close_labels)  # fmt: skip
