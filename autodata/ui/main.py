"""The script of every session: the look, the navigation, and the one thing that can keep all pages from opening."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from autodata.errors import AutodataError
from autodata.ui.links import open_page
from autodata.ui.login import draw_login, find_login
from autodata.ui.piece import read_asset
from autodata.ui.review.holding import leave_review
from autodata.ui.reviewer import remember_reviewer
from autodata.ui.shell import draw_error
from autodata.ui.state import get_workbench

HERE = Path(__file__).resolve().parent
PAGES = HERE.parents[1] / "pages"
TITLES = ("Overview", "Runs", "Tasks", "Review", "Audit", "Dataset", "Recipes", "Settings")
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
    leave_review(chosen.title)
    chosen.run()
    remember_reviewer()


def _open_overview() -> None:
    open_page("overview")


main()
