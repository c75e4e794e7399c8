"""The Overview page: a sentence, the next action, and where everything stands."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.alarms import load_alarms
from autodata.index.queries.next_steps import list_jumps, list_open_alarms
from autodata.index.queries.overview import (
    Landing,
    RunCard,
    list_needs,
    list_run_cards,
    load_funnel,
    load_landing,
    load_outcomes_by_round,
    load_sparklines,
    load_totals,
)
from autodata.ui.charts import ACC, AXIS, EASY, HARD, LINE, MUTED, make_map, make_stacks, show_chart
from autodata.ui.links import open_page
from autodata.ui.overview.matter import Matter, add_dead_runs, find_matter, list_figures
from autodata.ui.overview.next_steps import follow_need, make_steps
from autodata.ui.overview.panels import (
    OUTCOME_GROUPS,
    build_first_visit,
    build_funnel,
    build_needs,
    build_outcome_key,
    build_runs,
    join_words,
)
from autodata.ui.piece import draw
from autodata.ui.reviewer import get_reviewer
from autodata.ui.runs.form import SAMPLES, SOURCES
from autodata.ui.runs.standing import is_baseline, judge_run
from autodata.ui.runs.state import name_state
from autodata.ui.shell import draw_figures, draw_page_head, draw_section_head
from autodata.ui.state import Workbench, get_workbench
from autodata.ui.tasks.left import find_policy
from autodata.ui.text import OUTCOME_WORDS, count_of
from autodata.ui.waiting import draw_reading, is_reading, tell_rest

RUNS_SHOWN = 5
BINS = 32
TONE_COLOURS = {"accent": ACC, "easy": EASY, "muted": MUTED, "hard": HARD, "line": LINE}
"""Chart colour of each tone of the key."""


def draw_page() -> None:
    """Draw the first visit, or everything; again every two seconds while a run is moving."""
    bench = get_workbench()
    cards = list_run_cards(bench.index, 50)
    if is_reading(bench):
        draw_reading()
        return
    if not cards:
        _draw_first_visit()
        return
    moving = any(judge_run(bench, card).moving for card in cards)
    st.fragment(_draw_everything, run_every=2.0 if moving else None)(moving)


def _draw_first_visit() -> None:
    samples = len([path for path in SAMPLES.rglob("*") if path.is_file()]) if SAMPLES.is_dir() else 0
    sentence = "No sources yet. Point Autodata at a folder of documents"
    sentence += f", or try the {samples} samples." if samples else "."
    draw(build_first_visit(sentence), key="overview.first")
    with st.container(horizontal=True, gap="small", key="overview.firstactions"):
        if samples and st.button("Start with the samples", key="overview.samples", type="primary"):
            open_page("runs", **{"new": "1", "runs.source": SOURCES["samples"]})
        kind = "secondary" if samples else "primary"
        if st.button("Choose your own documents", key="overview.own", type=kind):  # type: ignore[arg-type]
            open_page("runs", **{"new": "1", "runs.source": SOURCES["path"]})


def _draw_everything(was_moving: bool) -> None:
    bench = get_workbench()
    index = bench.index
    cards = list_run_cards(index, 50)
    states = {card.run_id: judge_run(bench, card) for card in cards}
    moving = [card for card in cards if states[card.run_id].moving]
    totals = load_totals(index, reviewer=get_reviewer(bench.home))
    alarms = load_alarms(index)
    matter = find_matter(totals, moving, alarms)
    note = tell_rest(bench) or matter.note
    if draw_page_head(
        matter.sentence, note, key="overview.matter", simulated=totals.simulated, action=matter.action,
        shortcut="G" if matter.target == "review" else None, icon=":material/arrow_forward:",
    ):  # fmt: skip
        _follow(matter)
    draw_figures(list_figures(totals, load_sparklines(index), alarms), key="overview.figures")
    left, middle, right = st.columns([1.18, 0.92, 1.26], gap="medium")
    with left.container(gap="xsmall", key="overview.left"):
        _draw_map(bench, baseline=totals.baseline_rounds > 0)
    with middle.container(gap="xsmall", key="overview.middle"):
        note = "baseline left out" if totals.baseline_rounds else ""
        draw_section_head("From source to dataset", note, key="overview.funnelhead")
        draw(build_funnel(load_funnel(index)), key="overview.funnel")
        st.space("xsmall")
        draw_section_head("Needs somebody", key="overview.needshead")
        dead = [card for card in cards if card.state == "running" and states[card.run_id].can_resume]
        steps = make_steps(list_open_alarms(index, 2), list_jumps(index, 2))
        needs = add_dead_runs([*steps, *list_needs(index)], dead)
        clicked = draw(build_needs(needs[:5], quiet=not totals.open), key="overview.needs")
    with right.container(gap="xsmall", key="overview.right"):
        shots = {card.run_id for card in cards if is_baseline(bench, card)}
        words = {card.run_id: name_state(card, states[card.run_id]) for card in cards}
        words |= {name: f"{words[name]}, baseline" for name in shots}
        opened = _draw_runs(cards, words)
        _draw_outcomes(bench)
    if act := clicked or opened:
        follow_need(act)
    if bool(moving) != was_moving:
        st.rerun(scope="app")


def _draw_map(bench: Workbench, *, baseline: bool) -> None:
    landing = load_landing(bench.index, BINS)
    policy = find_policy(bench, None)
    note = f"rounds with both sides, n = {landing.measured:,}{', baseline left out' if baseline else ''}"
    draw_section_head("Where tasks land", note, key="overview.maphead")
    figure = make_map(
        None, policy=policy, density=landing.density, cell=1 / landing.bins, weak_only=landing.weak_only, height=520
    )
    # "not run" is the widest tick label there is.
    figure.update_layout(margin={"l": 58, "r": 6, "t": 8, "b": 42})
    figure.update_annotations(xshift=-48, selector={"name": AXIS, "textangle": -90})
    show_chart(figure, key="overview.map", alt=_describe_landing(landing))


def _draw_runs(cards: list[RunCard], words: dict[str, str]) -> str | None:
    more = f"{RUNS_SHOWN} of {len(cards)}" if len(cards) > RUNS_SHOWN else "gap by round, one scale"
    draw_section_head("Runs", more, key="overview.runshead")
    return draw(build_runs(cards[:RUNS_SHOWN], words), key="overview.runs")


def _draw_outcomes(bench: Workbench) -> None:
    frame = load_outcomes_by_round(bench.index)
    if frame.empty:
        return
    draw_section_head("Outcome by round", "share of rounds, all runs", key="overview.outcomeshead")
    draw(build_outcome_key(set(frame["outcome"])), key="overview.outcomeskey")
    groups = {outcome: tone for tone, outcomes in OUTCOME_GROUPS for outcome in outcomes}
    grouped = frame.assign(group=frame["outcome"].map(groups).fillna("line"))
    words = {tone: join_words([OUTCOME_WORDS[outcome] for outcome in outcomes]) for tone, outcomes in OUTCOME_GROUPS}
    figure = make_stacks(
        # The last bar could name only what it holds, so the key above names them all.
        grouped, x="round", group="group", order=tuple(words), words=words, colours=TONE_COLOURS, height=250,
        named=False,
    )  # fmt: skip
    accepted = frame[(frame["outcome"] == "accepted")]["n"].sum()
    alt = f"{int(accepted)} of {count_of(int(frame['n'].sum()), 'round')} accepted, by round number"
    show_chart(figure, key="overview.outcomes", alt=alt)


def _describe_landing(landing: Landing) -> str:
    weak_only = f"; {landing.weak_only_n:,} more rounds were ended by the weak side" if landing.weak_only_n else ""
    return f"{count_of(landing.measured, 'round')} measured on both sides{weak_only}"


def _follow(matter: Matter) -> None:
    if matter.target == "start":
        open_page("runs", new="1")
    open_page(matter.target, run=matter.run_id)
