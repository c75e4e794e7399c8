"""The three questions of the audit in the strip, each with its mark: nothing that was not checked looks checked."""

from __future__ import annotations

from autodata.audit.sentence import INTEGRITY_WORDS
from autodata.index.queries.task import TaskDetail
from autodata.ui.marks import draw_severity
from autodata.ui.review.audit_view import AuditView
from autodata.ui.tree import Tree, node

State = tuple[str, str, str]
"""Mark, tone and words."""

INTEGRITY: dict[str, State] = {
    "clean": ("clear", "accent", "clean"),
    "violated": ("violation", "alarm", "violated"),
    "asymmetric_declared": ("clear", "accent", "as declared"),
    "incomplete": ("unchecked", "muted", "incomplete"),
}
DIFFICULTY: dict[str, State] = {
    "real": ("clear", "accent", "real"),
    "not_real": ("failed", "alarm", "not real"),
    "undecided": ("undecided", "muted", "undecided"),
    "unchecked": ("unchecked", "muted", "not certified"),
}
VALIDITY: dict[str, State] = {
    "ok": ("clear", "accent", "ok"),
    "doubtful": ("flag", "alarm", "doubtful"),
    "unchecked": ("unchecked", "muted", "not checked"),
}
HIDDEN: State = ("unchecked", "muted", "hidden")
PARITY: dict[str, State] = {
    "differs": ("violation", "alarm", "requests differ"),
    "not recorded": ("unchecked", "muted", "not recorded"),
}
"""What the recorded requests alone say of integrity, before the audit has been here."""

_DIFFICULTY_TITLES = {
    "real": "P(gap ≥ bar) is at least 0.80 on fresh answers",
    "not_real": "P(gap ≥ bar) is at most 0.20 on fresh answers",
    "undecided": "fresh answers do not settle it yet",
    "unchecked": "no fresh answers were asked for",
}
_VALIDITY_TITLES = {
    "ok": "judge, rubric, task text and reference were checked",
    "doubtful": "a check of the judge, rubric, task text or budget raised a flag",
    "unchecked": "judge, rubric, task text and reference were not tested on fresh answers",
}


def build_axes(detail: TaskDetail, view: AuditView) -> Tree:
    """Integrity, difficulty and validity."""
    cells: list[Tree] = []
    for name, (mark, tone, words), title in _list_axes(detail, view):
        weight = " strong-text" if tone == "alarm" else ""
        cells.append(node("span", "muted", name))
        shown = draw_severity(mark, 12)
        cells.append(node("span", {"class": f"row tight {tone}{weight}", "title": title}, shown, words))
    return node("div", "axes", *cells)


def is_broken(detail: TaskDetail, view: AuditView) -> bool:
    """Whether the strip carries the alarm's rule: something is violated, or the gap is not real."""
    if view.audit is None:
        return not view.blind and detail.parity == "differs"
    return view.violated or view.audit.difficulty == "not_real"


def _list_axes(detail: TaskDetail, view: AuditView) -> list[tuple[str, State, str]]:
    audit = view.audit
    if view.blind:
        title = "shown once you have decided"
        return [(name, HIDDEN, title) for name in ("Integrity", "Difficulty", "Validity")]
    if audit is None:
        waiting = "audit under way" if view.pending else "not audited"
        integrity = PARITY.get(detail.parity, ("unchecked", "muted", waiting))
        if detail.incomplete:
            integrity = INTEGRITY["incomplete"]
        return [
            ("Integrity", integrity, detail.incomplete or "recorded requests, before the audit"),
            ("Difficulty", DIFFICULTY["unchecked"], _DIFFICULTY_TITLES["unchecked"]),
            ("Validity", VALIDITY["unchecked"], _VALIDITY_TITLES["unchecked"]),
        ]
    integrity = INTEGRITY.get(audit.integrity, INTEGRITY["incomplete"])
    return [
        ("Integrity", integrity, INTEGRITY_WORDS.get(audit.integrity, "")),
        ("Difficulty", DIFFICULTY.get(audit.difficulty, DIFFICULTY["unchecked"]), _tell_difficulty(audit.difficulty)),
        ("Validity", VALIDITY.get(audit.validity, VALIDITY["unchecked"]), _VALIDITY_TITLES.get(audit.validity, "")),
    ]


def _tell_difficulty(word: str) -> str:
    return _DIFFICULTY_TITLES.get(word, "")
