"""The last view of the Tasks page, kept for the way back: a page that is left takes its filters out of the URL."""

from __future__ import annotations

from typing import Any

import streamlit as st

from autodata.ui.tasks.left import BOX, SOURCE

DEFAULTS: dict[str, Any] = {
    "tasks.search": "",
    "tasks.band": [],
    "tasks.decision": "all",
    "tasks.run": "",
    "tasks.scope": "last",
    "tasks.outcome": "",
    "tasks.order": "risk",
}
"""Filter widgets with their neutral values."""
_MEMORY = "tasks.memory"


def restore_view() -> None:
    """On arrival without a view in the URL, set the filters as they were left. Call before the widgets are drawn."""
    memory = st.session_state.get(_MEMORY)
    arrived = not any(name in st.session_state for name in DEFAULTS)
    asked = any(name in (BOX, SOURCE) or name.startswith("tasks.") for name in st.query_params)
    if not memory or not arrived or asked:
        return
    widgets, params = memory
    for name, value in widgets.items():
        st.session_state[name] = value
    for name, value in params.items():
        st.query_params[name] = value


def remember_view() -> None:
    """Keep the view as it is drawn now."""
    widgets = {name: st.session_state[name] for name in DEFAULTS if name in st.session_state}
    params = {name: st.query_params[name] for name in (BOX, SOURCE) if name in st.query_params}
    st.session_state[_MEMORY] = (widgets, params)
