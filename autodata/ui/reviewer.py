"""Whose decisions these are: the account that is logged in, else a name that this browser was given.

A typed name belongs to the browser in which it was typed, kept there in a cookie, because several people may use one
home. Only where one person has used the home, from this machine, is its last name offered to a new browser.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import orjson
import streamlit as st

from autodata.errors import BadInput
from autodata.home import Home
from autodata.review.entry import check_reviewer
from autodata.review.shared import list_people, read_reviews
from autodata.team import Act
from autodata.ui.access import find_exposure
from autodata.ui.login import find_login, find_user
from autodata.ui.piece import read_asset

log = logging.getLogger(__name__)

_KEY, _PENDING = "reviewer.name", "reviewer.pending"
COOKIE = "autodata_reviewer"


def get_reviewer(home: Home) -> str:
    """The name that this session's decisions are recorded under; "" while nobody is named, or can be."""
    if find_login().configured:
        return find_user()
    if find_exposure():
        return ""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _read_cookie() or _suggest(home)
    return str(st.session_state[_KEY])


def can_type_name() -> bool:
    """Whether a name may be typed: not where people log in, nor where anybody may be typing."""
    return not find_login().configured and not find_exposure()


def set_reviewer(home: Home, name: str) -> str:
    """Use `name` from now on in this browser; returns it as it will be recorded.

    Raises BadInput for a name that cannot be used, where people log in, and where nobody may act.
    """
    if exposure := find_exposure():
        raise BadInput(exposure)
    if not can_type_name():
        raise BadInput("people log in here, so a name cannot be typed; log out to use another account")
    clean = check_reviewer(name)
    st.session_state[_KEY] = st.session_state[_PENDING] = clean
    home.root.mkdir(parents=True, exist_ok=True)
    home.root.joinpath("reviewer.json").write_bytes(orjson.dumps({"name": clean}))
    return clean


def refuse(home: Home, act: Act) -> str:
    """Why this session's person may not do it, as a sentence; "" when they may. What is written is checked again."""
    if exposure := find_exposure():
        return exposure
    refusal = read_reviews(home).team.refuse(get_reviewer(home), act)
    return f"{refusal[:1].upper()}{refusal[1:]}." if refusal else ""


def require(home: Home, act: Act) -> None:
    """Raise BadInput when this session's person may not do it. Every act that a page can start begins with it, or ends
    in a function that asks for the name and checks the role itself."""
    try:
        if exposure := find_exposure():
            raise BadInput(exposure)
        name = get_reviewer(home)
        read_reviews(home).team.require(name, act)
    except BadInput:
        log.warning("refused: %s", act)
        raise
    log.info("allowed: %s, to %r", act, name)


def remember_reviewer() -> None:
    """Have the browser keep a name that was typed a moment ago. Called at the end of every page."""
    name = st.session_state.get(_PENDING)
    if name:
        _mount_memory()(key="reviewer.memory", data={"name": COOKIE, "value": quote(name)})


def _read_cookie() -> str:
    value = st.context.cookies.to_dict().get(COOKIE)
    try:
        return check_reviewer(unquote(value)) if isinstance(value, str) else ""
    except BadInput:
        return ""


def _suggest(home: Home) -> str:
    """The home's last name, where nobody else can be meant by it."""
    try:
        name = check_reviewer(str(orjson.loads(home.root.joinpath("reviewer.json").read_bytes())["name"]))
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, BadInput):
        return ""
    team = read_reviews(home).team
    alone = team.quorum == 1 and not team.roles and list_people(home) <= {name}
    return name if alone else ""


@st.cache_resource(show_spinner=False)
def _mount_memory() -> Callable[..., Any]:
    mount: Callable[..., Any] = st.components.v2.component("autodata_memory", js=read_asset("memory.js"))
    return mount
