"""The last view of the Tasks page, kept for the way back: a page that is left takes its filters out of the URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from autodata.ui.tasks.saved import SavedView
from autodata.ui.tasks.view import PARAMS, TASK

DEFAULTS: dict[str, Any] = {
    "tasks.search": "",
    "tasks.answers": False,
    "tasks.comments": False,
    "tasks.band": [],
    "tasks.decision": "all",
    "tasks.run": "",
    "tasks.scope": "last",
    "tasks.outcome": "",
    "tasks.audit": [],
    "tasks.detector": "",
    "tasks.integrity": "",
    "tasks.difficulty": "",
    "tasks.validity": "",
    "tasks.model": "",
    "tasks.tag": "",
    "tasks.order": "risk",
    "tasks.group": "run",
    "tasks.look": "table",
}
"""Filter widgets with their neutral values."""
SLIDERS = ("tasks.weak_max.", "tasks.strong_min.", "tasks.gap_min.")
"""The keys of the what-if sliders begin so; behind it stands whose rule they start from."""
DIALOG = "tasks.dialog"
"""Which dialog of the page is open: `act`, `views`, or nothing."""
_MEMORY = "tasks.memory"


def restore_view(find_default: Callable[[], SavedView | None]) -> None:
    """On arrival without a view in the URL, set the filters as they were left, else as the home's default view has
    them. Call before the widgets are drawn."""
    arrived = not any(name in st.session_state for name in DEFAULTS)
    asked = any(name in (*PARAMS, TASK) or name.startswith("tasks.") for name in st.query_params)
    if arrived:
        close_dialog()
    if not arrived or asked:
        return
    view = st.session_state.get(_MEMORY) or find_default()
    if view is not None:
        apply_view(view)


def open_dialog(name: str) -> None:
    """Open a dialog with the next drawing of the page."""
    st.session_state[DIALOG] = name


def close_dialog() -> None:
    """Close whichever dialog is open."""
    st.session_state.pop(DIALOG, None)


def remember_view() -> None:
    """Keep the view as it is drawn now."""
    st.session_state[_MEMORY] = take_view("")


def take_view(name: str) -> SavedView:
    """The view as it is now, what-if included, under a name."""
    widgets = {
        key: st.session_state[key]
        for key in (*DEFAULTS, *_list_sliders())
        if key in st.session_state and st.session_state[key] != DEFAULTS.get(key)
    }
    params = {key: st.query_params[key] for key in PARAMS if key in st.query_params}
    return SavedView(name, widgets, params)


def apply_view(view: SavedView) -> None:
    """Set every filter as the view has it, all others to neutral. Call before the widgets are drawn, or in a callback.

    A value that this program would not have written is left out: the file may have been edited.
    """
    for key, neutral in DEFAULTS.items():
        value = view.widgets.get(key, neutral)
        st.session_state[key] = value if isinstance(value, type(neutral)) else neutral
    for key in _list_sliders():
        del st.session_state[key]
    for key, value in view.widgets.items():
        if key.startswith(SLIDERS) and isinstance(value, int | float) and 0 <= value <= 1:
            st.session_state[key] = float(value)
    for key in (*PARAMS, TASK):
        if key in st.query_params:
            del st.query_params[key]
    for key, value in view.params.items():
        if key in PARAMS:
            st.query_params[key] = value
    st.session_state["tasks.brush"] = ""
    st.session_state["tasks.page"] = 1


def _list_sliders() -> list[str]:
    return [str(key) for key in st.session_state if str(key).startswith(SLIDERS)]
