"""Fix and approve: the editor of a task. What is saved becomes a version of its own, which has no scores yet."""

from __future__ import annotations

import streamlit as st

from autodata.errors import AutodataError
from autodata.index.ingest import ingest_reviews_now
from autodata.index.queries.task import TaskDetail, load_task
from autodata.model import Task
from autodata.review.edits import record_edit
from autodata.ui.parts import build_sentences
from autodata.ui.piece import draw
from autodata.ui.review.changes import FIELD_WORDS, build_changes, list_changes, name_changed
from autodata.ui.review.draft import TEXTS, Draft, Row, drop_draft, get_draft, has_draft, read_changes
from autodata.ui.review.versions import COMPARED, explain_no_trial, find_versions, try_edit
from autodata.ui.reviewer import get_reviewer, refuse
from autodata.ui.state import Workbench
from autodata.ui.tree import node

HEIGHTS = {"question": 110, "context": 170, "reference_answer": 110}
"""Pixels of each text's field."""

ERROR = "review.fix.error"


def draw_editor(bench: Workbench, detail: TaskDetail) -> None:
    """The editor in a dialog that nothing but its own buttons closes, Esc neither: it would take what a field holds
    before the field was left. What is typed outlives the dialog."""
    _open_editor(bench, detail)


def draw_comparison(bench: Workbench, detail: TaskDetail) -> None:
    """What one version says otherwise than the version it was made of."""
    _open_comparison(bench, detail)


def save(bench: Workbench, detail: TaskDetail) -> None:
    """Record the draft as an edit. An error is shown in the dialog, and nothing typed is lost."""
    task, draft = detail.task, get_draft(detail.task)
    _read_fields(draft, task.id)
    try:
        edit = record_edit(
            bench.home, task, detail.run_id, read_changes(draft, task), get_reviewer(bench.home), draft.note
        )
    except AutodataError as error:
        st.session_state[ERROR] = str(error)
        return
    draft.edit_id = edit.edit_id
    ingest_reviews_now(bench.index, bench.home)


def close(task: Task) -> None:
    """Close the dialog. A draft that was not saved stays; one that was is done with."""
    _read_fields(get_draft(task), task.id)
    if not has_draft(task):
        drop_draft(task.id)
    st.session_state.pop("review.dialog", None)


@st.dialog("Fix this task", width="large", dismissible=False)
def _open_editor(bench: Workbench, detail: TaskDetail) -> None:
    _rerun_when_closed()
    task = detail.task
    refusal = refuse(bench.home, "edit") if get_reviewer(bench.home) else "Say who you are first: edits carry a name."
    if refusal:
        draw(build_sentences([refusal], "flag"), key="fix.refused")
        st.button("Close", key="fix.close", shortcut="Esc", on_click=close, args=(task,))
        return
    draft = get_draft(task)
    if draft.edit_id:
        _draw_saved(bench, detail, draft)
    else:
        _draw_fields(bench, detail, draft)


def _draw_fields(bench: Workbench, detail: TaskDetail, draft: Draft) -> None:
    task = detail.task
    words = "The original stays as it is. What you save stands beside it and has no scores until it is tried."
    draw(node("div", "note", words), key="fix.words")
    left, right = st.columns([1.15, 1], gap="medium")
    # Fields lose their height in a box of fixed height, but not in one inside it.
    with left.container(height=540, border=False, key="fix.box"), st.container(gap="xsmall", key="fix.fields"):
        for name in TEXTS:
            _keep(f"fix.{name}.{task.id}", draft.texts[name])
            draft.texts[name] = st.text_area(FIELD_WORDS[name], key=f"fix.{name}.{task.id}", height=HEIGHTS[name]) or ""
        if task.rubric:
            _draw_rubric(draft, task.id)
        _keep(f"fix.note.{task.id}", draft.note)
        draft.note = st.text_input("Note: why it was changed", key=f"fix.note.{task.id}", max_chars=2000) or ""
    with right.container(gap="small", height=540, border=False, key="fix.diff"):
        _draw_diff(draft, task)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fix.bar"):
        number = len(find_versions(bench, task.id)) + 1
        st.button(f"Save as version {number}", key="fix.save", on_click=save, args=(bench, detail))
        st.button("Close, keep what I typed", key="fix.close", type="tertiary", on_click=close,
                  args=(task,))  # fmt: skip
        st.button("Start over", key="fix.discard", type="tertiary", on_click=_start_over, args=(task,))
    if error := st.session_state.pop(ERROR, ""):
        draw(build_sentences([f"Not saved: {error}."], "flag"), key="fix.error")


def _draw_rubric(draft: Draft, task_id: str) -> None:
    """A row for each criterion: its words, its weight, and a way to take it out."""
    draw(node("div", "head", "Rubric", node("span", "note", "negative weights are faults")), key="fix.rubrichead")
    for row in draft.rows:
        text, weight, gone = f"fix.text.{task_id}.{row.number}", f"fix.weight.{task_id}.{row.number}", row.number
        _keep(text, row.text)
        _keep(weight, row.weight)
        name = row.id or "new criterion"
        with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"fix.row.{task_id}.{gone}"):
            _draw_row(row, name, text, weight)
            st.button("", key=f"fix.drop.{task_id}.{gone}", type="tertiary", icon=":material/close:",
                      help=f"Take out {name}", on_click=_drop_row, args=(draft, task_id, gone))  # fmt: skip
    st.button("Add a criterion", key="fix.add", type="tertiary", icon=":material/add:", on_click=_add_row,
              args=(draft, task_id))  # fmt: skip


def _draw_row(row: Row, name: str, text: str, weight: str) -> None:
    row.text = st.text_area(f"Criterion {name}", key=text, height=68, label_visibility="collapsed") or ""
    row.weight = st.number_input(
        f"Weight of {name}", key=weight, step=1.0, format="%g", width=112, label_visibility="collapsed"
    )


def _draw_diff(draft: Draft, task: Task) -> None:
    try:
        changes = read_changes(draft, task)
    except AutodataError as error:
        draw(build_sentences([f"{error}."], "flag"), key="fix.unreadable")
        return
    named = name_changed(tuple(changes))
    draw(node("div", "head", "What changes", node("span", "note", named or "nothing yet")), key="fix.diffhead")
    draw(build_changes(task, changes), key="fix.changes")


def _draw_saved(bench: Workbench, detail: TaskDetail, draft: Draft) -> None:
    """After saving: the version is kept; trying it is one more click."""
    version = next((v for v in find_versions(bench, detail.task.id) if v.edit_id == draft.edit_id), None)
    number = version.number if version else 2
    draw(
        node("div", "col", node("div", "head", f"Version {number} is kept beside the original."),
             node("div", "note", "It has no scores until weak, strong and judge were asked about the new words.")),
        key="fix.saved",
    )  # fmt: skip
    draw(build_changes(detail.task, read_changes(draft, detail.task)), key="fix.changes")
    missing = explain_no_trial(detail)
    if missing:
        draw(build_sentences([missing], "unchecked"), key="fix.missing")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fix.bar"):
        if not missing:
            st.button("Try it", key="fix.try", icon=":material/play_arrow:", on_click=_try, args=(bench, detail.task))
        st.button("Close", key="fix.close", type="tertiary", shortcut="Esc", on_click=close, args=(detail.task,))
    if error := st.session_state.pop(ERROR, ""):
        draw(build_sentences([error], "flag"), key="fix.error")


@st.dialog("What changed", width="large", on_dismiss=lambda: st.session_state.pop("review.dialog", None))
def _open_comparison(bench: Workbench, detail: TaskDetail) -> None:
    versions = find_versions(bench, detail.task.id)
    version = next((v for v in versions if v.edit_id == st.session_state.get(COMPARED)), None)
    parent = _find_text(bench, version.parent_id) if version else None
    if version is None or version.task is None or parent is None:
        draw(node("div", "note", "This version is no longer in the index."), key="changed.none")
        return
    number = next((v.number for v in versions if v.task_id == version.parent_id), 1)
    head = f"Version {version.number} against version {number}, {version.parent_id}, by {version.reviewer}"
    draw(node("div", "head", head, node("span", "note", version.note) if version.note else None), key="changed.head")
    draw(build_changes(parent, list_changes(parent, version.task)), key="changed.body")


def _find_text(bench: Workbench, task_id: str) -> Task | None:
    found = load_task(bench.index, task_id)
    return found.task if found else None


def _try(bench: Workbench, task: Task) -> None:
    message, alarm = try_edit(bench, get_draft(task).edit_id)
    if alarm:
        st.session_state[ERROR] = message
        return
    st.session_state["review.message"] = (message, False)
    close(task)


def _add_row(draft: Draft, task_id: str) -> None:
    _read_fields(draft, task_id)
    draft.add_row()


def _drop_row(draft: Draft, task_id: str, number: int) -> None:
    _read_fields(draft, task_id)
    draft.drop_row(number)


def _read_fields(draft: Draft, task_id: str) -> None:
    """What the fields hold now. A field is left by the click on a button, so the button's act comes before the page
    has read it."""
    state = st.session_state
    for name in TEXTS:
        draft.texts[name] = state.get(f"fix.{name}.{task_id}", draft.texts[name]) or ""
    for row in draft.rows:
        row.text = state.get(f"fix.text.{task_id}.{row.number}", row.text) or ""
        row.weight = state.get(f"fix.weight.{task_id}.{row.number}", row.weight)
    draft.note = state.get(f"fix.note.{task_id}", draft.note) or ""


def _start_over(task: Task) -> None:
    drop_draft(task.id)
    for key in [key for key in st.session_state if str(key).startswith("fix.")]:
        del st.session_state[key]


def _keep(key: str, value: object) -> None:
    """What a field shows when it is drawn for the first time since the dialog was opened."""
    if key not in st.session_state:
        st.session_state[key] = value


def _rerun_when_closed() -> None:
    """A dialog is a fragment: what its buttons closed goes away with a run of the whole page."""
    if "review.dialog" not in st.session_state:
        st.rerun()
