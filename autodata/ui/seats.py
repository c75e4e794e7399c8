"""Seats on a page: who plays what, whether its key is set, and the seat test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from autodata.errors import AutodataError
from autodata.home import Home
from autodata.llm.check import test_seats
from autodata.llm.quirks import open_quirks
from autodata.llm.seat import SeatBook
from autodata.model import ROLES, SOLVERS, Role
from autodata.recipes.recipe import Recipe
from autodata.runs import open_addresses
from autodata.ui.marks import draw_severity
from autodata.ui.names import name_seat
from autodata.ui.parts import Column, build_sentences, build_table
from autodata.ui.piece import draw
from autodata.ui.reviewer import require
from autodata.ui.tree import Tree, node

_PLAYED_BY = {"screener": "verifier", "answer_verifier": "judge"}
"""Agents without a seat of their own, and the seat they are asked on."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether an endpoint's key is there: set, not set, or none needed. Never the key."""

    word: str
    missing: bool


def describe_key(variable: str | None, environment: Mapping[str, str], *, simulated: bool) -> KeyState:
    """The state of the environment variable that holds a key."""
    if simulated or not variable:
        return KeyState("no key needed", False)
    return (
        KeyState(f"{variable} is set", False) if environment.get(variable) else KeyState(f"{variable} is not set", True)
    )


def build_seat_table(seats: SeatBook, environment: Mapping[str, str], roles: Sequence[Role] = ()) -> Tree:
    """Seat, model, endpoint and the state of its key; of `roles` where only some of them play."""
    rows: list[list[Tree | None]] = []
    for role in roles or tuple(seats.seats):
        seat = seats.seat(role)
        endpoint = seats.endpoints[seat.endpoint]
        key = describe_key(endpoint.api_key_env, environment, simulated=endpoint.simulated)
        where = "built-in server" if endpoint.simulated else endpoint.base_url
        rows.append(
            [
                node("span", "keep", name_seat(role)),
                node("span", "mono", seat.model),
                node("span", {"class": "muted", "style": "overflow-wrap:anywhere"}, where),
                node("span", "alarm" if key.missing else "muted", key.word),
            ]
        )
    return build_table([Column("Seat"), Column("Model"), Column("Endpoint"), Column("Key")], rows, "Seats")


def list_playing(recipe: Recipe) -> tuple[Role, ...]:
    """The seats that a run of this recipe asks."""
    flow = recipe.limits.flow
    agents = {_PLAYED_BY.get(agent, agent) for agent in flow.agents} | set(SOLVERS)
    if flow.write == "given" and flow.grading == "rubric":
        agents.add("challenger")  # writes the rubrics that are missing
    return tuple(role for role in ROLES if role in agents)


def draw_seat_test(home: Home, seats: SeatBook, *, key: str) -> None:
    """The button "Test the seats" and what it found. One small call a seat; the result stays until the seats change."""
    state = f"{key}.result"
    if st.button("Test the seats", key=f"{key}.button", help="Asks every seat to say ok: one small call each."):
        with st.spinner("Asking every seat to say ok"):
            st.session_state[state] = (seats, _ask_seats(home, seats))
    tested: tuple[SeatBook, list[tuple[bool, str]]] | None = st.session_state.get(state)
    if tested is None or tested[0] != seats:
        return
    failed = [sentence for ok, sentence in tested[1] if not ok]
    if not failed:
        words = f"All {len(tested[1])} seats answered."
        mark = node("span", "accent", draw_severity("clear"))
        draw(node("div", {"class": "row", "role": "status"}, mark, words), key=f"{key}.ok")
        return
    draw(build_sentences(failed, "flag"), key=f"{key}.failed")


def _ask_seats(home: Home, seats: SeatBook) -> list[tuple[bool, str]]:
    """(answered, sentence) per seat; a test that could not be made at all is one failed sentence."""
    try:
        # What is typed names both the variable that is read and the address that it is sent to.
        require(home, "set_up")
        with open_addresses(home, seats) as addresses:
            results = asyncio.run(test_seats(seats, addresses, open_quirks(home, seats)))
    except (AutodataError, OSError) as error:
        return [(False, f"The seats could not be tested: {error}")]
    return [(test.ok, f"{role}: {test.message}") for role, test in results.items()]
