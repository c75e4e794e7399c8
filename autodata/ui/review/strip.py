"""The verdict strip: what is known about integrity, difficulty and validity; scores; both gaps; the rule's clauses."""

from __future__ import annotations

from autodata.index.queries.task import RoundDetail, TaskDetail
from autodata.policy import Policy
from autodata.ui.review.audit_view import AuditView
from autodata.ui.review.axes import build_axes, is_broken
from autodata.ui.review.clauses import build_clauses
from autodata.ui.review.gap import build_gap
from autodata.ui.review.scores import build_scores
from autodata.ui.tree import Tree, node


def build_strip(detail: TaskDetail, shown: RoundDetail, policy: Policy | None, view: AuditView) -> Tree:
    """The strip of the round that is shown; scores and clauses are that round's, the audit is the task's."""
    own = shown.round == detail.this.round
    return node(
        "div",
        {"class": "verdict broken" if is_broken(detail, view) else "verdict"},
        build_axes(detail, view),
        build_scores(shown, policy),
        build_gap(shown, policy, view, own=own),
        build_clauses(shown, policy, view, own=own),
    )
