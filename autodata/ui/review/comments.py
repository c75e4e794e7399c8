"""What people say about a task: threads with answers, settled or open. Everything said is drawn as text."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.comments import Said, count_commented, load_comments
from autodata.index.queries.task import TaskDetail
from autodata.review.comments import add_comment, settle_thread
from autodata.threads import Comment, count_open, list_threads
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.reviewer import get_reviewer, refuse
from autodata.ui.state import Workbench
from autodata.ui.text import count_of, format_age
from autodata.ui.tree import Tree, node

ANSWERING = "review.answering"
"""The comment that the next one answers, by task: (task, comment)."""

DRAFTS = "review.said"
"""What was typed and not said, by task."""

ERROR = "review.comment.error"


def build_comments(said: Said, now: float | None = None) -> Tree:
    """The threads for their tab, open ones first. Acts: `comment`, `answer:ID`, `settle:ID`."""
    note = describe_hidden(said)
    words = node("p", "muted", note) if note else None
    threads = [_build_thread(thread, now) for thread in list_threads(said.comments)]
    act = _draw_act("comment", "Say something else" if threads else "Say something", "C")
    return node("div", "threads", *threads, words, act)


def describe_hidden(said: Said) -> str:
    """What is to be said besides the comments that are shown."""
    if said.hidden:
        verb = "is" if said.hidden == 1 else "are"
        return f"{count_of(said.hidden, 'comment')} by others {verb} shown once you have voted."
    return "" if said.comments else "Nobody has said anything about this task."


def label_comments(comments: Sequence[Comment]) -> str:
    """The tab's name with how many threads are open."""
    count = count_open(comments)
    return f"Comments {count}" if count else "Comments"


def answer(task_id: str, comment_id: str) -> None:
    """Open the dialog to answer a comment."""
    st.session_state[ANSWERING] = (task_id, comment_id)
    st.session_state["review.dialog"] = "comments"


def settle(bench: Workbench, task_id: str, comment_id: str) -> None:
    """Mark a thread as needing no more work."""
    try:
        settle_thread(bench.home, comment_id, task_id, get_reviewer(bench.home))
    except AutodataError as error:
        st.session_state[ERROR] = str(error)
        st.session_state["review.dialog"] = "comments"
        return
    ingest_reviews_now(bench.index, bench.home)


def say(bench: Workbench, detail: TaskDetail) -> None:
    """Record what was typed. An error is shown in the dialog, and nothing typed is lost."""
    task_id = detail.task.id
    words = str(st.session_state.get(f"comment.text.{task_id}") or "")
    try:
        add_comment(bench.home, task_id, detail.run_id, words, get_reviewer(bench.home), _find_answered(task_id))
    except AutodataError as error:
        st.session_state[ERROR] = str(error)
        return
    _get_drafts().pop(task_id, None)
    st.session_state.pop(f"comment.text.{task_id}", None)
    st.session_state.pop(ANSWERING, None)
    ingest_reviews_now(bench.index, bench.home)


def draw_comments(bench: Workbench, detail: TaskDetail) -> None:
    """The threads and a field to say something, in a dialog."""
    _open_comments(bench, detail)


def _close(task_id: str) -> None:
    """Close the dialog; what was typed and not said is there the next time."""
    if typed := st.session_state.get(f"comment.text.{task_id}"):
        _get_drafts()[task_id] = str(typed)
    st.session_state.pop("review.dialog", None)
    st.session_state.pop(ANSWERING, None)


@st.dialog("Comments", width="medium", dismissible=False)
def _open_comments(bench: Workbench, detail: TaskDetail) -> None:
    if "review.dialog" not in st.session_state:
        st.rerun()  # a dialog is a fragment: what its buttons closed goes away with a run of the whole page
    task_id = detail.task.id
    said = load_comments(bench.index, task_id, get_reviewer(bench.home))
    comments = said.comments
    for thread in list_threads(comments):
        draw(_build_thread(thread, acts=False), key=f"comment.thread.{thread[0].comment_id}")
        with st.container(horizontal=True, gap="small", key=f"comment.acts.{thread[0].comment_id}"):
            first = thread[0].comment_id
            st.button("Answer", key=f"comment.answer.{first}", type="tertiary", on_click=answer, args=(task_id, first))
            if not thread[0].settled_by:
                st.button("Settle", key=f"comment.settle.{first}", type="tertiary", icon=":material/check:",
                          on_click=settle, args=(bench, task_id, first))  # fmt: skip
    if note := describe_hidden(said):
        draw(node("div", "note", note), key="comment.none")
    refusal = refuse(bench.home, "comment") if get_reviewer(bench.home) else "Say who you are first."
    if refusal:
        draw(build_sentences([refusal], "unchecked"), key="comment.refused")
    else:
        _draw_field(bench, detail, comments)
    if error := st.session_state.pop(ERROR, ""):
        draw(build_sentences([f"Not recorded: {error}."], "flag"), key="comment.error")
    waiting = count_commented(bench.index)
    with st.container(horizontal=True, gap="small", key="comment.foot"):
        st.button("Close", key="comment.close", type="tertiary", on_click=_close, args=(task_id,))
        words = f"Go through {count_of(waiting, 'task')} with open comments"
        go = bool(waiting) and st.button(words, key="comment.queue", type="tertiary")
    if go:
        _close(task_id)
        st.query_params.from_dict({"comments": "open", "decision": "all", "scope": "all"})
        st.rerun()


def _draw_field(bench: Workbench, detail: TaskDetail, comments: Sequence[Comment]) -> None:
    task_id, drafts = detail.task.id, _get_drafts()
    answered = next((c for c in comments if c.comment_id == _find_answered(task_id)), None)
    label = f"Answer to {answered.author}" if answered else "Comment"
    key = f"comment.text.{task_id}"
    if key not in st.session_state:
        st.session_state[key] = drafts.get(task_id, "")
    drafts[task_id] = st.text_area(label, key=key, height=90, max_chars=10_000) or ""
    with st.container(horizontal=True, gap="small", key="comment.bar"):
        st.button("Answer" if answered else "Comment", key="comment.say", on_click=say, args=(bench, detail))
        if answered:
            st.button("A comment of its own", key="comment.fresh", type="tertiary", on_click=_answer_nothing)


def _build_thread(thread: Sequence[Comment], now: float | None = None, *, acts: bool = True) -> Tree:
    first = thread[0]
    lines = [_build_comment(comment, now) for comment in thread]
    foot: Tree | None = None
    if first.settled_by:
        foot = node("div", "muted small", f"Settled by {first.settled_by}")
    elif acts:
        act_answer = _draw_act(f"answer:{first.comment_id}", "Answer")
        foot = node("div", "row wide", act_answer, _draw_act(f"settle:{first.comment_id}", "Settle"))
    return node("div", "thread settled" if first.settled_by else "thread", *lines, foot)


def _build_comment(comment: Comment, now: float | None = None) -> Tree:
    head = node("div", "small", node("b", None, comment.author), f"  {format_age(comment.t, now)}")
    words = node("div", {"class": "pre said", "dir": "auto"}, comment.text)
    return node("div", "comment answer-to" if comment.answers else "comment", head, words)


def _draw_act(act: str, words: str, key: str = "") -> Tree:
    return node("span", {"class": "link small", "act": act}, words, node("span", "key", key) if key else None)


def _find_answered(task_id: str) -> str:
    owner, comment = st.session_state.get(ANSWERING, ("", ""))
    return str(comment) if owner == task_id else ""


def _answer_nothing() -> None:
    st.session_state.pop(ANSWERING, None)


def _get_drafts() -> dict[str, str]:
    drafts: dict[str, str] = st.session_state.setdefault(DRAFTS, {})
    return drafts
