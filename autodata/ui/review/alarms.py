"""The alarm strip: one chip for every stored finding, gravest first, what was not checked, and how much is clear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autodata.audit.catalogue import DETECTORS
from autodata.index.queries.finding_names import name_finding
from autodata.index.queries.findings import AuditDetail, FindingDetail
from autodata.index.queries.task import TaskDetail
from autodata.ui.marks import draw_chip, draw_severity
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.diffs import count_hidden
from autodata.ui.text import count_of
from autodata.ui.tree import Tree, node

VIOLATIONS = frozenset({"request_differs"})
"""Plain facts of the record that bytes prove; all others are statistics that say look."""

CHECKS = 9
"""Facts of the record the index looks at for every task: the ones behind a `RiskReason`."""

ROOM, LETTER, AROUND = 1150, 6.4, 44
"""Pixels of the strip on a small screen, of a letter, and of a chip around its words."""

_WHICH = re.compile(r"\b(?:weak|strong)\b|\d+")
"""What tells apart findings that say the same of several answers."""

_UNDONE = {"not_recorded": "not recorded", "not_run": "not checked", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One chip: its kind, a few words, and the whole sentence for hover, click and Enter. `name` tells it apart."""

    name: str
    kind: str
    words: str
    sentence: str


def build_alarms(detail: TaskDetail, view: AuditView, opened: str) -> Tree:
    """The strip; `opened` names the chip whose sentence stands under it."""
    alarms = list_alarms(detail, view)
    graves = [alarm for alarm in alarms if alarm.kind in ("violation", "flag")]
    cut = sum(LETTER * len(alarm.words) + AROUND for alarm in alarms) > ROOM
    count = draw_chip(count_of(len(graves), "alarm"), "clear count") if cut and len(graves) > 1 else None
    chips = [_draw(alarm, alarm.name == opened) for alarm in alarms]
    shown = next((alarm for alarm in alarms if alarm.name == opened), None)
    below = None
    if shown is not None:
        mark = draw_severity(shown.kind, 13) if shown.kind in ("violation", "flag", "unchecked") else None
        tone = "alarm" if shown.kind in ("violation", "flag") else "muted"
        words = node("span", {"dir": "auto"}, shown.sentence)
        below = node("div", {"class": "opened", "role": "status"}, node("span", tone, mark), words)
    return node("div", "chiprow", node("div", "chips", count, *chips, _draw_clear(detail, view)), below)


def list_alarms(detail: TaskDetail, view: AuditView) -> list[Alarm]:
    """Every chip but the last, gravest first: violations, flags, what was not checked, notes."""
    if view.blind:
        words = "Blind: what the audit found is shown once you have decided"
        return [Alarm("blind", "unchecked", words, "This task was drawn by chance to be decided without the audit.")]
    if view.audit is not None:
        found = _list_findings(view.audit)
        graves = [alarm for alarm in found if alarm.kind != "note"]
        return [*graves, *_list_undone(view.audit), *[alarm for alarm in found if alarm.kind == "note"]]
    return _list_facts(detail, view)


def begin_sentence(text: str) -> str:
    """A finding's words as a sentence of their own."""
    return text[:1].upper() + text[1:]


def _list_findings(audit: AuditDetail) -> list[Alarm]:
    """One chip for each; those that say the same of several answers share one and say how many they are."""
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for finding in audit.findings:
        words = name_finding(finding.detector, finding.sentence)
        alike = _WHICH.sub("", words.casefold())
        groups.setdefault((finding.severity, finding.detector, alike), []).append((words, _tell_finding(finding)))
    return [
        Alarm(f"found.{at}", severity, _count_alike([words for words, _ in told]), " ".join(text for _, text in told))
        for at, ((severity, _, _), told) in enumerate(groups.items())
    ]


def _count_alike(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{words[0]} ×{len(words)}" if len(set(words)) == 1 else f"{words[0]} and {len(words) - 1} more"


def _tell_finding(finding: FindingDetail) -> str:
    subject = DETECTORS[finding.detector].subject if finding.detector in DETECTORS else "audit"
    return f"{begin_sentence(finding.sentence).rstrip('.')}. ({finding.detector}, {subject})"


def _list_undone(audit: AuditDetail) -> list[Alarm]:
    """The certified gap and rubric independence by name, everything else together."""
    alarms = []
    if audit.certified is None:
        alarms.append(Alarm("K1", "unchecked", "Gap not certified", "No fresh answers were asked for to measure it."))
    groups: dict[str, list[str]] = {"failed": [], "not_recorded": [], "not_run": []}
    for name in DETECTORS:
        state = audit.coverage.get(name, "not_run")
        if state in groups and name != "K1" and DETECTORS[name].axis != "run":
            groups[state].append(name)
    for state, names in groups.items():
        if names:
            alarms.append(_gather(audit, state, names))
    return alarms


def _gather(audit: AuditDetail, state: str, names: Sequence[str]) -> Alarm:
    word = _UNDONE[state]
    if len(names) == 1:
        words = begin_sentence(f"{DETECTORS[names[0]].subject} {word}")
    else:
        words = f"{count_of(len(names), 'check')} {word.removeprefix('not checked') or 'not run'}"
    told = []
    for name in names:
        missing = ", ".join(audit.lacking.get(name, ()))
        told.append(f"{DETECTORS[name].subject} ({missing})" if missing else DETECTORS[name].subject)
    return Alarm(state, "unchecked", words, f"{begin_sentence(word)}: {', '.join(told)}.")


def _list_facts(detail: TaskDetail, view: AuditView) -> list[Alarm]:
    """Before the audit has been here: plain facts of the record that make a task worth a look."""
    alarms = []
    for reason in detail.reasons:
        kind = "violation" if reason.kind in VIOLATIONS else "flag"
        kind = "unchecked" if reason.kind == "request_unknown" else kind
        sentence = f"{begin_sentence(reason.sentence)}. Adds {reason.points:g} to the risk."
        alarms.append(Alarm(reason.kind, kind, begin_sentence(reason.sentence), sentence))
    hidden = sum(count_hidden(text) for text in (detail.task.question, detail.task.context))
    if hidden:
        words = f"{count_of(hidden, 'invisible character')} in the task"
        alarms.append(Alarm("hidden", "flag", words, f"{words}: question or context."))
    state = "Audit under way" if view.pending else "Not audited"
    why = "The audit of this run has not come to this task yet." if view.pending else "Only accepted tasks are audited."
    alarms.append(Alarm("pending", "unchecked", state, f"{why} These are plain facts of its record."))
    if detail.unchecked:
        words = f"{count_of(len(detail.unchecked), 'fact')} not recorded"
        alarms.append(Alarm("facts", "unchecked", words, "Not in the imported file: neither clear nor alarming."))
    return alarms


def _draw(alarm: Alarm, opened: bool) -> Tree:
    mark = draw_severity(alarm.kind, 12) if alarm.kind != "note" else None
    look = {"class": f"chip {alarm.kind}", "title": alarm.sentence, "aria-expanded": str(opened).lower()}
    return node("span", {**look, "act": f"chip:{alarm.name}"}, mark, alarm.words)


def _draw_clear(detail: TaskDetail, view: AuditView) -> Tree | None:
    if view.blind:
        return None
    if view.audit is not None:
        clear, title = view.audit.clear, "ran to the end and found nothing"
    else:
        clear = CHECKS - len(detail.reasons) - len(detail.unchecked)
        title = "facts of the record, not an audit"
    return draw_chip(f"{count_of(clear, 'other check')} clear", "clear", title=title) if clear > 0 else None
