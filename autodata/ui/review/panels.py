"""Mounts the parts of the Review page and turns what they report into actions."""

from __future__ import annotations

from typing import Any

import streamlit as st

from autodata.errors import BadInput
from autodata.index.queries.answers import find_answers
from autodata.index.queries.review import QueueItem, ReviewProgress
from autodata.index.queries.task import RoundDetail, TaskDetail
from autodata.index.queries.weighing import find_weighing
from autodata.model import Task
from autodata.policy import Policy, parse_policy
from autodata.ui.piece import draw, read_asset
from autodata.ui.review import actions
from autodata.ui.review.answers import build_answers, build_candidates
from autodata.ui.review.evidence import build_evidence
from autodata.ui.review.rounds import build_rounds
from autodata.ui.review.top import build_top
from autodata.ui.review.weighing import build_weighing
from autodata.ui.state import Workbench
from autodata.ui.text import OUTCOME_WORDS

OTHER_BLOCKS = 416
"""Pixels of a Review page that are not evidence: header, strip, chips, question, rounds, decision bar and gaps."""

CONTEXT_BLOCK = 107
"""Pixels the open context adds above the evidence."""

ANSWERS_BLOCK = 190
"""Pixels of the final answers of a task without a rubric, which stand on the same screen as the evidence."""


def draw_top(
    detail: TaskDetail, shown: RoundDetail, item: QueueItem | None, progress: ReviewProgress, order: str
) -> None:
    """Header, strip, chips and question; chips open their sentence, the question opens the context."""
    tree = build_top(
        detail,
        shown,
        read_policy(detail),
        item,
        progress,
        order=order,
        opened=st.session_state.get("review.chip", ""),
        context_open=is_context_open(),
    )
    draw(tree, key="review.top", on_click=_click_top)


def draw_evidence(detail: TaskDetail, shown: RoundDetail, evidence: TaskDetail | None, before: Task | None) -> None:
    """Answers and tabs of the round that is shown; `evidence` is that round's task, None when it wrote none."""
    data: dict[str, Any]
    if evidence is None:
        data = {**build_evidence(detail, frozenset()), "sides": {"weak": [], "strong": []}, "criteria": []}
    else:
        data = build_evidence(evidence, frozenset(st.session_state.get("review.whole", ())), before)
    answered = bool(evidence and not evidence.task.rubric)
    space = OTHER_BLOCKS + (CONTEXT_BLOCK if is_context_open() else 0) + (ANSWERS_BLOCK if answered else 0)
    data |= {
        "own": detail.task.id,
        "task": f"{detail.task.id}:{shown.round}",
        "missing": describe_missing(shown),
        "reasons": bool(actions.get_reasons(detail.task.id)),
        "height": f"calc(100vh - {space}px)",
    }
    _mount_evidence()(key="review.evidence", data=data, on_asked_change=_hear_evidence)


def draw_answers(bench: Workbench, evidence: TaskDetail | None) -> None:
    """The final answers of a verifiable task, and the batch it was chosen from where several challengers wrote."""
    answers = find_answers(bench.index, evidence) if evidence else None
    if not answers:
        return
    draw(build_answers(answers), key="review.answers")
    if answers.candidates:
        draw(build_candidates(answers), key="review.candidates")


def draw_weighing(bench: Workbench, shown: RoundDetail) -> None:
    """The loop judge's word on the shown round, where the policy asked for it."""
    weighing = find_weighing(bench.index, shown.task.id) if shown.task else None
    if weighing:
        draw(build_weighing(weighing), key="review.weighing")


def draw_rounds(detail: TaskDetail, shown: RoundDetail) -> None:
    """The rounds strip; a click shows that round."""
    draw(build_rounds(detail, shown), key="review.rounds", on_click=_click_round)


def read_policy(detail: TaskDetail) -> Policy | None:
    """The policy in force; None for an import that recorded none, or one this version cannot read."""
    try:
        return parse_policy(detail.policy) if detail.policy else None
    except BadInput:
        return None


def describe_missing(shown: RoundDetail) -> dict[str, str]:
    """Why there is no answer to show: our words, and apart from them what an agent said."""
    outcome = OUTCOME_WORDS.get(shown.outcome, shown.outcome)
    if shown.outcome == "failed_quality":
        words = "The task failed quality, so no solver was asked. The verifier's feedback:"
        return {"words": words, "brief": "Not asked.", "quote": shown.quality_feedback or shown.reason}
    if shown.strong is None and shown.weak is not None:
        words = f"Not asked: {outcome} on the weak side alone ({shown.reason})."
        return {"words": words, "brief": words, "quote": ""}
    words = f"No answer was recorded in this round ({shown.reason or outcome})."
    return {"words": words, "brief": words, "quote": ""}


def is_context_open() -> bool:
    """Whether the question shows its context."""
    return bool(st.session_state.get("review.context", False))


def _click_top(act: str) -> None:
    if act == "context":
        st.session_state["review.context"] = not is_context_open()
        return
    kind = act.removeprefix("chip:")
    st.session_state["review.chip"] = "" if st.session_state.get("review.chip") == kind else kind


def _click_round(act: str) -> None:
    actions.show_round(int(act.removeprefix("round:")))


def _hear_evidence() -> None:
    """Keys and buttons of the component; a message about a task that is no longer on screen is dropped."""
    asked = st.session_state["review.evidence"].get("asked")
    screen = st.session_state.get("review.screen")
    if not asked or screen is None or asked.get("task") != screen.task_id:
        return
    task_id, what = screen.task_id, str(asked.get("what", ""))
    if what == "next":
        actions.go_next(task_id)
    elif what == "previous":
        actions.go_previous(task_id)
    elif what == "keys":
        actions.open_dialog("keys")
    elif what == "context":
        _click_top("context")
    elif what in ("earlier", "later"):
        _step_round(1 if what == "later" else -1)
    elif what == "commit" and actions.get_reasons(task_id) == "reject":
        actions.decide(screen, "reject")
    elif what.startswith("whole:"):
        st.session_state["review.whole"] = {*st.session_state.get("review.whole", ()), what.removeprefix("whole:")}
    elif what.startswith("folded:"):
        st.session_state["review.whole"] = {*st.session_state.get("review.whole", ())} - {what.removeprefix("folded:")}


def _step_round(step: int) -> None:
    numbers, shown = st.session_state.get("review.numbers", ([], 0))
    if shown in numbers and 0 <= numbers.index(shown) + step < len(numbers):
        actions.show_round(numbers[numbers.index(shown) + step])


@st.cache_resource(show_spinner=False)
def _mount_evidence() -> Any:
    return st.components.v2.component(
        "autodata_evidence",
        html='<div class="evidence">\n</div>',
        css=read_asset("shadow.css") + "\n" + read_asset("review/evidence.css"),
        js=read_asset("review/evidence.js"),
    )
