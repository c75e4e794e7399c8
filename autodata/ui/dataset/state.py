"""What the Dataset page keeps between two runs: its view, the version that is shown, and what was just done."""

from __future__ import annotations

import streamlit as st

VIEW = "dataset.view"
VERSION = "version"
"""URL parameter: `name/v001`."""
DONE = "dataset.said"
_NEXT = "dataset.next"

VIEWS = {"gate": "Gate and export", "versions": "Versions", "sample": "Blind sample", "inside": "What is in it"}


def find_view(version: str) -> str:
    """The view of a URL that names none: a link to a version means that version."""
    return "versions" if version else "gate"


def show_version(label: str, said: str) -> None:
    """Have the next run show a version, and say what happened. The caller reruns."""
    st.session_state[DONE] = said
    st.session_state[_NEXT] = "versions"
    st.query_params[VERSION] = label


def turn_view() -> None:
    """Take the view that the last run asked for. Before the widget is drawn, which allows nothing later."""
    if wanted := st.session_state.pop(_NEXT, None):
        st.session_state[VIEW] = wanted
