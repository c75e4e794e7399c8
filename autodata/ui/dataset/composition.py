"""The view "What is in it": what a trainer may expect of a version, or of everything that is approved now."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from autodata.dataset.standing import VersionState
from autodata.dataset.stats import DatasetStats, measure_dataset
from autodata.index.queries.dataset_stats import BINS
from autodata.ui.charts import ACC, STRONG, WEAK, make_figure, show_chart
from autodata.ui.dataset.expecting import build_expectations, build_lengths, build_makeup
from autodata.ui.dataset.target import choose_target, list_tasks
from autodata.ui.parts import build_columns, build_sentences
from autodata.ui.piece import draw
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import node

CHART_HEIGHT = 230
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)


def draw_composition(bench: Workbench, states: list[VersionState]) -> None:
    """Difficulty on the left, signal and lengths on the right, what the tasks are about below."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="dataset.insidehead"):
        draw(node("span", "muted", "Look at"), key="dataset.insidelabel", width="content")
        name, version = choose_target(states, key="dataset.insidetarget")
    stats = bench.index.remember(
        ("dataset.stats", name, version), lambda: measure_dataset(bench.index, list_tasks(bench, name, version))
    )
    if not stats.measures.found:
        draw(node("div", "muted", "No task is in it yet: approve some on the Review page."), key="dataset.nothing")
        return
    if missing := stats.measures.asked - stats.measures.found:
        words = f"{count_of(missing, 'task is', 'tasks are')} not in this home any more and counted nowhere below."
        draw(build_sentences([words], "unchecked"), key="dataset.missing")
    left, right = st.columns([1.15, 1], gap="medium")
    with left.container(gap="xsmall", key="dataset.difficulty"):
        note = "tasks by the mean of the rollouts that decided about them"
        draw_section_head("Weak and strong scores", note, key="dataset.scoreshead")
        show_chart(make_scores(stats), key="dataset.scores", alt=describe_scores(stats))
        draw_section_head("Measured gap", "tasks by strong mean minus weak mean", key="dataset.gapshead")
        show_chart(make_gaps(stats), key="dataset.gaps", alt="Histogram of the measured gaps.")
    with right.container(gap="small", key="dataset.expecting"):
        draw_section_head("What training may expect", count_of(stats.measures.found, "task"), key="dataset.expecthead")
        draw(build_expectations(stats), key="dataset.expect")
        draw_section_head("Lengths", "in tokens", key="dataset.lengthshead")
        draw(build_lengths(stats), key="dataset.lengths")
    draw_section_head("What it is about", "tags, kinds, sources, rounds", key="dataset.makeuphead")
    spec = "repeat(auto-fit,minmax(250px,1fr))"
    draw(build_columns(*build_makeup(stats), spec=spec), key="dataset.makeup")


def make_scores(stats: DatasetStats) -> go.Figure:
    """Two histograms over [0, 1], weak beside strong in every tenth."""
    figure = make_figure(CHART_HEIGHT, x_title="mean score", y_title="tasks")
    for solver, bins, colour in (
        ("weak", stats.measures.weak_bins, WEAK),
        ("strong", stats.measures.strong_bins, STRONG),
    ):
        figure.add_bar(
            x=_centres(), y=list(bins), name=solver, marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"{solver} %{{x:.2f}}: %{{y:,}} tasks<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="group", showlegend=True,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.12, "font": {"size": 12}},
    )  # fmt: skip
    return _scale(figure)


def make_gaps(stats: DatasetStats) -> go.Figure:
    """The histogram of measured gaps; those below 0 stand in the first bar."""
    figure = make_figure(CHART_HEIGHT - 30, x_title="measured gap", y_title="tasks")
    figure.add_bar(
        x=_centres(), y=list(stats.measures.gap_bins), marker={"color": ACC, "line": {"width": 0}},
        hovertemplate="gap %{x:.2f}: %{y:,} tasks<extra></extra>",
    )  # fmt: skip
    return _scale(figure)


def describe_scores(stats: DatasetStats) -> str:
    """The chart for those who cannot see it."""
    weak, strong = (_find_mean(bins) for bins in (stats.measures.weak_bins, stats.measures.strong_bins))
    return f"Histograms of mean scores: weak around {weak:.2f}, strong around {strong:.2f}."


def _scale(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(range=[0, 1], tickvals=list(TICKS), ticktext=[f"{at:g}" for at in TICKS])
    figure.update_yaxes(rangemode="tozero", nticks=4)
    return figure


def _centres() -> list[float]:
    return [(number + 0.5) / BINS for number in range(BINS)]


def _find_mean(bins: tuple[int, ...]) -> float:
    total = sum(bins)
    return sum(at * n for at, n in zip(_centres(), bins, strict=True)) / total if total else 0.0
