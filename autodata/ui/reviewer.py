"""Whose decisions these are: a name, kept in this session and remembered by the home for the next one."""

from __future__ import annotations

import orjson
import streamlit as st

from autodata.home import Home
from autodata.review.entry import check_reviewer

_KEY = "reviewer.name"


def get_reviewer(home: Home) -> str:
    """The name of this session, else the one this home was last used with, else ""."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _read_name(home)
    return str(st.session_state[_KEY])


def set_reviewer(home: Home, name: str) -> str:
    """Use `name` from now on; returns it as it will be recorded. Raises BadInput for a name that cannot be used."""
    clean = check_reviewer(name)
    st.session_state[_KEY] = clean
    home.root.mkdir(parents=True, exist_ok=True)
    home.root.joinpath("reviewer.json").write_bytes(orjson.dumps({"name": clean}))
    return clean


def _read_name(home: Home) -> str:
    try:
        return str(orjson.loads(home.root.joinpath("reviewer.json").read_bytes())["name"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return ""
