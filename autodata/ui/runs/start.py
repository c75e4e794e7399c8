"""What stands before a run: its problems, its warnings, what it will take, and the one button that starts it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from autodata.errors import AutodataError
from autodata.home import Home
from autodata.runs import create_run
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import refuse, require
from autodata.ui.runs.control import launch
from autodata.ui.runs.plan import RunPlan
from autodata.ui.tree import Tree


def draw_start(home: Home, plan: RunPlan, label: str, estimate: Tree | None, *, key: str) -> str | None:
    """The id of the run that was just started; None while nothing was. `key` is the prefix of every widget's key."""
    if plan.problems:
        draw(build_sentences(plan.problems, "flag"), key=f"{key}.problems")
    if plan.warnings:
        draw(build_sentences(plan.warnings, "unchecked"), key=f"{key}.warnings")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"{key}.start"):
        kind: Literal["primary", "secondary"] = "primary" if plan.ready else "secondary"
        refusal = refuse(home, "run")
        off = not plan.ready or bool(refusal)
        started = st.button(label, key=f"{key}.start.button", type=kind, disabled=off, help=refusal or None)
        if estimate is not None:
            draw(estimate, key=f"{key}.estimate")
    return _start(home, plan, key) if started and plan.ready else None


def _start(home: Home, plan: RunPlan, key: str) -> str | None:
    if plan.settings is None or plan.recipe is None or plan.loaded is None:
        return None
    try:
        require(home, "run")
        run_id = create_run(home, plan.settings, plan.recipe, plan.loaded, executor=plan.executor)
        launch(home, run_id)
    except (AutodataError, OSError) as error:
        draw(build_sentences([f"The run could not be started: {error}"], "flag"), key=f"{key}.start.error")
        return None
    return run_id
