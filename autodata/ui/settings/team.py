"""The Team panel of Settings: the rules, how far people agree, what each of them does, and canaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import orjson
import pandas as pd
import streamlit as st

from autodata.errors import AutodataError
from autodata.home import Home
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.cards import list_run_cards
from autodata.index.queries.votes import list_planted
from autodata.review.canaries import COUNT_MAX, plant_canaries
from autodata.review.reviewers import TeamReport, measure_team
from autodata.review.shared import read_reviews
from autodata.review.team import QUORUM_MAX, ROLES, Team, describe_team, parse_team, record_team
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import can_type_name, get_reviewer, refuse
from autodata.ui.settings.team_trees import (
    build_agreement,
    build_reviewers,
    describe_doubled,
    describe_rules,
    list_warnings,
)
from autodata.ui.shell import draw_section_head
from autodata.ui.state import Workbench
from autodata.ui.text import count_of
from autodata.ui.tree import node

SAID = "team.said"
"""(section, severity, sentence) of the last act, shown once."""


def draw_team(bench: Workbench) -> None:
    """Draw the panel."""
    team, name = read_reviews(bench.home).team, get_reviewer(bench.home)
    lead = team.may(name, "lead")
    report = measure_team(bench.home, bench.index)
    left, right = st.columns([1, 1.3], gap="medium")
    with left.container(gap="small", key="team.left"):
        _draw_rules(bench, team)
    with right.container(gap="small", key="team.right"):
        draw_section_head("Agreement beyond chance", describe_doubled(report), key="team.agreementhead")
        draw(build_agreement(report), key="team.agreement")
        note = "Intervals are at 95 %. Fewer than 10 items give no number. Votes count here that were given before "
        note += "their author could see any other; canaries and last words do not count."
        draw(node("div", "note small", note), key="team.agreementnote")
        if lead:
            st.space("xsmall")
            _draw_canaries(bench, report)
    st.space("xsmall")
    _draw_reviewers(report, team, name, lead=lead)


def _draw_rules(bench: Workbench, team: Team) -> None:
    draw_section_head("Rules", describe_rules(team), key="team.ruleshead")
    refusal = refuse(bench.home, "lead")
    off = bool(refusal)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="team.numbers"):
        st.number_input(
            "Must agree on a task", 1, QUORUM_MAX, team.quorum, key=_key(team, "quorum"), width=150, disabled=off,
            help="How many reviewers. Raising it opens no task again that is settled.",
        )  # fmt: skip
        st.number_input(
            "Lease, minutes", 1.0, 1440.0, team.lease_minutes, 5.0, format="%g", key=_key(team, "lease"), width=130,
            disabled=off, help="A task on screen is offered to nobody else for as long, and renewed while it stays.",
        )  # fmt: skip
        st.selectbox(
            "Everybody else is a", ROLES, ROLES.index(team.others), key=_key(team, "others"), width=150, disabled=off,
            help="A viewer looks. A reviewer also decides, labels, comments and edits. A lead does everything.",
        )  # fmt: skip
    st.toggle("Hide others’ votes until one has voted", team.blind, key=_key(team, "blind"), disabled=off)
    frame = pd.DataFrame({"name": list(team.roles), "role": list(team.roles.values())}, dtype="string")
    st.data_editor(
        frame, key=_key(team, "members"), num_rows="fixed" if off else "dynamic",
        hide_index=True, disabled=off, height=35 * max(4, len(frame) + 2),
        column_config={
            "name": st.column_config.TextColumn("Name", required=True, max_chars=80, width="medium"),
            "role": st.column_config.SelectboxColumn("Role", options=list(ROLES), required=True, default="reviewer"),
        },
    )  # fmt: skip
    st.button(
        "Put these rules in force", key="team.save", on_click=_save, args=(bench, team), disabled=off,
        help=refusal or None,
    )  # fmt: skip
    if refusal:
        draw(build_sentences([refusal], "unchecked"), key="team.refusal")
    _say("rules")
    if warnings := list_warnings(team, logged_in=not can_type_name()):
        draw(build_sentences(warnings, "flag" if not can_type_name() else "unchecked"), key="team.warnings")


def read_members(team: Team, edits: Mapping[str, Any]) -> dict[str, Any]:
    """The roles as the table has them after its edits (rows edited, added, deleted)."""
    rows = [{"name": name, "role": role} for name, role in team.roles.items()]
    for place, changes in (edits.get("edited_rows") or {}).items():
        rows[int(place)] |= changes
    gone = {int(place) for place in edits.get("deleted_rows") or ()}
    kept = [row for place, row in enumerate(rows) if place not in gone]
    added = [row for row in edits.get("added_rows") or () if row.get("name")]
    return {str(row["name"]): row.get("role") or "reviewer" for row in [*kept, *added]}


def _key(team: Team, name: str) -> str:
    """Of a widget about these rules: when others come into force, from wherever, it starts anew with them."""
    return f"team.{name}.{crc32(orjson.dumps(describe_team(team))):x}"


def _save(bench: Workbench, team: Team) -> None:
    state = st.session_state
    edits = state.get(_key(team, "members")) or {}
    values = {
        **describe_team(team),
        "quorum": int(state[_key(team, "quorum")]),
        "lease_minutes": float(state[_key(team, "lease")]),
        "others": state[_key(team, "others")],
        "blind": bool(state[_key(team, "blind")]),
        "roles": read_members(team, edits),
    }
    try:
        record_team(bench.home, parse_team(values), get_reviewer(bench.home))
        ingest_reviews_now(bench.index, bench.home)
    except AutodataError as error:
        state[SAID] = ("rules", "flag", f"Not changed: {error}.")
        return
    state[SAID] = ("rules", "clear", "In force from now on. What is settled stays as it is.")


def _draw_reviewers(report: TeamReport, team: Team, name: str, *, lead: bool) -> None:
    rows = [row for row in report.reviewers if lead or row.work.reviewer == name]
    head = "Reviewers" if lead else "You"
    draw_section_head(head, "medians over what was decided one by one", key="team.reviewershead")
    if rows:
        draw(build_reviewers(rows, team, lead=lead), key="team.reviewers")
    else:
        words = "Nobody has decided on anything yet." if lead else "You have not decided on anything yet."
        draw(node("span", "muted", words), key="team.noreviewers")


def _draw_canaries(bench: Workbench, report: TeamReport) -> None:
    planted = list_planted(bench.index)
    runs = [
        card.run_id
        for card in list_run_cards(bench.index, 200)
        if card.accepted and not card.imported and card.run_id not in planted
    ]
    standing = f"{count_of(report.planted, 'canary', 'canaries')} planted" if report.planted else "none planted yet"
    draw_section_head("Canaries", f"{standing}; they are never counted and never exported", key="team.canarieshead")
    if not runs:
        draw(node("span", "muted", "A run with accepted tasks is needed to plant some."), key="team.noruns")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="team.plantform"):
        st.selectbox("Copy accepted tasks of", runs, key="team.plantrun", width=180)
        st.number_input("How many", 1, COUNT_MAX, 6, key="team.plantcount", width=110)
        st.button(
            "Plant canaries", key="team.plant", on_click=_plant, args=(bench.home,), disabled=bool(
                refuse(bench.home, "plant")
            ), help="Copies with one planted fault each, in a run of their own. Only leads can tell them from tasks.",
        )  # fmt: skip
    _say("canaries")


def _plant(home: Home) -> None:
    run_id, count = str(st.session_state["team.plantrun"]), int(st.session_state["team.plantcount"])
    try:
        planted = plant_canaries(home, run_id, count, get_reviewer(home))
    except (AutodataError, OSError) as error:
        st.session_state[SAID] = ("canaries", "flag", f"Nothing was planted: {error}.")
        return
    words = f"{count_of(count, 'canary', 'canaries')} stand in the queue, as run {planted}."
    st.session_state[SAID] = ("canaries", "clear", words)


def _say(about: str) -> None:
    said = st.session_state.get(SAID)
    if said and said[0] == about:
        draw(build_sentences([said[2]], said[1]), key=f"team.said.{about}")
        del st.session_state[SAID]
