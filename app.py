"""The server: `streamlit run app.py`. Opens the index with the server and closes it with the server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

import autodata
from autodata.errors import AutodataError
from autodata.home import open_home
from autodata.logs import close_app_log, open_app_log
from autodata.ui.host_guard import HostGuard
from autodata.ui.metrics_route import serve_metrics
from autodata.ui.state import close_workbench, get_workbench

log = logging.getLogger("autodata.app")


@asynccontextmanager
async def hold_workbench(_: st.App) -> AsyncIterator[None]:
    """Open the index before the first page, so that journals are taken in without a browser.

    When it cannot be opened the server starts all the same: the page says why and tries again.
    """
    handler = None
    try:
        handler = open_app_log(open_home().logs)
        log.info("Autodata %s opens %s", autodata.__version__, open_home().root)
        get_workbench()
    except AutodataError as error:
        log.warning("%s", error)
    try:
        yield
    finally:
        close_workbench()
        log.info("closed")
        close_app_log(handler)


app = st.App(
    Path(__file__).resolve().parent / "autodata" / "ui" / "main.py",
    lifespan=hold_workbench,
    routes=[Route("/metrics", serve_metrics)],
    middleware=[Middleware(HostGuard)],
)
