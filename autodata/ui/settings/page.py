"""The Settings page: the reviewer's name, the seats, and the state of home and index."""

from __future__ import annotations

import os
import platform

import streamlit as st

import autodata
from autodata.errors import AutodataError, BadInput
from autodata.home import Home
from autodata.index.ingest import IngestProgress, rebuild
from autodata.index.queries.journals import list_journals
from autodata.llm.seat import SIMULATED, SeatBook, check_roles, load_seats
from autodata.serving.register import check_seats_text, write_seats_text
from autodata.ui.access import find_exposure
from autodata.ui.parts import build_pairs, build_sentences
from autodata.ui.piece import draw
from autodata.ui.problems import spell_problem
from autodata.ui.reviewer import can_type_name, get_reviewer, require, set_reviewer
from autodata.ui.seats import build_seat_table, draw_seat_test
from autodata.ui.settings.panels import build_journals, read_seats_text
from autodata.ui.settings.prices import draw_prices
from autodata.ui.settings.servers import draw_servers, watch_servers
from autodata.ui.settings.team import draw_team
from autodata.ui.shell import draw_page_head, draw_section_head
from autodata.ui.state import Workbench, close_workbench, get_workbench
from autodata.ui.text import count_of, format_count
from autodata.ui.tree import Tree, node
from autodata.ui.waiting import tell_reading

SEATS, SEATS_SHOWN = "settings.seats", "settings.seats.shown"
"""The seats as typed, and the file as it was when it was last shown."""

SAID = "settings.said"
"""(severity, sentence) of the last act, shown once under what it was about."""


def draw_page() -> None:
    """Draw the page."""
    bench = get_workbench()
    saved = bench.home.seats.exists()
    seats = "your own seats" if saved else "the simulated models"
    name = get_reviewer(bench.home)
    who = f"Decisions are recorded as {name}" if name else "No reviewer is named yet, so nothing can be decided"
    draw_page_head(who, f"New runs can use {seats}. Everything is kept in {bench.home.root}.", key="settings.matter")
    models, team = st.tabs(["Models and index", "Team"], key="settings.tab", bind="query-params", on_change="rerun")
    if team.open:
        with team:
            draw_team(bench)
        return
    with models:
        _draw_models(bench, name)


def _draw_models(bench: Workbench, name: str) -> None:
    # Before the seats are drawn: a server that answers by now writes itself into them.
    servers = watch_servers(bench.home)
    left, right = st.columns([1.15, 1], gap="medium")
    with left.container(gap="small", key="settings.left"):
        text = _draw_seats(bench.home)
    with right.container(gap="small", key="settings.right"):
        _draw_reviewer(bench.home, name)
        st.space("xsmall")
        book = _draw_seat_state(bench.home, text)
        if book is not None:
            draw_seat_test(bench.home, book, key="settings.seattest")
    st.space("xsmall")
    draw_servers(bench.home, servers)
    st.space("xsmall")
    draw_prices(bench.home)
    st.space("xsmall")
    _draw_index(bench)


def _draw_reviewer(home: Home, name: str) -> None:
    draw_section_head("Reviewer", "recorded with every decision, here and on Review", key="settings.reviewerhead")
    if find_exposure():
        draw(node("span", "muted", "Nobody can be named here, because nobody logs in."), key="settings.unnamed")
        return
    if not can_type_name():
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="settings.account"):
            words = node("span", None, node("b", None, name), "  by login, so it cannot be typed.")
            draw(words, key="settings.accountname", width="content")
            st.button("Log out", key="settings.logout", on_click=st.logout)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="settings.reviewer"):
        typed = st.text_input(
            "Your name",
            name,
            key="settings.name",
            placeholder="Your name",
            max_chars=80,
            width=260,
            label_visibility="collapsed",
        )
        st.button("Use this name", key="settings.savename", on_click=_save_name, args=(home,))
    _say("name")
    if typed and typed != name:
        draw(node("span", "muted", "Not saved yet."), key="settings.unsaved")


def _save_name(home: Home) -> None:
    try:
        clean = set_reviewer(home, str(st.session_state.get("settings.name") or ""))
    except (BadInput, OSError) as error:
        st.session_state[SAID] = ("name", "flag", str(error))
        return
    st.session_state[SAID] = ("name", "clear", f"Decisions are recorded as {clean} from now on.")


def _draw_seats(home: Home) -> str:
    """The seats file; returns it as it is typed."""
    draw_section_head("Seats file", f"{home.seats.name} in the home, read by new runs", key="settings.seatshead")
    behind = _follow_file(home)
    text = st.text_area(
        "Seats (TOML)", height=404, key=SEATS, label_visibility="collapsed",
        help="Endpoints and seats. Keys are named by environment variable and never stored.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="settings.seatactions"):
        st.button("Save the seats", key="settings.saveseats", type="primary", on_click=_save_seats, args=(home,))
        draw(node("span", "muted", "Runs that have started keep the seats they started with."), key="settings.seatnote")
    if behind:
        words = "The file was changed meanwhile, by a model server say; saving replaces it with what is typed here."
        draw(build_sentences([words], "flag"), key="settings.seatsbehind")
    _say("seats")
    return text or ""


def _follow_file(home: Home) -> bool:
    """Show the file as it is on the disk, unless something else is being typed; True when both have changed."""
    text, typed, shown = read_seats_text(home), st.session_state.get(SEATS), st.session_state.get(SEATS_SHOWN)
    if typed is None or typed in (shown, text):
        st.session_state[SEATS] = st.session_state[SEATS_SHOWN] = text
        return False
    return text != shown


def _draw_seat_state(home: Home, text: str) -> SeatBook | None:
    """What is typed when it is a seats file; else what new runs would use, with the reason beside it."""
    try:
        book = check_seats_text(text)
    except BadInput as error:
        draw_section_head("Seats", "cannot be used as typed", key="settings.inuse")
        draw(build_sentences([spell_problem(error)], "flag"), key="settings.seatproblem")
        return None
    if not home.seats.exists() and "NAME" in {seat.model for seat in book.seats.values()}:
        draw_section_head("Seats in use", "the simulated models, until seats are saved", key="settings.inuse")
        book = load_seats(SIMULATED)
    else:
        draw_section_head("Seats", "as typed", key="settings.inuse")
    draw(build_seat_table(book, os.environ), key="settings.seattable")
    if warnings := check_roles(book):
        draw(build_sentences(warnings, "unchecked"), key="settings.warnings")
    return book


def _save_seats(home: Home) -> None:
    try:
        require(home, "set_up")
        book = write_seats_text(home, str(st.session_state.get(SEATS) or ""))
    except BadInput as error:
        st.session_state[SAID] = ("seats", "flag", f"Not saved. {spell_problem(error)}")
        return
    st.session_state[SAID] = ("seats", "clear", f"Saved {count_of(len(book.seats), 'seat')}.")


def _draw_index(bench: Workbench) -> None:
    home, index = bench.home, bench.index
    journals = list_journals(index)
    draw_section_head("Index", "a view of the journals; it can be rebuilt at any time", key="settings.indexhead")
    size = home.database.stat().st_size / 1e6 if home.database.exists() else 0.0
    pairs: list[tuple[str, Tree]] = [
        ("Home", node("span", "mono", str(home.root))),
        ("Database", node("span", "mono", f"{home.database.name}, {size:,.1f} MB")),
        (
            "Records",
            f"{format_count(sum(journal.records for journal in journals))} in {count_of(len(journals), 'journal')}",
        ),
        (
            "Software",
            f"Autodata {autodata.__version__}, Python {platform.python_version()}, Streamlit {st.__version__}",
        ),
    ]
    left, right = st.columns([1.15, 1], gap="medium")
    with left.container(gap="small", key="settings.indexleft"):
        if journals:
            draw(build_journals(journals), key="settings.journals")
        else:
            draw(node("span", "muted", "No journal yet: the first run writes one."), key="settings.nojournal")
    with right.container(gap="small", key="settings.indexright"):
        draw(build_pairs(pairs, width=80), key="settings.index")
        problems = [*index.notices, *([bench.ingest.last_error] if bench.ingest.last_error else [])]
        if problems:
            draw(build_sentences(problems, "flag"), key="settings.indexproblems")
        if st.button(
            "Rebuild the index", key="settings.rebuild", help="Deletes the database and reads every journal again."
        ):
            _rebuild(home)
        _say("index")


def _rebuild(home: Home) -> None:
    bar = st.progress(0.0, text="Reading the journals")

    def show(progress: IngestProgress) -> None:
        bar.progress(progress.share, text=tell_reading(progress))

    try:
        require(home, "set_up")
        close_workbench()
        report = rebuild(home, show)
    except (AutodataError, OSError) as error:
        st.session_state[SAID] = ("index", "flag", f"The index could not be rebuilt: {error}")
    else:
        words = f"Rebuilt from {count_of(report.records, 'record')} in {report.seconds:.1f} s."
        st.session_state[SAID] = ("index", "clear", words)
    st.rerun()


def _say(about: str) -> None:
    said = st.session_state.get(SAID)
    if said and said[0] == about:
        draw(build_sentences([said[2]], said[1]), key=f"settings.said.{about}")
        del st.session_state[SAID]
