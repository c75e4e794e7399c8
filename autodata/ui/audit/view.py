"""The Audit page's view: what the URL and the widgets say becomes an AuditFilter. Everything is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import streamlit as st

from autodata.audit.catalogue import DETECTORS
from autodata.index.queries.audit_filter import KINDS, VERDICTS, AuditFilter, Kind

TASK, DETECTOR, GROUP = "task", "detector", "group"
"""URL parameters of what has no widget: the selected task, a detector, a cluster (`request:123`, `cluster:123`)."""
RUN, VERDICT, PAGE = "audit.run", "audit.verdict", "audit.page"
"""Widgets that keep their own place in the URL."""


def read_view(params: Mapping[str, Any], run_id: str, verdict: str) -> AuditFilter:
    """The view of a URL with the values of its widgets; what cannot be used counts as not set."""
    detector = str(params.get(DETECTOR, ""))
    kind, _, group = str(params.get(GROUP, "")).partition(":")
    known = kind in KINDS and group.isdecimal() and len(group) <= 20
    return AuditFilter(
        run_id=run_id,
        detector=detector if detector in DETECTORS else "",
        verdict=verdict if verdict in VERDICTS else "",
        kind=cast(Kind, kind) if known else "request",
        group=group if known else "",
    )


def toggle(name: str, value: str) -> None:
    """Set a URL parameter, or take it away when it has that value already; the list starts at its first page again."""
    if st.query_params.get(name) == value:
        drop(name)
    else:
        st.query_params[name] = value
    st.session_state.pop(PAGE, None)


def drop(name: str) -> None:
    """Take a parameter out of the URL."""
    if name in st.query_params:
        del st.query_params[name]


def toggle_verdict(value: str) -> None:
    """The same for the filter by verdict, which has a widget."""
    st.session_state[VERDICT] = "" if st.session_state.get(VERDICT) == value else value
    st.session_state.pop(PAGE, None)


def show_task(task_id: str) -> None:
    """Select a task."""
    if task_id:
        st.query_params[TASK] = task_id
