"""The Dataset page: what may leave, what left, a blind sample of it, and what is in it.

`?dataset.view=` names the view; `?version=name/v001` opens that version.
"""

from __future__ import annotations

import streamlit as st

from autodata.dataset.gate import describe_summary, summarise_gate
from autodata.dataset.standing import list_states
from autodata.index.queries.dataset_gate import count_gate
from autodata.index.queries.overview import load_totals
from autodata.ui.dataset.composition import draw_composition
from autodata.ui.dataset.gate import draw_gate
from autodata.ui.dataset.panels import list_figures
from autodata.ui.dataset.sample import draw_sample_view
from autodata.ui.dataset.state import DONE, VERSION, VIEW, VIEWS, find_view, turn_view
from autodata.ui.dataset.versions import draw_versions
from autodata.ui.links import open_page
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.shell import draw_empty, draw_figures, draw_page_head
from autodata.ui.state import get_workbench
from autodata.ui.waiting import draw_reading, is_reading


def draw_page() -> None:
    """Draw the chosen view; the first visit says what to do."""
    bench = get_workbench()
    if is_reading(bench):
        draw_reading()
        return
    counts = bench.index.remember(("dataset.counts",), lambda: count_gate(bench.index))
    summary, states = summarise_gate(counts), list_states(bench.home, bench.index)
    if not counts and not states:
        note = "Only tasks that a person approved can leave. Accepted tasks wait for that on the Review page."
        if draw_empty("No task is approved yet", note, key="dataset.none", action="Start a run"):
            open_page("runs", new="1")
        return
    versions = [state.version for state in states]
    simulated = any(count.simulated for count in counts) or any(version.simulated for version in versions)
    draw_page_head(
        describe_summary(summary).removesuffix("."),
        "Nothing leaves without a person's approval.",
        key="dataset.gatehead",
        simulated=simulated,
    )
    draw_figures(list_figures(summary, load_totals(bench.index), versions), key="dataset.figures")
    turn_view()
    view = st.segmented_control(
        "View", list(VIEWS), format_func=VIEWS.__getitem__, default=find_view(st.query_params.get(VERSION, "")),
        required=True, key=VIEW, bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    if done := st.session_state.pop(DONE, None):
        draw(build_sentences([done], "clear"), key="dataset.done")
    if view == "versions":
        draw_versions(bench, states)
    elif view == "sample":
        draw_sample_view(bench, states)
    elif view == "inside":
        draw_composition(bench, states)
    else:
        draw_gate(bench, summary, versions)
