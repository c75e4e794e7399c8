"""The dialogs about the task on screen: editor, comparison of versions, comments, the judge's verdicts, provenance."""

from __future__ import annotations

import streamlit as st

from autodata.index.queries.task import TaskDetail
from autodata.ui.review.comments import draw_comments
from autodata.ui.review.fixing import draw_comparison, draw_editor
from autodata.ui.review.judging import draw_judging
from autodata.ui.review.provenance import draw_provenance
from autodata.ui.state import Workbench


def draw_drawers(bench: Workbench, detail: TaskDetail) -> None:
    """Draw whichever of them is open."""
    name = st.session_state.get("review.dialog")
    if name == "fix":
        draw_editor(bench, detail)
    elif name == "changed":
        draw_comparison(bench, detail)
    elif name == "comments":
        draw_comments(bench, detail)
    elif name == "judging":
        draw_judging(bench, detail)
    elif name == "provenance":
        draw_provenance(bench, detail.task.id)
