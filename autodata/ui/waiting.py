"""What a page shows while journals lie on the disk and the index has none of them yet, e.g. after an update."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.cards import list_run_cards
from autodata.stored_run import list_run_ids
from autodata.ui.shell import draw_page_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of

LOOK_S = 1.0


def is_reading(bench: Workbench) -> bool:
    """Whether there are runs and none is in the index."""
    return not list_run_cards(bench.index, 1) and bool(list_run_ids(bench.home))


def draw_reading() -> None:
    """Say that the record is being read, and draw the page as a whole once the first run is there."""
    st.fragment(_draw_progress, run_every=LOOK_S)()


def _draw_progress() -> None:
    bench = get_workbench()
    if not is_reading(bench):
        st.rerun(scope="app")
    runs = count_of(len(list_run_ids(bench.home)), "run")
    note = bench.ingest.last_error or "The index is built from the journals; nothing is lost and nothing waits for it."
    draw_page_head(f"Reading the record of {runs}", note, key="waiting")
