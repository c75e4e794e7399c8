"""What a view is about: one version, or all tasks that are approved now."""

from __future__ import annotations

import streamlit as st

from autodata.dataset.standing import VersionState
from autodata.index.queries.dataset_gate import stream_facts
from autodata.index.queries.dataset_versions import list_members
from autodata.ui.dataset.state import VERSION
from autodata.ui.state import Workbench

APPROVED_TASKS = "All approved tasks"


def choose_target(states: list[VersionState], *, key: str) -> tuple[str, str]:
    """Draw the choice; returns name and version, both "" for all approved tasks. The URL's version is offered first."""
    options = [f"{one.version.name}/{one.version.version}" for one in states if not one.version.problem]
    options.append(APPROVED_TASKS)
    asked = st.query_params.get(VERSION, "")
    chosen = st.selectbox(
        "What", options, index=options.index(asked) if asked in options else 0, key=key,
        label_visibility="collapsed", width=240,
    )  # fmt: skip
    name, _, version = ("" if chosen == APPROVED_TASKS else str(chosen)).partition("/")
    return name, version


def list_tasks(bench: Workbench, name: str, version: str) -> list[str]:
    """Ids of its tasks; canaries are not among them."""
    if name:
        return list_members(bench.index, name, version)
    return [facts.task_id for facts in stream_facts(bench.index, ("approved",)) if not facts.canary]
