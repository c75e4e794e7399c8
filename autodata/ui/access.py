"""Who may act at all: where nobody logs in, only who sits at the machine, since a name can be typed by anybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from autodata.ui.login import find_login

REMEDY = (
    "Configure a login (docs/security.md says how), or serve the app on 127.0.0.1 and reach it from elsewhere through "
    "an SSH tunnel."
)
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
"""Headers by which a proxy says that the request came from elsewhere."""


def find_exposure() -> str:
    """Why nobody may act in this session, as a sentence with the remedy; "" when they may, as far as roles let them.

    Without a login that is so where the server listens beyond this machine, and where a proxy passed the session on.
    """
    if find_login().configured:
        return ""
    address = str(config.get_option("server.address") or "")
    if not is_own_machine(address):
        where = f"on {address}" if address else "on every address of this machine"
        return (
            f"The app is served {where} without a login: whoever reaches it reads everything, and since nobody can be "
            f"told from anybody, nothing can be changed. {REMEDY}"
        )
    if is_passed_on(st.context.headers.to_dict()) or isinstance(st.context.ip_address, str):
        return (
            "This page came from another machine through a proxy, and nobody logs in: since nobody can be told from "
            f"anybody, nothing can be changed. {REMEDY}"
        )
    return ""


def is_own_machine(host: str) -> bool:
    """Whether a host or address, with or without a port, means this machine alone. An empty one does not."""
    if host.startswith("unix:"):
        return True
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if not name and host.startswith("::"):
        name = host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_passed_on(headers: Mapping[str, object]) -> bool:
    """Whether a proxy says that a request came from elsewhere."""
    return any(name.lower() in _FORWARDED for name in headers)
