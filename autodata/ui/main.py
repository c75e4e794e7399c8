"""The script of every session: the look, the navigation, and the one thing that can keep all pages from opening."""

from __future__ import annotations

from pathlib import Path

import duckdb
import streamlit as st

from autodata.errors import AutodataError
from autodata.ui.access import find_exposure
from autodata.ui.links import open_page
from autodata.ui.login import draw_login, find_login
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw, read_asset
from autodata.ui.review.holding import leave_review
from autodata.ui.reviewer import remember_reviewer
from autodata.ui.shell import draw_error
from autodata.ui.state import get_workbench

HERE = Path(__file__).resolve().parent
PAGES = HERE.parents[1] / "pages"
TITLES = ("Overview", "Runs", "Tasks", "Review", "Audit", "Dataset", "Recipes", "Settings")
_AGAIN = "Nothing recorded is lost: the index is built from the journals, anew where it is damaged."
# Addresses of pages that are not called like their file. A comment: Streamlit draws a bare string of its entry script.
PATHS = {"Overview": "first"}


def main() -> None:
    """Draw the page that was asked for, or say why none can be drawn."""
    st.html(f"<style>\n{read_asset('look.css')}\n</style>")
    st.logo(str(HERE / "wordmark.svg"), size="medium")
    pages = [
        st.Page(PAGES / f"{title.lower()}.py", title=title, url_path=PATHS.get(title), default=title == "Overview")
        for title in TITLES
        if (PAGES / f"{title.lower()}.py").exists()
    ]
    # The first page is served at the root alone, but everybody who types an address tries its name.
    pages.append(st.Page(_open_overview, title="Overview", url_path="overview", visibility="hidden"))
    chosen = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{chosen.title} · Autodata", page_icon=str(HERE / "favicon.svg"), layout="wide")
    try:
        get_workbench()
    except AutodataError as error:
        draw_error(str(error), "Every page needs the index.", key="main.held", action="Try again")
        return
    if not draw_login(find_login()):
        return
    if exposure := find_exposure():
        draw(build_sentences([exposure], "flag"), key="main.exposed")
    leave_review(chosen.title)
    try:
        chosen.run()
    except (AutodataError, duckdb.Error) as error:
        words = str(error).strip().splitlines()[0]
        draw_error(f"This page could not be drawn: {words}", _AGAIN, key="main.failed", action="Try again")
    remember_reviewer()


def _open_overview() -> None:
    open_page("overview")


main()
