"""The filter row of the Tasks page. Every widget is bound to the URL; the rarer filters stand behind one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from autodata.team import ALONE, Team
from autodata.ui.marks import draw_simulated
from autodata.ui.piece import draw
from autodata.ui.tasks.view import AUDITS, AXES, BANDS, CHECKS, DECISIONS, OUTCOMES, VOTE_STATES
from autodata.ui.tasks.views import draw_views_button
from autodata.ui.text import BAND_WORDS, DECISION_WORDS, OUTCOME_WORDS
from autodata.ui.tree import node

RARE = ("answers", "comments", "outcome", "detector", *AXES, "model", "tag")
"""Filters behind the button, which counts those in use."""


def draw_filters(simulated: bool, models: Sequence[str], team: Team = ALONE) -> dict[str, Any]:
    """Draw the row; returns what the widgets say, as `make_filter` takes it. `models` are those that a run has used,
    `team` is whose decisions are filtered."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.filters"):
        draw(node("div", {"class": "sentence", "role": "heading"}, "Tasks"), key="tasks.sentence", width="content")
        search = st.text_input(
            "Search", key="tasks.search", type="search", placeholder="Search", bind="query-params",
            label_visibility="collapsed", width=98,
        )  # fmt: skip
        bands = st.pills(
            "Band", BANDS, selection_mode="multi", format_func=BAND_WORDS.__getitem__, key="tasks.band",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        audit = st.pills(
            "Audit", list(AUDITS), selection_mode="multi", format_func=AUDITS.__getitem__, key="tasks.audit",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        voting = team.quorum > 1 or st.query_params.get("tasks.decision") in VOTE_STATES
        decision = st.segmented_control(
            "Decision", [*DECISIONS, *(VOTE_STATES if voting else ())], default="all",
            format_func=lambda word: DECISION_WORDS.get(word, "All"), required=True, key="tasks.decision",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
        rare = _draw_rare(models)
        draw_views_button()
        if simulated:
            st.space("stretch")
            draw(draw_simulated(), key="tasks.simulated", width="content")
    chosen = {"bands": tuple(bands), "audit": tuple(audit), "decision": decision or "all"}
    return {"search": search or "", **chosen, **rare}


def _draw_rare(models: Sequence[str]) -> dict[str, Any]:
    """Where to search, open comments, outcome, detector, the axes of the verdict, model and tag."""
    used = sum(bool(st.session_state.get(f"tasks.{name}") or st.query_params.get(f"tasks.{name}")) for name in RARE)
    with st.popover(
        str(used or ""),
        icon=":material/tune:",
        help="Search in answers; comments, outcome, check, verdict, model, tag",
        key="tasks.more",
    ):
        answers = st.toggle(
            "Search answers and sources, too", key="tasks.answers", bind="query-params",
            help="Every recorded answer of weak and strong is read: at 100,000 tasks that takes seconds",
        )  # fmt: skip
        commented = st.toggle(
            "With open comments", key="tasks.comments", bind="query-params",
            help="Tasks with a comment that nobody has settled",
        )  # fmt: skip
        outcome = st.selectbox(
            "Outcome", ["", *OUTCOMES], format_func=lambda word: OUTCOME_WORDS.get(word, "Any outcome").capitalize(),
            key="tasks.outcome", bind="query-params",
        )  # fmt: skip
        detector = st.selectbox(
            "Found by", ["", *CHECKS], format_func=lambda name: CHECKS.get(name, "Any check"), key="tasks.detector",
            bind="query-params",
        )  # fmt: skip
        axes = {
            name: st.selectbox(
                name.capitalize(), ["", *words], format_func={"": "Any", **words}.__getitem__, key=f"tasks.{name}",
                bind="query-params",
            )
            for name, words in AXES.items()
        }  # fmt: skip
        model = st.selectbox(
            "Model in any seat", ["", *models], format_func=lambda name: name or "Any model", key="tasks.model",
            bind="query-params",
        )  # fmt: skip
        tag = st.text_input("Tag holds", key="tasks.tag", placeholder="any tag", bind="query-params")
    found = {"outcome": outcome, "detector": detector, "model": model, "tag": tag, **axes}
    return {
        "answers": bool(answers),
        "commented": bool(commented),
        **{name: value or "" for name, value in found.items()},
    }
