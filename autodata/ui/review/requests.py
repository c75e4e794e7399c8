"""The requests of weak and strong side by side: the differing bytes, and the fields and lines they lie in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autodata.index.queries.task import RolloutDetail, TaskDetail
from autodata.model import SOLVERS
from autodata.ui.review.diffs import diff_lines, fold_equal, list_request_lines
from autodata.ui.text import count_of

ALLOWED = ("model: ", "seed: ")
"""Fields that differ between weak and strong by design, in every run."""

PARITY_WORDS = {
    "same": "Weak and strong were sent the same bytes but for the model and the seed.",
    "declared": "Weak and strong were sent different bytes, all of them declared in the contract.",
    "differs": "Weak and strong were sent different bytes.",
    "one side": "Only one side was asked in this round, so there is nothing to compare.",
    "not recorded": "Requests were not recorded by this import, so symmetry cannot be checked.",
}


def build_requests(detail: TaskDetail, rollouts: Sequence[RolloutDetail], whole: bool) -> dict[str, Any]:
    """A recorded request of each side, compared line by line: two that differ where any do."""
    weak, strong = _choose_pair(rollouts)
    left = list_request_lines(weak.call.request if weak and weak.call else "")
    right = list_request_lines(strong.call.request if strong and strong.call else "")
    rows = diff_lines(left, right, ALLOWED)
    changed = sum(row.kind == "changed" for row in rows)
    shown: list[Any] = [
        row if isinstance(row, int) else [row.kind, row.left_number, row.left, row.right_number, row.right]
        for row in (rows if whole else fold_equal(rows))
    ]
    fields = ""
    if detail.difference and changed:
        fields = f" {count_of(changed, 'line')} differ{'s' if changed == 1 else ''}, in {', '.join(detail.difference)}."
    return {
        "parity": detail.parity,
        "words": PARITY_WORDS.get(detail.parity, "") + fields,
        "heads": [_head_request(solver, rollout) for solver, rollout in zip(SOLVERS, (weak, strong), strict=True)],
        "rows": shown,
        "whole": whole,
    }


def _choose_pair(rollouts: Sequence[RolloutDetail]) -> tuple[RolloutDetail | None, RolloutDetail | None]:
    """The first of each side, or in its place the first whose request is not like the other side's first."""
    sides = [[r for r in rollouts if r.solver == solver and r.call and r.call.request] for solver in SOLVERS]
    weak, strong = (_first_call(solver, rollouts) for solver in SOLVERS)
    if sides[0] and sides[1]:
        for own in sides[0]:
            if _strip(own) != _strip(sides[1][0]):
                return own, sides[1][0]
        for other in sides[1]:
            if _strip(other) != _strip(sides[0][0]):
                return sides[0][0], other
    return weak, strong


def _strip(rollout: RolloutDetail) -> list[str]:
    """A request's lines without what may differ between any two."""
    request = rollout.call.request if rollout.call else ""
    return [line for line in list_request_lines(request) if not line.startswith(ALLOWED)]


def _first_call(solver: str, rollouts: Iterable[RolloutDetail]) -> RolloutDetail | None:
    own = [r for r in rollouts if r.solver == solver]
    return next((r for r in own if r.call is not None and r.call.request), own[0] if own else None)


def _head_request(solver: str, rollout: RolloutDetail | None) -> dict[str, str]:
    call = rollout.call if rollout else None
    model = (call.model_requested or call.model_returned) if call else ""
    sha = call.request_sha if call else ""
    return {"solver": solver, "model": model or "model not recorded", "sha": f"{sha[:4]} {sha[4:8]}" if sha else ""}
