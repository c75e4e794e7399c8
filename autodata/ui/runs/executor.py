"""Where a run works: one process on this machine, or workers on a Ray cluster."""

from __future__ import annotations

from typing import Any

import streamlit as st

from autodata.executors.choice import WORKERS_MAX
from autodata.ui.shell import draw_section_head

PLACES = {"local": "This machine", "ray": "Ray cluster"}


def draw_executor() -> dict[str, Any]:
    """Draw the choice; returns it as fields of the form."""
    draw_section_head("Where", "changes no result; keys stay in the workers' memory", key="runs.where.head")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="runs.where"):
        kind = st.segmented_control(
            "Where it works", list(PLACES), format_func=PLACES.__getitem__, default="local", required=True,
            key="runs.executor", label_visibility="collapsed",
        )  # fmt: skip
        if kind != "ray":
            return {}
        address = st.text_input(
            "Head of the cluster", key="runs.address", placeholder="HOST:PORT, or empty for this machine's", width=280,
            help="What `ray start --head` printed, such as 10.0.0.5:6379. This machine has to be part of the cluster.",
        )  # fmt: skip
        workers = st.number_input(
            "Workers", 1, WORKERS_MAX, None, key="runs.workers", placeholder="one a machine", width=150,
            help="Processes that work on sources, one CPU each.",
        )  # fmt: skip
    return {"executor": "ray", "address": address or "", "workers": int(workers) if workers else None}
