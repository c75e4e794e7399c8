"""Draws whose chances are known: which cleared tasks are looked at all the same, and who looks without the suspicion.

A draw hangs on the task's id and the seed alone, so a run that grows keeps what was drawn (Poisson sampling). Without
the random look nobody knows what detectors miss.
"""

from __future__ import annotations

from collections.abc import Iterable

from autodata.audit.checking import check_share
from autodata.canon import hash_text

RANDOM_SHARE = 0.05
"""Of the cleared tasks, for the random look."""

BLIND_SHARE = 0.30
"""Of the tasks that reviewers label, for a look without suspicion and findings, so that these cannot lead them."""

REVIEW_SEED = "review"
"""Of the reviewers' random look; task ids depend on the run, so each run is drawn anew."""

_CHANCES = 16**16


def draw_audit_sample(task_ids: Iterable[str], share: float, seed: int | str) -> dict[str, float]:
    """The drawn tasks with the chance each had, in the order given; the same for the same seed, whatever else is there.

    Raises BadInput for a share outside 0 to 1.
    """
    check_share("share", share)
    return {task_id: share for task_id in task_ids if _draw("sample", task_id, seed) < share}


def is_blind(task_id: str, seed: int | str, share: float = BLIND_SHARE) -> bool:
    """Whether this task is to be labelled without showing what the audit says; the same for all who look at it."""
    return _draw("blind", task_id, seed) < check_share("share", share)


def _draw(purpose: str, task_id: str, seed: int | str) -> float:
    """A number from 0 on and below 1 that looks random."""
    return int(hash_text(f"{purpose}\x1f{seed}\x1f{task_id}")[:16], 16) / _CHANCES
