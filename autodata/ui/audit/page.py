"""The Audit page: is the gap real, did anything change the requests, and how far the audit itself can be trusted.

The view is in the URL: run, filters and the selected task.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from autodata.audit.certified import DEFAULT_BAR
from autodata.audit.labelled import measure_labels
from autodata.index.queries.audit import Standing, find_run_of, load_standing
from autodata.index.queries.audit_detectors import list_detectors
from autodata.index.queries.audit_filter import AuditFilter
from autodata.index.queries.audit_gaps import GapMap, load_gap_map
from autodata.index.queries.audit_runs import (
    By,
    count_p_values,
    find_bar,
    list_anchor_checks,
    list_clusters,
    list_labels,
    list_rates,
    list_run_checks,
)
from autodata.index.queries.cards import RunCard, list_run_cards
from autodata.ui.audit import view as state
from autodata.ui.audit.actions import draw_actions, draw_strip
from autodata.ui.audit.benchmark import build_benchmark, load_benchmark
from autodata.ui.audit.findings import build_findings
from autodata.ui.audit.gaps import build_key, describe_map, make_gap_map
from autodata.ui.audit.listing import draw_listing, load_listing, read_verdict
from autodata.ui.audit.matter import write_checked, write_matter
from autodata.ui.audit.rates import (
    build_clusters,
    build_rates,
    build_run_checks,
    find_scale,
)
from autodata.ui.audit.requests import draw_requests
from autodata.ui.audit.sets import list_sets
from autodata.ui.audit.trust import build_anchors, build_calibration, build_labels
from autodata.ui.charts import show_chart
from autodata.ui.links import open_page
from autodata.ui.marks import draw_severity, draw_simulated
from autodata.ui.parts import build_columns, build_section
from autodata.ui.piece import draw
from autodata.ui.shell import draw_empty, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node
from autodata.ui.waiting import draw_reading, is_reading

LISTED = 200
"""Runs that the page can be narrowed to."""
TOP = 372
"""Height in pixels of the three panels at the top."""
BY_WORDS = {"round": "by round", "time": "over time"}


def draw_page() -> None:
    """Draw the audit of what was accepted, or why there is nothing to audit yet."""
    bench = get_workbench()
    if is_reading(bench):
        draw_reading()
        return
    cards = list_run_cards(bench.index, LISTED)
    offered = [card for card in cards if card.accepted]
    if not cards:
        note = "The audit reads what a run recorded and asks whether the gaps in it are real."
        if draw_empty("Nothing to audit yet.", note, key="audit.none", action="Start a run"):
            open_page("runs", new="1")
        return
    if not offered:
        sentence = "No task was accepted yet, so there is nothing to audit."
        made = f"{count_of(len(cards), 'run')}, {count_of(sum(card.rounds for card in cards), 'round')}"
        note = f"{made}; only accepted tasks are audited."
        if draw_empty(sentence, note, key="audit.none", action="Open the runs"):
            open_page("runs", run=cards[0].run_id)
        return
    _draw_audit(bench, offered)


def _draw_audit(bench: Workbench, cards: list[RunCard]) -> None:
    index = bench.index
    head = st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.head")
    with head:
        words = st.container(key="audit.words")
        if any(card.simulated for card in cards):
            draw(draw_simulated(), key="audit.simulated", width="content")
        run_id = st.selectbox(
            "Run", ["", *(card.run_id for card in cards)], format_func=lambda name: name or "All runs", key=state.RUN,
            bind="query-params", label_visibility="collapsed", width=150,
        )  # fmt: skip
    run_id = run_id or ""
    verdict = str(st.session_state.get(state.VERDICT) or st.query_params.get(state.VERDICT) or "")
    view = state.read_view(st.query_params, run_id, read_verdict(verdict))
    standing = load_standing(index, run_id)
    with words:
        note = node("div", "note", write_checked(standing))
        sentence = node("div", {"class": "sentence", "role": "heading"}, write_matter(standing, run_id))
        draw(node("div", "col", sentence, note), key="audit.sentence")
    with head:
        draw_actions(bench, cards, view, standing)
    draw_strip(bench, run_id, standing)
    if not standing.audited:
        draw(_build_waiting(standing), key="audit.waiting")
        return
    bar = find_bar(index, run_id) or DEFAULT_BAR
    listing = load_listing(index, view)
    lines = listing.lines
    selected = str(st.query_params.get(state.TASK, "")) or (lines[0].task_id if lines else "")
    left, middle, right = st.columns([1.06, 1.26, 1], gap="medium")
    with left.container(gap="xsmall", key="audit.left"):
        _draw_gaps(bench, view, bar, selected)
    with middle.container(gap="xsmall", key="audit.middle"):
        _draw_findings(bench, view)
    with right.container(gap="xsmall", key="audit.right"):
        _draw_runs(bench, view, bar)
    st.space("xsmall")
    tasks, requests = st.columns([1, 1.36], gap="medium")
    with tasks.container(gap="xsmall", key="audit.listside"):
        draw_listing(view, listing)
    with requests.container(gap="xsmall", key="audit.side"):
        draw_requests(bench, cards, selected, find_run_of(index, selected))
    _draw_trust(bench, run_id, standing)


def _draw_gaps(bench: Workbench, view: AuditFilter, bar: float, selected: str) -> None:
    data = load_gap_map(bench.index, replace(view, verdict=""))
    note = f"n = {data.total:,}, 90 % intervals" if data.density is None else f"n = {data.total:,}, tasks per cell"
    draw_section_head("Claimed against certified gap", note if data.total else "", key="audit.gapshead", height=30)
    if not data.total:
        draw(_build_uncertified(data), key="audit.uncertified")
        return
    figure = make_gap_map(data, bar, height=TOP - 34, selected=selected)
    event = show_chart(figure, key="audit.gaps", alt=describe_map(data), select=data.points is not None, mode="points")
    clicked = draw(build_key(data, view.verdict), key="audit.key", on_click=state.toggle_verdict)
    if clicked:
        return
    _take_point(event)


def _take_point(event: object) -> None:
    """A clicked mark becomes the selected task, once: the chart forgets what was clicked when it is drawn again."""
    selection = getattr(event, "selection", None)
    points = list(selection.points) if selection else []
    found = next((point.get("customdata") for point in points if point.get("customdata")), None)
    task_id = str(found[0]) if isinstance(found, list | tuple) else str(found or "")
    if not task_id or st.session_state.get("audit.clicked") == task_id:
        return
    st.session_state["audit.clicked"] = task_id
    state.show_task(task_id)
    st.rerun()


def _draw_findings(bench: Workbench, view: AuditFilter) -> None:
    draw_section_head("Findings", "tasks per detector; click to filter", key="audit.findingshead", height=30)
    rows = list_detectors(bench.index, view)
    report = measure_labels(list_labels(bench.index, view.run_id), 0)
    tree = build_findings(rows, report.precision, view.detector, TOP)
    draw(tree, key="audit.findings", on_click=_filter_by_detector)


def _draw_runs(bench: Workbench, view: AuditFilter, bar: float) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.rateshead"):
        title = st.container(key="audit.ratestitle")
        by = st.segmented_control(
            "Alarm rate by", list(BY_WORDS), format_func=BY_WORDS.__getitem__, default="round", required=True,
            key="audit.by", bind="query-params", label_visibility="collapsed",
        )  # fmt: skip
    kind: By = "time" if by == "time" else "round"
    rates = list_rates(bench.index, kind)
    scale = find_scale(rates[:4])
    with title:
        draw_section_head("Alarm rate", f"scale 0 to {100 * scale:.0f} %", key="audit.ratesname")
    draw(build_rates(rates, scale, view.run_id), key="audit.rates", on_click=_filter_by_run)
    found = build_run_checks(list_run_checks(bench.index, view.run_id))
    if found is not None:
        draw(found, key="audit.runchecks")
    st.space("xxsmall")
    draw_section_head("Audited as one", "3 or more tasks of a run share it", key="audit.clustershead")
    chosen = f"{view.kind}:{view.group}" if view.group else ""
    clusters = build_clusters(list_clusters(bench.index, view.run_id), chosen, bar)
    draw(clusters, key="audit.clusters", on_click=_filter_by_cluster)


def _draw_trust(bench: Workbench, run_id: str, standing: Standing) -> None:
    index = bench.index
    report = measure_labels(list_labels(index, run_id), standing.clear)
    calibration = build_calibration(list_sets(bench.home), count_p_values(index, run_id))
    sections = (
        build_section("Anchors", build_anchors(list_anchor_checks(index, run_id)), "weak on tasks with known scores"),
        build_section("Calibration", calibration, "clean tasks per solver pair"),
        build_section("Labels", build_labels(report), "what reviewers called the findings"),
        build_section("Benchmark", build_benchmark(load_benchmark()), "planted sabotage, this version"),
    )
    st.space("small")
    draw(build_columns(*sections, spec="repeat(auto-fit,minmax(270px,1fr))"), key="audit.trust")


def _filter_by_detector(act: str) -> None:
    state.toggle(state.DETECTOR, act)


def _filter_by_run(act: str) -> None:
    _, _, run_id = act.partition("|")
    st.session_state[state.RUN] = "" if st.session_state.get(state.RUN) == run_id else run_id
    state.drop(state.GROUP)


def _filter_by_cluster(act: str) -> None:
    """A cluster is audited as one: its tasks are listed, the one shown so far is let go."""
    group, _, run_id = act.partition("|")
    state.toggle(state.GROUP, group)
    if st.query_params.get(state.GROUP):
        st.session_state[state.RUN] = run_id
    state.drop(state.TASK)


def _build_waiting(standing: Standing) -> Tree:
    words = f"{count_of(standing.tasks, 'accepted task')} will appear here as their records are read."
    return node("div", {"class": "note", "style": "padding:24px 0"}, words)


def _build_uncertified(data: GapMap) -> Tree:
    """The map's place while nothing was measured: what it would take, and what is known without it."""
    words = "Not certified: no gap of this view was measured on fresh answers."
    cost = "10 solver and 10 judge calls a task measure it; Certify above says what that costs."
    style = (
        f"height:{TOP - 8}px;border:1px dashed var(--ad-line2);border-radius:4px;display:flex;flex-direction:column;"
        "gap:6px;align-items:center;justify-content:center;text-align:center;padding:0 32px"
    )
    return node(
        "div",
        {"style": style},
        node("span", "muted", draw_severity("unchecked", 26)),
        node("b", None, words),
        node("span", "note", cost),
        node("span", "note small", f"{count_of(data.uncertified, 'task')} with a claimed gap only."),
    )
