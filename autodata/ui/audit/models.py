"""Whom an audit asks beside the run's own models: the choice of the auditors' seats."""

from __future__ import annotations

import streamlit as st

from autodata.errors import BadInput
from autodata.llm.seat import SIMULATED

FILE = "file"
CHOICES = {"": "As set up", SIMULATED: "Simulated", FILE: "Seats file"}
CHOSEN, PATH = "audit.models", "audit.seatsfile"
_HELP = "Who judges, writes and stands as a peer in an audit. Weak and strong are always the run's own."
_NOTES = {
    "": "The seats file on the Settings page, else the run's own seats.",
    SIMULATED: "The built-in models. They know nothing of real answers.",
    FILE: "[seats.auditor_judge], and where wanted [seats.auditor_writer] and [seats.peer].",
}


def draw_models() -> None:
    """The choice, folded away behind a button that names it."""
    chosen = str(st.session_state.get(CHOSEN) or "")
    with st.popover(f"Auditors: {CHOICES[chosen].lower()}" if chosen else "Auditors", key="audit.auditors", help=_HELP):
        st.segmented_control(
            "Auditors", list(CHOICES), format_func=CHOICES.__getitem__, default="", required=True, key=CHOSEN,
            label_visibility="collapsed",
        )  # fmt: skip
        st.caption(_NOTES[str(st.session_state.get(CHOSEN) or "")])
        if st.session_state.get(CHOSEN) == FILE:
            st.text_input("Seats file (TOML) on this machine", key=PATH, placeholder="~/auditors.toml")


def read_models() -> str | None:
    """What was chosen, as an audit takes it: a path, `simulated` or None. Raises BadInput for a file without a path."""
    chosen = str(st.session_state.get(CHOSEN) or "")
    if chosen != FILE:
        return chosen or None
    path = str(st.session_state.get(PATH) or "").strip()
    if not path:
        raise BadInput("Give the path of a seats file (TOML) under Auditors, or choose other auditors there.")
    return path
