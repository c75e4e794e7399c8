"""What a page shows while journals lie on the disk and the index has none of them yet, e.g. after an update."""

from __future__ import annotations

import streamlit as st

from autodata.index.ingest import IngestProgress
from autodata.index.queries.cards import list_run_cards
from autodata.stored_run import list_run_ids
from autodata.ui.shell import draw_page_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of, format_duration

LOOK_S = 1.0

LONG_BYTES = 100 * 10**6
"""Reading so much at once takes long enough to say so on the pages."""


def is_reading(bench: Workbench) -> bool:
    """Whether there are runs and none is in the index."""
    return not list_run_cards(bench.index, 1) and bool(list_run_ids(bench.home))


def draw_reading() -> None:
    """Say that the record is being read, and draw the page as a whole once the first run is there."""
    st.fragment(_draw_progress, run_every=LOOK_S)()


def tell_reading(progress: IngestProgress) -> str:
    """How far reading has come, how fast it is and how long it will take."""
    words = f"{progress.bytes / 1e6:,.1f} of {progress.total / 1e6:,.1f} MB read, {progress.rate:,.0f} records/s"
    left = progress.seconds_left
    return f"{words}, about {format_duration(left)} left" if left and progress.share < 1 else words


def tell_rest(bench: Workbench) -> str:
    """That a long reading is under way and what is shown is only a part; "" where it is not."""
    progress = bench.ingest.reading
    if progress is None or progress.total < LONG_BYTES or progress.share == 1:
        return ""
    return f"The record is still being read, so the numbers grow: {tell_reading(progress)}."


def _draw_progress() -> None:
    bench = get_workbench()
    if not is_reading(bench):
        st.rerun(scope="app")
    runs = count_of(len(list_run_ids(bench.home)), "run")
    note = bench.ingest.last_error or "The index is built from the journals; nothing is lost and nothing waits for it."
    if bench.ingest.reading and not bench.ingest.last_error:
        note = f"{tell_reading(bench.ingest.reading)}. {note}"
    draw_page_head(f"Reading the record of {runs}", note, key="waiting")
