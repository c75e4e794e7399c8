"""The server: `streamlit run app.py`. Opens the index with the server and closes it with the server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from autodata.errors import AutodataError
from autodata.ui.state import close_workbench, get_workbench


@asynccontextmanager
async def hold_workbench(_: st.App) -> AsyncIterator[None]:
    """Open the index before the first page, so that journals are taken in without a browser.

    When it cannot be opened the server starts all the same: the page says why and tries again.
    """
    try:
        get_workbench()
    except AutodataError as error:
        logging.getLogger("autodata").warning("%s", error)
    try:
        yield
    finally:
        close_workbench()


app = st.App(Path(__file__).resolve().parent / "autodata" / "ui" / "main.py", lifespan=hold_workbench)
