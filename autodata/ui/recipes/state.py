"""What the Recipes page shows, kept in the URL: the search, one of its versions, or one of its iterations."""

from __future__ import annotations

import streamlit as st

SEARCH = "recipes.search"
"""A widget that keeps its own place in the URL."""
VERSION, ITERATION = "version", "iteration"
SAID = "recipes.said"


def show_version(version: str) -> None:
    """Select a version; an iteration that was shown is let go."""
    _drop(ITERATION)
    st.query_params[VERSION] = version[:12]


def show_iteration(number: int) -> None:
    """Select an iteration that has no version of its own, such as a refused one."""
    _drop(VERSION)
    st.query_params[ITERATION] = str(number)


def follow(act: str) -> None:
    """A click in the tree or in the table: `version|sha` or `iteration|number`."""
    kind, _, value = act.partition("|")
    if kind == "version":
        show_version(value)
    elif value.isdecimal():
        show_iteration(int(value))


def read_selected() -> tuple[str, int | None]:
    """The start of a version's hash ("" for none) and the number of an iteration."""
    number = str(st.query_params.get(ITERATION, ""))
    return str(st.query_params.get(VERSION, "")), int(number) if number.isdecimal() and len(number) < 8 else None


def _drop(name: str) -> None:
    if name in st.query_params:
        del st.query_params[name]
