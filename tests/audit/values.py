"""Made-up values of a task, for tests of what is computed from them."""

from __future__ import annotations

from typing import Any

from autodata.audit.catalogue import DETECTORS
from autodata.audit.task_values import AnswerValues, TaskValues

STATIC_DONE = {name: "done" for name, detector in DETECTORS.items() if detector.kind == "static"}


def make_answers(*scores: float | None, length: int | None = 400, **marks: bool) -> tuple[AnswerValues, ...]:
    return tuple(
        AnswerValues(score, length, marks.get("refused", False), marks.get("repeated", False)) for score in scores
    )


def make_values(task_id: str = "t1", **changes: Any) -> TaskValues:
    """An accepted task without findings; `coverage` is added to that of the static detectors."""
    weak, strong = changes.pop("weak", make_answers(0.4, 0.4, 0.5)), make_answers(0.8, 0.7, 0.75)
    values: dict[str, Any] = {
        "task_id": task_id,
        "source_id": f"s-{task_id}",
        "round": 2,
        "outcome": "accepted",
        "last": 9,
        "imported": False,
        "weak_mean": 0.43,
        "strong_mean": 0.75,
        "bar": 0.2,
        "criteria": 10,
        "weak": weak,
        "strong": strong,
        "misfits": (0.1, 0.1, 0.1),
        "returned": {"weak": ("sim-weak",), "strong": ("sim-strong",)},
        "request": 7,
        "sketch": (),
        "findings": (),
        "lacking": {},
        "declared": False,
        "evidence": {},
        **changes,
    }
    values["coverage"] = {**STATIC_DONE, **changes.get("coverage", {})}
    return TaskValues(**values)
