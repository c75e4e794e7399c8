"""Login where it is configured: who a session is by its account, and why nobody can log in where that does not work."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config
from streamlit.auth_util import get_secrets_auth_section, is_authlib_installed
from streamlit.errors import StreamlitAPIException, StreamlitAuthError

from autodata.errors import BadInput
from autodata.review.entry import check_reviewer
from autodata.ui.shell import draw_empty, draw_error

REMEDY = "`.venv/bin/pip install -r requirements.txt`, then start the app again"

_SETTINGS = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True, slots=True)
class Login:
    """Whether people log in, at which providers ("" for the only one), and what keeps them from it."""

    configured: bool = False
    providers: tuple[str, ...] = ("",)
    problem: str = ""


def find_login() -> Login:
    """What the secrets file says of logging in."""
    if problem := _find_unreadable():
        return Login(True, problem=problem)
    # `st.user` knows the key exactly where a login is configured, logged in or not.
    if "is_logged_in" not in st.user.to_dict():
        return Login()
    section = get_secrets_auth_section().to_dict()
    providers = tuple(name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value)
    return Login(True, providers or ("",), _find_problem(section, providers))


def has_login() -> bool:
    """Whether a login is configured, or a secrets file that cannot be read leaves it open. For outside a session."""
    return bool(_find_unreadable()) or bool(get_secrets_auth_section().to_dict())


def name_user(claims: Mapping[str, Any]) -> str:
    """The name under which an account's decisions are recorded.

    Its e-mail address, unless the provider says that the address was not verified: then its display name with the start
    of its id, since anybody can call themselves anything. Raises BadInput when neither makes a name.
    """
    email, verified = str(claims.get("email") or ""), claims.get("email_verified")
    if email and verified in (None, True, "true", "True"):
        return check_reviewer(email.lower())
    subject = str(claims.get("sub") or "")
    if not subject:
        raise BadInput("the login gave neither a verified e-mail address nor an id, so decisions would have no name")
    return check_reviewer(f"{str(claims.get('name') or 'account')[:60]} ({subject[:8]})")


def find_user() -> str:
    """The name of the account that is logged in; "" for none. Raises BadInput as `name_user` does."""
    claims = st.user.to_dict()
    return name_user(claims) if claims.get("is_logged_in") else ""


def draw_login(login: Login) -> bool:
    """Draw the way in; True when nothing stands in it: no login is configured, or somebody is logged in."""
    if not login.configured:
        return True
    if login.problem:
        draw_error(login.problem, "Nobody can be told from anybody until this is settled.", key="login.problem")
        return False
    try:
        if find_user():
            return True
    except BadInput as error:
        if draw_error(f"This account cannot be used: {error}.", key="login.account", action="Log out"):
            st.logout()
        return False
    several = len(login.providers) > 1
    first = login.providers[0]
    words = f"Log in with {first}" if first else "Log in"
    note = "What you decide is recorded under your account's address."
    chosen = first if draw_empty("Log in to see tasks and decide on them", note, key="login", action=words) else None
    if several:
        with st.container(horizontal=True, gap="small", key="login.others"):
            for name in login.providers[1:]:
                if st.button(f"Log in with {name}", key=f"login.with.{name}"):
                    chosen = name
    if chosen is not None:
        _log_in(chosen)
    return False


def _log_in(provider: str) -> None:
    try:
        st.login(provider or None)
    except (StreamlitAuthError, StreamlitAPIException) as error:
        draw_error(f"The login could not be started: {error}", key="login.failed")


def _find_problem(section: Mapping[str, Any], providers: tuple[str, ...]) -> str:
    if not is_authlib_installed():
        return f"A login is configured, but what it needs is not installed: {REMEDY}."
    wanted = [f"auth.{name}" for name in ("redirect_uri", "cookie_secret") if not section.get(name)]
    for name in providers or ("",):
        own, place = (section[name], f"auth.{name}") if name else (section, "auth")
        wanted += [f"{place}.{setting}" for setting in _SETTINGS if not own.get(setting)]
    if wanted and section:
        return f"The login is not complete: .streamlit/secrets.toml lacks {', '.join(wanted)}."
    return ""


def _find_unreadable() -> str:
    """A secrets file that cannot be read would silently let everybody type a name, so it is a problem of its own."""
    for path in map(Path, config.get_option("secrets.files")):
        try:
            if path.is_file():
                tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return f"{path} cannot be read, so it is not known whether people log in: {error}."
    return ""
