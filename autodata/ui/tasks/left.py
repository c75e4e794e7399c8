"""The left side of the Tasks page: the map with its brush, what-if, and bands by run, round or source."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from autodata.acceptance import bound_means
from autodata.index.queries.bands import count_bands_under
from autodata.index.queries.policies import load_policies
from autodata.index.queries.tasks import Group, MapData, count_bands_by, load_map
from autodata.policy import PRESETS, Policy, parse_policy
from autodata.ui.charts import ALARM, make_map, show_chart
from autodata.ui.names import name_rule
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.tasks.bands import build_distribution, build_key
from autodata.ui.tasks.view import BOX, ROUND, SOURCE, TaskFilter, read_selection, write_box
from autodata.ui.tasks.whatif import band_frame, change_policy, count_frame_bands, place_slider
from autodata.ui.text import BAND_WORDS, format_count
from autodata.ui.tree import node

RINGS_LARGE = 60
"""Violations up to which each has a ring of full size."""
GROUPS = {"run": "By run", "round": "By round", "source": "By source"}
SLIDERS = (
    ("tasks.weak_max", "weak at most", "weak_mean_max"),
    ("tasks.strong_min", "strong at least", "strong_mean_min"),
    ("tasks.gap_min", "gap at least", "gap_min"),
)


def draw_left(bench: Workbench, view: TaskFilter, *, alone: bool) -> None:
    """Map, what-if and distributions of a view. `alone`: nothing beside them follows the sliders, so that these draw
    only the left side again."""
    policy = find_policy(bench, view.run_id)
    left = st.fragment(_draw_left) if alone else _draw_left
    left(bench, view, policy, load_map(bench.index, view))


def find_policy(bench: Workbench, run_id: str | None) -> Policy:
    """The policy of the run in view, else of the newest run: its region is what the map shows."""
    policies = load_policies(bench.index)
    found = policies.get(run_id) if run_id else next(iter(policies.values()), None)
    return parse_policy(dict(found)) if found else PRESETS["deployed"]


def read_whatif(bench: Workbench, run_id: str | None) -> Policy | None:
    """The rule that the sliders stand for; None while they stand where the rule in force puts them, or where nothing
    could pass."""
    policy = find_policy(bench, run_id)
    bounds = bound_means(policy)
    values = []
    for name, _, field in SLIDERS:
        key = _name_slider(name, policy)
        asked = st.session_state.get(key, st.query_params.get(key))
        try:
            values.append(min(1.0, max(0.0, float(asked))) if asked is not None else place_slider(bounds, field))
        except (TypeError, ValueError):
            values.append(place_slider(bounds, field))
    changed = change_policy(policy, *values)
    return changed if isinstance(changed, Policy) and changed != policy else None


def filter_by_group(act: str) -> None:
    """A click on a bar filters by its run, round or source; a second click takes the filter off."""
    group, _, key = act.partition(":")
    if group == "run":
        st.session_state["tasks.run"] = "" if st.session_state.get("tasks.run") == key else key
    else:
        param = SOURCE if group == "source" else ROUND
        if st.query_params.get(param) == key:
            del st.query_params[param]
        else:
            st.query_params[param] = key
    st.session_state["tasks.brush"] = ""


def _draw_left(bench: Workbench, view: TaskFilter, policy: Policy, data: MapData) -> None:
    if st.session_state.pop("tasks.filtered", False):
        st.rerun(scope="app")
    tried = _draw_map(bench, view, policy, data)
    st.space("xsmall")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tasks.bandhead"):
        draw_section_head("Bands", "0 to 100 %" if tried is None else "under what is tried", key="tasks.bands")
        group = st.segmented_control(
            "Bands by", list(GROUPS), format_func=GROUPS.__getitem__, default="run", required=True, key="tasks.group",
            bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    group = cast(Group, group if group in GROUPS else "run")
    frame = count_bands_by(bench.index, view, group, 8, tried)
    chosen = {"run": view.run_id, "source": view.source_id, "round": view.round}.get(group) or ""
    draw(build_distribution(frame, group, str(chosen)), key="tasks.distribution", on_click=_filter_by_bar)


def _filter_by_bar(act: str) -> None:
    """A bar is in a fragment, and a callback cannot ask for more than that: what it filters comes in the next run."""
    filter_by_group(act)
    st.session_state["tasks.filtered"] = True


def _draw_map(bench: Workbench, view: TaskFilter, policy: Policy, data: MapData) -> Policy | None:
    """Returns the rule that is tried; None where the sliders stand for the rule in force, or for none at all."""
    draw_section_head("Weak against strong", "drag to filter", key="tasks.maphead", height=36)
    chart = st.container(key="tasks.mapplace")
    key = st.container(key="tasks.keyplace")
    changed = _draw_sliders(policy)
    shown = changed if isinstance(changed, Policy) else policy
    points = density = None
    if data.points is not None:
        points = data.points.assign(band=band_frame(shown, data.points))
        counts = count_frame_bands(points["band"])
    else:
        density, counts = data.density, count_bands_under(bench.index, view, shown)
    brush = None
    if view.box:
        brush = (view.box.weak_min, view.box.weak_max, view.box.strong_min, view.box.strong_max)
    with chart:
        figure = make_map(points, policy=shown, density=density, cell=data.cell, height=356, select=True, brush=brush)
        alt = ", ".join(f"{n} {BAND_WORDS[band].lower()}" for band, n in counts.items())
        ring_violations(figure, data.violated)
        event = show_chart(
            figure, key="tasks.map", alt=f"Of {data.total} tasks measured on both sides: {alt}", select=True
        )
    with key:
        draw(build_key(counts, data.weak_only, data.violations), key="tasks.key")
    _say_whatif(changed, policy, counts)
    _take_brush(event)
    return changed if isinstance(changed, Policy) and changed != policy else None


def ring_violations(figure: go.Figure, violated: pd.DataFrame) -> None:
    """A ring around every task with a violation, whatever its band; `violated` has weak and strong. Where there are
    many they are small and pale, so that the map stays to be seen."""
    if len(violated):
        size, width, opacity = (14, 1.8, 1.0) if len(violated) <= RINGS_LARGE else (5, 0.8, 0.45)
        ring = {
            "symbol": "circle-open", "size": size, "color": ALARM, "opacity": opacity,
            "line": {"width": width, "color": ALARM},
        }  # fmt: skip
        figure.add_scatter(
            x=violated["weak"], y=violated["strong"], mode="markers", marker=ring, hoverinfo="skip", name="violation"
        )


def _draw_sliders(policy: Policy) -> Policy | str:
    bounds = bound_means(policy)
    draw_section_head("What if", "re-bands this view, changes nothing stored", key="tasks.whatif")
    with st.container(horizontal=True, wrap=False, gap="small", key="tasks.sliders"):
        values = [
            st.slider(
                label,
                0.0,
                1.0,
                place_slider(bounds, field),
                0.01,
                format="%.2f",
                key=_name_slider(name, policy),
                bind="query-params",
            )
            for name, label, field in SLIDERS
        ]
    return change_policy(policy, *values)


def _name_slider(name: str, policy: Policy) -> str:
    """Another rule has sliders of its own, which stand where it puts them."""
    return f"{name}.{policy.sha[:6]}"


def _say_whatif(changed: Policy | str, policy: Policy, counts: dict[str, int]) -> None:
    if isinstance(changed, str):
        draw(build_sentences([changed], "flag"), key="tasks.whatif.impossible")
        return
    name = name_rule(policy.name)
    rule = f"as under {name}" if changed == policy else f"instead of those under {name}"
    words = node("span", "muted", f" right under these values, {rule}")
    draw(node("div", None, node("b", None, format_count(counts["right"])), words), key="tasks.whatif.count")


def _take_brush(event: Any) -> None:
    """A brushed rectangle becomes part of the URL once. The chart forgets it when it is drawn again, we do not."""
    box = read_selection(list(event.selection.box)) if event else None
    text = write_box(box)
    if not text or st.session_state.get("tasks.brush") == text:
        return
    st.session_state["tasks.brush"] = text
    st.query_params[BOX] = text
    st.rerun(scope="app")
