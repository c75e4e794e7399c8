"""The audit of one task as a tree, for its tab beside the answers: the verdict in words, then everything behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.audit.labelled import LABEL_WORDS
from autodata.index.queries.findings import AuditDetail, LabelDetail
from autodata.model import SOLVERS
from autodata.ui.marks import draw_chip, draw_severity, draw_solver
from autodata.ui.parts import build_head
from autodata.ui.review.alarms import begin_sentence
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.fresh import ARM_NOTES, average, list_arms, list_side, name_arm
from autodata.ui.review.labelling import LABEL_NAMES
from autodata.ui.text import ABSENT, format_gap, format_score
from autodata.ui.tree import Tree, node

STATES = {
    "done": ("clear", "clear"),
    "failed": ("unchecked", "failed"),
    "not_recorded": ("unchecked", "not recorded"),
    "not_run": ("unchecked", "not checked"),
}
"""Coverage → mark and words, of a detector without a finding."""
NUMBERS_SHOWN = 4

_LINE = "display:grid;grid-template-columns:16px 1fr;gap:6px;align-items:start;padding:2px 0"


def build_audit_tab(view: AuditView) -> Tree:
    """Clicks report `label:…` and `arm:…`. All texts may quote a task: they are text."""
    audit = view.audit
    if audit is None:
        return node("div", "audit", node("p", "muted", _tell_absent(view)))
    told = node("div", {"class": "told", "dir": "auto"}, audit.sentence or "The audit left no sentence.")
    sections = [
        _build_findings(audit),
        _section("In words", told),
        _build_labels(audit.labels),
        _build_parts(audit.numbers("K3")),
        _build_arms(audit),
        _build_checks(audit),
    ]
    return node("div", "audit", *sections)


def _tell_absent(view: AuditView) -> str:
    if view.blind:
        return (
            "This task was drawn by chance and is decided blind: what the audit found is shown once you have decided. "
            "Nothing in the record proves a violation."
        )
    if view.pending:
        return "The audit of this run is under way and has not come to this task. Nothing here has been checked yet."
    return "This task was not audited: only accepted tasks are. Nothing here has been checked."


def _build_labels(labels: Sequence[LabelDetail]) -> Tree:
    """What it was, in a reviewer's word. Only here may a task be called sabotaged."""
    given = {label.label: label for label in labels}
    words_of = {str(name): words for name, words in LABEL_WORDS.items()}
    chips = [
        draw_chip(
            words, "chosen" if name in given else "neutral", act=f"label:{name}",
            title=words_of[name] + (f"; called so by {given[name].reviewer}" if name in given else ""),
        )
        for name, words in LABEL_NAMES.items()
    ]  # fmt: skip
    return _section("What was it?", node("div", {"class": "row wrap", "style": "gap:6px"}, *chips), "your label, key L")


def _build_findings(audit: AuditDetail) -> Tree | None:
    lines = [
        node(
            "div",
            {"style": _LINE},
            node("span", {"class": _tone(finding.severity), "style": "padding-top:3px"}, _mark(finding.severity)),
            node(
                "div",
                {"dir": "auto"},
                f"{begin_sentence(finding.sentence).rstrip('.')}.",
                node("span", "muted small", f"  {finding.detector}, {'fresh answers' if finding.fresh else 'record'}"),
            ),
        )
        for finding in audit.findings
    ]
    if not lines:
        return None
    return _section("Found", node("div", None, *lines), "violations, flags, notes")


def _build_parts(numbers: Mapping[str, Any]) -> Tree | None:
    """K3: what the requests and what the solvers make of the gap. The two add up to it, also as printed."""
    parts = [numbers.get(name) for name in ("solver_part", "prompt_part")]
    if not all(isinstance(part, int | float) for part in parts):
        return None
    solver, prompt = (float(part) for part in parts if part is not None)
    widest = max(abs(solver), abs(prompt), abs(solver + prompt)) or 1.0
    rows = [("Solvers", solver, "ink"), ("Requests", prompt, "alarm" if prompt > solver / 2 else "muted")]
    lines = [
        node(
            "div",
            "part",
            node("span", None, name),
            node("span", "track", node("i", {"style": _reach(value / widest, tone)})),
            node("span", "num", format_gap(value, 3)),
        )
        for name, value, tone in rows
    ]
    total = format_gap(solver + prompt, 3)
    lines.append(node("div", "part strong-text", node("span", None, "Gap"), node("span"), node("span", "num", total)))
    return _section("Prompt and solver parts", node("div", None, *lines), "fresh answers under the recorded requests")


def _reach(share: float, tone: str) -> str:
    low, width = (50.0, 50 * share) if share >= 0 else (50 + 50 * share, -50 * share)
    return f"left:{low:.1f}%;width:{width:.1f}%;background:var(--ad-{tone})"


def _build_arms(audit: AuditDetail) -> Tree | None:
    """Fresh answers by arm, means and single scores; a click puts an arm's answers into the picker."""
    rows: list[Tree] = []
    for arm in list_arms(audit):
        cells = []
        for solver in SOLVERS:
            answers = list_side(audit, arm, solver)
            scores = " ".join(format_score(a.score.value if a.score else None) for a in answers)
            mean = node("b", None, format_score(average(answers)) if answers else ABSENT)
            cells.append(node("td", {"title": scores}, mean, node("div", "tiny muted", scores)))
        note = ARM_NOTES.get(arm.partition("@")[0], "")
        name = node("td", None, node("span", "link", name_arm(arm)), node("div", "tiny muted", note))
        rows.append(node("tr", {"act": f"arm:{arm}", "aria-label": f"Show the {name_arm(arm)} answers"}, name, *cells))
    if not rows:
        return None
    heads = [node("th", None, "Asked with")]
    heads += [node("th", None, node("span", "row", draw_solver(s), s.capitalize())) for s in SOLVERS]
    table = node("table", {"style": "table-layout:fixed"}, node("thead", None, node("tr", None, *heads)),
                 node("tbody", None, *rows))  # fmt: skip
    return _section("Fresh answers by arm", table, "mean score, then each; a click shows them")


def _build_checks(audit: AuditDetail) -> Tree:
    found = {finding.detector: finding.severity for finding in reversed(audit.findings)}
    order = {"violation": 0, "flag": 1, "note": 2, "clear": 3, "failed": 4, "not recorded": 5, "not checked": 6}
    rows = []
    for name, detector in DETECTORS.items():
        if detector.axis == "run":
            continue
        mark, words = STATES[audit.coverage.get(name, "not_run")]
        if name in found:
            mark = words = found[name]
        rows.append((order[words], name, detector.subject, mark, words, _tell_numbers(audit, name)))
    rows.sort(key=lambda row: row[0])
    lines = [
        node(
            "tr",
            None,
            node("td", "muted", name),
            node("td", None, begin_sentence(subject), node("div", "tiny muted", numbers) if numbers else None),
            node("td", None, node("span", f"row tight {_tone(mark)}", _mark(mark), node("span", "ink", words))),
        )
        for _, name, subject, mark, words, numbers in rows
    ]
    heads = [
        node("th", {"style": f"width:{width}"}, words)
        for words, width in (("", "34px"), ("Check", "auto"), ("State", "112px"))
    ]
    table = node("table", {"style": "table-layout:fixed"}, node("thead", None, node("tr", None, *heads)),
                 node("tbody", None, *lines))  # fmt: skip
    ran = sum(audit.coverage.get(name) == "done" for _, name, *_ in rows)
    return _section("Every check", table, f"{ran} of {len(rows)} ran")


def _tell_numbers(audit: AuditDetail, detector: str) -> str:
    """The first numbers of a check, what the record misses, or the size of its evidence."""
    numbers = [
        f"{name.replace('_', ' ')} {_write(value)}"
        for name, value in audit.numbers(detector).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    missing = ", ".join(audit.lacking.get(detector, ()))
    if missing:
        return f"misses {missing}"
    if numbers:
        return ", ".join(numbers[:NUMBERS_SHOWN])
    value = audit.evidence.get(detector)
    return f"evidence {_write(value)}" if value is not None else ""


def _write(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _section(title: str, body: Tree, note: str = "") -> Tree:
    return node("div", None, build_head(title, note), body)


def _mark(severity: str) -> Tree | None:
    return draw_severity(severity, 12) if severity != "note" else node("span", "muted", "–")


def _tone(severity: str) -> str:
    return {"violation": "alarm", "flag": "alarm", "clear": "accent"}.get(severity, "muted")
