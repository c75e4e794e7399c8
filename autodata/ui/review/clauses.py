"""The rule of a round in the strip: its clauses, what was measured, and the certified gap against the same bar."""

from __future__ import annotations

from autodata.index.queries.findings import AuditDetail
from autodata.index.queries.task import ClauseDetail, RoundDetail
from autodata.policy import Policy
from autodata.ui.marks import draw_band, draw_severity
from autodata.ui.names import JUDGED, name_rule
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.axes import DIFFICULTY
from autodata.ui.review.gap import find_bar
from autodata.ui.text import BAND_WORDS, OUTCOME_WORDS, format_score
from autodata.ui.tree import Tree, node

MANY = 6
"""Cells that fit in three lines; more stand closer."""


def build_clauses(shown: RoundDetail, policy: Policy | None, view: AuditView, *, own: bool) -> Tree:
    """Band and rule, every clause with what was measured, and what the certified gap makes of the rule."""
    band = BAND_WORDS.get(shown.band or "none", "Not measured")
    rule = name_rule(shown.policy or (policy.name if policy else ""))
    head = node(
        "div",
        "row tight",
        draw_band(shown.band, 12),
        node("span", None, f"{band}; rule ", node("b", None, rule)),
    )
    cells = [_build_clause(clause) for clause in shown.clauses[:6]]
    if policy is not None and policy.rule == "loop_judge":
        cells.append(_build_judged(shown))
    if not cells:
        cells = [
            node(
                "span", "muted small", f"outcome {OUTCOME_WORDS.get(shown.outcome, shown.outcome)}, no clause recorded"
            )
        ]
    if own and view.audit is not None and view.audit.certified is not None:
        cells += _build_certified(view.audit, policy, together=len(cells) + 2 > MANY)
    return node("div", "clauses", head, node("div", "grid close" if len(cells) > MANY else "grid", *cells))


def _build_certified(audit: AuditDetail, policy: Policy | None, *, together: bool) -> list[Tree]:
    """The clause of the certified gap, and how likely the true one reaches the bar; in one cell where room is short."""
    mark, _, _ = DIFFICULTY.get(audit.difficulty, DIFFICULTY["unchecked"])
    bar = format_score(find_bar(policy, audit))
    tone = {"clear": "", "failed": " alarm strong-text"}.get(mark, " muted")
    colour = "accent" if mark == "clear" else ""
    chance = f"P(gap ≥ {bar}) = {format_score(audit.chance)}"
    title = f"{chance}, from the fresh answers and what other tasks of the run showed"
    words = f"certified ≥ {bar}, P {format_score(audit.chance)}" if together else f"certified ≥ {bar}"
    shown = node("span", f"mark {colour}", draw_severity(mark, 11))
    cell = node("span", {"class": f"row tight small{tone}", "title": title}, shown, node("span", "cut", words))
    return [cell] if together else [cell, node("span", {"class": "small muted cut", "title": title}, chance)]


def _build_judged(shown: RoundDetail) -> Tree:
    """The condition of a loop judge's rule, which has no bounds of its own."""
    holds = True if shown.outcome == "accepted" else False if shown.outcome == "improve" else None
    severity = {True: "clear", False: "failed", None: "unchecked"}[holds]
    mark = node("span", f"mark {'accent' if holds else ''}", draw_severity(severity, 11))
    tone = {True: "", False: " alarm strong-text", None: " muted"}[holds]
    look = {"class": f"row tight small{tone}", "style": "grid-column:1 / -1"}
    title = shown.reason or OUTCOME_WORDS.get(shown.outcome, shown.outcome)
    return node("span", {**look, "title": title}, mark, node("span", "cut", JUDGED))


def _build_clause(clause: ClauseDetail) -> Tree:
    severity = {True: "clear", False: "failed", None: "unchecked"}[clause.holds]
    tone = {True: "", False: " alarm strong-text", None: " muted"}[clause.holds]
    colour = "accent" if clause.holds else ""
    measured = "not measured" if clause.measured is None else f"measured {format_score(clause.measured)}"
    mark = node("span", f"mark {colour}", draw_severity(severity, 11))
    return node("span", {"class": f"row tight small{tone}", "title": measured}, mark, node("span", "cut", clause.text))
