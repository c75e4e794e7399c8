"""Ways from one page to another, with the view that the other page should open."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import streamlit as st

from autodata.ui.text import DECISION_WORDS

SCOPE_WORDS = {"accepted": "Accepted", "last": "Last round", "all": "All rounds"}
PAGES = Path(__file__).resolve().parents[2] / "pages"


def find_page(name: str) -> Path:
    """The script of a page, as `st.switch_page` and `st.page_link` know it."""
    return PAGES / f"{name}.py"


def open_page(name: str, **view: str) -> NoReturn:
    """Leave this page for another one; `view` are its URL parameters, empty ones left out."""
    st.switch_page(find_page(name), query_params={key: value for key, value in view.items() if value})


def open_tasks(*, decision: str = "", scope: str = "", run: str = "") -> NoReturn:
    """The Tasks page with some of its filters set. Bound widgets write their labels into the URL, not their values."""
    labels = {"decision": DECISION_WORDS.get(decision, ""), "scope": SCOPE_WORDS.get(scope, ""), "run": run}
    open_page("tasks", **{f"tasks.{name}": label for name, label in labels.items()})
