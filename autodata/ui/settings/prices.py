"""The price table on the Settings page: edited as text, checked before it is saved, shown as it is read."""

from __future__ import annotations

import streamlit as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.llm.seat import load_seats
from autodata.prices import PriceTable, find_prices_file, parse_prices
from autodata.ui.parts import Column, build_sentences, build_table
from autodata.ui.piece import draw
from autodata.ui.problems import spell_problem
from autodata.ui.reviewer import require
from autodata.ui.shell import draw_section_head
from autodata.ui.text import count_of, format_number
from autodata.ui.tree import Tree, node

EXAMPLE = """\
# Prices per million tokens, in one currency. A model that is not here is of unknown price, not free.
currency = "USD"

# [models."NAME"]           # the model as the seats write it
# input = 3.00
# output = 15.00
# cached_input = 0.30       # optional: prompt tokens the server took from its cache
# per_call = 0.0            # optional: on top, for every answered call

# [models."MY-OWN-MODEL"]   # a server of your own
# input = 0
# output = 0
"""

_SAID = "settings.prices.said"


def draw_prices(home: Home) -> None:
    """Draw the panel: the table as text, its Save button, what it says, and which seats have no price."""
    path = find_prices_file(home)
    draw_section_head("Prices", f"{path.name} in the home, for cost and money budgets", key="settings.priceshead")
    left, right = st.columns([1.15, 1], gap="medium")
    with left.container(gap="small", key="settings.pricesleft"):
        text = st.text_area(
            "Prices (TOML)", read_prices_text(home), height=280, key="settings.prices", label_visibility="collapsed"
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="settings.priceactions"):
            st.button("Save the prices", key="settings.saveprices", on_click=_save, args=(home,))
            note = "Runs that have started keep the prices they started with; their page also shows today's."
            draw(node("span", "muted", note), key="settings.pricenote")
        if said := st.session_state.pop(_SAID, None):
            draw(build_sentences([said[1]], said[0]), key="settings.said.prices")
    with right.container(gap="small", key="settings.pricesright"):
        _draw_table(home, text or "")


def read_prices_text(home: Home) -> str:
    """The saved table as it was typed, or an example to start from."""
    try:
        return find_prices_file(home).read_text(encoding="utf-8")
    except FileNotFoundError:
        return EXAMPLE
    except (OSError, UnicodeDecodeError) as error:
        return f"# The price table cannot be read: {type(error).__name__}\n{EXAMPLE}"


def save_prices_text(home: Home, text: str) -> PriceTable:
    """Check, then write the text as it was typed, comments included. Raises BadInput and writes nothing when wrong."""
    table, path = parse_prices(text), find_prices_file(home)
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".toml.new")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error
    return table


def _save(home: Home) -> None:
    try:
        require(home, "set_up")
        table = save_prices_text(home, str(st.session_state.get("settings.prices") or ""))
    except BadInput as error:
        st.session_state[_SAID] = ("flag", f"Not saved. {spell_problem(error)}")
        return
    st.session_state[_SAID] = ("clear", f"Saved {count_of(len(table.models), 'price')}.")


def _draw_table(home: Home, text: str) -> None:
    try:
        table = parse_prices(text)
    except BadInput as error:
        draw(build_sentences([spell_problem(error)], "flag"), key="settings.priceproblem")
        return
    draw(_build_table(table), key="settings.pricetable")
    if missing := _list_unpriced(home, table):
        sentence = f"Without a price: {', '.join(missing)}. Their cost is shown as unknown."
        draw(build_sentences([sentence], "unchecked"), key="settings.unpriced")


def _build_table(table: PriceTable) -> Tree:
    if not table.models:
        return node("span", "muted", "No price yet: the cost of every model but the simulated ones is unknown.")
    rows: list[list[Tree | None]] = [
        [
            node("span", {"class": "mono", "dir": "auto"}, name),
            format_number(price.input),
            format_number(price.output),
            "" if price.cached_input is None else format_number(price.cached_input),
            format_number(price.per_call) if price.per_call else "",
        ]
        for name, price in table.models.items()
    ]
    columns = [Column("Model"), Column("Input", True), Column("Output", True), Column("Cached", True)]
    columns.append(Column("A call", True))
    caption = node("span", "small muted", f"{table.currency} per million tokens; a call in {table.currency}")
    return node("div", "col", build_table(columns, rows, "Prices"), caption)


def _list_unpriced(home: Home, table: PriceTable) -> list[str]:
    """Models of the saved seats that are not in the table; simulated ones need no price."""
    if not home.seats.exists():
        return []
    try:
        book = load_seats(home.seats)
    except BadInput:
        return []  # the seats panel says what is wrong
    named = {seat.model for seat in book.seats.values() if not book.endpoints[seat.endpoint].simulated}
    return sorted(named - table.models.keys())
