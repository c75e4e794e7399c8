"""The edit a reviewer is typing: kept in the session until it is saved or thrown away, whatever closes its dialog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from autodata.errors import BadInput
from autodata.model import Criterion, Task

TEXTS = ("question", "context", "reference_answer")
"""Fields of a task that are plain texts, in the order in which they are shown."""

_KEY = "review.drafts"


@dataclass(slots=True)
class Row:
    """One criterion as it is typed. `number` tells rows apart; `id` is the criterion's, "" for a new one."""

    number: int
    id: str
    text: str
    weight: float | None


@dataclass(slots=True)
class Draft:
    """What was typed so far. `edit_id` names the edit it became once it was saved."""

    texts: dict[str, str]
    rows: list[Row]
    note: str = ""
    edit_id: str = ""
    last: int = field(default=0)

    def add_row(self) -> None:
        """An empty criterion at the end."""
        self.last += 1
        self.rows.append(Row(self.last, "", "", 1.0))

    def drop_row(self, number: int) -> None:
        self.rows = [row for row in self.rows if row.number != number]


def start_draft(task: Task) -> Draft:
    """The task's own words, unchanged."""
    rows = [Row(at, c.id, c.criterion, c.weight) for at, c in enumerate(task.rubric, start=1)]
    return Draft({name: _unify(getattr(task, name)) for name in TEXTS}, rows, last=len(rows))


def get_draft(task: Task) -> Draft:
    """This session's draft of a task, begun anew where there is none."""
    drafts: dict[str, Draft] = st.session_state.setdefault(_KEY, {})
    if task.id not in drafts:
        drafts[task.id] = start_draft(task)
    return drafts[task.id]


def has_draft(task: Task) -> bool:
    """Whether something was typed and not saved."""
    draft: Draft | None = st.session_state.get(_KEY, {}).get(task.id)
    if draft is None or draft.edit_id:
        return False
    try:
        return bool(draft.note or read_changes(draft, task))
    except BadInput:
        return True


def drop_draft(task_id: str) -> None:
    """Forget what was typed."""
    st.session_state.get(_KEY, {}).pop(task_id, None)


def read_changes(draft: Draft, task: Task) -> dict[str, Any]:
    """The fields that differ from the task's, as `record_edit` takes them.

    Line ends as a browser writes them are no change. Raises BadInput for a criterion without a weight.
    """
    changes: dict[str, Any] = {
        name: draft.texts[name] for name in TEXTS if draft.texts[name] != _unify(getattr(task, name))
    }
    old = {c.id: c for c in task.rubric}
    taken = {row.id for row in draft.rows if row.id} | old.keys()
    rubric = []
    for row in draft.rows:
        if row.weight is None:
            raise BadInput(f"criterion {row.id or repr(row.text)} has no weight; give a number other than 0")
        before = old.get(row.id)
        if before and (_unify(before.criterion), before.weight) == (row.text, row.weight):
            rubric.append(before)
            continue
        rubric.append(Criterion(row.id or _find_id(taken), row.text, row.weight))
        taken.add(rubric[-1].id)
    if tuple(rubric) != task.rubric:
        changes["rubric"] = tuple(rubric)
    return changes


def _find_id(taken: set[str]) -> str:
    """The next free id in the manner of the others."""
    number = len(taken) + 1
    while f"c{number}" in taken:
        number += 1
    return f"c{number}"


def _unify(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
