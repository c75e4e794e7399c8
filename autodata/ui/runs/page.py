"""The Runs page: the form, or the list of runs beside the chosen one. `?run=` names a run, `?new=1` opens the form."""

from __future__ import annotations

import streamlit as st

from autodata.errors import BadInput
from autodata.index.queries.early import gather_evidence
from autodata.index.queries.runs import RunCard, RunDetail, list_run_cards, load_progress, load_run
from autodata.index.queries.servers import list_server_uses
from autodata.prices import PriceTable, load_prices
from autodata.runs_live import read_live
from autodata.ui.links import open_tasks
from autodata.ui.marks import draw_imported
from autodata.ui.names import name_domain, name_rule
from autodata.ui.parts import build_columns, build_sentences, build_stack
from autodata.ui.piece import draw
from autodata.ui.reviewer import refuse
from autodata.ui.runs import control
from autodata.ui.runs.filtering import draw_filter
from autodata.ui.runs.form import draw_form
from autodata.ui.runs.frozen import build_settings
from autodata.ui.runs.importing import draw_import, list_parts, mark_figures
from autodata.ui.runs.live import (
    SPEC,
    build_errors,
    build_log,
    build_losses,
    build_notices,
    build_progress,
    build_run_row,
    list_figures,
)
from autodata.ui.runs.money import build_costs, build_early, build_roles
from autodata.ui.runs.servers import build_servers, build_workers, list_server_rows
from autodata.ui.runs.standing import is_baseline, judge_run
from autodata.ui.runs.state import RunState, name_state, write_sentence
from autodata.ui.runs.terms import ask_terms
from autodata.ui.shell import draw_error, draw_figures, draw_page_head, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node
from autodata.ui.waiting import draw_reading, is_reading

MOVING_S, QUIET_S = 1.0, 5.0
"""Seconds between two looks at runs that move, and at runs that do not."""
STARTS = {"write": "Write tasks", "filter": "Filter your own data", "import": "Import trajectories"}
"""What a run may come from: documents, tasks somebody has already, or another system's record."""
NOTES = {
    "write": "A run writes tasks from documents, tries them on two models and keeps those with a large enough gap.",
    "filter": "Tasks you have are tried on two models as they are, and those with a large enough gap are kept.",
    "import": "What another system recorded becomes a run, to be browsed, reviewed and exported like any other.",
}
LISTED = 40
"""Runs in the list; older ones are reached by their URL."""


def draw_page() -> None:
    """Draw the form when there is no run yet or `?new=1` asks for it, else the runs."""
    bench = get_workbench()
    cards = list_run_cards(bench.index, LISTED)
    chosen = st.query_params.get("run", "")
    if not st.query_params.get("new") and is_reading(bench):
        draw_reading()
        return
    if not chosen and (not cards or st.query_params.get("new")):
        _draw_new(bench, first=not cards)
        return
    moving = any(judge_run(bench, card).moving for card in cards) or _is_awaited(bench, chosen)
    # The cadence is part of the fragment: it is chosen anew whenever the page as a whole is drawn. A page where nothing
    # moves still looks now and then, because a run may be started or resumed from the command line.
    st.fragment(_draw_runs, run_every=MOVING_S if moving else QUIET_S)(moving)


def _draw_new(bench: Workbench, *, first: bool) -> None:
    head = st.container(horizontal=True, vertical_alignment="center", key="runs.newhead")
    kind = st.segmented_control(
        "What to do", list(STARTS), default="write", required=True, key="runs.kind", bind="query-params",
        format_func=STARTS.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    sentence = "No run yet. Start the first one" if first else "Start a run"
    with head:
        draw_page_head(sentence, NOTES.get(kind or "", NOTES["write"]), key="runs.new")
        if not first and st.button("Back to the runs", key="runs.back", icon=":material/arrow_back:"):
            _show()
            st.rerun()
    start = {"filter": draw_filter, "import": draw_import}.get(kind or "", draw_form)
    run_id = start(bench.home)
    if run_id is not None:
        bench.ingest.nudge()
        _show(run=run_id)
        st.rerun()


def _draw_runs(was_moving: bool) -> None:
    """List and chosen run; drawn again and again, oftener while anything moves."""
    bench = get_workbench()
    cards = list_run_cards(bench.index, LISTED)
    asked = st.query_params.get("run", "")
    detail = load_run(bench.index, asked or (cards[0].run_id if cards else ""))
    left, right = st.columns([0.62, 2], gap="medium")
    with left.container(gap="xsmall", key="runs.list"):
        _draw_list(bench, cards, detail.card.run_id if detail else asked)
    with right.container(gap="small", key="runs.detail"):
        if detail is None:
            _draw_unknown(bench, asked)
        else:
            _draw_detail(bench, detail)
    moving = any(judge_run(bench, card).moving for card in cards) or _is_awaited(bench, asked)
    if moving != was_moving:
        st.rerun(scope="app")


def _draw_list(bench: Workbench, cards: list[RunCard], chosen: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="runs.listhead"):
        draw_section_head("Runs", f"{len(cards)} newest" if len(cards) == LISTED else "newest first", key="runs.head")
        if st.button("New run", key="runs.new", icon=":material/add:", shortcut="N"):
            _show(new="1")
            st.rerun(scope="app")
    rows = []
    for card in cards:
        state = judge_run(bench, card)
        note = f"{card.sources_done:,} of {count_of(card.sources, 'source')}"
        share = card.sources_done / max(1, card.sources)
        accepted = "baseline" if is_baseline(bench, card) else f"{card.accepted:,} accepted"
        chosen_now = card.run_id == chosen
        word = name_state(card, state)
        row = build_run_row(card.run_id, word, note, share, accepted, chosen=chosen_now, alarm=state.alarm)
        rows.append(row)
    box = node("div", {"class": "boxed", "style": "max-height:calc(100vh - 150px);overflow-y:auto"}, *rows)
    clicked = draw(box, key="runs.rows")
    if clicked and clicked != chosen:
        _show(run=clicked)
        st.rerun(scope="app")


def _draw_unknown(bench: Workbench, asked: str) -> None:
    if _is_awaited(bench, asked):
        draw(node("div", "sentence", f"{asked} is being prepared"), key="runs.awaited")
        return
    draw_error(
        f"There is no run {asked!r} here.", "It may lie in another home. Choose one from the list.", key="runs.unknown"
    )


def _draw_detail(bench: Workbench, detail: RunDetail) -> None:
    card, home = detail.card, bench.home
    state = judge_run(bench, card)
    progress = load_progress(bench.index, card.run_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs.title"):
        baseline = bool(detail.settings.get("baseline"))
        sentence = write_sentence(card, state, detail.seconds_left, baseline=baseline)
        note = f"Rule: {name_rule(card.policy)}. Domain: {name_domain(card.domain)}."
        if state.reason:
            note = state.reason[:1].upper() + state.reason[1:]
        draw_page_head(sentence, note, key="runs.run", simulated=card.simulated)
        if card.imported:
            draw(draw_imported(), key="runs.imported", width="content")
        _draw_buttons(bench, detail, state)
        if card.accepted and st.button("Browse its tasks", key="runs.browse", icon=":material/arrow_forward:"):
            open_tasks(run=card.run_id)
    _draw_trouble(bench, state, card.run_id)
    draw(build_progress(detail, state), key="runs.progress")
    draw_figures(mark_figures(detail, list_figures(detail, progress)), key="runs.figures")
    parts = list_parts(detail) if detail.imported else _list_own_parts(bench, detail)
    draw(build_stack(*parts, gap=20), key="runs.body")
    if (log := control.read_log(home, card.run_id)) and not state.moving and card.state != "done":
        with st.expander("What its process printed", key="runs.log"):
            st.code(log, language=None, wrap_lines=True)


def _list_own_parts(bench: Workbench, detail: RunDetail) -> list[Tree | None]:
    left = build_stack(build_losses(detail), build_roles(detail), gap=20)
    costs = build_costs(detail, _read_prices(bench))
    live = read_live(bench.home, detail.card.run_id)
    servers = list_server_rows(detail.settings, list_server_uses(bench.index, detail.card.run_id), live)
    right = build_stack(build_errors(detail), build_settings(detail), costs, gap=20)
    return [
        build_early(gather_evidence(bench.index, detail.card.run_id)),
        build_servers(servers),
        build_workers(live),
        build_columns(left, right, spec=SPEC),
        build_notices(detail),
        build_log(detail),
    ]


def _draw_buttons(bench: Workbench, detail: RunDetail, state: RunState) -> None:
    home, run_id = bench.home, detail.card.run_id
    refusal = refuse(home, "run")
    off = bool(refusal)
    if state.can_pause:
        st.button(
            "Pause", key="runs.pause", icon=":material/pause:", on_click=control.pause, args=(home, run_id),
            disabled=off, help=refusal or "Finishes the calls in flight; go on with Resume.",
        )  # fmt: skip
        st.button(
            "Stop", key="runs.stop", icon=":material/stop:", on_click=control.stop, args=(home, run_id), disabled=off,
            help=refusal or "Finishes the calls in flight and ends. What is recorded stays; Resume goes on.",
        )  # fmt: skip
    if state.can_resume:
        budget, rule = ask_terms(detail)
        resumed = st.button(
            "Resume", key="runs.resume", type="primary", icon=":material/play_arrow:", disabled=off,
            help=refusal or None,
        )  # fmt: skip
        if resumed:
            control.resume(home, run_id, budget, rule)
            bench.ingest.nudge()
            st.rerun(scope="app")


def _read_prices(bench: Workbench) -> PriceTable | None:
    try:
        return load_prices(bench.home)
    except BadInput:
        return None


def _draw_trouble(bench: Workbench, state: RunState, run_id: str) -> None:
    """Notices of the last act, and what is wrong with the record or the index."""
    sentences = []
    if notice := st.session_state.get(control.NOTICE):
        sentences.append(str(notice))
    if state.word == "damaged":
        sentences.append(f"`autodata verify {run_id}` says what is intact. Nothing more is written to its journal.")
    if bench.ingest.last_error:
        sentences.append(f"The numbers stand still: {bench.ingest.last_error}")
    if sentences:
        draw(build_sentences(sentences, "flag"), key="runs.trouble")


def _show(**view: str) -> None:
    """Put this page's part of the URL to `view`. The rest belongs to widgets, which would not let go of it."""
    for name in ("run", "new"):
        if name in view:
            st.query_params[name] = view[name]
        else:
            st.query_params.pop(name, None)


def _is_awaited(bench: Workbench, run_id: str) -> bool:
    """Whether the run was launched a moment ago and is not in the index yet."""
    return bool(run_id) and load_run(bench.index, run_id) is None and control.is_starting(run_id, 0.0)
