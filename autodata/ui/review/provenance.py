"""The provenance drawer: every record behind a task, from its source to the dataset versions it is in, and back."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from autodata.index.queries.provenance import Provenance, Step, list_items, load_provenance
from autodata.index.raw import RawRecord, read_raw
from autodata.ui.piece import draw
from autodata.ui.review.diffs import is_hidden
from autodata.ui.review.view import show_task
from autodata.ui.reviewer import get_reviewer
from autodata.ui.state import Workbench
from autodata.ui.text import count_of, format_count, format_moment, shorten
from autodata.ui.tree import Tree, node

STAGE_WORDS = {
    "source": "Source",
    "round": "Rounds",
    "people": "Decisions, votes, comments and edits",
    "audit": "Audit",
    "dataset": "Dataset versions",
}
RAW_MAX = 20_000
"""Characters of a raw record that are shown; the rest stays in its journal."""

DETAIL_MAX = 110

_LOOK = "review.provenance"
"""What is open in the drawer: `task` it is about, `round`, `raw` (journal, seq), `version` (name, version)."""


def draw_provenance(bench: Workbench, task_id: str) -> None:
    """The drawer over the page."""
    _open_drawer(bench, task_id)


def open_provenance(task_id: str) -> None:
    """Have the drawer opened with the next drawing of the page."""
    st.session_state[_LOOK] = {"task": task_id}
    st.session_state["review.dialog"] = "provenance"


def build_chain(bench: Workbench, found: Provenance, opened: int, chosen: tuple[str, int] | None) -> Tree:
    """Acts: `raw:JOURNAL:SEQ`, `round:N`, `version:NAME/VERSION`."""
    parts: list[Tree] = []
    for stage, words in STAGE_WORDS.items():
        steps = [step for step in found.steps if step.stage == stage]
        rows: list[Tree] = []
        if stage == "round":
            for number, own in groupby(steps, key=lambda step: step.round):
                rows += _build_round(bench, found, number, list(own), opened, chosen)
        else:
            rows = [_build_step(bench, step, chosen) for step in steps]
        if stage == "dataset":
            rows += [_build_version(name, version) for name, version in found.versions]
        parts.append(node("div", "chainhead head", words, node("span", "note", _describe(stage, len(steps)))))
        parts += rows
    return node("div", "chain", *parts)


def build_items(items: tuple[tuple[str, str], ...], own: str = "") -> Tree:
    """Items of a dataset version; each leads back to the records behind it. Acts: `item:TASK`."""
    rows = [
        node(
            "div",
            {"class": "step item here" if task_id == own else "step item", "act": f"item:{task_id}"},
            node("span", "mono", task_id),
            node("span", {"class": "serif cut", "dir": "auto"}, shorten(question or "not in the index", DETAIL_MAX)),
        )
        for task_id, question in items
    ]
    return node("div", "chain", *rows)


def _build_round(
    bench: Workbench, found: Provenance, number: int, steps: list[Step], opened: int, chosen: tuple[str, int] | None
) -> list[Tree]:
    calls, is_open = found.counts.get(number, 0), number == opened
    about = "this task's round, " if number == found.own_round else ""
    outcome = next((step.detail for step in steps if step.title == "Outcome"), "under way")
    head = node(
        "div",
        {"class": "step fold", "act": f"round:{0 if is_open else number}", "aria-expanded": str(is_open).lower()},
        node("b", None, f"Round {number}"),
        node("span", "muted cut", f"{about}{count_of(calls, 'call')}, {shorten(outcome, 80)}"),
    )
    if not is_open:
        return [head]
    shown = sorted((*steps, *found.calls), key=lambda step: step.seq)
    more = calls - len(found.calls)
    left = [node("div", "muted small", f"{count_of(more, 'more call')} in the journal")] if more > 0 else []
    return [head, *(_build_step(bench, step, chosen) for step in shown), *left]


def _build_step(bench: Workbench, step: Step, chosen: tuple[str, int] | None) -> Tree:
    record = read_raw(bench.home, step.journal, step.seq)
    number = node("span", "mono muted num", f"{step.seq:,}")
    if record is None:
        lost = node("span", "alarm", "its journal no longer holds it")
        return node("div", "step", number, node("span", "mono muted", "–"), node("span", None, step.title), lost)
    sha = node("span", "mono muted" if record.whole else "mono alarm", record.sha[:8])
    here = (step.journal, step.seq) == chosen
    detail = node("span", {"class": "muted cut", "dir": "auto"}, shorten(step.detail, DETAIL_MAX))
    label = f"{step.title}, record {step.seq:,}: open the raw record"
    return node(
        "div",
        {"class": "step here" if here else "step", "act": f"raw:{step.seq}:{step.journal}", "aria-label": label,
         "title": format_moment(record.t)},
        number, sha, node("span", "cut", step.title), detail,
    )  # fmt: skip


def _build_version(name: str, version: str) -> Tree:
    words = f"Items of {name} {version}, each back to its records"
    return node("div", {"class": "step fold", "act": f"version:{name}/{version}"}, node("span", "accent", words))


def _describe(stage: str, count: int) -> str:
    if count:
        return count_of(count, "record")
    return {"people": "nobody decided yet", "audit": "no model was asked", "dataset": "not exported"}.get(stage, "none")


@st.dialog("Where this task comes from, and where it went", width="large",
           on_dismiss=lambda: _close())  # fmt: skip
def _open_drawer(bench: Workbench, task_id: str) -> None:
    if "review.dialog" not in st.session_state:
        st.rerun()  # a dialog is a fragment: what its button closed goes away with a run of the whole page
    look = st.session_state.setdefault(_LOOK, {"task": task_id})
    if look.get("task") != task_id:
        look = st.session_state[_LOOK] = {"task": task_id}
    reviewer = get_reviewer(bench.home)
    if "round" not in look:
        first = load_provenance(bench.index, task_id, reviewer)
        look["round"] = first.own_round if first else 0
    found = load_provenance(bench.index, task_id, reviewer, look["round"])
    if found is None:
        draw(node("div", "note", f"Task {task_id} is not in the index."), key="provenance.none")
        return
    left, right = st.columns([1.25, 1], gap="medium")
    with left.container(height=560, border=False, key="provenance.left"):
        if "version" in look:
            name, version = look["version"]
            st.button(
                "Back to the task", key="provenance.back", type="tertiary", on_click=_look_at, args=("version", None)
            )
            items = list_items(bench.index, name, version)
            note = f"the first {count_of(len(items), 'item')} by id; each leads back to its records"
            draw(node("div", "head", f"{name} {version}", node("span", "note", note)), key="provenance.version")
            tree = build_items(items, task_id)
        else:
            tree = build_chain(bench, found, look["round"], look.get("raw"))
        draw(tree, key="provenance.chain", on_click=_click)
    with right.container(height=560, border=False, key="provenance.right"):
        _draw_raw(bench, look.get("raw"))
    st.button("Close", key="provenance.close", type="tertiary", shortcut="Esc", on_click=_close)
    if wanted := look.pop("item", None):
        st.session_state[_LOOK] = {"task": wanted}
        show_task(wanted)
        st.session_state["review.dialog"] = "provenance"
        st.rerun()


def _close() -> None:
    st.session_state.pop("review.dialog", None)


def _draw_raw(bench: Workbench, chosen: tuple[str, int] | None) -> None:
    if chosen is None:
        words = "Choose a record to read it as it lies in its journal."
        draw(node("div", "note", words), key="provenance.hint")
        return
    record = read_raw(bench.home, *chosen)
    if record is None:
        draw(node("div", "alarm", "The journal no longer holds this record."), key="provenance.lost")
        return
    draw(build_raw_head(record), key="provenance.raw")
    st.code(record.sha, language=None, wrap_lines=True)
    st.code(cut_raw(record), language=None, wrap_lines=True)


def build_raw_head(record: RawRecord) -> Tree:
    """Which record it is, and whether its hash is that of its bytes."""
    told = "its hash is that of its bytes" if record.whole else "its hash is not that of its bytes: it was changed"
    return node(
        "div",
        "col",
        node("div", "head", f"Record {record.seq:,} of {record.journal}", node("span", "note", record.kind)),
        node("div", "small" if record.whole else "small alarm", f"{format_moment(record.t)}, {told}"),
        node("div", "small muted", "SHA-256, and under it the record as it was written:"),
    )


def cut_raw(record: RawRecord) -> str:
    """The record's text, at most RAW_MAX characters of it; what cannot be seen is spelled as JSON spells it."""
    shown = "".join(f"\\u{ord(sign):04x}" if is_hidden(sign) else sign for sign in record.line[:RAW_MAX])
    if len(record.line) <= RAW_MAX:
        return shown
    left = format_count(len(record.line) - RAW_MAX)
    return f"{shown}\n… {left} more characters in the journal, at record {record.seq:,}"


def _click(act: str) -> None:
    kind, _, rest = act.partition(":")
    if kind == "raw":
        seq, _, journal = rest.partition(":")
        _look_at("raw", (journal, int(seq)))
    elif kind == "round":
        _look_at("round", int(rest))
    elif kind == "version":
        name, _, version = rest.rpartition("/")
        _look_at("version", (name, version))
    elif kind == "item":
        _look_at("item", rest)


def _look_at(what: str, value: object) -> None:
    look = st.session_state.get(_LOOK)
    if look is None:
        return
    if value is None:
        look.pop(what, None)
    else:
        look[what] = value
