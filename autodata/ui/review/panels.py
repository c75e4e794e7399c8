"""Mounts the parts of the Review page and turns what they report into actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from autodata.errors import BadInput
from autodata.index.queries.answers import find_answers
from autodata.index.queries.comments import Said
from autodata.index.queries.review import QueueItem, ReviewProgress
from autodata.index.queries.task import RoundDetail, TaskDetail
from autodata.index.queries.weighing import find_weighing
from autodata.model import Source, Task
from autodata.policy import Policy, parse_policy
from autodata.review.leases import Lease
from autodata.ui.piece import draw, read_asset
from autodata.ui.review import actions, labelling
from autodata.ui.review.answers import build_answers, build_candidates
from autodata.ui.review.audit_tab import build_audit_tab
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.comments import answer, build_comments, label_comments, settle
from autodata.ui.review.evidence import build_evidence
from autodata.ui.review.fresh import build_fresh
from autodata.ui.review.provenance import open_provenance
from autodata.ui.review.rounds import build_rounds
from autodata.ui.review.top import build_top
from autodata.ui.review.votes import describe_holders
from autodata.ui.review.weighing import build_weighing
from autodata.ui.state import Workbench
from autodata.ui.text import OUTCOME_WORDS

EVIDENCE_SCRIPTS = (
    "tree.js",
    *(f"review/evidence{part}.js" for part in ("_texts", "_criteria", "_keys", "")),
)
"""What the evidence component is made of, in the order in which one part needs the other."""

OTHER_BLOCKS = 416
"""Pixels of a Review page that are not evidence: header, strip, chips, question, rounds, decision bar and gaps."""

VERSIONS_BLOCK = 36
"""Pixels of the line of a task's versions."""

CONTEXT_BLOCK = 107
"""Pixels the open context adds above the evidence."""

ANSWERS_BLOCK = 190
"""Pixels of the final answers of a task without a rubric, which stand on the same screen as the evidence."""


def draw_top(
    detail: TaskDetail,
    shown: RoundDetail,
    item: QueueItem | None,
    progress: ReviewProgress,
    order: str,
    view: AuditView,
    holders: Sequence[Lease] = (),
) -> None:
    """Header, strip, chips and question; chips open their sentence, the question opens the context. `holders` have the
    task on screen as well."""
    tree = build_top(
        detail,
        shown,
        read_policy(detail),
        item,
        progress,
        view,
        order=order,
        held=describe_holders(holders),
        opened=st.session_state.get("review.chip", ""),
        context_open=is_context_open(),
    )
    draw(tree, key="review.top", on_click=_click_top)


def draw_evidence(
    detail: TaskDetail,
    shown: RoundDetail,
    evidence: TaskDetail | None,
    before: Task | None,
    view: AuditView,
    said: Said,
    above: int = 0,
    passage: Source | None = None,
    screen: str = "",
) -> None:
    """Answers and tabs of the round that is shown; `evidence` is that round's task, None when it wrote none.
    `above`: pixels that votes and versions take. `passage`: the source an edited task was first written from. `screen`
    tells one showing of a task from the next, so that a key acts on what was painted when it was pressed."""
    data: dict[str, Any]
    whole = frozenset(st.session_state.get("review.whole", ()))
    own = shown.round == detail.this.round
    if evidence is None:
        data = {**build_evidence(detail, frozenset()), "sides": {"weak": [], "strong": []}, "criteria": []}
    else:
        data = build_evidence(replace(evidence, source=passage) if passage else evidence, whole, before)
    answered = bool(evidence and not evidence.task.rubric)
    space = OTHER_BLOCKS + above + (CONTEXT_BLOCK if is_context_open() else 0) + (ANSWERS_BLOCK if answered else 0)
    data |= {
        "own": detail.task.id,
        "screen": screen,
        "task": f"{detail.task.id}:{shown.round}",
        "missing": describe_missing(shown),
        "reasons": bool(actions.get_reasons(detail.task.id)),
        "labels": labelling.get_labelling() is not None,
        "decided": labelling.get_decided() is not None,
        "fresh": build_fresh(view.audit, whole) if own else [],
        "audit": build_audit_tab(view),
        "comments": build_comments(said),
        "comments_name": label_comments(said.comments),
        "first": "requests" if own and _is_request_proved(detail, view) else "",
        "height": f"calc(100vh - {space}px)",
    }
    _mount_evidence()(key="review.evidence", data=data, on_asked_change=_hear_evidence)


def _is_request_proved(detail: TaskDetail, view: AuditView) -> bool:
    """Whether bytes prove that weak and strong were asked differently: then these bytes are what is seen first."""
    found = view.audit.findings if view.audit else ()
    proved = any(finding.severity == "violation" and finding.detector in ("S1", "S3") for finding in found)
    return proved or detail.parity == "differs"


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
    if act == "provenance":
        screen = st.session_state.get("review.screen")
        if screen is not None:
            open_provenance(screen.task_id)
        return
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
    elif what == "labels":
        actions.open_labels()
    elif what in ("comment", "comments"):
        actions.open_dialog("comments")
    elif what.startswith("answer:"):
        answer(task_id, what.removeprefix("answer:"))
    elif what.startswith("settle:"):
        settle(screen.bench, task_id, what.removeprefix("settle:"))
    elif what == "judging":
        actions.open_dialog("judging")
    elif what == "provenance":
        open_provenance(task_id)
    elif what.startswith("label:") and screen.about is not None:
        actions.label(screen.about, what.removeprefix("label:"))
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
        js="\n".join(map(read_asset, EVIDENCE_SCRIPTS)),
    )
